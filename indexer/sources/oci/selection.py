"""Which repositories of a registry belong to a source. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from indexer.sources.oci.reference import is_repository

_MAGIC = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Selection:
    """``path``: the source's own; ``named``: its ``repositories``, names or globs below it (none: all)."""

    path: str
    named: tuple[str, ...] = ()

    @property
    def literal(self) -> tuple[str, ...]:
        """Repositories that are named without a glob, in full."""
        return tuple(name for name in map(self._full, self.named) if is_repository(name))

    @property
    def needs_catalog(self) -> bool:
        """Whether the registry has to tell which repositories there are."""
        return not self.named or any(_is_glob(one) for one in self.named)

    def takes(self, repository: str) -> bool:
        """Whether ``repository`` belongs to the source."""
        if not self.named:
            return not self.path or repository == self.path or repository.startswith(f"{self.path}/")
        return any(fnmatchcase(repository, self._full(one)) for one in self.named)

    def of(self, catalog: Iterable[str]) -> tuple[str, ...]:
        """Those of ``catalog`` that belong to it, and the literal ones, whether listed or not; in order."""
        return tuple(sorted({*filter(self.takes, catalog), *self.literal}))

    def meant(self, only: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
        """The repositories that ``only`` (names of repositories or of charts) means: of the ``known`` ones those that
        are called so in full, below the path, or in their last part; else what it would be called if it is new."""
        wanted, found = set(only), set[str]()
        for name in wanted:
            matching = {one for one in known if name in (one, self._below(one), one.rpartition("/")[2])}
            found |= matching or {name, self._full(name)}
        return tuple(sorted(one for one in found if is_repository(one) and self.takes(one)))

    def _full(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name

    def _below(self, repository: str) -> str:
        return repository.removeprefix(f"{self.path}/")


def _is_glob(name: str) -> bool:
    return bool(_MAGIC & set(name))
