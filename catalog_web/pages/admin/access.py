"""Who has which role where, and what one person may and sees."""

from collections.abc import Mapping
from typing import cast, get_args

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from catalog_web import bindings
from catalog_web.auth import current_person, rule
from catalog_web.i18n import Told, told
from catalog_web.pages.admin.blueprint import pages
from catalog_web.pages.view import services
from indexer.errors import N_, BindingNotFound, Conflict, UsageError, UserNotFound
from indexer.people import Binding, Role, SubjectKind

ROLES: Mapping[str, str] = {
    "viewer": N_("viewer: reads the catalog"),
    "developer": N_("developer: also installs"),
    "admin": N_("administrator"),
}
SUBJECTS: Mapping[str, str] = {
    "user": N_("the person"),
    "group": N_("the group"),
    "everyone": N_("everyone who is signed in"),
}


@pages.get("/access")
@rule("people.read", "people")
def access() -> tuple[str, int]:
    """All roles that are given; with ``of``, what that person may."""
    return _page()


@pages.post("/access")
@rule("people.write", "people")
def give_role() -> Response | tuple[str, int]:
    """Give a role."""
    try:
        made = _typed(request.form)
    except UsageError as error:
        return _page(told(error), error.status)
    services().audit.add(**bindings.told(services().store.bindings.add(made)))
    return redirect(url_for("admin.access", notice="role-given"), 303)


@pages.post("/access/<binding>/remove")
@rule("people.write", "people")
def take_role(binding: str) -> Response | tuple[str, int]:
    """Take a role away."""
    try:
        services().audit.add(**bindings.told(bindings.remove(services(), bindings.number_of(binding))))
    except (Conflict, BindingNotFound) as error:
        return _page(told(error), error.status)
    return redirect(url_for("admin.access", notice="role-taken"), 303)


def _typed(form: Mapping[str, str]) -> Binding:
    role, kind = form.get("role", ""), form.get("subject_kind", "")
    if role not in get_args(Role) or kind not in get_args(SubjectKind):
        raise UsageError(what=N_("There is no such role."), hint=N_("Choose one of the list."))
    return bindings.new_binding(
        cast(Role, role),
        cast(SubjectKind, kind),
        form.get("subject", ""),
        by=current_person().name,
        sources=_globs(form.get("sources", "")),
        clusters=_globs(form.get("clusters", "")),
        namespaces=_globs(form.get("namespaces", "")),
    )


def _page(failed: Told | None = None, status: int = 200) -> tuple[str, int]:
    of = request.args.get("of", "").strip()[: bindings.LONGEST]
    found = unknown = None
    if of:
        try:
            found = bindings.access_of(services(), of)
        except UserNotFound as error:
            unknown = told(error)
    return render_template(
        "admin/access.html",
        declared=list(bindings.declared(services().config.roles)),
        given=services().store.bindings.all(),
        roles=ROLES,
        subjects=SUBJECTS,
        choices=lambda words: [(value, gettext(text)) for value, text in words.items()],
        typed=request.form,
        of=of,
        found=found,
        unknown=unknown,
        failed=failed,
    ), status


def _globs(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())
