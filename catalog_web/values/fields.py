"""What a form is made of: fields, each for one place in a chart's values. Frozen data."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from catalog_web.values.paths import Path, dotted
from catalog_web.values.reading import Values
from indexer.errors import Phrase

Kind = Literal["text", "secret", "integer", "number", "boolean", "choice", "object", "list", "map", "yaml"]
"""``object``: fields of its own below it. ``list``: items that are all like ``children[0]``. ``map``: keys of any name,
``yaml``: anything; both are edited as YAML."""
Origin = Literal["schema", "values", "questions"]

ANY_KEY = "*"
"""The step in the path of what stands below the keys of a ``map``."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values that may be chosen."""

    value: Any
    text: str
    """What is posted for it; no two options of a field have the same."""
    label: str
    """What a person reads."""


@dataclass(frozen=True, slots=True)
class Condition:
    """When a field means something: while the value at ``path`` is one of ``values``, or none of them."""

    path: Path
    values: tuple[Any, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a value must keep to; None where nothing is told."""

    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    """It must be a multiple of this."""
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str = ""
    """A regular expression of JavaScript's kind, not anchored."""


NO_BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Field:
    """One place in the values."""

    path: Path
    kind: Kind
    title: str = ""
    """As the chart names it; empty: the last step of the path says it all."""
    help: str = ""
    default: Any = None
    """What the chart has there when nobody says anything; None where it has nothing."""
    suggested: Any = None
    """What the chart proposes and does not set by itself: the schema's or the question's default."""
    required: bool = False
    choices: tuple[Option, ...] = ()
    types: tuple[str, ...] = ()
    """JSON Schema's names of what may stand here; empty: nobody says."""
    bounds: Bounds = NO_BOUNDS
    group: str = ""
    advanced: bool = False
    """The chart's author did not think of it as a question for everybody."""
    multiline: bool = False
    read_only: bool = False
    deprecated: bool = False
    source: Origin = "values"
    """Who says that this field is there."""
    shown_if: tuple[Condition, ...] = ()
    """All of them hold where the field means something."""
    children: tuple["Field", ...] = ()
    notes: tuple[Phrase, ...] = ()

    @property
    def name(self) -> str:
        """The path as text: the name under which it is posted."""
        return dotted(self.path)

    @property
    def label(self) -> str:
        """What a person reads above it."""
        return self.title or next((str(step) for step in reversed(self.path) if isinstance(step, str)), "")

    @property
    def is_leaf(self) -> bool:
        """Whether it is edited as one thing."""
        return self.kind not in ("object", "list")

    @property
    def size(self) -> int:
        """How many fields it is, with those below it."""
        return 1 + sum(child.size for child in self.children)

    def item(self, index: int) -> "Field":
        """Of a ``list``: the field for the item at ``index``."""
        return _moved(self.children[0], len(self.path), index)


def _moved(one: Field, depth: int, index: int) -> Field:
    """``one``, which stands in a list at ``depth`` steps, for the item at ``index``."""
    conditions = tuple(
        replace(each, path=(*each.path[:depth], index, *each.path[depth + 1 :]))
        if each.path[: depth + 1] == one.path[: depth + 1]
        else each
        for each in one.shown_if
    )
    path = (*one.path[:depth], index, *one.path[depth + 1 :])
    children = tuple(_moved(child, depth, index) for child in one.children)
    return replace(one, path=path, shown_if=conditions, children=children)


@dataclass(frozen=True, slots=True)
class Form:
    """All fields of a chart, in the order in which its author tells them."""

    fields: tuple[Field, ...]
    origin: Origin = "values"
    notes: tuple[Phrase, ...] = ()
    """What could not be made a field, or was passed over."""
    defaults: Values = field(default_factory=dict, repr=False)
    """The chart's values.yaml."""

    def walk(self) -> Iterator[Field]:
        """Every field, from the top down; of a list or map one for what stands below it."""
        waiting = list(reversed(self.fields))
        while waiting:
            one = waiting.pop()
            yield one
            waiting += reversed(one.children)
