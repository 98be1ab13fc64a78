"""The index.yaml of a source, from what its charts' entries say. Pure.

Written as JSON, which is YAML: helm from 3.15 on reads that a good deal faster, and older ones (captain has 3.6's) read
it all the same. Fields are those that every Helm since 3.0 knows, for 3.6 refuses a whole index for one other.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from indexer import parse, versions
from indexer.errors import EntryError
from indexer.model import ChartMetadata, VersionSummary

Entry = dict[str, Any]

_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that mean themselves in JSON, and nothing or a line break in YAML 1.1."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def archive_name(chart: str, version: str) -> str:
    """The file name of an archive as it stands in an address: ``+`` is escaped, for some servers read it as a blank."""
    return quote(f"{chart}-{version}.tgz", safe="")


def entries(chart: str, stored: Iterable[tuple[VersionSummary, bytes]]) -> list[Entry]:
    """The entries of a chart, newest first. What is no version for Helm, or cannot be read, is left out."""
    found = {summary.version: (summary, raw) for summary, raw in stored if summary.valid}
    ordered = (found[version] for version in versions.newest_first(found))
    return [one for one in (_entry(chart, summary, raw) for summary, raw in ordered) if one]


def _entry(chart: str, summary: VersionSummary, raw: bytes) -> Entry | None:
    try:
        metadata = parse.open_entry(raw)
    except EntryError:
        return None
    created = summary.created.astimezone(UTC).isoformat().replace("+00:00", "Z") if summary.created else ""
    return entry_of(chart, summary.version, summary.digest or summary.archive_digest, metadata, created)


def entry_of(chart: str, version: str, digest: str, metadata: ChartMetadata, created: str = "") -> Entry:
    """The entry of one version."""
    entry = {
        "apiVersion": metadata.api_version or "v1",
        "name": chart,
        "version": version,
        "digest": digest,
        "urls": [archive_name(chart, version)],
        "created": created,
        **_described(metadata),
    }
    return {key: value for key, value in entry.items() if value}


def with_kept(listed: Sequence[Entry], kept: Sequence[Entry]) -> list[Entry]:
    """A chart's entries and those that are listed on for a roll back, newest first."""
    found = {one["version"]: one for one in (*kept, *listed)}
    return [found[version] for version in versions.newest_first(found)]


def _described(metadata: ChartMetadata) -> Entry:
    return {
        "appVersion": metadata.app_version,
        "description": metadata.description,
        "type": metadata.type,
        "kubeVersion": metadata.kube_version,
        "home": metadata.home,
        "icon": metadata.icon,
        "keywords": list(metadata.keywords),
        "sources": list(metadata.sources),
        "maintainers": [_filled(name=one.name, email=one.email, url=one.url) for one in metadata.maintainers],
        "dependencies": [
            _filled(
                name=one.name,
                version=one.version,
                repository=one.repository,
                alias=one.alias,
                condition=one.condition,
                tags=list(one.tags),
            )
            for one in metadata.dependencies
        ],
        "annotations": dict(metadata.annotations),
        "deprecated": metadata.deprecated,
    }


def _filled(**values: Any) -> Entry:
    return {key: value for key, value in values.items() if value}


def document(charts: Iterable[tuple[str, Sequence[Entry]]], generated: datetime) -> Iterator[bytes]:
    """The whole index piece by piece, a chart at a time; charts without entries are left out."""
    yield b'{"apiVersion": "v1", "entries": {'
    between = "\n"
    for name, listed in charts:
        if listed:
            lines = ",\n".join(map(_text, listed))
            yield f"{between}{_text(name)}: [\n{lines}\n]".encode()
            between = ",\n"
    yield f'\n}}, "generated": "{generated.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}}\n'.encode()


def _text(value: Any) -> str:
    """``value`` as JSON that is YAML 1.1 as well."""
    plain = json.dumps(value, ensure_ascii=False)
    return _NOT_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", _SURROGATE.sub("\ufffd", plain))
