"""The projects of a Harbor as sources of their own: which there are to be, and what each is made of. Pure."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from indexer.errors import NoProjectsHeld, ProjectsHeld, RemovalsHeld
from indexer.model import CREDENTIALS, Held, Source, SourceState
from indexer.plan import ANY_LISTING, CONFIRM_AFTER, FALL_CHARTS, FALL_SHARE


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """What an answer of a Harbor means. With ``held`` set, nothing else is to be done."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    held: Held | None = None

    @property
    def changes(self) -> int:
        """How many projects come or go."""
        return len(self.added) + len(self.removed)


def child_of(parent: Source, project: str) -> Source:
    """The source for ``project`` of the Harbor ``parent``, whose settings it has; its secrets are the parent's too."""
    below = f"{project}/"
    return replace(
        parent,
        name=f"{parent.name}.{project}",
        title=f"{parent.title} / {project}" if parent.title else "",
        kind_given=True,
        projects=(),
        repositories=tuple(one.removeprefix(below) for one in parent.repositories if one.startswith(below)),
        hook_secret_file="",
        stored_secrets=tuple(one for one in parent.stored_secrets if one in CREDENTIALS),
        captain_repo=f"{parent.captain_repo}.{project}".replace("_", "-") if parent.captain_repo else "",
        parent=parent.name,
        project=project,
    )


def plan_projects(
    state: SourceState, present: Collection[str], shown: Collection[str], now: datetime, *, accept: bool = False
) -> ProjectPlan:
    """Compare the projects that are ``shown`` now with those that have a source (``present``), by the rules for charts:
    a large fall waits, and so does the end of all of them. ``accept``: a person takes whatever comes."""
    had, has = frozenset(present), frozenset(shown)
    made = ProjectPlan(has - had, had - has)
    fingerprint = _fingerprint(has)
    why = _why_held(made, had, has)
    if why is None or accept or state.accepted in (ANY_LISTING, fingerprint):
        return made
    since = now
    if state.held and state.held.fingerprint == fingerprint:
        since = state.held.since
        if has and now - since >= CONFIRM_AFTER:
            return made
    return ProjectPlan(held=Held(since, fingerprint, len(made.removed), len(had), why.id))


def _why_held(made: ProjectPlan, had: frozenset[str], has: frozenset[str]) -> type[RemovalsHeld] | None:
    fallen = len(made.removed)
    if fallen and not has:
        return NoProjectsHeld
    if fallen and (fallen == len(had) or (fallen > FALL_CHARTS and fallen > FALL_SHARE * len(had))):
        return ProjectsHeld
    return None


def _fingerprint(projects: frozenset[str]) -> bytes:
    return hashlib.blake2b("\n".join(sorted(projects)).encode(), digest_size=16).digest()
