"""The file that ``chartroom backup`` makes, as something foreign: nothing of it is believed before it was read through.

It is a ZIP archive::

    tables/<name>.jsonl       the rows of a table, a line each (store.copying)
    archives/<sha256>.tgz     the archives of charts that were installed
    manifest.json             a ``Manifest``

Neither the configuration file nor a key of secrets is in it. What was sealed stays sealed; the fingerprint tells which
key opens it. What is not sealed, such as hashes of passwords, is read by whoever reads the file. Restoring never makes
a path of a name in it.
"""

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from os import SEEK_END
from pathlib import Path
from typing import IO, Literal
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import TypeAdapter

from indexer.errors import BackupInvalid
from indexer.store.copying import TableFacts, Tell, Walked

_MANIFEST = "manifest.json"
_MIB = 1024 * 1024
_MOST_ENTRIES = 200_000
_MOST_MANIFEST = 64 * _MIB
_MOST_LINE = 256 * _MIB
"""Longer than any row: the largest holds what one archive of 100 MiB at most says, packed."""
_MOST_UNPACKED, _SMALL = 200, 16 * _MIB
"""How much larger a table may be than its packed form: rows are packed to a fifth; a bomb to a thousandth."""
_BLOCK = _MIB
_END = b"PK\5\6" + bytes(18)
"""The record with which a ZIP archive without a comment ends: the signature first, the comment's length last."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup."""

    format: Literal[1]
    program: str
    """The version of Chartroom that made it."""
    made: str
    """When, as RFC 3339."""
    schema: str
    """The newest migration of the store."""
    key: str
    """The fingerprint of the key that sealed the secrets; empty where there was none."""
    sealed: int
    """How many secrets are in it."""
    tables: tuple[TableFacts, ...]
    archives: tuple[str, ...]
    """Digests of the archives that are in it."""

    def to_json(self) -> bytes:
        """As it stands in the file."""
        return json.dumps(asdict(self), indent=1).encode()


class BackupFile:
    """A backup that is open for reading. Raises BackupInvalid wherever it is not what it says."""

    def __init__(self, path: Path, file: ZipFile) -> None:
        self._path, self._file = path, file
        self.manifest = self._read_manifest()
        self._check_names()

    def lines(self, table: TableFacts) -> Iterator[bytes]:
        """The lines of a table, without their ends."""
        with self._refusing(), self._file.open(f"tables/{table.name}.jsonl") as member:
            while line := member.readline(_MOST_LINE):
                if not line.endswith(b"\n"):
                    raise self.invalid(f"a row of {table.name} is too long or cut off")
                yield line[:-1]

    def archive(self, digest: str) -> Iterator[bytes]:
        """The blocks of an archive."""
        with self._refusing(), self._file.open(f"archives/{digest}.tgz") as member:
            while block := member.read(_BLOCK):
                yield block

    def verify(self, tell: Tell) -> None:
        """Read all of it through, and compare it with the manifest."""
        for table in self.manifest.tables:
            walked = Walked(table.name, table.columns, self.lines(table), tell)
            for _ in walked:
                pass
            if walked.facts != table:
                raise self.invalid(f"the table {table.name} is not what the manifest says")
        for digest in self.manifest.archives:
            found = sha256()
            for block in self.archive(digest):
                found.update(block)
            if found.hexdigest() != digest:
                raise self.invalid(f"the archive {digest[:12]}… is damaged")

    def invalid(self, detail: str) -> BackupInvalid:
        """The error that says why it cannot be restored."""
        return BackupInvalid(file=str(self._path), detail=detail)

    def _read_manifest(self) -> Manifest:
        with self._refusing():
            for info in self._file.infolist():
                self._check_entry(info)
            with self._file.open(_MANIFEST) as member:
                data = member.read(_MOST_MANIFEST + 1)
            if len(data) > _MOST_MANIFEST:
                raise self.invalid("its manifest is too long")
            return _MANIFESTS.validate_json(data, strict=True)

    def _check_entry(self, info: ZipInfo) -> None:
        if info.flag_bits & 1 or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise self.invalid("it is packed in a way that Chartroom does not use")
        if info.file_size > _SMALL + _MOST_UNPACKED * info.compress_size:
            raise self.invalid(f"{info.filename!r} unpacks to far more than it should")

    def _check_names(self) -> None:
        manifest, names = self.manifest, self._file.namelist()
        wanted = [_MANIFEST, *(f"tables/{one.name}.jsonl" for one in manifest.tables)]
        wanted += [f"archives/{digest}.tgz" for digest in manifest.archives]
        if sorted(names) != sorted(wanted):
            raise self.invalid("what is in it is not what the manifest names")

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except _FAULTS as error:
            raise self.invalid("it is damaged, or no backup at all") from error


_MANIFESTS = TypeAdapter(Manifest)
_FAULTS = (BadZipFile, zlib.error, EOFError, KeyError, OSError, ValueError, NotImplementedError, RuntimeError)
"""What reading a broken ZIP archive, a manifest that is none, or an entry that is missing comes up with."""


@contextmanager
def open_backup(path: Path) -> Iterator[BackupFile]:
    """Open a backup for reading. Raises BackupInvalid."""
    try:
        file = ZipFile(path)
        if len(file.infolist()) > _MOST_ENTRIES:
            raise BadZipFile
        if not _is_all(path, file):
            detail = "something stands before its beginning or behind its end that is no part of it"
            raise BackupInvalid(file=str(path), detail=detail)
    except OSError as error:
        raise BackupInvalid(file=str(path), detail=(error.strerror or str(error)).lower()) from error
    except (*_FAULTS,) as error:
        raise BackupInvalid(file=str(path), detail="it is damaged, or no backup at all") from error
    with file:
        yield BackupFile(path, file)


def _is_all(path: Path, file: ZipFile) -> bool:
    """Whether nothing but the archive is in the file: a ZIP archive may begin anywhere in one, and end before its end.
    A backup has no comment."""
    with path.open("rb") as read:
        read.seek(-len(_END), SEEK_END)
        ends = read.read()
    begins = min((info.header_offset for info in file.infolist()), default=0)
    return begins == 0 and ends[:4] == _END[:4] and ends[-2:] == _END[-2:]


def add_table(file: ZipFile, walked: Walked, name: str) -> TableFacts:
    """Write the lines of a table into a backup; returns what they were."""
    with file.open(f"tables/{name}.jsonl", "w", force_zip64=True) as member:
        _write_lines(member, walked)
    return walked.facts


def _write_lines(member: IO[bytes], walked: Walked) -> None:
    for line in walked:
        member.write(line)
        member.write(b"\n")


def add_archive(file: ZipFile, digest: str, path: Path) -> None:
    """Write an archive, which is packed already, into a backup."""
    file.write(path, f"archives/{digest}.tgz", compress_type=ZIP_STORED)


def add_manifest(file: ZipFile, manifest: Manifest) -> None:
    """Write it, last of all."""
    file.writestr(_MANIFEST, manifest.to_json())
