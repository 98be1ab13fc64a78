"""Signing out elsewhere, and another password."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from catalog_web.auth import current_person, rule
from catalog_web.i18n import told
from catalog_web.pages.account.blueprint import pages
from catalog_web.pages.account.page import shown
from catalog_web.pages.sign_in.one_time import check_repeated
from catalog_web.pages.view import services
from catalog_web.signin import local, passwords, sessions
from indexer.errors import PasswordsDiffer, PasswordWrong, TooManyTries, UsageError


@pages.post("/sessions/<sign_in>/end")
@rule("account", "account")
def end(sign_in: str) -> Response:
    """Sign out one browser."""
    services().store.sessions.end(current_person().name, sign_in)
    return redirect(url_for("account.page", notice="session-ended"), 303)


@pages.post("/sessions/end")
@rule("account", "account")
def end_all() -> Response:
    """Sign out everywhere: sessions and tokens are dead on every replica."""
    services().store.users.sign_out(current_person().name)
    return redirect(url_for("sign_in.page", notice="signed-out"), 303)


@pages.post("/password")
@rule("account", "account", body_limit=64 * 1024)
def change_password() -> Response | tuple[str, int]:
    """Another password for whoever knows the present one; all other browsers and tokens are out."""
    form, name = request.form, current_person().name
    try:
        check_repeated()
        local.prove(services(), name, form.get("present", ""))
        services().store.users.set_password(name, passwords.hashed(form.get("password", "")))
    except (PasswordWrong, PasswordsDiffer, TooManyTries, UsageError) as error:
        return shown(told(error), about="password"), 409 if isinstance(error, PasswordWrong) else error.status
    sessions.begin(services(), services().store.users.get(name))
    return redirect(url_for("account.page", notice="password-set"), 303)
