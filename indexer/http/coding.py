"""Unpacking gzip piece by piece, so that a budget can be held. Pure.

urllib3 takes a truncated gzip body for a whole one, so it never decodes here.
"""

import zlib
from collections.abc import Iterator

GZIP_MAGIC = b"\x1f\x8b"
_PIECE = 64 * 1024
_MAX_MEMBERS = 10_000
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class GzipBroken(ValueError):
    """The bytes are not gzip, or their checksum is wrong."""


class GzipCut(ValueError):
    """The stream ends before its own end."""


class Gunzip:
    """A gzip stream of one or more members (RFC 1952, 2.2), unpacked in pieces of at most 64 KiB."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self._members = 1
        self._fed = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what ``data`` unpacks to; the caller counts and stops. Raises GzipBroken."""
        while data:
            self._fed = True
            if self._member.eof:
                self._next_member()
            yield from self._drain(data)
            data = self._member.unused_data

    def finish(self) -> None:
        """Say that no more comes. Raises GzipCut unless the stream has ended; no bytes at all are an empty body."""
        if self._fed and not self._member.eof:
            raise GzipCut("the gzip stream ends in the middle")

    def _next_member(self) -> None:
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise GzipBroken(f"it has more than {_MAX_MEMBERS:,} gzip members")
        self._member = zlib.decompressobj(_GZIP_WINDOW)

    def _drain(self, data: bytes) -> Iterator[bytes]:
        while True:
            try:
                piece = self._member.decompress(data, _PIECE)
            except zlib.error:
                raise GzipBroken("the gzip stream is broken") from None
            if piece:
                yield piece
            data = self._member.unconsumed_tail
            if self._member.eof or (not data and len(piece) < _PIECE):
                return
