"""What to ask about the tags of a repository, given what is stored of it. Pure.

A tag may be pushed anew at any time, and a registry tells nothing of it: each tag that is looked at costs a HEAD. The
newest ones are looked at every time, since it is there that people push anew. All are once a day, when the memory is
forgotten on purpose; so a change is seen within the source's interval, or within a day.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexer.errors import BadUrl
from indexer.sources import KnownVersion
from indexer.sources.oci.memory import Remembered
from indexer.sources.oci.reference import split_chart_url, version_tags

NEWEST = 20
"""Tags of a repository that are looked at every time ..."""
HEADS = 2_000
"""... as long as these are not more for all repositories together: 40 seconds at the rate of ``http.gate``."""
SAMPLE = 3
"""Newest tags that are read of a repository of which nothing is known. If none of them is a chart it holds none: a
registry is full of images, and reading each of their tags would be a pull each."""


@dataclass(frozen=True, slots=True)
class StoredTag:
    """A version that is stored, under the tag that it was found by."""

    chart: str
    version: KnownVersion


Stored = Mapping[str, Mapping[str, StoredTag]]
"""By repository and tag."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be done about one repository."""

    repository: str
    fresh: tuple[str, ...] = ()
    """Tags to read, as nothing is known of them; newest first."""
    asked: tuple[str, ...] = ()
    """Tags that are stored, and whose digest is asked for."""
    kept: tuple[str, ...] = ()
    """Tags that are stored and taken as they were."""
    sampled: bool = False
    """Only the first SAMPLE of ``fresh`` at first: it may hold no charts at all."""


def newest_share(repositories: int) -> int:
    """How many of the newest tags of each of so many repositories are looked at every time."""
    return max(1, min(NEWEST, HEADS // max(1, repositories)))


def stored_tags(charts: Iterable[str], versions: Callable[[str], Sequence[KnownVersion]]) -> Stored:
    """What is stored of ``charts``; entries of another kind of source, or without a digest, do not count."""
    found: dict[str, dict[str, StoredTag]] = {}
    for chart in charts:
        for one in versions(chart):
            repository, tag = _place(one.raw)
            if tag and one.manifest:
                found.setdefault(repository, {})[tag] = StoredTag(chart, one)
    return found


def decide(
    repository: str,
    tags: Iterable[str],
    stored: Mapping[str, StoredTag],
    remembered: Remembered,
    *,
    whole: bool,
    newest: int,
    trusted: bool,
) -> Look:
    """``whole``: all tags are looked at. ``newest``: so many otherwise. ``trusted``: somebody said that this repository
    holds charts, so all its tags are read."""
    listed = version_tags(list(tags))
    fresh = tuple(tag for tag in listed if tag not in stored and tag not in remembered.others)
    asked = tuple(tag for tag in (listed if whole else listed[:newest]) if tag in stored)
    kept = tuple(tag for tag in listed if tag in stored and tag not in asked) if not whole else ()
    return Look(repository, fresh, asked, kept, sampled=not (trusted or stored or remembered.charts))


def _place(raw: bytes) -> tuple[str, str]:
    """Repository and tag of an entry as ``listed_version`` writes it; empty where it is another's."""
    try:
        return split_chart_url(json.loads(raw)["urls"][0])[1:]
    except (ValueError, LookupError, TypeError, AttributeError, BadUrl):
        return "", ""
