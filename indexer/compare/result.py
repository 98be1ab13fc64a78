"""What differs between two versions of a chart, as frozen facts; sentences are translated where they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from indexer.compare.lines import Hunk
from indexer.errors import Phrase
from indexer.parse.commented import NodeKind

Severity = Literal["breaking", "maybe", "information"]
"""What an upgrade would do: break those who did not prepare for it, perhaps break some, or only be good to know."""
SEVERITIES: tuple[Severity, ...] = ("breaking", "maybe", "information")
ValueKind = Literal["added", "removed", "moved", "type", "default", "comment"]
FileKind = Literal["added", "removed", "renamed", "changed"]
SchemaKind = Literal["property-removed", "property-added", "required-added", "type", "enum", "closed"]
Whole = Literal["added", "removed", "changed"]
FactName = Literal["appVersion", "kubeVersion", "type", "deprecated"]
Section = Literal["facts", "values", "schema", "templates", "crds", "dependencies", "images"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an upgrade may break something, or what else is good to know, with the place that it was seen at."""

    id: str
    """Names the rule that was applied, such as ``values-removed``."""
    severity: Severity
    sentence: Phrase
    section: Section
    place: str = ""
    """A dotted key, a file's path, a dependency: what the sentence speaks of."""


@dataclass(frozen=True, slots=True)
class FactChange:
    """A field of Chart.yaml with its two values; empty where it is not set."""

    name: FactName
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ValueSide:
    """A key of values.yaml in one of the versions."""

    path: tuple[str, ...]
    line: int
    """From 1."""
    kind: NodeKind
    text: str
    """Its value as it is written, without the key; cut where it is long."""
    comment: str


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A key of values.yaml that is not as it was. Of what was added ``before`` is None, of what was removed ``after``.

    ``moved`` is a guess: the same keys or the same value stand under another name. Nothing else is guessed.
    """

    kind: ValueKind
    before: ValueSide | None
    after: ValueSide | None
    keys: int = 1
    """Values below it that share its fate; what moved out of it or into it is not counted."""

    @property
    def side(self) -> ValueSide:
        """Where it is now, else where it was."""
        side = self.after or self.before
        assert side is not None  # noqa: S101 -- one of them is always there
        return side

    @property
    def path(self) -> tuple[str, ...]:
        """Its path now, else the one it had."""
        return self.side.path


@dataclass(frozen=True, slots=True)
class FileChange:
    """A text file that is not as it was."""

    path: str
    kind: FileKind
    old_path: str = ""
    """Where it was, if it was renamed."""
    added: int = 0
    """Lines."""
    removed: int = 0
    hunks: tuple[Hunk, ...] = ()
    cut: bool = False
    """There are more differences than ``hunks``, or the file is too large to be compared line by line."""


@dataclass(frozen=True, slots=True)
class FilesComparison:
    """Files that are not as they were, by path."""

    changes: tuple[FileChange, ...] = ()
    left_out: int = 0
    """Changed files beyond the limit."""


@dataclass(frozen=True, slots=True)
class ValuesComparison:
    """What happened to values.yaml. Where it is not read key by key ``changes`` is empty and a note says why."""

    changes: tuple[ValueChange, ...] = ()
    left_out: int = 0
    """Changes beyond the limit."""
    notes: tuple[Phrase, ...] = ()
    text: FileChange | None = None
    """The file as a whole, None where it is the same."""

    def of_kind(self, *kinds: ValueKind) -> tuple[ValueChange, ...]:
        """Changes of these kinds."""
        return tuple(one for one in self.changes if one.kind in kinds)


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One thing of a JSON schema that matters to whoever wrote values, or objects of a kind, for the old one."""

    kind: SchemaKind
    path: str
    """Dotted path of the property."""
    before: str = ""
    after: str = ""

    @property
    def narrows(self) -> bool:
        """Whether what was valid may be invalid now."""
        return self.kind != "property-added"


@dataclass(frozen=True, slots=True)
class SchemaComparison:
    """What happened to values.schema.json; ``note`` where it cannot be read."""

    whole: Whole
    changes: tuple[SchemaChange, ...] = ()
    left_out: int = 0
    note: Phrase | None = None


@dataclass(frozen=True, slots=True)
class CrdChange:
    """A custom resource definition that is not as it was."""

    name: str
    """``plural.group``."""
    kind: str
    path: str
    whole: Whole
    no_longer_served: tuple[str, ...] = ()
    newly_served: tuple[str, ...] = ()
    storage: tuple[str, str] = ("", "")
    """The version that is stored, before and after."""
    scope: tuple[str, str] = ("", "")
    fields: tuple[SchemaChange, ...] = ()
    """Paths begin with the version."""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class DependencyChange:
    """A dependency by its alias, else its name."""

    name: str
    whole: Whole
    before: str = ""
    """Version or range."""
    after: str = ""
    repository: tuple[str, str] = ("", "")
    """Before and after, where that changed."""


@dataclass(frozen=True, slots=True)
class ImageChange:
    """A container image by its registry and repository. Tags and digests as written; several where it stands twice."""

    repository: str
    whole: Whole
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two versions. A section is None where an archive that tells it could not be had."""

    old: str
    new: str
    facts: tuple[FactChange, ...] = ()
    dependencies: tuple[DependencyChange, ...] = ()
    values: ValuesComparison | None = None
    schema: SchemaComparison | None = None
    """None also where both have no schema, or the same."""
    templates: FilesComparison | None = None
    crds: FilesComparison | None = None
    definitions: tuple[CrdChange, ...] = ()
    images: tuple[ImageChange, ...] | None = None
    reasons: tuple[Reason, ...] = field(default=())
    """The gravest first."""

    @property
    def verdict(self) -> Severity | None:
        """The gravest of the reasons; None where there is none."""
        return self.reasons[0].severity if self.reasons else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing that is looked at changed, as far as it is known."""
        found: tuple[object, ...] = (self.facts, self.dependencies, self.schema, self.definitions, self.images)
        values = self.values and (self.values.changes or self.values.text)
        files = (self.templates and self.templates.changes, self.crds and self.crds.changes)
        return not any((*found, values, *files))


def gravest_first(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """``reasons`` by severity, else as they came."""
    return tuple(sorted(reasons, key=lambda one: SEVERITIES.index(one.severity)))
