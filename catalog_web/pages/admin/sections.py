"""Which pages administrators have, in the order of the side navigation."""

from dataclasses import dataclass

from catalog_web.auth import Action, current_person, may
from catalog_web.pages.view import services
from indexer.errors import N_


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the side navigation."""

    endpoint: str
    title: str
    about: str
    """One sentence."""
    action: Action
    needs_sign_in: bool = False
    """Says nothing where everybody is the same person."""


_SECTIONS = (
    Section("admin.overview", N_("Overview"), N_("What needs a look."), "admin.read"),
    Section("admin.health", N_("Health"), N_("Processes, database, clusters, and what waits."), "admin.read"),
    Section("admin.settings", N_("Settings"), N_("Every option, and where its value comes from."), "admin.read"),
    Section(
        "admin.requests",
        N_("Requests"),
        N_("Installs and upgrades that wait for an approval."),
        "approval.read",
        needs_sign_in=True,
    ),
    Section(
        "admin.teams",
        N_("Teams"),
        N_("What each team sees of the catalog, may use, and recommends."),
        "team.write",
        needs_sign_in=True,
    ),
    Section(
        "admin.access",
        N_("Access"),
        N_("Who has which role, and where."),
        "people.read",
        needs_sign_in=True,
    ),
    Section(
        "admin.people",
        N_("People"),
        N_("Accounts of people and programs, their sessions and tokens."),
        "people.read",
        needs_sign_in=True,
    ),
    Section(
        "worries.index", N_("Catalog"), N_("Charts that should worry you, and what installs they touch."), "admin.read"
    ),
    Section("notices.everybodys", N_("Notices"), N_("Who is told of what, and what could not be sent."), "admin.read"),
    Section("admin.audit", N_("Audit log"), N_("Who did what when from where, and what came of it."), "audit.read"),
)


def shown_sections() -> tuple[Section, ...]:
    """The sections that the present person may open."""
    signs_in = any(way != "none" for way in services().config.sign_in)
    person = current_person()
    return tuple(
        one for one in _SECTIONS if (signs_in or not one.needs_sign_in) and may(person, one.action, "admin").allowed
    )
