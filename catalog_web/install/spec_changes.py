"""What differs between two specs of a HelmRequest, key by key. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog_web.values.paths import dotted

MAX_CHANGES = 200
_MAX_TEXT = 300
_HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class SpecChange:
    """One key; what it holds as text, cut where it is long. Empty where it is not there."""

    path: str
    """Dotted, below ``spec``: ``version``, ``values.image.tag``."""
    before: str
    after: str


def spec_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], hidden: Collection[str] = ()
) -> tuple[SpecChange, ...]:
    """The differences between two specs, at most `MAX_CHANGES`; ``hidden``: dotted paths below ``values`` whose content
    is not told."""
    secret = frozenset(f"values.{path}" for path in hidden)
    found = []
    for path, was, now in _walk((), before, after):
        name = dotted(path)
        veiled = any(_within(name, one) or _within(one, name) for one in secret)
        found.append(SpecChange(name, _text(was, veiled=veiled), _text(now, veiled=veiled)))
        if len(found) == MAX_CHANGES:
            break
    return tuple(found)


def _within(path: str, above: str) -> bool:
    return path == above or path.startswith((f"{above}.", f"{above}["))


_NOTHING = object()


def _walk(path: tuple[str, ...], before: Any, after: Any) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in (*before, *(one for one in after if one not in before)):
            yield from _walk((*path, str(key)), before.get(key, _NOTHING), after.get(key, _NOTHING))
    elif isinstance(before, Mapping) and after is _NOTHING and before:
        yield from _walk(path, before, {})
    elif isinstance(after, Mapping) and before is _NOTHING and after:
        yield from _walk(path, {}, after)
    elif type(before) is not type(after) or before != after:
        yield path, before, after


def _text(value: Any, *, veiled: bool) -> str:
    if value is _NOTHING:
        return ""
    if veiled:
        return _HIDDEN
    text = value if isinstance(value, str) else _plain(value)
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _plain(value: Any) -> str:
    """As in YAML."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
