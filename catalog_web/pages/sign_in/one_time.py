"""With a key that works once: the first administrator, and a new password."""

from flask import redirect, render_template, request, url_for

from catalog_web.auth import rule
from catalog_web.i18n import Told, told
from catalog_web.pages.sign_in.blueprint import pages
from catalog_web.pages.sign_in.page import Answer
from catalog_web.pages.view import services
from catalog_web.signin import one_time, sessions
from indexer.errors import NameTaken, OneTimeKeyUsed, PasswordsDiffer, TooManyTries, UsageError


@pages.route("/sign-in/first", methods=["GET"])
@rule("open")
def first() -> Answer:
    """The form for the first administrator."""
    return _shown(first=True)


@pages.post("/sign-in/first")
@rule("open", body_limit=64 * 1024)
def make_first() -> Answer:
    """Make the first administrator, and sign in."""
    form = request.form
    try:
        check_repeated()
        user = one_time.make_first(services(), form.get("key", ""), form.get("name", "").strip(), form["password"])
    except (OneTimeKeyUsed, TooManyTries, UsageError, NameTaken) as error:
        return _shown(first=True, failed=told(error)), error.status
    sessions.begin(services(), user)
    return redirect(url_for("catalog.index"), 303)


@pages.get("/sign-in/password")
@rule("open")
def password() -> Answer:
    """The form for a new password."""
    return _shown(first=False)


@pages.post("/sign-in/password")
@rule("open", body_limit=64 * 1024)
def set_password() -> Answer:
    """Set a password, and sign in with it."""
    try:
        check_repeated()
        user = one_time.set_password(services(), request.form.get("key", ""), request.form["password"])
    except (OneTimeKeyUsed, TooManyTries, UsageError) as error:
        return _shown(first=False, failed=told(error)), error.status
    sessions.begin(services(), user)
    return redirect(url_for("catalog.index", notice="password-set"), 303)


def check_repeated() -> None:
    """Raise PasswordsDiffer unless a new password was typed the same twice."""
    if request.form.get("password", "") != request.form.get("again", ""):
        raise PasswordsDiffer


def _shown(*, first: bool, failed: Told | None = None) -> str:
    name = request.form.get("name", "")[:256]
    return render_template("sign_in/one_time.html", first=first, failed=failed, name=name)
