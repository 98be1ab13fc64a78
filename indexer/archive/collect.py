"""One walk through an archive, to its end: the wanted files by their path below the chart's folder."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from indexer.archive import limits
from indexer.archive.gunzip import Gunzip
from indexer.archive.limits import MIB, Budget, Refusal
from indexer.archive.names import place, quoted
from indexer.archive.tar import Entry, TarReader
from indexer.archive.text import is_binary

CHART = "Chart.yaml"
TEXT_FOLDERS = ("templates/", "crds/")
SUBCHARTS = "charts/"
PACKED = ".tgz"

Wanted = Callable[[str], int]
"""How many bytes at most of the file at a path are wanted; 0: none."""

_LOOKS = (
    (b"PK\x03\x04", "a zip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\0", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"<", "an HTML page"),
    (b"{", "a JSON document"),
)


@dataclass(slots=True)
class Found:
    """The wanted files of one archive, and what was passed over."""

    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    top: str = ""
    text_bytes: int = 0
    subchart_bytes: int = 0
    nested_bytes: int = 0


def collect(
    packed: BinaryIO, size: int, wanted: Wanted, budget: Budget, ratio_above: int = limits.RATIO_ABOVE
) -> Found:
    """Walk all of ``packed``, an archive of ``size`` bytes. Raises Refusal."""
    if size > limits.PACKED_BYTES:
        raise Refusal(f"it has {size:,} bytes, over the limit of {limits.PACKED_BYTES // MIB} MiB")
    found = Found()
    _expect_gzip(packed.read(2 * 512))
    packed.seek(0)
    reader = TarReader(Gunzip(packed, size, budget, ratio_above), budget)
    for entry in reader:
        if entry.kind != "directory":
            _take(found, entry, reader, wanted)
    return found


def _expect_gzip(head: bytes) -> None:
    if head.startswith(b"\x1f\x8b"):
        return
    if not head:
        raise Refusal("it is empty")
    if head[257:262] == b"ustar":
        raise Refusal("it is not compressed with gzip: it looks like a plain tar")
    body = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    looks = next((text for magic, text in _LOOKS if body.startswith(magic)), "")
    raise Refusal("it is not compressed with gzip" + (f": it looks like {looks}" if looks else ""))


def _take(found: Found, entry: Entry, reader: TarReader, wanted: Wanted) -> None:
    top, path = place(entry.name)
    _expect_one_chart(found, top, path)
    if entry.kind != "file":
        found.notes.append(f"{quoted(path)} is a {entry.kind}, not read.")
        return
    limit = wanted(path)
    if not limit:
        return
    if entry.size > limit:
        _pass_over(found, path, limit)
        return
    data = reader.data()
    if _affordable(found, path, data):
        found.files[path] = data


def _expect_one_chart(found: Found, top: str, path: str) -> None:
    """One folder, and each file of it once: two readers of an ambiguous archive see two charts.

    Of a subchart's file the last one counts, as for Helm: real archives carry them twice.
    """
    found.top = found.top or top
    if top != found.top:
        raise Refusal(f"it has two folders at its top, {quoted(found.top)} and {quoted(top)}")
    if path.casefold() == CHART.casefold() and path != CHART:
        raise Refusal(f"it has a {quoted(path)}, which only some readers take for its Chart.yaml")
    if path.startswith(SUBCHARTS):
        return
    if path in found.paths:
        raise Refusal(f"it has {quoted(path)} twice")
    found.paths.add(path)


def _pass_over(found: Found, path: str, limit: int) -> None:
    if path == CHART:
        raise Refusal(f"its Chart.yaml has more than {_size(limit)}")
    found.notes.append(f"{quoted(path)} has more than {_size(limit)}, not read.")


def _size(limit: int) -> str:
    return f"{limit // MIB} MiB" if limit >= MIB else f"{limit // 1024} KiB"


def _affordable(found: Found, path: str, data: bytes) -> bool:
    if path.startswith(SUBCHARTS):
        return _subchart_affordable(found, path, data)
    if not path.startswith(TEXT_FOLDERS):
        return True
    if is_binary(data):
        found.notes.append(f"{quoted(path)} is a binary file, not shown.")
        return False
    found.text_bytes += len(data)
    return _within(found, path, found.text_bytes, limits.ALL_TEXT_BYTES, "a chart")


def _subchart_affordable(found: Found, path: str, data: bytes) -> bool:
    if path.endswith(PACKED):
        found.nested_bytes += len(data)
        return _within(found, path, found.nested_bytes, limits.NESTED_BYTES, "packed subcharts")
    found.subchart_bytes += len(data)
    return _within(found, path, found.subchart_bytes, limits.SUBCHART_BYTES, "subcharts")


def _within(found: Found, path: str, taken: int, limit: int, what: str) -> bool:
    if taken <= limit:
        return True
    found.notes.append(f"{quoted(path)} is beyond the {limit // MIB} MiB kept of {what}, not read.")
    return False
