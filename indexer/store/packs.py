"""Index entries as they came, packed: most are never opened, and neighbours resemble each other.

A pack is an immutable, compressed run of raw entries of one source. A version knows its pack, and where in it its entry
lies. A pack that no version names any more is dropped.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from indexer.store.tables import packs, versions

PACK_BYTES = 64 * 1024
"""Unpacked size of a full pack: opening one entry costs well under a millisecond."""
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry lies."""

    pack: int
    start: int
    length: int


def store_entries(connection: Connection, source: str, entries: Sequence[bytes | memoryview]) -> list[Place]:
    """Pack ``entries`` and return their places, in order."""
    places: list[Place] = []
    for run in _runs(entries):
        pack = _insert(connection, source, zlib.compress(b"".join(run), _LEVEL))
        start = 0
        for entry in run:
            places.append(Place(pack, start, len(entry)))
            start += len(entry)
    return places


def read_entry(connection: Connection, place: Place) -> bytes:
    """Return one entry as it came."""
    data = connection.execute(select(packs.c.data).where(packs.c.id == place.pack)).scalar_one()
    return zlib.decompress(data)[place.start : place.start + place.length]


def read_entries(connection: Connection, places: Sequence[Place]) -> list[bytes]:
    """Return several entries as they came; each pack is opened once where its places stand together."""
    found: list[bytes] = []
    opened, data = -1, b""
    for place in places:
        if place.pack != opened:
            opened = place.pack
            data = zlib.decompress(connection.execute(select(packs.c.data).where(packs.c.id == opened)).scalar_one())
        found.append(data[place.start : place.start + place.length])
    return found


def drop_unused(connection: Connection, source: str) -> None:
    """Delete the packs of ``source`` that no version names."""
    used = select(versions.c.pack).where(versions.c.pack == packs.c.id).exists()
    connection.execute(delete(packs).where((packs.c.source == source) & ~used))


def _insert(connection: Connection, source: str, data: bytes) -> int:
    result = connection.execute(insert(packs).values(source=source, data=data))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def _runs(entries: Sequence[bytes | memoryview]) -> Iterator[list[bytes | memoryview]]:
    run: list[bytes | memoryview] = []
    size = 0
    for entry in entries:
        if run and size + len(entry) > PACK_BYTES:
            yield run
            run, size = [], 0
        run.append(entry)
        size += len(entry)
    if run:
        yield run
