"""A strict reader of tar entries: ustar, PAX and GNU long names, and nothing that a chart has no use for.

Why not the standard library's tarfile: it reads extension headers whole before it yields an entry (a 65 kB archive
cost 224 MB), stops silently at a wrong checksum and so shows half a chart, yields entries of negative size, and spends
seconds and 100 MB on 200,000 empty entries. Closing all that from outside takes more code than these few rules, which
follow POSIX.1-2017 (pax, "ustar Interchange Format") and, where POSIX leaves a choice, Go's archive/tar, as that is
what Helm reads with: links, directories and devices have no data whatever their size field says, and global PAX records
are ignored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from indexer.archive.gunzip import Gunzip
from indexer.archive.limits import ENTRIES, FILE_BYTES, HEADER_BYTES, HEADERS, MIB, Budget, Refusal

Kind = Literal["file", "directory", "link", "device"]

_BLOCK = 512
_ZEROS = bytes(_BLOCK)
_KINDS: dict[bytes, Kind] = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"1": "link",
    b"2": "link",
    b"3": "device",
    b"4": "device",
    b"5": "directory",
    b"6": "device",
}
_PAX, _PAX_GLOBAL, _GNU_NAME, _GNU_LINK = b"x", b"g", b"L", b"K"
_EXTENSIONS = (_PAX, _PAX_GLOBAL, _GNU_NAME, _GNU_LINK)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as its headers describe it. ``name`` is foreign text; ``size`` is 0 for all but files."""

    name: str
    kind: Kind
    size: int


@dataclass(frozen=True, slots=True)
class _Header:
    name: str
    type: bytes
    size: int


@dataclass(slots=True)
class _Extensions:
    """What the headers before an entry say about it."""

    name: str = ""
    size: int | None = None
    bytes: int = 0


class TarReader:
    """Iterate to get the entries in order, each taken off ``budget``; ``data()`` gives the current file's bytes.

    Raises Refusal for anything damaged, over a limit or of no use in a chart. The iteration ends only when the stream's
    own end was reached and proven.
    """

    def __init__(self, stream: Gunzip, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        self._unread = 0
        self._padding = 0

    def __iter__(self) -> Iterator[Entry]:
        while (entry := self._next()) is not None:
            self._budget.entries -= 1
            if self._budget.entries < 0:
                raise Refusal(f"it has more than {ENTRIES:,} entries")
            yield entry
            self._pass(self._unread + self._padding)
        self._expect_end()

    def data(self) -> bytes:
        """The bytes of the current file; only the first call has them."""
        content = self._exactly(self._unread)
        self._unread = 0
        return content

    def _next(self) -> Entry | None:
        extensions = _Extensions()
        for _ in range(HEADERS + 1):
            header = self._header()
            if header is None:
                if extensions.bytes:
                    raise Refusal("its tar ends after an extension header")
                return None
            if header.type not in _EXTENSIONS:
                return self._entry(header, extensions)
            self._extend(extensions, header)
        raise Refusal("it has too many extension headers before one entry")

    def _header(self) -> _Header | None:
        block = self._stream.read(_BLOCK)
        if not block or block == _ZEROS:
            return None
        if len(block) < _BLOCK:
            raise Refusal("its tar ends in the middle of a header")
        _verify_checksum(block)
        return _Header(_header_name(block), block[156:157], _number(block[124:136]))

    def _entry(self, header: _Header, extensions: _Extensions) -> Entry:
        name = extensions.name or header.name
        kind = _KINDS.get(header.type)
        if kind is None:
            raise Refusal(f"it has an entry of the unknown type {header.type.decode('latin-1')!a}")
        if kind == "file" and header.type == b"\0" and name.endswith("/"):
            kind = "directory"  # how tar wrote them before it had a type for directories
        size = header.size if extensions.size is None else extensions.size
        if kind != "file":
            size = 0
        if size > FILE_BYTES:
            raise Refusal(f"it has a file of {size:,} bytes, over the limit of {FILE_BYTES // MIB} MiB")
        self._unread, self._padding = size, -size % _BLOCK
        return Entry(name, kind, size)

    def _extend(self, extensions: _Extensions, header: _Header) -> None:
        extensions.bytes += _BLOCK + header.size
        if extensions.bytes > HEADER_BYTES:
            raise Refusal(f"it has a header of more than {HEADER_BYTES // MIB} MiB")
        body = self._exactly(header.size)
        self._pass(-header.size % _BLOCK)
        if header.type == _GNU_NAME:
            extensions.name = _text(body.rstrip(b"\0"))
        elif header.type == _PAX:
            _apply_pax(extensions, body)

    def _exactly(self, size: int) -> bytes:
        data = self._stream.read(size)
        if len(data) < size:
            raise Refusal("its tar ends in the middle of a file")
        return data

    def _pass(self, size: int) -> None:
        if self._stream.skip(size) < size:
            raise Refusal("its tar ends in the middle of a file")

    def _expect_end(self) -> None:
        """Read on to the end of the stream, so that its checksum is proven; only zero blocks may follow."""
        while chunk := self._stream.read(128 * _BLOCK):
            if chunk.strip(b"\0"):
                raise Refusal("something follows the end of its tar")


def _verify_checksum(block: bytes) -> None:
    """The sum of the header's bytes, its own field taken as blanks; old writers summed signed bytes."""
    blanked = block[:148] + b" " * 8 + block[156:]
    written, unsigned = _number(block[148:156]), sum(blanked)
    if written != unsigned and written != unsigned - 256 * sum(byte > 127 for byte in blanked):  # noqa: PLR2004
        raise Refusal("its tar has a header with a wrong checksum")


def _header_name(block: bytes) -> str:
    name = block[:100].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0":
        prefix = block[345:500].split(b"\0", 1)[0]
        name = prefix + b"/" + name if prefix else name
    return _text(name)


def _number(field: bytes) -> int:
    """An octal number, or GNU's base 256 for what octal cannot hold."""
    if field[0] == 0x80:  # noqa: PLR2004 - the mark of a positive number in base 256
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    if not digits:
        return 0
    if digits.strip(b"01234567"):
        raise Refusal("its tar has a header with a number that is none")
    return int(digits, 8)


def _text(name: bytes) -> str:
    if b"\0" in name:
        raise Refusal("its tar has a name with a NUL in it")
    return name.decode("utf-8", "replace")


def _apply_pax(extensions: _Extensions, body: bytes) -> None:
    for key, value in _pax_records(body):
        if key.startswith(b"GNU.sparse."):
            raise Refusal("it has a sparse file")
        if key == b"path":
            extensions.name = _text(value)
        elif key == b"size":
            if not value.isdigit() or len(value) > 20:  # noqa: PLR2004 - more digits than 64 bits have
                raise Refusal("its tar has a PAX size that is no size")
            extensions.size = int(value)


def _pax_records(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Records of the form ``LENGTH KEY=VALUE\\n``, LENGTH counting all of it in decimal."""
    at = 0
    while at < len(body):
        blank = body.find(b" ", at, at + 8)
        length = int(body[at:blank]) if blank > at and body[at:blank].isdigit() else 0
        record = body[blank + 1 : at + length]
        key, equals, value = record[:-1].partition(b"=")
        if at + length > len(body) or not record.endswith(b"\n") or not equals:
            raise Refusal("its tar has a broken PAX header")
        yield key, value
        at += length
