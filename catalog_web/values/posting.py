"""What a form posted, onto the person's text. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog_web.values.editing import drop, put, read
from catalog_web.values.fields import Field, Form
from catalog_web.values.paths import ABSENT, Path, value_at
from catalog_web.values.reading import merge
from catalog_web.values.state import FieldState, fields_state
from indexer.errors import EntryError, Phrase
from indexer.parse import load_any
from indexer.parse.text import resolve


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something posted that cannot be put into the text."""

    path: Path
    message: Phrase
    text: str = field(repr=False)
    """As it was typed."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The text after what was posted."""

    text: str
    mistakes: tuple[Mistake, ...] = ()


def apply(text: str, form: Form, posted: Mapping[str, str]) -> Applied:
    """``text`` with what ``posted`` changes, by the fields' names; a field that is not posted stays.

    A field that is posted as it was shown changes nothing, whatever the text says there. An emptied number or choice
    goes back to the default; a secret that is posted empty stays. Raises `UsageError` where the text cannot be read.
    """
    mistakes: list[Mistake] = []
    for state in _leaves(text, form):
        if state.name not in posted or state.too_large:
            continue
        typed = posted[state.name].replace("\r\n", "\n")
        if typed == state.text or (state.field.kind == "secret" and not typed):
            continue
        try:
            text = _set(text, form, state.field.path, value_of(state.field, typed))
        except EntryError as error:
            mistakes.append(Mistake(state.field.path, error.params["detail"], typed))
    return Applied(text, tuple(mistakes))


def add_item(text: str, form: Form, path: Path) -> str:
    """``text`` with one more, empty item in the list at ``path``. Raises `UsageError`."""
    items = value_at(merge(form.defaults, read(text)), path)
    count = len(items) if isinstance(items, list) else 0
    template = next((one for one in form.walk() if one.kind == "list" and _fits(one.path, path)), None)
    return _set(text, form, (*path, count), _empty(template.children[0]) if template and template.children else None)


def drop_item(text: str, form: Form, path: Path) -> str:
    """``text`` without the list item at ``path``. Raises `UsageError`."""
    return drop(_with_list(text, form, path), path)


def _leaves(text: str, form: Form) -> list[FieldState]:
    """What is posted as one thing: a list also as a whole."""
    return [one for one in fields_state(text, form).walk() if one.field.kind != "object"]


def value_of(one: Field, typed: str) -> Any:
    """What a person means who types ``typed`` into that field; `ABSENT` for nothing. Raises EntryError.

    What the field does not allow is kept as text: the check against the schema says what is wrong with it.
    """
    if one.kind in ("list", "map", "yaml"):
        return load_any(typed) if typed.strip() else ABSENT
    if one.kind == "choice":
        return next((option.value for option in one.choices if option.text == typed), typed or ABSENT)
    if one.kind == "boolean":
        return {"true": True, "false": False, "": ABSENT}.get(typed, typed)
    if one.kind in ("integer", "number"):
        return _number(typed)
    return typed if _is_text(one) else resolve(typed)


def _is_text(one: Field) -> bool:
    """Whether what is typed is text, whatever it looks like."""
    if one.kind == "secret" or not one.types:
        return one.kind == "secret" or isinstance(one.default, str)
    return not {"integer", "number", "boolean"}.intersection(one.types)


def _number(typed: str) -> Any:
    found = resolve(typed.strip())
    if found is None:
        return ABSENT
    return found if isinstance(found, int | float) and not isinstance(found, bool) else typed


def _set(text: str, form: Form, path: Path, value: Any) -> str:
    if value is ABSENT:
        return drop(text, path)
    return put(_with_list(text, form, path), path, value)


def _with_list(text: str, form: Form, path: Path) -> str:
    """``text`` that holds the list that ``path`` leads through: one that is begun hides that of the defaults."""
    ends = [at for at, step in enumerate(path) if isinstance(step, int)]
    if not ends or isinstance(value_at(read(text), path[: ends[0]]), list):
        return text
    present = value_at(form.defaults, path[: ends[0]])
    return put(text, path[: ends[0]], present if isinstance(present, list) else [])


def _fits(template: Path, path: Path) -> bool:
    return len(template) == len(path) and all(
        isinstance(one, int) == isinstance(other, int) and (isinstance(one, int) or one == other)
        for one, other in zip(template, path, strict=True)
    )


def _empty(one: Field) -> Any:
    """What a new item holds before anybody has filled it."""
    if one.kind == "object":
        return {child.path[-1]: _empty(child) for child in one.children if child.required}
    blank = {"boolean": False, "list": [], "map": {}, "text": "", "secret": ""}
    return blank.get(one.kind)
