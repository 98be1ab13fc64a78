"""What one reading remembers for the next: which repositories hold charts, and which tags are none. Pure.

A digest of each stored version is in the store already (``KnownVersion.manifest``); this is what the store has no place
for. Whatever is odd in it, from another version of Chartroom say, is taken for forgotten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from indexer.sources.entry import fingerprint_of

FORMAT = 1
MAX_OTHERS = 2_000
"""Tags of one repository that are remembered as no charts; the others are read again."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """One repository as it was."""

    charts: bool = False
    """It held some that count."""
    beaten: tuple[str, ...] = ()
    """Names of charts in it that do not count, as another repository has them as well."""
    others: frozenset[str] = frozenset()
    """Tags that are no charts."""
    tags: str = ""
    """``tags_mark`` of all its tags."""


@dataclass(frozen=True, slots=True)
class Memory:
    """All of them, by name."""

    repositories: Mapping[str, Remembered] = field(default_factory=dict)

    def of(self, repository: str) -> Remembered:
        """What is known of ``repository``; nothing where it is new."""
        return self.repositories.get(repository, _NOTHING)


_NOTHING = Remembered()


def tags_mark(tags: Iterable[str]) -> str:
    """A short text that changes when a tag is added or removed."""
    return fingerprint_of("\n".join(sorted(tags)).encode()).hex()


def to_json(memory: Memory) -> dict[str, Any]:
    """``memory`` as plain JSON."""
    repositories = {name: _json(one) for name, one in memory.repositories.items()}
    return {"format": FORMAT, "repositories": repositories}


def _json(one: Remembered) -> dict[str, Any]:
    others = sorted(one.others)[:MAX_OTHERS]
    return {"charts": one.charts, "beaten": list(one.beaten), "others": others, "tags": one.tags}


def from_json(data: Mapping[str, Any]) -> Memory:
    """What ``to_json`` made; nothing where ``data`` is something else."""
    listed = data.get("repositories")
    if data.get("format") != FORMAT or not isinstance(listed, Mapping):
        return Memory()
    return Memory({name: _remembered(one) for name, one in listed.items() if isinstance(one, Mapping)})


def _remembered(data: Mapping[str, Any]) -> Remembered:
    tags = data.get("tags")
    beaten, others = _texts(data.get("beaten")), frozenset(_texts(data.get("others")))
    return Remembered(data.get("charts") is True, beaten, others, tags if isinstance(tags, str) else "")


def _texts(data: Any) -> tuple[str, ...]:
    return tuple(one for one in data if isinstance(one, str)) if isinstance(data, list) else ()
