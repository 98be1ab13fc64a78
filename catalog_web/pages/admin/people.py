"""People and programs: who has an account, and what is done with it."""

from collections.abc import Mapping
from typing import cast

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from catalog_web.auth import current_person, rule
from catalog_web.i18n import Told, told
from catalog_web.pages.admin.blueprint import pages
from catalog_web.pages.atom import absolute
from catalog_web.pages.token_form import Made, made_from, token_choices
from catalog_web.pages.view import number_argument, services
from catalog_web.signin import administering
from indexer.errors import N_, Conflict, NameTaken, UsageError
from indexer.people import Role, User

_PER_PAGE = 50
_ROLES = {"": N_("none yet"), "viewer": N_("viewer"), "developer": N_("developer"), "admin": N_("administrator")}
_KINDS = {"local": N_("a person with a password"), "service": N_("a program, with tokens")}


@pages.get("/people")
@rule("people.read", "people")
def people() -> str:
    """The accounts."""
    return _people()


@pages.post("/people")
@rule("people.write", "people")
def add_person() -> Response | str | tuple[str, int]:
    """Add an account; a person gets a one-time key, which this page shows once."""
    try:
        user = _added(request.form)
    except (UsageError, NameTaken) as error:
        return _people(told(error)), error.status
    if user.kind == "service":
        return redirect(url_for("admin.person", name=user.name, notice="account-added"), 303)
    return _person(user.name, key=administering.password_key(services(), user.name))


@pages.get("/people/<name>")
@rule("people.read", "people")
def person(name: str) -> str:
    """One account: sessions, tokens, and what can be done."""
    return _person(name)


@pages.post("/people/<name>/disable")
@rule("people.write", "people")
def disable_person(name: str) -> Response | tuple[str, int]:
    """Close an account."""
    try:
        administering.set_disabled(services(), name, True, by=current_person().name)
    except Conflict as error:
        return _person(name, failed=told(error)), error.status
    return redirect(url_for("admin.person", name=name, notice="account-disabled"), 303)


@pages.post("/people/<name>/enable")
@rule("people.write", "people")
def enable_person(name: str) -> Response:
    """Open an account again."""
    administering.set_disabled(services(), name, False, by=current_person().name)
    return redirect(url_for("admin.person", name=name, notice="account-enabled"), 303)


@pages.post("/people/<name>/sign-out")
@rule("people.write", "people")
def sign_out_person(name: str) -> Response:
    """End all sessions and tokens."""
    administering.sign_out(services(), name)
    return redirect(url_for("admin.person", name=name, notice="account-signed-out"), 303)


@pages.post("/people/<name>/password")
@rule("people.write", "people")
def password_key(name: str) -> str | tuple[str, int]:
    """A one-time key for another password, which this page shows once."""
    try:
        return _person(name, key=administering.password_key(services(), name))
    except Conflict as error:
        return _person(name, failed=told(error)), error.status


@pages.post("/people/<name>/tokens")
@rule("people.write", "people")
def add_persons_token(name: str) -> str | tuple[str, int]:
    """A token of a service account, which this page shows once."""
    try:
        return _person(name, made=made_from(request.form, administering.service_account(services(), name)))
    except (UsageError, Conflict) as error:
        return _person(name, failed=told(error)), error.status


@pages.post("/people/<name>/tokens/<token>/revoke")
@rule("people.write", "people")
def revoke_persons_token(name: str, token: str) -> Response:
    """Let a token open nothing any more."""
    administering.revoke_token(services(), name, token)
    return redirect(url_for("admin.person", name=name, notice="token-revoked"), 303)


def _added(form: Mapping[str, str]) -> User:
    """Raises UsageError, NameTaken."""
    kind, role = form.get("kind", "local"), form.get("role", "")
    if kind not in _KINDS or role not in _ROLES:
        raise UsageError(what=N_("There is no such role or kind of account."), hint=N_("Choose one of the list."))
    return administering.add_account(
        services(),
        form.get("name", "").strip(),
        "service" if kind == "service" else "local",
        by=current_person().name,
        role=cast(Role, role) if role else None,
        email=form.get("email", ""),
        groups=form.get("groups", "").split(","),
    )


def _people(failed: Told | None = None) -> str:
    text, page = request.args.get("q", "")[:256], number_argument("page")
    users, total = services().store.users.some(text, (page - 1) * _PER_PAGE, _PER_PAGE)
    return render_template(
        "admin/people.html",
        users=users,
        total=total,
        text=text,
        page=page,
        pages=max(1, -(-total // _PER_PAGE)),
        failed=failed,
        roles=[(name, gettext(text)) for name, text in _ROLES.items()],
        kinds=[(name, gettext(text)) for name, text in _KINDS.items()],
        form=request.form,
    )


def _person(name: str, failed: Told | None = None, key: str = "", made: Made | None = None) -> str:
    store = services().store
    return render_template(
        "admin/person.html",
        user=store.users.get(name),
        sessions=store.sessions.of(name),
        tokens=store.tokens.of(name),
        failed=failed,
        key=key,
        sign_in_address=absolute(url_for("sign_in.password")),
        made=made,
        **token_choices(),
    )
