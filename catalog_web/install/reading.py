"""What an object of a cluster holds, read so that nothing in it raises: a field of another type counts as absent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_MAX_TEXT = 64 * 1024
_MAX_TEXTS = 100


def mapping(value: object) -> Mapping[str, Any]:
    """``value`` where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object, most: int = _MAX_TEXTS) -> tuple[Mapping[str, Any], ...]:
    """The mappings among the first ``most`` items of a list."""
    return tuple(one for one in value[:most] if isinstance(one, dict)) if isinstance(value, list) else ()


def text(value: object) -> str:
    """At most 64 Ki characters of ``value`` where it is a text, without control characters; else an empty text."""
    if not isinstance(value, str):
        return ""
    return "".join(c for c in value[:_MAX_TEXT] if c.isprintable() or c in "\n\t")


def texts(value: object) -> tuple[str, ...]:
    """The texts among the first hundred items of a list, without empty ones."""
    return tuple(filter(None, map(text, value[:_MAX_TEXTS]))) if isinstance(value, list) else ()


def labels(value: object) -> Mapping[str, str]:
    """Labels or annotations: what is text on both sides."""
    return {key: one for key, one in mapping(value).items() if isinstance(key, str) and isinstance(one, str)}


def number(value: object) -> int:
    """``value`` where it is a whole number, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def moment(value: object) -> datetime | None:
    """``value`` where it is a time as Kubernetes or Go writes it, in UTC."""
    try:
        parsed = datetime.fromisoformat(text(value))
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def meta(thing: object) -> Mapping[str, Any]:
    """``metadata`` of an object."""
    return mapping(mapping(thing).get("metadata"))


def spec(thing: object) -> Mapping[str, Any]:
    """``spec`` of an object."""
    return mapping(mapping(thing).get("spec"))


def status(thing: object) -> Mapping[str, Any]:
    """``status`` of an object."""
    return mapping(mapping(thing).get("status"))
