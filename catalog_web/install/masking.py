"""What may be shown of what a release really got: the values without secrets, the manifest without their texts. Pure.

Helm merges the values of Secrets into those of the HelmRequest before it keeps them, and templates write them wherever
they like. So a value is hidden where its key says so, where Chartroom put it into a Secret, or where the HelmRequest
takes values from a Secret and does not name this one itself; and then its text is hidden in the manifest as well.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from catalog_web.install.helmrequest import manifest_yaml
from catalog_web.install.manifest_text import Document, documents
from catalog_web.install.reading import mapping, mappings, text
from catalog_web.install.release_record import ReleaseRecord

HIDDEN = "••••••"
MAX_DEPTH = 60
"""Levels of values that are looked at; what lies deeper is hidden."""
MAX_SECRETS = 500
"""Texts that are looked for in a manifest; of one with more, nothing is shown."""
_SHORTEST = 5
"""Characters of a secret that is looked for in a manifest; shorter ones are parts of other words."""

_SECRET_KEY = re.compile(
    r"pass(?:word|wd|phrase)?$|secret$|secret[_-]?(?:key|id)$|token$|credentials?$|"
    r"(?:api|access|private|auth|encryption|signing|ssh|tls|account)[_-]?key$|^key$|dsn$|connection[_-]?string$",
    re.IGNORECASE,
)
_NAME_OF_SECRET = re.compile(r"^(?:existing|external)|(?:name|ref)$", re.IGNORECASE)
"""Keys such as ``existingSecret``, which name one."""
_SECRET = re.compile(r"\bSecret\b")

Path = tuple[str | int, ...]


def secret_refs(helmrequest: object) -> bool:
    """Whether a HelmRequest takes values from Secrets."""
    return any("secretKeyRef" in one for one in mappings(mapping(mapping(helmrequest).get("spec")).get("valuesFrom")))


def shown_values(record: ReleaseRecord, helmrequest: object, secret_paths: Iterable[str] = ()) -> Mapping[str, Any]:
    """The values of ``record`` with `HIDDEN` where a secret stands. ``secret_paths`` are dotted."""
    hidden = dict(_secrets(record, helmrequest, secret_paths))
    return mapping(_replaced(record.values, hidden, ()))


def shown_manifest(record: ReleaseRecord, helmrequest: object, secret_paths: Iterable[str] = ()) -> str:
    """The manifest of ``record`` with `HIDDEN` for what Secrets hold and for every secret value that is found in it."""
    found = needles(secret_texts(record, helmrequest, secret_paths))
    if found is None:
        return f"# {HIDDEN}\n"
    return without("\n---\n".join(_without_data(one) for one in documents(record.manifest)), found)


def secret_texts(record: ReleaseRecord, helmrequest: object, secret_paths: Iterable[str] = ()) -> Iterator[str]:
    """Every secret among the values of ``record``, as text. For looking for it: never show one."""
    return (value for _, value in _secrets(record, helmrequest, secret_paths))


def needles(secrets: Iterable[str]) -> tuple[str, ...] | None:
    """What to look for in a text so that none of ``secrets`` is in it, longest first: their lines, plain and as base64.
    None where there are more than `MAX_SECRETS`: then show nothing."""
    found = sorted(set(islice(_needles(secrets), MAX_SECRETS + 1)), key=len, reverse=True)
    return tuple(found) if len(found) <= MAX_SECRETS else None


def without(text: str, found: Iterable[str]) -> str:
    """``text`` with `HIDDEN` for each of the `needles`."""
    for one in found:
        text = text.replace(one, HIDDEN)
    return text


def _secrets(record: ReleaseRecord, helmrequest: object, secret_paths: Iterable[str]) -> Iterator[tuple[Path, str]]:
    inline = mapping(mapping(mapping(helmrequest).get("spec")).get("values"))
    foreign, named = secret_refs(helmrequest), frozenset(secret_paths)
    for path, value in _leaves(record.values, ()):
        says_so = _sounds_secret(path) or ".".join(map(str, path)) in named
        if says_so or (foreign and _at(inline, path) != value):
            yield path, str(value)


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every text and number with its path; what is too deep as one text."""
    below: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        below = value.items()
    elif isinstance(value, list):
        below = enumerate(value)
    elif value not in (None, "") and not isinstance(value, bool):
        yield path, value
    for key, one in below:
        if len(path) < MAX_DEPTH:
            yield from _leaves(one, (*path, key))


def _sounds_secret(path: Path) -> bool:
    key = next((one for one in reversed(path) if isinstance(one, str)), "")
    return bool(_SECRET_KEY.search(key)) and not _NAME_OF_SECRET.search(key)


def _at(value: Any, path: Path) -> Any:
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def _replaced(value: Any, hidden: Mapping[Path, str], path: Path) -> Any:
    if path in hidden or len(path) > MAX_DEPTH:
        return HIDDEN
    if isinstance(value, dict):
        return {key: _replaced(one, hidden, (*path, key)) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, hidden, (*path, index)) for index, one in enumerate(value)]
    return value


def _needles(secrets: Iterable[str]) -> Iterator[str]:
    """The lines of ``secrets``, plain and as base64."""
    for secret in secrets:
        yield from (line for line in secret.split("\n") if len(line.strip()) >= _SHORTEST)
        if len(secret) >= _SHORTEST:
            yield base64.b64encode(secret.encode("utf-8", "replace")).decode()


def _without_data(document: Document) -> str:
    """A document with the contents of Secrets hidden; one that cannot be read is left out where it may be one."""
    if document.thing is None:
        return f"# {HIDDEN}" if _SECRET.search(document.text) else document.text
    if not any(one.get("kind") == "Secret" for one in document.things):
        return document.text
    if document.is_list:
        return manifest_yaml({**document.thing, "items": [_hollow(one) for one in document.things]}).rstrip("\n")
    return manifest_yaml(_hollow(document.thing)).rstrip("\n")


def _hollow(thing: Mapping[str, Any]) -> Mapping[str, Any]:
    if text(thing.get("kind")) != "Secret":
        return thing
    return {key: _hollowed(one) if key in ("data", "stringData") else one for key, one in thing.items()}


def _hollowed(data: object) -> object:
    return dict.fromkeys(data, HIDDEN) if isinstance(data, dict) else HIDDEN
