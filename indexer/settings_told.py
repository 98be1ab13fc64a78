"""The options as administrators are shown them: each with its value and where that came from, secrets hidden."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, Literal

import yaml
from pydantic import BaseModel

from indexer.options import duration_text, is_duration

Origin = Literal["default", "file", "environment", "command line"]
HIDDEN = "(hidden)"
_BY_NAME = frozenset({"sources", "clusters"})
"""Lists whose entries have pages of their own."""
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """One option."""

    name: str
    value: str
    """As YAML; empty: nothing."""
    origin: Origin


def told(options: BaseModel, given: Mapping[Origin, Set[str]]) -> tuple[Setting, ...]:
    """Every option of ``options``, in its order. ``given``: which ones each origin gave, the strongest first."""
    return tuple(Setting(name, _text(options, name), _origin(name, given)) for name in type(options).model_fields)


def _origin(name: str, given: Mapping[Origin, Set[str]]) -> Origin:
    return next((origin for origin, names in given.items() if name in names), "default")


def _text(options: BaseModel, name: str) -> str:
    value = getattr(options, name)
    if name in _BY_NAME:
        return _yaml([entry.name for entry in value])
    return _yaml(_shown(options, name))


def _shown(options: BaseModel, name: str) -> Any:
    """The value of a field as plain data, as it may be written; one that its model keeps out of its repr is hidden."""
    value, option = getattr(options, name), type(options).model_fields[name]
    if not option.repr and value:
        return HIDDEN
    if isinstance(value, int) and is_duration(option):
        return duration_text(value)
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _shown(value, name) for name in type(value).model_fields}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int | float) else str(value)


def _yaml(value: Any) -> str:
    if value in ("", [], {}):
        return ""
    if isinstance(value, str):
        return value
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text.removesuffix("...\n").strip()
