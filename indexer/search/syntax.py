"""A search text taken apart into plain pieces, phrases and conditions. Nothing in it is an error.

::

    text     = item, {blank, item}
    item     = ["-"], ([field, ":"], (word | '"', words, '"'))

What looks like more than that (operators, wildcards, brackets, fields that do not exist) is a plain piece, and is told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.errors import N_
from indexer.search.fields import NAMES, Field, understood
from indexer.search.request import Note
from indexer.search.words import fold, tokens

NOTE_PLAIN = N_("“{what}” has no meaning of its own here and was searched as plain words.")
NOTE_FIELD = N_("“{what}” is not a field that can be searched, so it was searched as plain words.")
NOTE_EMPTY = N_("“{what}” needs a value behind it, so it was searched as plain words.")
NOTE_VALUE = N_("“{what}” has a value that its field cannot have, so it was searched as plain words.")
NOTE_QUOTE = N_("A quotation mark without its partner was left out.")

_TYPED = str.maketrans({"：": ":", **dict.fromkeys("＂“”„‟«»「」『』", '"'), **dict.fromkeys("－−–", "-")})
"""How keyboards and word processors write what has a meaning here."""
_ITEM = re.compile(
    r"""
    (?P<minus>-(?=[^\W_]|"))?
    (?:(?P<name>[^\W\d_][\w-]*):(?P<blank>[ \t]+(?![^\s":]+:))?)?
    (?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))?
    """,
    re.VERBOSE,
)
_OPERATOR = re.compile(r"AND|OR|NOT|[-+!|]|&&|\|\||.*(?:[*~^(){}\[\]]|\?\w).*")
_MAX_NAMED = 60


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of a search text."""

    text: str
    """Without its marks; of a condition the value, as it is compared."""
    field: Field | None = None
    negated: bool = False
    quoted: bool = False


def scan(text: str) -> tuple[list[Item], tuple[Note, ...]]:
    """The items of ``text`` in order, and notes on what was not understood."""
    told: dict[str, dict[str, None]] = {}
    items = [item for match in _pieces(text.translate(_TYPED), told) if (item := _item(match, told)).text]
    return items, tuple(Note(sentence, ", ".join(whats)[:_MAX_NAMED]) for sentence, whats in told.items())


def _pieces(text: str, told: dict[str, dict[str, None]]) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text):
        match = _ITEM.match(text, at)
        if match is None or match.end() == at:
            if text[at] == '"':
                _tell(told, NOTE_QUOTE, "")
            at += 1
            continue
        yield match
        at = match.end()


def _item(match: re.Match[str], told: dict[str, dict[str, None]]) -> Item:
    negated = match["minus"] is not None
    value = match["quoted"] if match["quoted"] is not None else match["bare"] or ""
    if match["name"] is not None:
        field = NAMES.get(fold(match["name"]))
        meant = understood(field, value) if field else ""
        if field and meant:
            return Item(meant, field, negated)
        _tell_field(match, field, value, told)
        return Item(f"{match['name']}:{value}")
    if match["quoted"] is not None and tokens(value):
        return Item(value, negated=negated, quoted=True)
    if _OPERATOR.fullmatch(value):
        _tell(told, NOTE_PLAIN, value)
    return Item(value, negated=negated and bool(tokens(value)))


def _tell_field(match: re.Match[str], field: Field | None, value: str, told: dict[str, dict[str, None]]) -> None:
    """Nothing is told of an address or of prose, in which a colon is no mark of a field."""
    if field and tokens(value):
        _tell(told, NOTE_VALUE, f"{match['name']}:{value}")
    elif field:
        _tell(told, NOTE_EMPTY, f"{match['name']}:")
    elif not (value.startswith("//") or match["blank"]):
        _tell(told, NOTE_FIELD, f"{match['name']}:")


def _tell(told: dict[str, dict[str, None]], sentence: str, what: str) -> None:
    """A sentence is said once, of all that it is about."""
    told.setdefault(sentence, {})[what] = None
