"""Helm's version order on top of ``semver``: tolerant where Helm is, and never an exception for odd text.

Helm reads versions with Masterminds/semver: a leading ``v``, one or two parts (``1``, ``v1.2``), pre-releases and build
metadata are fine; numbers beyond 64 bits are not. Leading zeros (``01.0.0``), which Helm reads and Semantic Versioning
forbids, make no version here (hostile case D12).
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from semver import Version

MAX_LENGTH = 256
"""Characters; longer text is no version (hostile case D12)."""

_NUMBER = r"(?:0|[1-9][0-9]{0,19})"
_IDENTIFIER = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_match = re.compile(
    rf"v?({_NUMBER})(?:\.({_NUMBER}))?(?:\.({_NUMBER}))?"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
).fullmatch
_UINT64 = 2**64
_NOT_VALID = (-1, 0, 0)


class SortKey(NamedTuple):
    """Compares as Helm orders: an older version is less; every invalid text is less than every version."""

    numbers: tuple[int, int, int]
    released: bool
    identifiers: tuple[tuple[int, int, str], ...]
    build: str
    text: str


def _parts(text: str) -> tuple[tuple[int, int, int], str, str] | None:
    """Numbers, pre-release and build metadata of ``text``, or None where it is no version."""
    found = _match(text) if len(text) <= MAX_LENGTH else None
    if found is None:
        return None
    major, minor, patch, prerelease, build = found.groups()
    numbers = (int(major), int(minor or 0), int(patch or 0))
    return None if max(numbers) >= _UINT64 else (numbers, prerelease or "", build or "")


def parse(text: str) -> Version | None:
    """``text`` as a ``semver.Version`` with absent parts as 0; None where it is no version."""
    parts = _parts(text)
    if parts is None:
        return None
    (major, minor, patch), prerelease, build = parts
    return Version(major, minor, patch, prerelease or None, build or None)


def is_valid(text: str) -> bool:
    """Whether ``text`` is a version."""
    return _parts(text) is not None


def is_prerelease(text: str) -> bool:
    """Whether ``text`` is a version with a pre-release part (``1.0.0-rc.1``); False for what is no version."""
    parts = _parts(text)
    return parts is not None and bool(parts[1])


def sort_key(text: str) -> SortKey:
    """A key for ascending order, the newest last: semver precedence, then build metadata, then the text itself.

    What is no version comes before all versions, so it is last where the newest come first.
    """
    parts = _parts(text)
    if parts is None:
        return SortKey(_NOT_VALID, False, (), "", text)
    numbers, prerelease, build = parts
    return SortKey(numbers, not prerelease, _identifiers(prerelease) if prerelease else (), build, text)


def _identifiers(prerelease: str) -> tuple[tuple[int, int, str], ...]:
    """Numeric identifiers by number and below the others (semver.org, rule 11)."""
    return tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in prerelease.split("."))


def newest_first(versions: Iterable[str]) -> list[str]:
    """``versions`` in descending order; what is no version comes last."""
    return sorted(versions, key=sort_key, reverse=True)


def latest(versions: Iterable[str]) -> str | None:
    """The newest release; else the newest pre-release; else some odd text; None where there is nothing."""
    newest = max(map(sort_key, versions), key=lambda key: (key.released, key), default=None)
    return newest.text if newest else None


def previous(version: str, others: Iterable[str]) -> str | None:
    """The next older one of ``others``; of a release the next older release where there is one. None: it is the oldest.

    What is no version has none before it, and is none itself.
    """
    key = sort_key(version)
    older = [one for one in map(sort_key, others) if one < key and one.numbers != _NOT_VALID]
    found = max((one for one in older if one.released or not key.released), default=max(older, default=None))
    return found.text if found else None


def newer_releases(version: str, others: Iterable[str]) -> list[str]:
    """Those of ``others`` that are newer than ``version``, newest first; pre-releases only for who runs one already."""
    mine, anything = sort_key(version), is_prerelease(version)
    wanted = [one for one in others if is_valid(one) and (anything or not is_prerelease(one))]
    return [one for one in newest_first(wanted) if sort_key(one) > mine]
