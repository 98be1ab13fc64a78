"""values.yaml and the values a person types, read as Helm reads them: YAML 1.1 as go-yaml 2 resolves it, then JSON."""

import math
from collections.abc import Mapping
from typing import Any

from yaml.events import ScalarEvent

from indexer.errors import N_, EntryError, phrase
from indexer.parse.events import Events, Tree
from indexer.parse.feed import YamlFault
from indexer.parse.limits import Limits
from indexer.parse.text import resolve, shown

_CORE = "tag:yaml.org,2002:"
_RESOLVED_TAGS = {_CORE + one for one in ("int", "float", "bool", "null")}
_REFUSED_TAGS = {_CORE + one for one in ("binary", "timestamp")}
_NUMBER = N_("a number")
_KINDS = {list: N_("a list"), str: N_("text"), bool: N_("true or false"), int: _NUMBER, float: _NUMBER}


class JsonEvents(Events):
    """Scalars become what JSON knows: text, numbers, true, false and null."""

    def scalar(self, event: ScalarEvent) -> Tree:
        """Text, a number, true, false or None. Raises YamlFault for what JSON does not know."""
        text = self.text(event)
        if not text.isascii():
            check_surrogates(text, self.line)
        tag = event.tag or ""
        if tag in _REFUSED_TAGS:
            raise YamlFault(
                "refused", self.line, N_("the tag !!{tag} cannot be a chart's value"), tag=tag.removeprefix(_CORE)
            )
        resolved = tag in _RESOLVED_TAGS or not (event.style or tag)
        found = resolve(text) if resolved else text
        if isinstance(found, float) and not math.isfinite(found):
            raise YamlFault("broken", self.line, N_("{number} is no number that JSON knows"), number=shown(text))
        return found

    def key(self, event: ScalarEvent) -> str:
        """The key as text. Raises YamlFault for null."""
        found = self.scalar(event)
        if found is None:
            raise YamlFault("broken", self.line, N_("a key is empty or null"))
        if isinstance(found, bool):
            return "true" if found else "false"
        return str(found)


def check_surrogates(text: str, line: int) -> None:
    """Refuse half a surrogate pair in a text that begins at ``line``. Raises YamlFault."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line += text.count("\n", 0, error.start)
        raise YamlFault("broken", line, N_("half of a surrogate pair stands alone")) from None


def as_mapping(value: object) -> Mapping[str, Any]:
    """``value``, or nothing where a mapping belongs and something else stands."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> list[Any]:
    """``value``, or nothing where a list belongs and something else stands."""
    return value if isinstance(value, list) else []


def load_values(text: str) -> dict[str, Any]:
    """Values as Helm would see them, of types that JSON knows; ``{}`` where there are none.

    Dates and sexagesimals stay text, as in Helm; a key that stands twice is refused, as are ``.nan``, ``!!binary`` and
    a second document. Raises EntryError with ``line`` (from 1).
    """
    try:
        return _values(text)
    except YamlFault as fault:
        raise unreadable(fault) from None


def load_any(text: str) -> Any:
    """The same of a text that may mean any value; None where it is empty. Raises EntryError."""
    try:
        tree = _document(text)
        return dict(tree) if isinstance(tree, dict) else tree
    except YamlFault as fault:
        raise unreadable(fault) from None


def unreadable(fault: YamlFault) -> EntryError:
    """The project's error for a text of one entry or chart that cannot be read."""
    return EntryError(detail=phrase(N_("It cannot be read: {detail}."), detail=fault.detail), line=fault.line)


def _values(text: str) -> dict[str, Any]:
    tree = _document(text)
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        what = phrase(_KINDS[type(tree)])
        raise YamlFault("broken", 1, N_("it is {what}, not a mapping of keys to values"), what=what)
    return dict(tree)


def _document(text: str) -> Tree:
    check_surrogates(text, 1)
    events = JsonEvents(text.encode(), Limits())
    first = events.document()
    tree = None if first is None else events.compose(first)
    if first is not None:
        events.end()
    for fault in events.faults:
        raise fault
    return tree
