"""Backups: a file that somebody hands over to be restored."""

import tempfile
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from indexer.errors import BackupInvalid
from indexer.store.backup_file import Manifest, add_manifest, add_table, open_backup
from indexer.store.copying import Walked
from tests.fuzz.mutation import damaged_bytes
from tests.fuzz.targets import target

LINES = (b'["redis", 1, null]', b'["blog", 2, "x"]')


def _tell(_table: str, _rows: int) -> None:
    """Nobody watches."""


def _backup() -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        table = add_table(file, Walked("charts", ("name", "id", "note"), LINES, _tell), "charts")
        add_manifest(file, Manifest(1, "0.1.0", "2026-11-26T00:00:00Z", "0007", "", 0, (table,), ()))
    return packed.getvalue()


WORDS = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x03\x04", b"../", b"tables/charts.jsonl", b"\xff\xff\xff\xff", b"\0" * 8)


@target("backup", damaged_bytes(_backup(), words=WORDS))
def backup(data: bytes) -> None:
    """Either what the manifest says, to the last row, or refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "backup.zip"
        path.write_bytes(data)
        try:
            with open_backup(path) as opened:
                opened.verify(_tell)
                rows = [line for table in opened.manifest.tables for line in opened.lines(table)]
                assert len(rows) == sum(table.rows for table in opened.manifest.tables)
        except BackupInvalid as refused:
            assert refused.cause
