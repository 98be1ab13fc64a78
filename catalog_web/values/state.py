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

MAX_ITEMS = 200
"""Items of a list that get fields of their own; a longer list is edited as YAML."""


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
    present = merge(form.defaults, mine)
    return FormState(tuple(_state(one, mine, present, form.defaults) for one in form.fields))


def _state(one: Field, mine: Values, present: Values, defaults: Values) -> FieldState:
    value = value_at(present, one.path)
    is_set = value_at(mine, one.path) is not ABSENT
    differs = is_set and not same(value, value_at(defaults, one.path))
    children = tuple(_state(child, mine, present, defaults) for child in _below(one, value))
    shown = "" if one.kind == "object" else shown_text(one, value)
    return FieldState(one, None if value is ABSENT else value, shown, is_set, differs, children)


def _below(one: Field, value: Any) -> tuple[Field, ...]:
    if one.kind == "object":
        return one.children
    if one.kind == "list" and one.children and isinstance(value, list) and len(value) <= MAX_ITEMS:
        return tuple(one.item(index) for index in range(len(value)))
    return ()


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
