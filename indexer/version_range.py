"""Helm's notation for ranges of versions: ``>=1.2 <3``, ``^1.2``, ``~1``, ``1.x``, ``1 - 2``, joined by ``||``.

Helm reads them with Masterminds/semver, whose README and changelog (3.4: pre-releases are judged a group at a time)
are the rules here. Two readings differ from that library: ``^*`` means any version, as its README says, and numbers
with leading zeros are refused, as in ``versions``.
"""

import re
from dataclasses import dataclass
from typing import Self

from indexer import versions
from indexer.versions import SortKey

MAX_LENGTH, MAX_GROUPS = 512, 32
"""Masterminds/semver refuses longer ones."""

_NUMBER = r"(?:0|[1-9][0-9]{0,19}|[xX*])"
_NAMES = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_VERSION = rf"v?({_NUMBER})(?:\.({_NUMBER}))?(?:\.({_NUMBER}))?(?:-({_NAMES}))?(?:\+{_NAMES})?"
_BETWEEN = re.compile(rf"{_VERSION}\s+-\s+{_VERSION}(?=[\s,]|$)")
_COMPARISON = re.compile(rf"(=|!=|>|<|>=|=>|<=|=<|~|~>|\^|)\s*{_VERSION}(?=[\s,]|$)")
_NEXT = re.compile(r"\s*,\s*|\s+")
_SAME = {"=>": ">=", "=<": "<=", "~>": "~", "": "="}
_WILD = frozenset("xX*")
_ALL_PARTS = 3

Precedence = tuple[tuple[int, int, int], bool, tuple[tuple[int, int, str], ...]]


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One comparison. Of the three numbers the first ``given`` are written; the others may be any (``1.x`` has one)."""

    operator: str
    bound: Precedence
    """With 0 for what is not written."""
    given: int

    @property
    def names_prerelease(self) -> bool:
        return not self.bound[1]

    def admits(self, version: Precedence) -> bool:
        match self.operator:
            case "=":
                return version == self.bound if self._is_whole else self._from_bound(version, self.given)
            case "!=":
                return self._differs(version)
            case ">":
                return self._above(version)
            case "<":
                return version < self.bound
            case ">=":
                return version >= self.bound
            case "<=":
                return version <= self.bound if self._is_whole else version[0][: self.given] <= self._written
            case "~":
                return self._from_bound(version, 0 if self._is_nothing else min(self.given, 2))
            case _:
                return self._from_bound(version, self._stable)

    @property
    def _is_whole(self) -> bool:
        return self.given == _ALL_PARTS

    @property
    def _written(self) -> tuple[int, ...]:
        return self.bound[0][: self.given]

    @property
    def _is_nothing(self) -> bool:
        """``~0.0.0`` stands for every version."""
        return self._is_whole and self.bound[0] == (0, 0, 0)

    @property
    def _stable(self) -> int:
        """How many numbers ``^`` keeps: up to the first one that is not 0."""
        leading = next((at for at, number in enumerate(self._written, 1) if number), self.given)
        return min(leading, self.given)

    def _from_bound(self, version: Precedence, same: int) -> bool:
        return version >= self.bound and version[0][:same] == self.bound[0][:same]

    def _above(self, version: Precedence) -> bool:
        """``>1.1`` means above all of 1.1.x."""
        if self.given in (0, _ALL_PARTS):
            return version > self.bound
        return version[0][: self.given] > self._written

    def _differs(self, version: Precedence) -> bool:
        if self._is_whole:
            return version != self.bound
        if version[0][: self.given] != self._written:
            return True
        return self.given == _ALL_PARTS - 1 and version[1:] != self.bound[1:]


@dataclass(frozen=True, slots=True)
class VersionRange:
    """A range: a version is in it when all comparisons of one of its groups admit it."""

    groups: tuple[tuple[_Comparison, ...], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``text``. Raises ValueError, whose text says what cannot be read."""
        if len(text) > MAX_LENGTH:
            raise ValueError(f"a range of versions has at most {MAX_LENGTH} characters")
        groups = text.split("||")
        if len(groups) > MAX_GROUPS:
            raise ValueError(f"a range of versions has at most {MAX_GROUPS} parts between ||")
        return cls(tuple(_group(one.strip()) for one in groups))

    def __contains__(self, version: str) -> bool:
        """Whether ``version`` is in the range. What is no version never is; a pre-release only where the group names
        one (``>=1.2-0``)."""
        key = versions.sort_key(version)
        if not versions.is_valid(version):
            return False
        return any(_admits(group, _precedence(key)) for group in self.groups)


def _admits(group: tuple[_Comparison, ...], version: Precedence) -> bool:
    if not version[1] and not any(one.names_prerelease for one in group):
        return False
    return all(one.admits(version) for one in group)


def _precedence(key: SortKey) -> Precedence:
    """Build metadata does not count."""
    return key.numbers, key.released, key.identifiers


def _group(text: str) -> tuple[_Comparison, ...]:
    found: list[_Comparison] = []
    at = 0
    while True:
        some, at = _read(text, at)
        found += some
        if at == len(text):
            return tuple(found)
        separator = _NEXT.match(text, at)
        at = separator.end() if separator else len(text)


def _read(text: str, at: int) -> tuple[list[_Comparison], int]:
    between = _BETWEEN.match(text, at)
    if between:
        parts = between.groups()
        return [_comparison(">=", *parts[:4]), _comparison("<=", *parts[4:])], between.end()
    one = _COMPARISON.match(text, at)
    if one is None:
        rest = text[at : at + 40]
        raise ValueError(f"“{rest}” is no range of versions; write one as >=1.2 <3, ^1.2, ~1.2, 1.x or 1.2 - 2.4")
    return [_comparison(*one.groups())], one.end()


def _comparison(operator: str, *parts: str | None) -> _Comparison:
    *numbers, prerelease = parts
    given = next((at for at, one in enumerate(numbers) if one is None or one in _WILD), _ALL_PARTS)
    filled = [*(one or "" for one in numbers[:given]), *["0"] * (_ALL_PARTS - given)]
    text = ".".join(filled) + (f"-{prerelease}" if prerelease else "")
    if not versions.is_valid(text):
        raise ValueError(f"“{text[:60]}” is no version")
    return _Comparison(_SAME.get(operator, operator), _precedence(versions.sort_key(text)), given)
