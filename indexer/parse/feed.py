"""Foreign bytes handed to libyaml piece by piece, and places in them."""

from collections.abc import Iterator
from typing import Any, Literal

from yaml.events import Event

from indexer.errors import N_, fill, phrase

_HEAD_BYTES = 64 * 1024
"""Directives and comments before a document. libyaml compares each %TAG with all before it."""
_WINDOW_FACTOR = 12
"""Bytes that may pass without an event, as a multiple of a scalar's limit: an escape takes ten a character."""
_CONTINUATION = bytes(range(0x80, 0xC0))
"""The bytes of UTF-8 that begin no character."""
_CHUNK = 1024 * 1024


class YamlFault(Exception):
    """A document that cannot be read. ``line`` counts from 1; ``cut``: it ends before its own end.

    ``detail`` is a clause (``it is empty``), made of ``text`` and ``params``.
    """

    def __init__(self, kind: Literal["broken", "cut", "refused"], line: int, text: str, /, **params: Any) -> None:
        self.kind = kind
        self.line = line
        self.detail = phrase(text, **params)
        super().__init__(kind, line, text, params)

    def __str__(self) -> str:
        return f"line {self.line}: {fill(**self.detail)}"


class Feed:
    """A stream for libyaml that refuses a stretch without an event longer than any scalar may be.

    ``event`` is the one that the reader took last; ``inside``: between the document's beginning and its end.
    """

    def __init__(self, data: memoryview, longest: int) -> None:
        self._data = data
        self._inside_bytes = max(_HEAD_BYTES, _WINDOW_FACTOR * longest)
        self._at = self._since = 0
        self._seen: Event | None = None
        self.event: Event | None = None
        self.inside = False

    def read(self, size: int = 16 * 1024, /) -> bytes:
        """The next piece; empty at the end. Raises YamlFault."""
        if self.event is not self._seen:
            self._seen, self._since = self.event, self._at
        if self._at - self._since > (self._inside_bytes if self.inside else _HEAD_BYTES):
            raise YamlFault("refused", 1 + self.lines(self._since), N_("a value or comment is longer than any may be"))
        piece = bytes(self._data[self._at : self._at + size])
        self._at += len(piece)
        return piece

    def lines(self, end: int) -> int:
        """Line feeds before byte ``end``."""
        return count_lines(self._data, 0, min(end, len(self._data)))

    def ends_at(self, index: int) -> bool:
        """Whether only white space follows the character of that index."""
        tail = bytes(self._data[-_HEAD_BYTES:])
        return index >= count_characters(self._data) - (len(tail) - len(tail.rstrip()))


def count_lines(data: memoryview, begin: int, end: int) -> int:
    """Line feeds in ``data[begin:end]``."""
    return sum(piece.count(b"\n") for piece in _pieces(data[begin:end]))


def count_characters(data: memoryview) -> int:
    """Characters of UTF-8 ``data``."""
    return sum(len(piece.translate(None, _CONTINUATION)) for piece in _pieces(data))


def _pieces(data: memoryview) -> Iterator[bytes]:
    return (bytes(data[at : at + _CHUNK]) for at in range(0, len(data), _CHUNK))
