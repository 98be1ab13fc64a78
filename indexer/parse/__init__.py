"""index.yaml bytes → charts, versions and problems: bounded, and one bad entry costs only itself.

``read_index`` takes the index apart by its lines where it has the shape that helm, ChartMuseum and Harbor write
(``blocks``, ``grammar``), and reads it in full by YAML events otherwise (``index``, ``events``); both ways give the
same catalog. ``open_entry``, ``read_chart_yaml`` and ``read_chart_json`` read one entry or a Chart.yaml in full
(``fields``, ``json_tree``), ``load_values`` reads values as Helm does.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from indexer.errors import N_, EntryError, phrase
from indexer.model import ChartMetadata, Listing
from indexer.parse.blocks import NotSplittable, read_split
from indexer.parse.events import Tree, read_tree
from indexer.parse.feed import YamlFault
from indexer.parse.fields import EntryFault, name_fault, read_metadata, version_fault
from indexer.parse.index import read_whole, sniff, to_error, utf8
from indexer.parse.json_tree import JsonFault, tree_of
from indexer.parse.limits import Limits
from indexer.parse.text import digest_form, label
from indexer.parse.values import as_list, as_mapping, load_any, load_values, unreadable

__all__ = [
    "Limits",
    "as_list",
    "as_mapping",
    "digest_form",
    "label",
    "load_any",
    "load_values",
    "open_entry",
    "read_chart_json",
    "read_chart_yaml",
    "read_index",
    "read_index_fully",
]

_NONE: Mapping[str, bytes] = MappingProxyType({})
_LIMITS = Limits()


def read_index(
    body: bytes | memoryview, *, url: str, known: Mapping[str, bytes] | None = None, limits: Limits = _LIMITS
) -> Listing:
    """Read a repository's index.

    ``body`` may be a memoryview over a mapped file: entries' ``raw`` are slices of it, so it must outlive the listing.
    ``url`` is for error texts only. ``known`` maps a chart's name to the fingerprint of its stored block: an equal
    block comes back as ``kept``, without its versions and without the problems they had.

    Raises NotAnIndex, IndexCutOff, IndexRefused.
    """
    return _read(body, url, known or _NONE, limits, split=True)


def read_index_fully(
    body: bytes | memoryview, *, url: str, known: Mapping[str, bytes] | None = None, limits: Limits = _LIMITS
) -> Listing:
    """The same by the events of the whole document: the slow way, and the measure of the quick one.

    Entries' ``raw`` are JSON here, so fingerprints are others than those of ``read_index``.
    """
    return _read(body, url, known or _NONE, limits, split=False)


def _read(body: bytes | memoryview, url: str, known: Mapping[str, bytes], limits: Limits, *, split: bool) -> Listing:
    try:
        view = utf8(memoryview(body))
        sniff(view)
        if split:
            try:
                return read_split(view, known, limits)
            except NotSplittable:
                pass
        return read_whole(view, known, limits)
    except YamlFault as fault:
        raise to_error(fault, url) from None


def open_entry(raw: bytes | memoryview) -> ChartMetadata:
    """One entry of an index in full, from the ``raw`` of its ListedVersion. Raises EntryError."""
    data = bytes(raw)
    if data.startswith(b"{"):
        return _metadata(_json(data), [])
    tree, faults = _tree(data)
    if isinstance(tree, list) and len(tree) == 1:
        tree = tree[0]
    return _metadata(tree, faults)


def read_chart_yaml(data: bytes) -> ChartMetadata:
    """A chart's Chart.yaml, cleaned; it must have a usable name and a version. Raises EntryError."""
    return _usable(_metadata(*_tree(data)))


def read_chart_json(value: Any) -> ChartMetadata:
    """The same of a Chart.yaml that came as JSON, as ``json.loads`` gave it. Raises EntryError."""
    try:
        return _usable(_metadata(tree_of(value, _LIMITS), []))
    except JsonFault:
        raise EntryError(detail=phrase(N_("The entry is nested too deeply.")), line=None) from None


def _usable(metadata: ChartMetadata) -> ChartMetadata:
    cause = name_fault(metadata.name) or version_fault(metadata.version)
    if cause:
        raise EntryError(detail=cause, line=None)
    return metadata


def _tree(data: bytes) -> tuple[Tree, list[YamlFault]]:
    try:
        tree, events = read_tree(utf8(memoryview(data)), _LIMITS)
    except YamlFault as fault:
        raise unreadable(fault) from None
    return tree, events.faults


def _json(data: bytes) -> Tree:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise EntryError(detail=phrase(N_("The entry is no JSON.")), line=None) from None


def _metadata(tree: Tree, faults: list[YamlFault]) -> ChartMetadata:
    for fault in faults:
        raise unreadable(fault)
    try:
        return read_metadata(tree)[0]
    except EntryFault as fault:
        raise EntryError(detail=fault.cause, line=fault.line or None) from None
