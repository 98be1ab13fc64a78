"""Two versions compared: what looks like a breaking change first, then all that is not as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext

from catalog_web.catalog import PAGE_PATIENCE, VersionPage
from catalog_web.comparisons import Compared, counts
from catalog_web.pages.view import services
from catalog_web.rate_limits import spend
from indexer import versions
from indexer.compare import Comparison
from indexer.compare.lines import DiffLine, Effort, differences
from indexer.compare.result import FileChange, FilesComparison, Section, ValueChange, ValueKind
from indexer.errors import N_
from indexer.model import VersionSummary
from indexer.yaml_lines import dotted, lines_of

_OFFERED = 300
"""Versions in either list; all of them can be chosen on the tab of versions."""
_ROWS = 150
"""Values of a group that are shown."""
_OPEN_ROWS, _OPEN_LINES = 30, 200
"""A longer group, or longer diffs, are folded."""
_FIRST_REASONS = 6
_SHORT = 90
"""Characters of a value that has a place in a line."""
_LONGEST = 256

_GROUPS: Mapping[ValueKind, str] = {
    "removed": N_("Removed"),
    "moved": N_("Moved, as far as it can be guessed"),
    "type": N_("Of another type"),
    "default": N_("With another default"),
    "added": N_("Added"),
    "comment": N_("With another comment"),
}


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A key of values.yaml that is not as it was. Short values stand in a line, others in a diff."""

    anchor: str
    path: str
    old_path: str
    """Empty where it is the same."""
    keys: int
    before: str
    after: str
    value: tuple[DiffLine, ...]
    comment: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True)
class ValueGroup:
    """Keys to which the same happened."""

    kind: ValueKind
    title: str
    rows: tuple[ValueRow, ...]
    total: int

    @property
    def is_open(self) -> bool:
        """Whether it is unfolded at first."""
        return self.total <= _OPEN_ROWS and self.kind != "comment"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that is not as it was."""

    anchor: str
    change: FileChange
    is_open: bool


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs. Raises VersionNotFound for a version that is not there."""
    old, new = _chosen(shown)
    spend("compare")
    compared = services().comparisons.get(shown.chart.source, shown.chart.name, old, new, patience=PAGE_PATIENCE)
    found = compared.found
    groups = _groups(found)
    templates, crds = _files("template", found.templates), _files("crd", found.crds)
    links = {**_sections(found), **_links(groups, templates, crds)}
    reasons = [(one, links.get((one.section, one.place)) or links.get((one.section, ""), "")) for one in found.reasons]
    return {
        "found": found,
        "offered": offered(shown.versions, {found.old, found.new}),
        "unknown": _unknown(compared),
        "reasons": reasons[:_FIRST_REASONS],
        "more_reasons": reasons[_FIRST_REASONS:],
        "counts": counts(found),
        "groups": groups,
        "values_file": FileRow("values-file", found.values.text, False) if found.values and found.values.text else None,
        "templates": templates,
        "crds": crds,
    }


def is_offered(shown: VersionPage) -> bool:
    """Whether there is something to compare with."""
    return len(shown.versions) > 1


def _chosen(shown: VersionPage) -> tuple[str, str]:
    """The two versions of the address; by default the shown one and the one before it, else the latest one."""
    names = [one.version for one in shown.versions]
    new = request.args.get("to", "")[:_LONGEST] or shown.version.version
    old = request.args.get("from", "")[:_LONGEST] or versions.previous(new, names)
    return (old, new) if old else (new, shown.chart.version)


def offered(found: Sequence[VersionSummary], chosen: set[str]) -> list[VersionSummary]:
    """The newest versions, and those that are chosen already."""
    return [one for at, one in enumerate(found) if at < _OFFERED or one.version in chosen]


def _unknown(compared: Compared) -> list[VersionPage]:
    """Versions whose archive is not at hand, or only in part."""
    return [one for one in (compared.old, compared.new) if one.content is None or one.content.partial]


def _groups(found: Comparison) -> list[ValueGroup]:
    groups = []
    for kind, title in _GROUPS.items():
        some = found.values.of_kind(kind) if found.values else ()
        rows = tuple(_row(f"{kind}-{number}", one) for number, one in enumerate(some[:_ROWS], 1))
        if rows:
            groups.append(ValueGroup(kind, gettext(title), rows, len(some)))
    return groups


def _row(anchor: str, one: ValueChange) -> ValueRow:
    before, after = (one.before.text if one.before else ""), (one.after.text if one.after else "")
    is_short = max(len(before), len(after)) <= _SHORT and "\n" not in before + after
    was = dotted(one.before.path) if one.before else ""
    return ValueRow(
        anchor,
        dotted(one.path),
        old_path=was if was and one.kind == "moved" else "",
        keys=one.keys,
        before=before if is_short else "",
        after=after if is_short else "",
        value=() if is_short or one.kind == "comment" else _diff(before, after),
        comment=_diff(one.before.comment, one.after.comment) if one.before and one.after else (),
    )


def _diff(before: str, after: str) -> tuple[DiffLine, ...]:
    hunks = differences(lines_of(before), lines_of(after), Effort())
    return tuple(line for hunk in hunks for line in hunk.lines)


def _files(prefix: str, files: FilesComparison | None) -> list[FileRow]:
    changes: Sequence[FileChange] = files.changes if files else ()
    is_open = sum(len(hunk.lines) for one in changes for hunk in one.hunks) <= _OPEN_LINES
    return [FileRow(f"{prefix}-{number}", one, is_open) for number, one in enumerate(changes, 1)]


def _sections(found: Comparison) -> dict[tuple[Section, str], str]:
    """The sections that the page has."""
    there: dict[Section, bool] = {
        "facts": bool(found.facts),
        "dependencies": bool(found.dependencies),
        "images": bool(found.images),
        "schema": found.schema is not None,
        "crds": bool(found.definitions),
    }
    return {(section, ""): f"#{section}" for section, is_there in there.items() if is_there}


def _links(
    groups: Sequence[ValueGroup], templates: Sequence[FileRow], crds: Sequence[FileRow]
) -> dict[tuple[Section, str], str]:
    """Where on the page the thing stands that a reason speaks of."""
    links: dict[tuple[Section, str], str] = {}
    for group in groups:
        links.update((("values", row.old_path or row.path), f"#{row.anchor}") for row in group.rows)
    links.update((("templates", row.change.path), f"#{row.anchor}") for row in templates)
    links.update((("crds", row.change.path), f"#{row.anchor}") for row in (*templates, *crds))
    return links
