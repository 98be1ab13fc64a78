"""Who may know of an event, asked when it is queued and again when it is sent: rights may have changed meanwhile."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Protocol

from catalog_web.sight import Sight
from catalog_web.teams.deciding import TeamSight, is_member
from indexer.errors import SourceNotFound, TeamNotFound
from indexer.model import Team
from indexer.notices import Event, Subscription
from indexer.store import Store


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person as far as it matters what he or she may know. ``may``: whether an action on a target is allowed."""

    groups: frozenset[str]
    sight: Sight
    may: Callable[[str, str], bool]


Viewers = Callable[[str], Viewer | None]
"""A person by name; None: gone, or the account is closed. Raises StoreUnavailable."""


class Audience(Protocol):
    """Knows who may know what."""

    def narrowed(self, subscription: Subscription, event: Event) -> Event | None:
        """What of ``event`` the owner of ``subscription`` is told; None: nothing. Raises StoreUnavailable."""
        ...


def wants(subscription: Subscription, event: Event) -> bool:
    """Whether the subscription is about such an event."""
    if event.kind == "test":
        return True
    source_fits = not (subscription.sources and event.source) or _fits(subscription.sources, event.source)
    return subscription.enabled and event.kind in subscription.events and source_fits


class Everybody:
    """Where nobody signs in, all are the same person and see all."""

    def narrowed(self, subscription: Subscription, event: Event) -> Event | None:
        """All of it, where it is wanted."""
        return event if wants(subscription, event) else None


class ByRights:
    """Where people sign in: what roles and teams let the owner see. Who was looked up is remembered, so it is for one
    batch."""

    def __init__(self, store: Store, viewers: Viewers) -> None:
        self._store, self._viewers = store, viewers
        self._known: dict[str, Viewer | None] = {}

    def narrowed(self, subscription: Subscription, event: Event) -> Event | None:
        """What the owner may know. An account that is closed or gone is told nothing."""
        if not wants(subscription, event):
            return None
        if subscription.owner_kind == "team":
            return self._for_team(subscription.owner, event)
        viewer = self._viewer(subscription.owner)
        return self._for_person(subscription.owner, viewer, event) if viewer else None

    def _for_person(self, name: str, viewer: Viewer, event: Event) -> Event | None:
        if event.kind == "test" or event.person == name:
            return event  # one's own matter, whatever became of the source since
        if event.person and not (event.right and viewer.may(event.right, f"source/{event.source}")):
            return None
        sight = viewer.sight
        if not viewer.may("catalog.read", "chart") or not sight.sees_source(event.source):
            return None
        return _only(event, lambda one: sight.sees(event.source, one[0]) and sight.sees_version(event.source, *one))

    def _for_team(self, name: str, event: Event) -> Event | None:
        """A team sees what all people may see, less what it hides; and what its members do."""
        try:
            team = self._store.teams.get(name)
        except TeamNotFound:
            return None
        if event.kind == "test" or (event.person and self._is_in(team, event.person)):
            return event
        if event.person or self._is_private(event.source):
            return None
        return _only(event, lambda one: TeamSight((team,)).shows(event.source, *one))

    def _viewer(self, name: str) -> Viewer | None:
        if name not in self._known:
            self._known[name] = self._viewers(name)
        return self._known[name]

    def _is_in(self, team: Team, person: str) -> bool:
        viewer = self._viewer(person)
        return viewer is not None and is_member(team, person, viewer.groups)

    def _is_private(self, source: str) -> bool:
        """Whether it is not everybody's; of one that is gone that cannot be told."""
        try:
            return self._store.sources.get(source).source.private
        except SourceNotFound:
            return True


def _only(event: Event, sees: Callable[[tuple[str, str]], bool]) -> Event | None:
    """``event`` with those of its versions that are seen; None where there are some and none is."""
    seen = tuple(filter(sees, event.versions))
    return None if event.versions and not seen else replace(event, versions=seen)


def _fits(globs: Iterable[str], name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
