"""captain's record of one release: what Helm really installed, whatever the HelmRequest says by now. Pure.

captain keeps Helm's release as a resource ``releases.app.alauda.io``: ``spec.chartData``, ``configData``,
``manifestData`` and ``hooksData`` are each base64 of gzip of JSON (captain 1.5.0). Whoever may write such a resource
may write anything into it, so each part is unpacked under a limit, and one that cannot be read is unknown by itself.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any, Literal

from catalog_web.install.reading import mapping, mappings, meta, moment, number, spec, status, text, texts
from indexer.archive.gunzip import Gunzip
from indexer.archive.limits import Budget, Refusal
from indexer.parse.text import paragraph

MAX_PACKED = 4 * 1024 * 1024
"""Characters of one part; an object of a cluster has at most about 3 MB."""
MAX_UNPACKED = 16 * 1024 * 1024
"""Bytes of one part."""
MAX_HOOKS = 200

Part = Literal["chart", "values", "manifest", "hooks"]
_FIELDS: Mapping[Part, str] = {
    "chart": "chartData",
    "values": "configData",
    "manifest": "manifestData",
    "hooks": "hooksData",
}


@dataclass(frozen=True, slots=True)
class Hook:
    """One object that Helm makes by itself before or after the others."""

    name: str
    kind: str
    events: tuple[str, ...]
    """Such as ``pre-install``."""
    manifest: str = field(repr=False)
    phase: str
    """How it went last, as Helm says; empty where it never ran."""
    deleted_on: tuple[str, ...]
    """Helm's delete policies; a hook without any stays after an uninstall."""


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """One version of a release. What could not be read is empty and named in ``unknown``."""

    name: str
    """Of the release."""
    version: int
    """From 1; each install, upgrade and resync makes one."""
    status: str
    """Helm's word: deployed, superseded, failed, pending-upgrade, …"""
    description: str
    """Helm's sentence: ``Install complete``, or what failed."""
    notes: str
    chart: str
    chart_version: str
    app_version: str
    values: Mapping[str, Any] = field(repr=False)
    """What Helm was given, those from Secrets included: show only what `masking` lets through."""
    manifest: str = field(repr=False)
    """YAML documents as they were sent; the Secrets among them are not masked."""
    hooks: tuple[Hook, ...]
    first_deployed: datetime | None
    last_deployed: datetime | None
    unknown: tuple[Part, ...] = ()
    """Parts that are not there, damaged, too large or of another type."""


def newest_first(things: Iterable[object], release: str = "") -> tuple[ReleaseRecord, ...]:
    """The records among ``things`` in the order of their versions, of one ``release`` where that is named."""
    records = (read(one) for one in things)
    wanted = [one for one in records if not release or one.name == release]
    return tuple(sorted(wanted, key=lambda one: one.version, reverse=True))


def running(records: Iterable[ReleaseRecord]) -> ReleaseRecord | None:
    """The record of what is in the cluster: the one that Helm calls deployed, else the newest; None without any."""
    known = tuple(records)
    return next((one for one in known if one.status == "deployed"), known[0] if known else None)


def read(thing: object) -> ReleaseRecord:
    """Read whatever a cluster returned as a Release."""
    given, told = spec(thing), status(thing)
    parts = {part: _unpacked(given.get(key)) for part, key in _FIELDS.items()}
    about = mapping(mapping(parts["chart"]).get("metadata"))
    manifest = parts["manifest"]
    return ReleaseRecord(
        name=text(given.get("name")) or text(mapping(meta(thing).get("labels")).get("name")),
        version=number(given.get("version")),
        status=text(told.get("status")),
        description=text(told.get("Description")),
        notes=text(told.get("notes")),
        chart=text(about.get("name")),
        chart_version=text(about.get("version")),
        app_version=text(about.get("appVersion")),
        values=mapping(parts["values"]),
        manifest=paragraph(manifest) if isinstance(manifest, str) else "",
        hooks=tuple(_hook(one) for one in mappings(parts["hooks"], MAX_HOOKS)),
        first_deployed=moment(told.get("first_deployed")),
        last_deployed=moment(told.get("last_deployed")),
        unknown=tuple(part for part, found in parts.items() if not isinstance(found, _EXPECTED[part])),
    )


_EXPECTED: Mapping[Part, type | tuple[type, ...]] = {
    "chart": dict,
    "values": (dict, type(None)),
    "manifest": str,
    "hooks": (list, type(None)),
}
"""Go writes ``null`` for no values and for no hooks."""


def _hook(one: Mapping[str, Any]) -> Hook:
    manifest = one.get("manifest")
    return Hook(
        name=text(one.get("name")),
        kind=text(one.get("kind")),
        events=texts(one.get("events")),
        manifest=paragraph(manifest) if isinstance(manifest, str) else "",
        phase=text(mapping(one.get("last_run")).get("phase")),
        deleted_on=texts(one.get("delete_policies")),
    )


class _Unreadable:
    """Stands for a part that cannot be read; JSON's null is another thing."""


def _unpacked(part: object) -> Any:
    """What was packed into ``part``; `_Unreadable` where it is no such thing or too large."""
    if not isinstance(part, str) or len(part) > MAX_PACKED:
        return _Unreadable
    try:
        packed = base64.b64decode(part, validate=True)
        stream = Gunzip(BytesIO(packed), len(packed), Budget(unpacked=MAX_UNPACKED), ratio_above=MAX_UNPACKED)
        return json.loads(stream.read(MAX_UNPACKED + 1))
    except (binascii.Error, Refusal, ValueError, RecursionError):
        return _Unreadable
