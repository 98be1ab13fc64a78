"""Stand-in until the real one lands."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_NAME = re.compile(r"passw|secret|token|credential|private.?key|api.?key", re.IGNORECASE)


def secret_fields(_form: Any, values: Mapping[str, Any], _globs: Iterable[str]) -> tuple[str, ...]:
    return tuple(_walk("", values))


def _walk(path: str, values: Mapping[str, Any]) -> Iterable[str]:
    for key, value in values.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from _walk(name, value)
        elif _NAME.search(key) and value not in (None, "", True, False):
            yield name


def split(values: Mapping[str, Any], paths: Iterable[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    return _part("", values, set(paths), False), _part("", values, set(paths), True)


def _part(path: str, values: Mapping[str, Any], paths: set[str], wanted: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{path}.{key}" if path else key
        if name in paths:
            if wanted:
                found[key] = value
        elif isinstance(value, Mapping):
            below = _part(name, value, paths, wanted)
            if below or (not wanted and not value):
                found[key] = below
        elif not wanted:
            found[key] = value
    return found


def without(text: str, paths: Iterable[str]) -> str:
    import yaml

    return yaml.safe_dump(split(yaml.safe_load(text) or {}, paths)[0], sort_keys=False) if paths and text else text
