"""A gzip stream read under a budget, to its proven end.

`gzip.GzipFile` ignores zero bytes and stops at the first member's end in stream mode; it also has no budget. Here every
member is unpacked by at most 64 KiB at a time, counted, and its checksum and length must be right.
"""

import zlib
from typing import BinaryIO

from indexer.archive.limits import MEMBERS, MIB, RATIO, RATIO_ABOVE, UNPACKED_BYTES, Budget, Refusal

_MAGIC = b"\x1f\x8b"
_PACKED_CHUNK = 16 * 1024
_CHUNK = 64 * 1024
_GZIP_WINDOW = 31


class Gunzip:
    """The unpacked bytes of ``packed``, a file of ``size`` bytes that stands at the start of a gzip stream.

    They are taken off ``budget``. From ``ratio_above`` bytes on it may be no more than 50 times the packed size.
    Raises Refusal for a stream that is damaged, cut off, followed by something else, or over the budget.
    """

    def __init__(self, packed: BinaryIO, size: int, budget: Budget, ratio_above: int = RATIO_ABOVE) -> None:
        self._packed = packed
        self._size = size
        self._budget, self._ratio_above = budget, ratio_above
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self._members = 1
        self._input = b""
        self._ready = bytearray()
        self._unpacked = 0

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes; fewer only where the stream ends."""
        while len(self._ready) < size and self._refill():
            pass
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken

    def skip(self, size: int) -> int:
        """Pass over ``size`` bytes in chunks; the number passed is smaller only where the stream ends."""
        passed = 0
        while passed < size:
            chunk = len(self.read(min(_CHUNK, size - passed)))
            if not chunk:
                break
            passed += chunk
        return passed

    def _refill(self) -> bool:
        """Unpack one chunk more; False at the end of the last member."""
        if self._member.eof and not self._next_member():
            return False
        packed = self._input or self._packed.read(_PACKED_CHUNK)
        try:
            chunk = self._member.decompress(packed, _CHUNK)
        except zlib.error as error:
            raise Refusal("its gzip stream is damaged") from error
        self._input = self._member.unconsumed_tail
        if not packed and not chunk and not self._member.eof:
            raise Refusal("its gzip stream ends in the middle")
        self._charge(len(chunk))
        self._ready += chunk
        return True

    def _next_member(self) -> bool:
        rest = self._member.unused_data
        if len(rest) < len(_MAGIC):
            rest += self._packed.read(_PACKED_CHUNK)
        if not rest.startswith(_MAGIC):
            self._expect_padding(rest)
            return False
        self._members += 1
        if self._members > MEMBERS:
            raise Refusal(f"it has more than {MEMBERS:,} gzip members")
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self._input = rest
        return True

    def _expect_padding(self, rest: bytes) -> None:
        """Zero bytes may follow, as tapes and block devices leave them; anything else was put there by somebody."""
        while rest:
            if rest.strip(b"\0"):
                raise Refusal("something else follows its gzip stream")
            rest = self._packed.read(_PACKED_CHUNK)

    def _charge(self, size: int) -> None:
        self._unpacked += size
        self._budget.unpacked -= size
        if self._budget.unpacked < 0:
            raise Refusal(f"it unpacks to more than {UNPACKED_BYTES // MIB} MiB")
        if self._unpacked > self._ratio_above and self._unpacked > RATIO * self._size:
            raise Refusal(f"it unpacks to more than {RATIO} times its {self._size:,} bytes")
