"""Catalogs of any size, made from the real charts by renaming: the same every time, kept in ``.cache``.

The first charts are the real ones as they are, the next the same again in a mirror; the others are called after one,
such as ``nginx-team42``, and say what it says with some words of another chart's description and paragraphs of another
chart's README, so that words are about as frequent as they are in a large catalog. Each has a README of about 4 kB.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from catalog_web.services import Services, open_services
from indexer.config import load
from indexer.model import ArchiveContent, ChartMetadata
from tests.command import write_config
from tests.relevance.room import ROOT, fingerprint
from tests.relevance.room import catalog as real_catalog

SIZES = (2_000, 15_000, 100_000)
README_CHARACTERS = 4_000
MIRROR = "mirror"
_MADE_BY = ("tests/bench/catalogs.py", "indexer/model.py", "indexer/archive", "indexer/store")
"""What decides what is stored; the search index is built anew by whoever measures it."""
_SOURCES = 8
"""Sources that hold the renamed ones."""
_NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
_VALUES_CHARACTERS = 6_000
_SUFFIXES = ("team", "prod", "lab", "eu", "edge", "internal", "next", "shop")


@dataclass(frozen=True, slots=True)
class Original:
    """A real chart."""

    source: str
    metadata: ChartMetadata
    content: ArchiveContent
    """Of a chart without an archive at hand: that of another one."""


@dataclass(frozen=True, slots=True)
class Made:
    """A chart of a made catalog."""

    source: str
    name: str
    original: Original
    number: int


@contextmanager
def catalog(charts: int) -> Iterator[Services]:
    """An open Chartroom with so many charts; built on first use and whenever the code is another one."""
    services = open_services(load(folder_of(charts) / "chartroom.yaml", {}))
    try:
        yield services
    finally:
        services.close()


def folder_of(charts: int) -> Path:
    """The folder of the catalog of so many charts, built where it is not there."""
    folder = ROOT / ".cache" / f"bench-{charts}"
    current = folder / fingerprint(*_MADE_BY)
    if not (current / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _build(current, charts)
        (current / "ready").touch()
    return current


def made_charts(originals: Sequence[Original], charts: int) -> list[Made]:
    """Which charts a catalog of so many has."""
    return [_made(originals, number) for number in range(charts)]


def _made(originals: Sequence[Original], number: int) -> Made:
    original = originals[number % len(originals)]
    name, again = original.metadata.name, number // len(originals)
    if again == 0:
        return Made(original.source, name, original, number)
    if again == 1:  # a mirror keeps one chart of each name
        first = next(one for one in originals if one.metadata.name == name)
        return Made(MIRROR if first is original else f"{MIRROR}-{original.source}", name, original, number)
    suffix = _SUFFIXES[number % len(_SUFFIXES)]
    return Made(f"source-{number % _SOURCES}", f"{name}-{suffix}{number}", original, number)


def originals() -> list[Original]:
    """The real charts, by source and name."""
    with real_catalog() as services:
        store = services.store
        found = [
            (chart.source, *store.catalog.version(chart.source, chart.name, chart.version))
            for chart in store.catalog.every()
        ]
        contents = [
            (source, metadata, store.contents.get(row.content_digest) if row.content_digest else None)
            for source, row, metadata in found
        ]
    with_readme = [content for _, _, content in contents if content and len(content.readme) > README_CHARACTERS]
    return sorted(
        (
            Original(source, metadata, content or with_readme[number % len(with_readme)])
            for number, (source, metadata, content) in enumerate(contents)
        ),
        key=lambda one: (one.source, one.metadata.name),
    )


def _build(folder: Path, charts: int) -> None:
    real = originals()
    made = made_charts(real, charts)
    by_source: dict[str, dict[str, Made]] = {}
    for one in made:
        by_source.setdefault(one.source, {})[one.name] = one
    services = open_services(load(write_config(folder, _write_indexes(folder, real, by_source)), {}))
    try:
        services.store.sources.configure(services.config.sources, datetime.now(UTC))
        for source, its in by_source.items():
            services.syncer.sync(source, archives=False)
            _keep_contents(services, source, its, real)
    finally:
        services.close()


def _write_indexes(
    folder: Path, real: Sequence[Original], by_source: Mapping[str, Mapping[str, Made]]
) -> list[dict[str, Any]]:
    sources = []
    for source, its in by_source.items():
        place = folder / "repositories" / source
        place.mkdir(parents=True)
        index = {"apiVersion": "v1", "entries": {name: [_entry(one, real)] for name, one in its.items()}}
        (place / "index.yaml").write_text(json.dumps({**index, "generated": _NEWEST.isoformat()}))
        sources.append({"name": source, "url": str(place), "kind": "directory", "content": "none"})
    return sources


def _entry(one: Made, real: Sequence[Original]) -> dict[str, Any]:
    facts = one.original.metadata
    renamed = one.name != facts.name
    return {
        "apiVersion": "v2",
        "name": one.name,
        "version": facts.version,
        "appVersion": facts.app_version,
        "description": _description(one, real) if renamed else facts.description,
        "keywords": list(facts.keywords),
        "home": f"https://charts.example/{one.name}" if renamed else facts.home,
        "icon": facts.icon,
        "sources": list(facts.sources),
        "maintainers": [{"name": maintainer.name} for maintainer in facts.maintainers],
        "dependencies": [{"name": needed.name, "version": needed.version} for needed in facts.dependencies],
        "kubeVersion": facts.kube_version,
        "annotations": dict(facts.annotations),
        "deprecated": facts.deprecated and (not renamed or one.number % 5 == 0),
        "created": (_NEWEST - timedelta(minutes=one.number)).isoformat(),
        "digest": _digest(one),
        "urls": [f"{one.name}-{facts.version}.tgz"],
    }


def _digest(one: Made) -> str:
    """Renamed charts have bytes of their own, mirrored ones those of the original."""
    source = one.original.source if one.name == one.original.metadata.name else one.source
    return sha256(f"{source}/{one.name}".encode()).hexdigest()


def _description(one: Made, real: Sequence[Original]) -> str:
    """The original's, every sixth word or so from another chart's."""
    chance = Random(one.number)
    words = one.original.metadata.description.removeprefix("DEPRECATED ").split()
    others = chance.choice(real).metadata.description.split() or words
    return " ".join(chance.choice(others) if chance.random() < 0.16 else word for word in words)


def _keep_contents(services: Services, source: str, its: Mapping[str, Made], real: Sequence[Original]) -> None:
    contents, now = services.store.contents, datetime.now(UTC)
    for wanted in contents.wanted(source, "latest", now):
        contents.ready(wanted, content(its[wanted.chart], real), now)


def content(one: Made, real: Sequence[Original]) -> ArchiveContent:
    """What the archive of ``one`` holds."""
    original = one.original.content
    return replace(
        original,
        digest=_digest(one),
        readme=_readme(one, real),
        values=original.values[:_VALUES_CHARACTERS],
        schema="",
        templates=(),
    )


def _readme(one: Made, real: Sequence[Original]) -> str:
    """The original's beginning, then paragraphs of it and of another one in any order."""
    text = one.original.content.readme
    if one.name == one.original.metadata.name:
        return text
    chance = Random(one.number)
    own, others = text.split("\n\n"), chance.choice(real).content.readme.split("\n\n")
    rest = own[3:] + others[: len(own) // 3 + 3]
    chance.shuffle(rest)
    renamed = "\n\n".join(own[:3] + rest).replace(one.original.metadata.name, one.name)
    return renamed[:README_CHARACTERS]
