"""What somebody's roles allow, and where. Pure.

A target names what is asked about: ``source/NAME``, ``chart/SOURCE/NAME``, ``preset/SOURCE/CHART``, ``cluster/NAME``,
``app/CLUSTER/NAMESPACE/NAME``, or only the beginning of it: then the answer is whether there is any such place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from catalog_web.auth.actions import Action
from catalog_web.auth.roles import ALWAYS, LIMITED_ADMIN, OF_A_PLACE, ROLE_ACTIONS
from indexer.people import Role

EVERYWHERE = ("*",)
Place = tuple[tuple[str, ...], tuple[str, ...]]
"""Globs of clusters and of namespaces."""
OF_SOURCES = frozenset({"source", "chart", "preset"})


@dataclass(frozen=True, slots=True)
class Grant:
    """A role with the places where it holds; all of them are globs."""

    role: Role
    sources: tuple[str, ...] = EVERYWHERE
    clusters: tuple[str, ...] = EVERYWHERE
    namespaces: tuple[str, ...] = EVERYWHERE

    @property
    def is_everywhere(self) -> bool:
        """Whether nothing is left out."""
        return self.sources == self.clusters == self.namespaces == EVERYWHERE

    @property
    def actions(self) -> frozenset[Action]:
        """What it allows somewhere."""
        return LIMITED_ADMIN if self.role == "admin" and not self.is_everywhere else ROLE_ACTIONS[self.role]

    def names_source(self, name: str) -> bool:
        """Whether the source is meant by name, as a private one must be: by more than “all of them”."""
        return any(fits_source((glob,), name) for glob in self.sources if glob != "*")

    def allows(self, action: Action, target: str, source: str | None = None) -> bool:
        """Whether it allows ``action`` on ``target``, with a chart of ``source``; empty: nobody knows of which, so no
        pattern but ``*`` means it; None: no chart is meant."""
        if action not in self.actions or not (source is None or fits_source(self.sources, source)):
            return False
        kind, *names = target.split("/")
        if kind in OF_SOURCES:
            there = not names or fits_source(self.sources, names[0])
            return there and self._may_add(action, names) and (action not in OF_A_PLACE or self._holds_at([]))
        if kind in ("app", "cluster") or action in OF_A_PLACE:
            return self._holds_at(names if kind in ("app", "cluster") else [])
        return self._may_add(action, [])

    def _may_add(self, action: Action, names: list[str]) -> bool:
        """A source that is not there yet may be any."""
        return action != "source.write" or bool(names) or self.sources == EVERYWHERE

    def _holds_at(self, names: list[str]) -> bool:
        return bool(self.clusters and self.namespaces) and all(
            any(fnmatchcase(name, glob) for glob in globs)
            for name, globs in zip(names, (self.clusters, self.namespaces), strict=False)
        )


@dataclass(frozen=True, slots=True)
class Grants:
    """All that one person was given."""

    given: tuple[Grant, ...] = ()

    @property
    def actions(self) -> frozenset[Action]:
        """What is allowed somewhere."""
        return ALWAYS.union(*(one.actions for one in self.given))

    @property
    def is_admin(self) -> bool:
        """Of everything."""
        return any(one.role == "admin" and one.is_everywhere for one in self.given)

    def allow(self, action: Action, target: str, source: str | None = None) -> bool:
        """Whether any one grant allows ``action`` on ``target``, with a chart of ``source`` as in `Grant.allows`."""
        return action in ALWAYS or any(one.allows(action, target, source) for one in self.given)

    def see_source(self, name: str, *, private: bool) -> bool:
        """Whether the source is there for this person: one that is private only where a grant names it."""
        if self.is_admin:
            return True
        return any(one.names_source(name) if private else fits_source(one.sources, name) for one in self.given)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where apps may be seen."""
        return tuple(dict.fromkeys((one.clusters, one.namespaces) for one in self.given))


ALL = Grants((Grant("admin"),))
"""Of whoever may do everything."""


def fits_source(globs: Iterable[str], name: str) -> bool:
    """Whether any of ``globs`` means the source; one that means a Harbor means its projects (``harbor.team-a``)."""
    parent = name.partition(".")[0]
    return any(fnmatchcase(name, glob) or fnmatchcase(parent, glob) for glob in globs)
