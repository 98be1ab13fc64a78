"""Roles that administrators give on the page, over the API or on the command line: what may be given, and what comes
of it for one person."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from typing_extensions import TypedDict

from catalog_web.auth import Person
from catalog_web.auth.grants import EVERYWHERE
from catalog_web.auth.seeing import sight_of
from catalog_web.services import Services
from catalog_web.signin.identify import person_of
from indexer.errors import N_, BindingNotFound, Conflict, UsageError
from indexer.people import Binding, Role, SubjectKind
from indexer.people_options import RoleOptions

MOST_GLOBS = 100
LONGEST = 256
_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody may, and sees."""

    person: Person
    sources: tuple[str, ...]
    """Names of those that are seen."""
    hidden_charts: int
    """Hidden by teams."""


def new_binding(
    role: Role,
    subject_kind: SubjectKind,
    subject: str,
    *,
    by: str,
    sources: Iterable[str] = EVERYWHERE,
    clusters: Iterable[str] = EVERYWHERE,
    namespaces: Iterable[str] = EVERYWHERE,
) -> Binding:
    """A role to give. Raises UsageError for a subject or a pattern that cannot be meant."""
    named = " ".join(subject.split())
    if (subject_kind == "everyone") != (not named):
        raise UsageError(
            what=N_("It is not said who gets the role."),
            hint=N_("Name a person or a group; leave the name empty for everyone who is signed in."),
        )
    if len(named) > LONGEST or not named.isprintable():
        raise UsageError(what=N_("No person or group has such a name."), hint=N_("Use at most 256 characters."))
    return Binding(
        role, subject_kind, named, by, datetime.now(UTC), _globs(sources), _globs(clusters), _globs(namespaces)
    )


def remove(services: Services, number: int) -> Binding:
    """Take a role away. Raises BindingNotFound, and Conflict where nobody would be left who can give roles."""

    def check(present: Iterable[Binding], left: Iterable[Binding]) -> None:
        if not _has_administrator(services, left) and _has_administrator(services, present):
            raise Conflict(
                what=N_("Nobody would be left who may give roles."),
                hint=N_("Give the role admin to somebody else first."),
            )

    return services.store.bindings.remove(number, check)


def access_of(services: Services, name: str) -> Access:
    """What a person may and sees now. Raises UserNotFound."""
    person = person_of(services, services.store.users.get(name), "local")
    sight = sight_of(services, person)
    seen = services.catalog.for_(sight).sources()
    return Access(person, tuple(one.source.name for one in seen), len(sight.unseen.charts))


def _has_administrator(services: Services, bound: Iterable[Binding]) -> bool:
    everywhere = (EVERYWHERE,) * 3
    kept = any(one.role == "admin" and (one.sources, one.clusters, one.namespaces) == everywhere for one in bound)
    declared = services.config.roles
    return kept or any(
        one.role == "admin" and (one.sources, one.clusters, one.namespaces) == everywhere for one in declared
    )


def _globs(given: Iterable[str]) -> tuple[str, ...]:
    globs = tuple(dict.fromkeys(one.strip() for one in given if one.strip()))
    if len(globs) > MOST_GLOBS or any(len(one) > LONGEST or not one.isprintable() for one in globs):
        raise UsageError(
            what=N_("These patterns cannot be meant."),
            hint=N_("Give at most 100 patterns of at most 256 characters, such as team-a-* or *."),
        )
    return globs


def declared(entries: Iterable[RoleOptions]) -> Iterator[tuple[RoleOptions, SubjectKind, str]]:
    """Each entry of the configuration once for each of its subjects."""
    for entry in entries:
        yield from ((entry, "user", name) for name in entry.users)
        yield from ((entry, "group", name) for name in entry.groups)
        if entry.everyone:
            yield entry, "everyone", ""


def number_of(text: str) -> int:
    """The number of a binding as addresses have it. Raises BindingNotFound."""
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise BindingNotFound(number=text[:_DIGITS])
    return int(text)


class BoundShape(TypedDict):
    """A role, who has it, and where."""

    role: Role
    subject_kind: SubjectKind
    subject: str
    sources: list[str]
    clusters: list[str]
    namespaces: list[str]


def told(binding: Binding) -> BoundShape:
    """What the audit log and the API say of a role that is given or taken."""
    return {
        "role": binding.role,
        "subject_kind": binding.subject_kind,
        "subject": binding.subject,
        "sources": list(binding.sources),
        "clusters": list(binding.clusters),
        "namespaces": list(binding.namespaces),
    }
