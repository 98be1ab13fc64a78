"""The entries of a listing that no index.yaml wrote: made of a chart's metadata, as a folder or a registry knows it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from indexer.errors import N_
from indexer.model import ChartMetadata, ListedChart, ListedVersion, Listing, Problem
from indexer.parse import open_entry

MAX_PROBLEMS = 1_000


def entry_of(metadata: ChartMetadata, urls: Sequence[str], digest: str, created: datetime | None) -> dict[str, Any]:
    """The entry that ``helm repo index`` would write, without what is empty; all scalars are text, as in ``parse``."""
    entry = {
        "apiVersion": metadata.api_version,
        "name": metadata.name,
        "version": metadata.version,
        "appVersion": metadata.app_version,
        "description": metadata.description,
        "home": metadata.home,
        "icon": metadata.icon,
        "keywords": metadata.keywords,
        "sources": metadata.sources,
        "maintainers": [{"name": one.name, "email": one.email, "url": one.url} for one in metadata.maintainers],
        "dependencies": [
            {
                "name": one.name,
                "version": one.version,
                "repository": one.repository,
                "alias": one.alias,
                "condition": one.condition,
                "tags": one.tags,
            }
            for one in metadata.dependencies
        ],
        "kubeVersion": metadata.kube_version,
        "type": metadata.type,
        "deprecated": "true" if metadata.deprecated else "",
        "annotations": dict(metadata.annotations),
        "urls": urls,
        "digest": digest,
        "created": created.isoformat() if created else "",
    }
    return {key: value for key, value in entry.items() if value}


def listed_version(
    metadata: ChartMetadata, urls: Sequence[str], *, digest: str, created: datetime | None, manifest: str = ""
) -> ListedVersion:
    """One version as a listing holds it. ``digest`` and ``manifest``: hexadecimal, empty where not known.

    Another manifest gives another fingerprint, so that the stored one is replaced even where nothing else differs.
    """
    raw = json.dumps(entry_of(metadata, urls, digest, created), ensure_ascii=False).encode()
    return ListedVersion(
        name=metadata.name,
        version=metadata.version,
        app_version=metadata.app_version,
        created=created,
        digest=digest,
        urls=tuple(urls),
        deprecated=metadata.deprecated,
        raw=raw,
        fingerprint=fingerprint_of(raw + manifest.encode()),
        manifest=manifest,
    )


def listed_again(raw: bytes, digest: str, manifest: str) -> ListedVersion:
    """A stored version as it was listed (by ``listed_version``). Raises EntryError."""
    metadata = open_entry(raw)
    return ListedVersion(
        name=metadata.name,
        version=metadata.version,
        app_version=metadata.app_version,
        created=metadata.created,
        digest=digest,
        urls=metadata.urls,
        deprecated=metadata.deprecated,
        raw=raw,
        fingerprint=fingerprint_of(raw + manifest.encode()),
        manifest=manifest,
    )


def listing_of(
    charts: Mapping[str, ListedChart],
    problems: Sequence[Problem],
    entries: int,
    only: frozenset[str] | None = None,
) -> Listing:
    """A listing of ``charts`` that is known to be whole (as far as ``only`` goes), ordered by name. At most
    MAX_PROBLEMS of its problems are told one by one."""
    ordered = {name: charts[name] for name in sorted(charts)}
    whole = b"".join(name.encode() + b"\0" + chart.fingerprint for name, chart in ordered.items())
    return Listing(ordered, _bounded(problems), fingerprint_of(whole), end_proven=True, entries=entries, only=only)


def _bounded(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """What was set aside comes first. Where some of that is only counted, any chart may be meant, and a plan removes
    none; mere notes beyond the bound are left out, so that they never keep a chart from going."""
    if len(problems) <= MAX_PROBLEMS:
        return tuple(problems)
    aside = [one for one in problems if one.kind == "skipped" or not one.chart]
    notes = [one for one in problems if one.kind != "skipped" and one.chart]
    told = [*aside, *notes][:MAX_PROBLEMS]
    if len(aside) <= MAX_PROBLEMS:
        return tuple(told)
    text, more = N_("{count} more problems are not told one by one."), {"count": f"{len(aside) - MAX_PROBLEMS:,}"}
    return (*told, Problem("", "", None, "skipped", text, more))


def fingerprint_of(data: bytes) -> bytes:
    """16 bytes by which equal data is known again."""
    return hashlib.blake2b(data, digest_size=16).digest()
