"""What an API server answers, read within bounds."""

import json
from typing import Any

from catalog_web.install.cluster.limits import CHUNK, MAX_BODY

Object = dict[str, Any]


class TooLarge(Exception):
    """The answer has more than `MAX_BODY` bytes."""


class NotJson(Exception):
    """The answer says 200 and is no JSON object."""


def read(raw: Any) -> bytes:
    """The body of urllib3's ``raw``. Raises `TooLarge`."""
    body = bytearray()
    # To the empty read: only there urllib3 tells that an answer was cut off.
    while chunk := raw.read(CHUNK, decode_content=False):
        body += chunk
        if len(body) > MAX_BODY:
            raw.close()
            raise TooLarge
    raw.release_conn()
    return bytes(body)


def as_object(data: bytes, *, whole: bool = False) -> Object:
    """The JSON object in ``data``, lean unless ``whole``. Raises `NotJson`."""
    try:
        decoded = json.loads(data)
    except (ValueError, RecursionError):
        raise NotJson from None
    if not isinstance(decoded, dict):
        raise NotJson
    return decoded if whole else lean(decoded)


def lean(thing: Object) -> Object:
    """``thing`` without ``managedFields``, which is half of an object and of use to nobody here."""
    meta = thing.get("metadata")
    if not isinstance(meta, dict) or "managedFields" not in meta:
        return thing
    return {**thing, "metadata": {key: value for key, value in meta.items() if key != "managedFields"}}


def meta_text(thing: Object, key: str) -> str:
    """A text of the object's metadata; empty where it is none."""
    return text_at(thing, "metadata", key)


def value_at(thing: object, *path: str) -> object:
    """What stands in ``thing`` under ``path``; None where there is nothing."""
    for key in path:
        thing = thing.get(key) if isinstance(thing, dict) else None
    return thing


def text_at(thing: object, *path: str) -> str:
    """The text that stands in ``thing`` under ``path``; empty where there is none."""
    text = value_at(thing, *path)
    return text if isinstance(text, str) else ""


def objects_at(thing: object, *path: str) -> tuple[Object, ...]:
    """The objects of the list in ``thing`` under ``path``; none where there is no list."""
    things = value_at(thing, *path)
    return tuple(lean(one) for one in things if isinstance(one, dict)) if isinstance(things, list) else ()


def texts_at(thing: object, *path: str) -> tuple[str, ...]:
    """The texts of the list in ``thing`` under ``path``; none where there is no list."""
    things = value_at(thing, *path)
    return tuple(one for one in things if isinstance(one, str)) if isinstance(things, list) else ()
