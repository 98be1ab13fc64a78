"""Which values are secrets, and values parted into those that may be seen and those that may not. Pure."""

import re
import secrets
import string
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from catalog_web.values.changing import with_value, without_value
from catalog_web.values.editing import drop
from catalog_web.values.fields import Form
from catalog_web.values.paths import ABSENT, Path, dotted, parse_path, value_at
from catalog_web.values.reading import Values
from catalog_web.values.secret_names import is_secret_name

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_LETTERS = string.ascii_letters + string.digits
_SHORTEST, _LONGEST = 8, 256


def secret_fields(form: Form | None, values: Mapping[str, Any], globs: Iterable[str] = ()) -> tuple[str, ...]:
    """Dotted paths of all that is secret in ``values``: what the form or a name says, and what admins' globs match.

    Without a ``form`` names and globs alone tell. Something in a list makes the whole list one: Helm lays mappings on
    top of each other, and replaces lists.
    """
    told = {_shape(one.path) for one in (form.walk() if form else ()) if one.kind == "secret"}
    patterns = tuple(globs)
    found = dict.fromkeys(_above_lists(path) for path in _secrets(values, (), told, patterns))
    return tuple(dotted(path) for path in found)


def split(values: Mapping[str, Any], paths: Iterable[str]) -> tuple[Values, Values]:
    """``values`` without what stands at ``paths``, and that alone. ``merge(public, secret)`` is ``values`` again."""
    public, secret = dict(values), Values()
    for path in sorted(map(_key_path, paths), key=len):
        value = value_at(public, path)
        if value is not ABSENT and value is not None:
            public, secret = _without(public, path), with_value(secret, path, value)
    return public, secret


def _without(values: Values, path: Path) -> Values:
    """``values`` without what stands at ``path``, and without the mappings that hold nothing else."""
    while len(path) > 1 and len(value_at(values, path[:-1])) == 1:
        path = path[:-1]
    return without_value(values, path)


def without(text: str, paths: Iterable[str]) -> str:
    """A person's text without what stands at ``paths``; all else byte for byte. Raises `UsageError`."""
    for path in map(_key_path, paths):
        text = drop(text, path)
    return text


def generate(length: int = 24) -> str:
    """A password: letters and digits, of each kind at least one, and a letter first, so that it needs no quotes."""
    length = min(max(length, _SHORTEST), _LONGEST)
    while True:
        made = secrets.choice(string.ascii_letters) + "".join(secrets.choice(_LETTERS) for _ in range(length - 1))
        if all(
            any(one in kind for one in made) for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits)
        ):
            return made


def _secrets(value: Any, path: Path, told: set[Path], globs: tuple[str, ...]) -> Iterator[Path]:
    if path and value not in (None, "", [], {}) and _is_secret(value, path, told, globs):
        yield path
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _secrets(below, (*path, key), told, globs)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _secrets(below, (*path, index), told, globs)


def _is_secret(value: Any, path: Path, told: set[Path], globs: tuple[str, ...]) -> bool:
    if any(fnmatchcase(dotted(path), one) for one in globs):
        return True
    if isinstance(value, Mapping):
        return _is_secret_variable(value)
    if isinstance(value, list | bool):
        return False
    if _shape(path) in told or (isinstance(value, str) and _PRIVATE_KEY.search(value)):
        return True
    return isinstance(path[-1], str) and is_secret_name(path[-1])


def _is_secret_variable(value: Mapping[str, Any]) -> bool:
    """An entry of ``env:`` such as ``{name: DB_PASSWORD, value: …}``."""
    name = value.get("name")
    return isinstance(name, str) and isinstance(value.get("value"), str) and is_secret_name(name)


def _shape(path: Path) -> Path:
    """``path`` whatever the place in each list."""
    return tuple(0 if isinstance(one, int) else one for one in path)


def _above_lists(path: Path) -> Path:
    return next((path[:at] for at, step in enumerate(path) if isinstance(step, int)), path)


def _key_path(text: str) -> Path:
    return _above_lists(parse_path(text))
