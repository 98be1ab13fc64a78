"""The form that makes a token, on one's own page and on that of a service account."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext, ngettext

from catalog_web.pages.view import services
from catalog_web.signin import administering
from indexer.errors import N_, UsageError
from indexer.people import Token, User

SCOPE_NAMES: Mapping[str, str] = {
    "read": N_("read: catalog, sources, apps, clusters"),
    "install": N_("install: and install, upgrade, uninstall"),
    "metrics": N_("metrics: the figures for monitoring alone"),
    "admin": N_("admin: everything that you may, but for your account"),
}
_ENDLESS = 0
LASTINGS = (30, 90, 365, _ENDLESS)
"""Days that are offered; 0: without end."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new token, and what is shown of it once."""

    token: Token
    shown: str = field(repr=False)


def made_from(form: Mapping[str, str], owner: User) -> Made:
    """Make what a form asks for. Raises UsageError."""
    days = form.get("days", str(LASTINGS[0]))
    if not days.isdecimal() or int(days) not in LASTINGS:
        raise UsageError(what=N_("This is no time that a token may last."), hint=N_("Choose one of the list."))
    scopes = [form.get("scope", "")]
    made = administering.add_token(services(), owner, form.get("name", ""), scopes, int(days) or None)
    return Made(*made)


def token_choices() -> dict[str, list[tuple[str, str]]]:
    """What the form offers, for its template."""
    scopes = [(name, str(gettext(text))) for name, text in SCOPE_NAMES.items()]
    lastings = [
        (str(days), ngettext("%(num)s day", "%(num)s days", days) if days else gettext("without end"))
        for days in LASTINGS
    ]
    return {"scopes": scopes, "lastings": lastings}
