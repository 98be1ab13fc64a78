"""Who may know of an event, asked when it is queued and again when it is sent: rights may have changed meanwhile."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Protocol

from catalog_web.teams.deciding import TeamSight, is_member, sight_of
from indexer.errors import SourceNotFound, TeamNotFound
from indexer.model import Team
from indexer.notices import Event, Subscription
from indexer.people import User
from indexer.store import Store

Rights = Callable[[User], frozenset[str]]
"""What the roles of an account allow."""


class Audience(Protocol):
    """Knows who may know what."""

    def narrowed(self, subscription: Subscription, event: Event) -> Event | None:
        """What of ``event`` the owner of ``subscription`` is told; None: nothing. Raises StoreUnavailable."""
        ...


def wants(subscription: Subscription, event: Event) -> bool:
    """Whether the subscription is about such an event."""
    if event.kind == "test":
        return True
    source_fits = not subscription.sources or _fits(subscription.sources, event.source)
    return subscription.enabled and event.kind in subscription.events and (source_fits or not event.source)


class Everybody:
    """Where nobody signs in, all are the same person and see all."""

    def narrowed(self, subscription: Subscription, event: Event) -> Event | None:
        """All of it, where it is wanted."""
        return event if wants(subscription, event) else None


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who is behind a subscription."""

    rights: frozenset[str]
    sight: TeamSight
    is_about: Callable[[str], bool]
    """Whether a person's own matters are the owner's."""


class ByRights:
    """Where people sign in: what roles and teams let the owner see at this moment."""

    def __init__(self, store: Store, rights: Rights) -> None:
        self._store, self._rights = store, rights

    def narrowed(self, subscription: Subscription, event: Event) -> Event | None:
        """What the owner may know. An account that is closed or gone is told nothing."""
        owner = self._owner(subscription) if wants(subscription, event) else None
        if owner is None or not self._concerns(owner, event):
            return None
        if event.person and owner.is_about(event.person):
            return event  # one's own matter, whatever became of the source since
        if event.source and not self._sees_source(owner, event.source):
            return None
        seen = tuple(one for one in event.versions if owner.sight.shows(event.source, *one))
        return None if event.versions and not seen else replace(event, versions=seen)

    def _owner(self, subscription: Subscription) -> _Owner | None:
        if subscription.owner_kind == "team":
            return self._team(subscription.owner)
        user = self._store.users.find(subscription.owner)
        if user is None or user.disabled:
            return None
        sight = sight_of(self._store.teams.all(), user.name, frozenset(user.groups))
        return _Owner(self._rights(user), sight, lambda person: person == user.name)

    def _team(self, name: str) -> _Owner | None:
        try:
            team = self._store.teams.get(name)
        except TeamNotFound:
            return None
        viewer = frozenset({"catalog.read", "source.read", "app.read"})
        return _Owner(viewer, TeamSight((team,)), lambda person: self._is_in(team, person))

    def _is_in(self, team: Team, person: str) -> bool:
        user = self._store.users.find(person)
        return user is not None and is_member(team, user.name, frozenset(user.groups))

    @staticmethod
    def _concerns(owner: _Owner, event: Event) -> bool:
        if event.kind == "test":
            return True
        own = not event.person or owner.is_about(event.person)
        return "catalog.read" in owner.rights and (own or bool(event.right and event.right in owner.rights))

    def _sees_source(self, owner: _Owner, name: str) -> bool:
        """A private source is an administrator's; one that is gone cannot be told to be anybody's."""
        try:
            private = self._store.sources.get(name).source.private
        except SourceNotFound:
            return False
        return not private or "admin.read" in owner.rights


def _fits(globs: Iterable[str], name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
