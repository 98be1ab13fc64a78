"""Chart archives for tests, proper and hostile, made in memory."""

import gzip
import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

CHART_YAML = b"apiVersion: v2\nname: demo\nversion: 1.2.3\n"
BLOCK = 512

Files = Iterable[tuple[str, bytes]]


def chart(*more: tuple[str, bytes], chart_yaml: bytes = CHART_YAML) -> bytes:
    """The good case, ``demo`` 1.2.3 with ``more`` files below its folder, packed."""
    return packed(tar([("demo/Chart.yaml", chart_yaml), *((f"demo/{name}", data) for name, data in more)]))


def tar(files: Files, format: int = tarfile.GNU_FORMAT) -> bytes:
    """A tar of regular files, written by the standard library."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def packed(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=1, mtime=0)


def saved(folder: Path, data: bytes, name: str = "demo-1.2.3.tgz") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def entry(
    name: bytes,
    data: bytes = b"",
    *,
    type: bytes = b"0",
    size_field: bytes | None = None,
    link: bytes = b"",
    magic: bytes = b"ustar\x0000",
    checksum: int | None = None,
) -> bytes:
    """One tar entry with every field as asked for, right or wrong."""
    size = size_field if size_field is not None else b"%011o\0" % len(data)
    header = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + size + b"00000000000\0" + b" " * 8
    header += type + link.ljust(100, b"\0") + magic
    header = header.ljust(BLOCK, b"\0")
    total = sum(header) if checksum is None else checksum
    header = header[:148] + b"%06o\0 " % total + header[156:]
    return header + data + bytes(-len(data) % BLOCK)


END = bytes(2 * BLOCK)
CHART_ENTRY = entry(b"demo/Chart.yaml", CHART_YAML)


def raw(*entries: bytes) -> bytes:
    """A packed tar of the proper Chart.yaml and ``entries`` as they are."""
    return packed(CHART_ENTRY + b"".join(entries) + END)


def pax(*records: tuple[str, bytes]) -> bytes:
    """A PAX extended header with ``records``."""
    return entry(b"PaxHeaders/x", b"".join(pax_record(key.encode(), value) for key, value in records), type=b"x")


def pax_record(key: bytes, value: bytes) -> bytes:
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)
