"""What changed between two versions of a chart."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Question, operation
from catalog_web.comparisons import Compared
from indexer.compare.result import (
    Comparison,
    CrdChange,
    DependencyChange,
    FactName,
    FileChange,
    FileKind,
    FilesComparison,
    ImageChange,
    Reason,
    SchemaChange,
    SchemaComparison,
    SchemaKind,
    Section,
    Severity,
    ValueChange,
    ValueKind,
    ValuesComparison,
    ValueSide,
    Whole,
)
from indexer.errors import fill
from indexer.parse.commented import NodeKind
from indexer.yaml_lines import dotted

Version = Annotated[str, Field(max_length=256)]


class CompareQuery(Question):
    """Two versions; by default the latest one and the one before ``to``."""

    old: Version = Field(default="", alias="from")
    new: Version = Field(default="", alias="to")


class ReasonShape(TypedDict):
    """Why an upgrade may break something, or what else is good to know. ``id`` names the rule."""

    id: str
    severity: Severity
    sentence: str
    section: Section
    place: str


class FactShape(TypedDict):
    """A field of Chart.yaml."""

    name: FactName
    before: str
    after: str


class ValueSideShape(TypedDict):
    """A key of values.yaml in one version: its value as it is written, cut where it is long."""

    path: str
    line: int
    type: NodeKind
    text: str
    comment: str


class ValueShape(TypedDict):
    """A key that is not as it was. ``moved`` is a guess. ``keys``: values below it that came or went with it."""

    change: ValueKind
    path: str
    keys: int
    before: ValueSideShape | None
    after: ValueSideShape | None


class HunkShape(TypedDict):
    """A part of a unified diff; each line begins with its sign."""

    old_line: int
    new_line: int
    lines: list[str]


class FileShape(TypedDict):
    """A file that is not as it was. ``cut``: there is more than ``hunks`` show, or it is too large to be compared."""

    change: FileKind
    path: str
    old_path: str
    added: int
    removed: int
    hunks: list[HunkShape]
    cut: bool


class FilesShape(TypedDict):
    """Files that are not as they were; ``left_out`` beyond the limit."""

    items: list[FileShape]
    left_out: int


class ValuesShape(TypedDict):
    """What happened to values.yaml; ``file`` is it as a whole."""

    items: list[ValueShape]
    left_out: int
    notes: list[str]
    file: FileShape | None


class SchemaItem(TypedDict):
    """What a schema says otherwise now of one path."""

    change: SchemaKind
    path: str
    before: str
    after: str


class SchemaShape(TypedDict):
    """What happened to values.schema.json."""

    change: Whole
    items: list[SchemaItem]
    left_out: int
    note: str


class CrdShape(TypedDict):
    """A custom resource definition that is not as it was."""

    name: str
    kind: str
    path: str
    change: Whole
    no_longer_served: list[str]
    newly_served: list[str]
    storage: list[str]
    scope: list[str]
    fields: list[SchemaItem]
    left_out: int


class ImageShape(TypedDict):
    """An image by registry and repository, with tags or digests."""

    repository: str
    change: Whole
    before: list[str]
    after: list[str]
    certain: bool


class DependencyChangeShape(TypedDict):
    """A dependency by its alias, else its name; ``repositories``: before and after, where that changed."""

    name: str
    change: Whole
    before: str
    after: str
    repositories: list[str]


class SideShape(TypedDict):
    """One of the versions, and whether its archive could be read."""

    version: str
    archive: shapes.ArchiveShape


CompareShape = TypedDict(
    "CompareShape",
    {
        "source": str,
        "name": str,
        "from": SideShape,
        "to": SideShape,
        "verdict": Severity | None,
        "reasons": list[ReasonShape],
        "facts": list[FactShape],
        "dependencies": list[DependencyChangeShape],
        "values": ValuesShape | None,
        "schema": SchemaShape | None,
        "templates": FilesShape | None,
        "crds": FilesShape | None,
        "definitions": list[CrdShape],
        "images": list[ImageShape] | None,
    },
)
CompareShape.__doc__ = "What changed. Null is what cannot be told, for an archive could not be had."


@operation(
    "GET",
    "/api/v1/charts/{source}/{name}/compare",
    action="catalog.read",
    target="chart/{source}/{name}",
    summary="What changed between two versions, and whether it looks like a breaking change",
    query=CompareQuery,
    answer=CompareShape,
    errors=(404, 503),
    cost="compare",
)
def compare(caller: Caller, source: str, name: str, *, query: CompareQuery) -> CompareShape:
    """Compare two versions. Raises ChartNotFound, VersionNotFound."""
    return compared(caller.services.comparisons.get(source, name, query.old, query.new))


def compared(one: Compared) -> CompareShape:
    """A comparison in JSON."""
    found = one.found
    return {
        "source": one.new.chart.source,
        "name": one.new.chart.name,
        "from": {"version": found.old, "archive": shapes.archive(one.old)},
        "to": {"version": found.new, "archive": shapes.archive(one.new)},
        "verdict": found.verdict,
        "reasons": [_reason(reason) for reason in found.reasons],
        "facts": [{"name": fact.name, "before": fact.before, "after": fact.after} for fact in found.facts],
        "dependencies": [_dependency(change) for change in found.dependencies],
        **_from_archives(found),
    }


def _from_archives(found: Comparison) -> "_FromArchives":
    return {
        "values": _values(found.values) if found.values else None,
        "schema": _schema(found.schema) if found.schema else None,
        "templates": _files(found.templates) if found.templates else None,
        "crds": _files(found.crds) if found.crds else None,
        "definitions": [_crd(change) for change in found.definitions],
        "images": [_image(change) for change in found.images] if found.images is not None else None,
    }


class _FromArchives(TypedDict):
    values: ValuesShape | None
    schema: SchemaShape | None
    templates: FilesShape | None
    crds: FilesShape | None
    definitions: list[CrdShape]
    images: list[ImageShape] | None


def _reason(one: Reason) -> ReasonShape:
    sentence = fill(one.sentence["text"], one.sentence["params"])
    return {
        "id": one.id,
        "severity": one.severity,
        "sentence": sentence,
        "section": one.section,
        "place": one.place,
    }


def _dependency(one: DependencyChange) -> DependencyChangeShape:
    return {
        "name": one.name,
        "change": one.whole,
        "before": one.before,
        "after": one.after,
        "repositories": list(one.repository) if any(one.repository) else [],
    }


def _values(one: ValuesComparison) -> ValuesShape:
    return {
        "items": [_value(change) for change in one.changes],
        "left_out": one.left_out,
        "notes": [fill(**note) for note in one.notes],
        "file": _file(one.text) if one.text else None,
    }


def _value(one: ValueChange) -> ValueShape:
    return {
        "change": one.kind,
        "path": dotted(one.path),
        "keys": one.keys,
        "before": _side(one.before) if one.before else None,
        "after": _side(one.after) if one.after else None,
    }


def _side(one: ValueSide) -> ValueSideShape:
    return {"path": dotted(one.path), "line": one.line, "type": one.kind, "text": one.text, "comment": one.comment}


def _files(one: FilesComparison) -> FilesShape:
    return {"items": [_file(change) for change in one.changes], "left_out": one.left_out}


def _file(one: FileChange) -> FileShape:
    hunks: list[HunkShape] = [
        {"old_line": hunk.old_line, "new_line": hunk.new_line, "lines": [sign + text for sign, text in hunk.lines]}
        for hunk in one.hunks
    ]
    return {
        "change": one.kind,
        "path": one.path,
        "old_path": one.old_path,
        "added": one.added,
        "removed": one.removed,
        "hunks": hunks,
        "cut": one.cut,
    }


def _schema(one: SchemaComparison) -> SchemaShape:
    return {
        "change": one.whole,
        "items": _schema_items(one.changes),
        "left_out": one.left_out,
        "note": fill(**one.note) if one.note else "",
    }


def _schema_items(changes: Sequence[SchemaChange]) -> list[SchemaItem]:
    return [{"change": one.kind, "path": one.path, "before": one.before, "after": one.after} for one in changes]


def _crd(one: CrdChange) -> CrdShape:
    return {
        "name": one.name,
        "kind": one.kind,
        "path": one.path,
        "change": one.whole,
        "no_longer_served": list(one.no_longer_served),
        "newly_served": list(one.newly_served),
        "storage": list(one.storage) if any(one.storage) else [],
        "scope": list(one.scope) if any(one.scope) else [],
        "fields": _schema_items(one.fields),
        "left_out": one.left_out,
    }


def _image(one: ImageChange) -> ImageShape:
    return {
        "repository": one.repository,
        "change": one.whole,
        "before": list(one.before),
        "after": list(one.after),
        "certain": one.certain,
    }
