"""A person's values: several files and ``--set`` → one mapping. Pure.

``--set`` is read as Helm reads it (its documentation, "The Format and Limitations of --set"): dots go down, ``[n]``
into a list, a comma parts assignments, braces hold a list, a backslash takes the meaning off the next character;
true, false, null and whole numbers are what they look like, all else is text. Helm's own limits hold (a path at most
30 deep, an index at most 65,536); what Helm silently drops, such as an empty key, is an error here.
"""

import copy
import re
import textwrap
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, NoReturn

from catalog_web.values.paths import MAX_DEPTH, MAX_INDEX
from catalog_web.values.reading import MAX_TEXT_BYTES, Values, merge, parse_values
from indexer.errors import UsageError

MAX_LIST_GROWTH = 4 * MAX_INDEX
"""List items that one ``--set`` may bring into being; an index makes all those before it."""

_INTEGER = re.compile(r"[+-]?[0-9]+")
_LONGEST_INTEGER = 100
_INT64 = range(-(2**63), 2**63)


def assemble(files: Iterable[tuple[str, str]], settings: Iterable[str]) -> Values:
    """What ``-f FILE… --set K=V…`` mean together: ``files`` are (name, text), later ones win, settings win over all.

    Raises `UsageError`.
    """
    values: Values = {}
    for name, text in files:
        values = merge(values, parse_values(text, name))
    for one in settings:
        values = parse_set(one, values)
    return values


def parse_set(text: str, values: Mapping[str, Any] | None = None) -> Values:
    """``values`` with the assignments of one ``--set`` argument made in a copy. Raises `UsageError`."""
    if len(text) > MAX_TEXT_BYTES:
        raise UsageError(what="--set has more than a megabyte of text.", hint="Put the values into a file and give -f.")
    result = copy.deepcopy(dict(values or {}))
    reader = _Reader(text)
    while not reader.at_end:
        _assign(reader, result)
    return result


# -- one assignment: a path such as a.b[0].c, "=", a value


def _assign(reader: "_Reader", values: Values) -> None:
    path, end = _path(reader)
    if end != "=":
        reader.refuse(f"the key “{_shown(path)}” has no value")
    _put(reader, values, path, reader.value())


def _path(reader: "_Reader") -> tuple[list[str | int], str]:
    """The keys and indexes up to the character that ends them, and that character (empty at the end of the text)."""
    path: list[str | int] = []
    end = "."
    while end == ".":
        key, end = reader.until("=[,.")
        if not key:
            reader.refuse("a key is empty")
        path.append(key)
        while end == "[":
            path.append(_index(reader))
            rest, end = reader.until("=[,.")
            if rest:
                reader.refuse(f"“{rest}” follows an index")
        if len(path) > MAX_DEPTH + 1:
            reader.refuse(f"a path goes deeper than {MAX_DEPTH} levels")
    return path, end


def _index(reader: "_Reader") -> int:
    text, end = reader.until("]")
    if end != "]" or not _INTEGER.fullmatch(text) or len(text) > _LONGEST_INTEGER:
        reader.refuse(f"“{text[:20]}” is not an index")
    index = int(text)
    if not 0 <= index <= MAX_INDEX:
        reader.refuse(f"the index {index} is not between 0 and {MAX_INDEX}")
    return index


def _put(reader: "_Reader", values: Values, path: list[str | int], value: Any) -> None:
    """Walk ``path``, making what is not there, and set ``value`` at its end."""
    place: Any = values
    for step, following in pairwise(path):
        _make_room(reader, place, step)
        wanted = dict if isinstance(following, str) else list
        below = place[step] if isinstance(step, int) else place.get(step, _ABSENT)
        if below is _ABSENT or (isinstance(step, int) and _gives_way(below, wanted)):
            below = place[step] = wanted()
        if not isinstance(below, wanted):
            reader.refuse(f"“{_shown(path)}” leads through something that is no {_NAMES[wanted]}")
        place = below
    _make_room(reader, place, path[-1])
    place[path[-1]] = value


def _gives_way(item: Any, wanted: type) -> bool:
    """Whether a list item is replaced by an empty ``wanted``: Helm does so for null, and always before a key."""
    return item is None or (wanted is dict and not isinstance(item, dict))


def _make_room(reader: "_Reader", place: Any, step: str | int) -> None:
    if isinstance(step, int) and step >= len(place):
        reader.grow(step + 1 - len(place))
        place.extend([None] * (step + 1 - len(place)))


def _shown(path: list[str | int]) -> str:
    return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path).lstrip(".")[:200]


_ABSENT = object()
_NAMES = {dict: "mapping", list: "list"}


class _Reader:
    """The text of one ``--set`` and how far it is read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._grown = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def until(self, stops: str) -> tuple[str, str]:
        """The text up to the next of ``stops``, which is consumed, and that character; empty at the end."""
        found: list[str] = []
        while not self.at_end:
            char = self._next()
            if char in stops:
                return "".join(found), char
            found.append(self._escaped() if char == "\\" else char)
        return "".join(found), ""

    def value(self) -> Any:
        """The value from here to the next comma, which is consumed."""
        if self._text[self._at : self._at + 1] != "{":
            return _typed(self.until(",")[0])
        self._at += 1
        items, end = [], ","
        while end == ",":
            text, end = self.until(",}")
            items.append(_typed(text))
        if end != "}":
            self.refuse("a list has no closing brace")
        if self._text[self._at : self._at + 1] == ",":
            self._at += 1
        return items

    def grow(self, items: int) -> None:
        self._grown += items
        if self._grown > MAX_LIST_GROWTH:
            self.refuse(f"its indexes make more than {MAX_LIST_GROWTH} list items")

    def refuse(self, why: str) -> NoReturn:
        shown = textwrap.shorten(self._text, 60, placeholder="…")
        raise UsageError(what=f"--set {shown}: {why}.", hint="Write it as a.b=1,list[0]=x or list={x,y}, or use -f.")

    def _next(self) -> str:
        self._at += 1
        return self._text[self._at - 1]

    def _escaped(self) -> str:
        if self.at_end:
            self.refuse("it ends with a backslash")
        return self._next()


def _typed(text: str) -> Any:
    words = {"true": True, "false": False, "null": None}
    if text.casefold() in words:
        return words[text.casefold()]
    if text != "0" and (text.startswith("0") or len(text) > _LONGEST_INTEGER or not _INTEGER.fullmatch(text)):
        return text
    return int(text) if int(text) in _INT64 else text
