"""What charts write into their schemas for programs that show forms. Pure.

``form``, ``render``, ``hidden`` and ``sliderMin`` are Kubeapps' (its documentation, "basic form"), ``x-onyxia``
InseeFrLab's; the other ``x-`` keys are in common use by schema-to-form libraries.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog_web.schema_tree import Schema
from indexer.parse import as_mapping
from indexer.parse.text import label

_MAX_NODES = 20_000
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Hints:
    """How the author wants a property shown."""

    title: str = ""
    group: str = ""
    order: float | None = None
    in_form: bool = False
    """It is one of the few that the author picked."""
    advanced: bool = False
    secret: bool = False
    multiline: bool = False
    read_only: bool = False


def hints(schemas: Iterable[Schema]) -> Hints:
    """The hints of one property, which several schemas may describe; the first that says something counts."""
    told: dict[str, Any] = {}
    for schema in schemas:
        for key, value in (
            *schema.items(),
            *((f"x-{key}", one) for key, one in as_mapping(schema.get("x-onyxia")).items()),
        ):
            told.setdefault(key, value)
    return Hints(
        title=_text(told, "x-title", "x-display-name", "x-displayName", "title"),
        group=_text(told, "x-group", "x-section", "x-category"),
        order=next((told[key] for key in ("x-order", "order") if _is_number(told.get(key))), None),
        in_form=bool(told.get("form")),
        advanced=any(told.get(key) is True for key in ("x-advanced", "x-hidden", "hidden")),
        secret=any(told.get(key) is True for key in ("x-secret", "x-sensitive", "x-password", "writeOnly"))
        or told.get("format") == "password",
        multiline=any(
            str(told.get(key)).lower() in ("textarea", "multiline") for key in ("render", "x-render", "x-widget")
        ),
        read_only=any(told.get(key) is True for key in ("readOnly", "x-readonly")),
    )


def picks(document: Schema) -> bool:
    """Whether the author picked properties for a form, so that all others are for those who know."""
    waiting: list[Any] = [document]
    for _ in range(_MAX_NODES):
        if not waiting:
            return False
        one = waiting.pop()
        if isinstance(one, Mapping):
            if one.get("form") is True and "type" in one:
                return True
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return False


def _text(told: Mapping[str, Any], *keys: str) -> str:
    found = next((told[key] for key in keys if isinstance(told.get(key), str)), "")
    return label(found[:_LONGEST])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
