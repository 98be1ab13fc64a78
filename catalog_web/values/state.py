"""What each field of a form shows for a person's text. Pure."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from catalog_web.values import writing
from catalog_web.values.editing import read
from catalog_web.values.fields import Field, Form
from catalog_web.values.paths import ABSENT, value_at
from catalog_web.values.reading import Values, merge, same
from indexer.gotemplate.values import weight

MAX_ITEM_FIELDS = 3_000
"""Fields for the items of all lists; a list that would need more is edited as YAML."""
MAX_WEIGHT = 2_000
"""Values (a long text counts as many) that one field may hold; what has more is edited in the whole text alone."""


@dataclasses.dataclass(frozen=True, slots=True)
class FieldState:
    """A field with what stands there now."""

    field: Field
    value: Any = dataclasses.field(repr=False)
    """The person's, else the default; None where there is neither."""
    text: str = dataclasses.field(repr=False)
    """What an input shows, and what is posted where nobody changes it; empty for ``object``."""
    is_set: bool
    """The person's text says something here."""
    differs: bool
    """What stands here is not the default."""
    too_large: bool = False
    """It holds more than an input can; the text is empty, and what is posted is not looked at."""
    children: tuple["FieldState", ...] = ()
    """Of an ``object`` its fields, of a ``list`` one for each item; empty where a list is edited as YAML."""

    @property
    def name(self) -> str:
        """The name under which it is posted."""
        return self.field.name

    @property
    def default_text(self) -> str:
        """The default as an input would show it."""
        return shown_text(self.field, self.field.default)

    def walk(self) -> Iterator["FieldState"]:
        """It and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclasses.dataclass(frozen=True, slots=True)
class FormState:
    """A form with a person's values in it."""

    fields: tuple[FieldState, ...]

    def walk(self) -> Iterator[FieldState]:
        """Every field that is shown, from the top down."""
        for one in self.fields:
            yield from one.walk()


def fields_state(text: str, form: Form) -> FormState:
    """What each field of ``form`` shows. Raises `UsageError` where the text cannot be read."""
    mine = read(text)
    states = _States(mine, merge(form.defaults, mine), form.defaults)
    return FormState(tuple(states.state(one) for one in form.fields))


class _States:
    """Fills fields with values; so many of lists that a page can bear them."""

    def __init__(self, mine: Values, present: Values, defaults: Values) -> None:
        self._mine, self._present, self._defaults = mine, present, defaults
        self._left = MAX_ITEM_FIELDS

    def state(self, one: Field) -> FieldState:
        """The field with what stands there."""
        value = value_at(self._present, one.path)
        is_set = value_at(self._mine, one.path) is not ABSENT
        differs = is_set and not same(value, value_at(self._defaults, one.path))
        too_large = one.kind != "object" and weight(value, MAX_WEIGHT + 1) > MAX_WEIGHT
        children = () if too_large else tuple(self.state(child) for child in self._below(one, value))
        shown = "" if too_large or one.kind == "object" else shown_text(one, value)
        return FieldState(one, None if value is ABSENT else value, shown, is_set, differs, too_large, children)

    def _below(self, one: Field, value: Any) -> tuple[Field, ...]:
        if one.kind == "object":
            return one.children
        if one.kind != "list" or not isinstance(value, list):
            return ()
        items = tuple(one.item(index) for index in range(len(value)))
        needed = sum(item.size for item in items[:1]) * len(items)
        if needed > self._left:
            return ()
        self._left -= needed
        return items


def shown_text(one: Field, value: Any) -> str:
    """``value`` as the input of that field shows it."""
    if value is ABSENT:
        return ""
    if one.kind in ("list", "map", "yaml", "object") or isinstance(value, dict | list):
        return island(value)
    if one.kind == "choice":
        return next((option.text for option in one.choices if same(option.value, value)), scalar(value))
    return scalar(value)


def scalar(value: Any) -> str:
    """A single value as a person types it; null is nothing."""
    if value is None:
        return ""
    return value.replace("\r\n", "\n") if isinstance(value, str) else json.dumps(value)


def island(value: Any) -> str:
    """Any value as YAML; nothing for null."""
    if value is None:
        return ""
    return writing.block(value) if isinstance(value, dict | list) and value else writing.flow(value)
