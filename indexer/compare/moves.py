"""Guesses which removed keys of values.yaml came back under another name.

A guess needs something telling, found once among what was removed and once among what was added: the same content, the
same keys below, or the same name with the same comment. So it is the same guess whichever version is the old one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from indexer.parse.commented import Entry, Node

_LONG_TEXT = 6
"""Characters of a text that is hardly found twice by chance; ``true`` and ``80`` are."""
_LONG_COMMENT = 20
_FEW_KEYS = 4
"""Keys that make a shape of their own: many things have a repository, a tag and a pull policy."""
_MAX_BRANCHES = 20_000

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W_a-zA-Z]+")

_Clue = tuple[Literal["content", "keys", "comment"], bytes]
_RANK = {"content": 0, "keys": 1, "comment": 2}


@dataclass(frozen=True, slots=True)
class Branch:
    """A key that only one version has, with all below it."""

    path: tuple[str, ...]
    entry: Entry
    comment: str
    children: tuple["Branch", ...]
    """Empty for what is one value."""
    digest: bytes
    """Equal for equal content."""
    shape: bytes
    """Equal for the same keys, whatever their values."""
    leaves: int
    size: int
    """Branches in it, itself counted."""
    telling: bool
    """It holds a value that is hardly found twice by chance."""

    def walk(self) -> Iterator["Branch"]:
        """This branch and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def branch(path: tuple[str, ...], entry: Entry, comment: str, children: Sequence[Branch]) -> Branch:
    """A key with the branches below it."""
    if not children:
        telling = _is_telling(entry.node)
        return Branch(path, entry, comment, (), digest_of(entry.node), b"", leaves=1, size=1, telling=telling)
    names = sorted((one.path[-1], one) for one in children)
    return Branch(
        path,
        entry,
        comment,
        tuple(children),
        digest=_digest("mapping", *(part for name, one in names for part in (name.encode(), one.digest))),
        shape=_digest("shape", *(part for name, one in names for part in (name.encode(), one.shape))),
        leaves=sum(one.leaves for one in children),
        size=1 + sum(one.size for one in children),
        telling=any(one.telling for one in children),
    )


def digest_of(node: Node) -> bytes:
    """Equal for values that mean the same to Helm."""
    if node.kind == "mapping":
        pairs = sorted((key.encode(), digest_of(one.node)) for key, one in node.entries.items())
        return _digest("mapping", *(part for pair in pairs for part in pair))
    if node.kind == "list":
        return _digest("list", *(digest_of(one) for one in node.items))
    return _digest(node.kind, repr(node.value).encode())


def moved(gone: Sequence[Branch], come: Sequence[Branch]) -> list[tuple[Branch, Branch]]:
    """Pairs of a removed and an added branch that are likely the same; none lies inside another one."""
    if sum(one.size for one in (*gone, *come)) > _MAX_BRANCHES:
        return []
    olds, news = _by_clue(gone), _by_clue(come)
    pairs = [(clue, olds[clue], news[clue]) for clue in olds.keys() & news.keys()]
    pairs = [one for one in pairs if one[1].size > 1 or _words(one[1].path) & _words(one[2].path)]
    pairs.sort(key=lambda one: (-one[1].size, _RANK[one[0][0]], one[1].path))
    taken_old: set[tuple[str, ...]] = set()
    taken_new: set[tuple[str, ...]] = set()
    found: list[tuple[Branch, Branch]] = []
    for _, old, new in pairs:
        if old.path not in taken_old and new.path not in taken_new:
            found.append((old, new))
            taken_old.update(one.path for one in old.walk())
            taken_new.update(one.path for one in new.walk())
    return found


def left_over(one: Branch, taken: frozenset[tuple[str, ...]]) -> int:
    """Values of a branch that did not move; ``taken`` are the paths that did."""
    if one.path in taken:
        return 0
    return sum(left_over(child, taken) for child in one.children) if one.children else 1


def _by_clue(branches: Iterable[Branch]) -> dict[_Clue, Branch]:
    """Branches by what is found once among all of them."""
    clues = [(clue, below) for one in branches for below in one.walk() for clue in _clues(below)]
    counts = Counter(clue for clue, _ in clues)
    return {clue: below for clue, below in clues if counts[clue] == 1}


def _clues(one: Branch) -> Iterator[_Clue]:
    if one.telling or one.leaves >= _FEW_KEYS:
        yield "content", one.digest
    if one.leaves >= _FEW_KEYS:
        yield "keys", one.shape
    if not one.children and len(one.comment) >= _LONG_COMMENT:
        yield "comment", _digest(one.path[-1], one.comment.encode())


def _words(path: Iterable[str]) -> frozenset[str]:
    """Words that names are made of: a single value that moved kept one of them (``uiImage`` → ``images.ui``)."""
    return frozenset(one.lower() for name in path for one in _WORD.findall(name))


def _is_telling(node: Node) -> bool:
    return bool(node.items) or (isinstance(node.value, str) and len(node.value) >= _LONG_TEXT)


def _digest(kind: str, *parts: bytes) -> bytes:
    joined = blake2b(kind.encode(), digest_size=16)
    for part in parts:
        joined.update(len(part).to_bytes(4, "big"))
        joined.update(part)
    return joined.digest()
