"""Custom resource definitions of two versions: which of their versions are served, and what their schemas refuse."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indexer.compare.manifests import without_actions
from indexer.compare.result import CrdChange, SchemaChange
from indexer.compare.schema import schema_changes
from indexer.errors import EntryError
from indexer.model import ArchiveFile
from indexer.parse import as_list, as_mapping, label, load_values

MAX_CHANGES = 100
"""Changed fields that are told of a definition."""
_MAX_CHARACTERS = 4 * 1024 * 1024
"""Of all definitions of one version that are looked into."""
_KIND = "CustomResourceDefinition"


@dataclass(frozen=True, slots=True)
class _Definition:
    """A definition as far as it is looked at."""

    name: str
    kind: str
    path: str
    scope: str
    served: frozenset[str]
    storage: str
    schemas: Mapping[str, Any]
    """OpenAPI schemas by version."""


def compare_crds(old: Sequence[ArchiveFile], new: Sequence[ArchiveFile]) -> tuple[CrdChange, ...]:
    """What happened to the definitions among ``old`` and ``new``, by name. Files that did not change are passed over,
    and so is what cannot be read as YAML."""
    same = {(one.path, one.text) for one in old} & {(one.path, one.text) for one in new}
    before, after = _definitions(old, same), _definitions(new, same)
    names = sorted(before.keys() | after.keys())
    return tuple(found for name in names if (found := _change(before.get(name), after.get(name))))


def _change(old: _Definition | None, new: _Definition | None) -> CrdChange | None:
    if old is None or new is None:
        alone = old or new
        assert alone is not None  # noqa: S101 -- the name is of one of them
        return CrdChange(alone.name, alone.kind, alone.path, "removed" if new is None else "added")
    fields = [
        change for version in sorted(old.schemas.keys() & new.schemas.keys()) for change in _fields(version, old, new)
    ]
    found = CrdChange(
        new.name,
        new.kind,
        new.path,
        "changed",
        no_longer_served=tuple(sorted(old.served - new.served)),
        newly_served=tuple(sorted(new.served - old.served)),
        storage=(old.storage, new.storage) if old.storage != new.storage else ("", ""),
        scope=(old.scope, new.scope) if old.scope != new.scope else ("", ""),
        fields=tuple(fields[:MAX_CHANGES]),
        left_out=max(0, len(fields) - MAX_CHANGES),
    )
    is_empty = not (found.no_longer_served or found.newly_served or any(found.storage + found.scope) or fields)
    return None if is_empty else found


def _fields(version: str, old: _Definition, new: _Definition) -> Iterator[SchemaChange]:
    """Without ``metadata``, which Kubernetes itself describes."""
    for one in schema_changes(old.schemas[version], new.schemas[version]):
        if one.path.split(".")[0] == "metadata":
            continue
        yield SchemaChange(one.kind, f"{version}.{one.path}", one.before, one.after)


def _definitions(files: Sequence[ArchiveFile], passed_over: set[tuple[str, str]]) -> dict[str, _Definition]:
    found: dict[str, _Definition] = {}
    room = _MAX_CHARACTERS
    for one in files:
        if _KIND in one.text and (one.path, one.text) not in passed_over and len(one.text) <= room:
            room -= len(one.text)
            found.update((made.name, made) for made in _read(one))
    return found


def _read(file: ArchiveFile) -> Iterator[_Definition]:
    for text in without_actions(file.text):
        try:
            tree = load_values(text)
        except EntryError:
            continue
        items = tree.get("items") if tree.get("kind") == "List" else [tree]
        for one in items if isinstance(items, list) else ():
            if isinstance(one, dict) and one.get("kind") == _KIND:
                yield _definition(one, file.path)


def _definition(tree: Mapping[str, Any], path: str) -> _Definition:
    spec = as_mapping(tree.get("spec"))
    names = as_mapping(spec.get("names"))
    versions = [one for one in as_list(spec.get("versions")) if isinstance(one, dict)] or [_only_version(spec)]
    common = as_mapping(spec.get("validation")).get("openAPIV3Schema")
    return _Definition(
        name=_text(as_mapping(tree.get("metadata")).get("name"))
        or f"{_text(names.get('plural'))}.{_text(spec.get('group'))}",
        kind=_text(names.get("kind")),
        path=path,
        scope=_text(spec.get("scope")),
        served=frozenset(_text(one.get("name")) for one in versions if one.get("served") is not False),
        storage=next((_text(one.get("name")) for one in versions if one.get("storage") is True), ""),
        schemas={
            _text(one.get("name")): schema
            for one in versions
            if (schema := as_mapping(one.get("schema")).get("openAPIV3Schema") or common)
        },
    )


def _only_version(spec: Mapping[str, Any]) -> dict[str, Any]:
    """How apiextensions.k8s.io/v1beta1 could name a single version."""
    return {"name": spec.get("version"), "served": True, "storage": True}


def _text(value: Any) -> str:
    return label(value[:300]) if isinstance(value, str) else ""
