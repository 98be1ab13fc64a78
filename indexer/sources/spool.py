"""Where the bytes of an index lie while they are read: a nameless file on disk, mapped into memory.

The file has no name from the start (``tempfile.TemporaryFile``), so nothing stays behind when the process is killed,
and nobody else can cut it short under the mapping, which would end the process by SIGBUS.
"""

import mmap
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast


@contextmanager
def spooled(folder: Path) -> Iterator[BinaryIO]:
    """A nameless file below ``folder``, gone with the context."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        yield cast(BinaryIO, file)


def mapped(file: BinaryIO) -> memoryview:
    """The whole of ``file`` as read-only memory, without loading it.

    The mapping is never closed by hand: ``mmap.close`` raises BufferError as long as any slice of the view is alive,
    and entries hold slices. It goes when the last slice goes; the descriptor it needs is its own.
    """
    file.flush()
    size = os.fstat(file.fileno()).st_size
    return memoryview(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b"")
