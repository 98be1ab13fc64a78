"""A chart archive, read to its end under a budget: what a reader wants to see of it, as text.

Archives inside an archive (``charts/*.tgz``) are never opened: what they are called and which version is meant stands
in Chart.yaml, so a nested bomb is bytes like any other.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from indexer import parse
from indexer.archive import limits
from indexer.archive.gunzip import Gunzip
from indexer.archive.limits import MIB, Refusal
from indexer.archive.names import place, quoted
from indexer.archive.tar import Entry, TarReader
from indexer.archive.text import cut, decode, is_binary
from indexer.errors import BadArchive, ChartroomError, DigestMismatch
from indexer.model import ArchiveContent, ArchiveFile, ChartMetadata, Dependency

_CHART = "Chart.yaml"
_REQUIREMENTS = "requirements.yaml"
_VALUES = "values.yaml"
_SCHEMA = "values.schema.json"
_READMES = ("readme.md", "readme.txt", "readme")
"""In the order of preference; compared without regard to case, as `helm show readme` does."""
_HEAD = b"name: requirements\nversion: 0.0.0\n"
"""What makes a requirements.yaml a Chart.yaml."""
_DOCUMENT_START = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n)*---[ \t]*\r?\n|\A\xef\xbb\xbf")
_TEXT_FOLDERS = ("templates/", "crds/")
_VERSION = re.compile(r"v?[0-9]")

_LOOKS = (
    (b"PK\x03\x04", "a zip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\0", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"<", "an HTML page"),
    (b"{", "a JSON document"),
)


def read_archive(path: Path, *, chart: str, version: str) -> ArchiveContent:
    """Read the archive at ``path``, which the index lists as ``chart`` in ``version``.

    Raises BadArchive for anything that is not a proper chart archive within the limits or holds another chart than
    listed, and OSError where the file itself cannot be opened.
    """
    with _named(chart, version):
        found = _collect(path, _wanted)
        metadata = _metadata(found)
        if (metadata.name, metadata.version) != (chart, version):
            inside = f"{quoted(metadata.name)} {quoted(metadata.version)}"
            raise Refusal(f"its Chart.yaml says that it is {inside}, not what the index lists")
        return _content(path, found, metadata)


def read_chart_metadata(path: Path) -> ChartMetadata:
    """Only the Chart.yaml of the archive at ``path``, with all the safety of ``read_archive``.

    Raises BadArchive, which names chart and version as ``helm package`` writes them into a file's name.
    """
    chart, version = _from_file_name(path)
    with _named(chart, version):
        return _metadata(_collect(path, lambda name: limits.METADATA_BYTES if name == _CHART else 0))


def check_digest(path: Path, expected: str, chart: str, version: str) -> str:
    """The SHA-256 of the file, in lower-case hexadecimal, held against ``expected``.

    ``expected`` may carry the prefix ``sha256:`` and upper-case letters; empty means that the index promises nothing.
    Raises DigestMismatch.
    """
    actual = _sha256(path)
    promised = expected.strip().lower().removeprefix("sha256:")
    if promised and promised != actual:
        raise DigestMismatch(chart=chart, version=version, actual=actual, expected=promised)
    return actual


@dataclass(slots=True)
class _Found:
    """The wanted files of one archive by their path below the chart's folder, and what was passed over."""

    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    top: str = ""
    text_bytes: int = 0


@contextmanager
def _named(chart: str, version: str) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise BadArchive(chart=chart, version=version, detail=str(refusal)) from refusal


def _collect(path: Path, wanted: Callable[[str], int]) -> _Found:
    """Walk the whole archive and keep what ``wanted`` gives a limit in bytes for."""
    size = path.stat().st_size
    if size > limits.PACKED_BYTES:
        raise Refusal(f"it has {size:,} bytes, over the limit of {limits.PACKED_BYTES // MIB} MiB")
    found = _Found()
    with path.open("rb") as packed:
        _expect_gzip(packed.read(2 * 512))
        packed.seek(0)
        reader = TarReader(Gunzip(packed, size))
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


def _take(found: _Found, entry: Entry, reader: TarReader, wanted: Callable[[str], int]) -> None:
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
    if not path.startswith(_TEXT_FOLDERS) or _affordable(found, path, data):
        found.files[path] = data


def _expect_one_chart(found: _Found, top: str, path: str) -> None:
    """One folder, and each file of it once: two readers of an ambiguous archive see two charts.

    Unpacked subcharts are not looked at: real archives carry them twice, and nothing here is read from them.
    """
    found.top = found.top or top
    if top != found.top:
        raise Refusal(f"it has two folders at its top, {quoted(found.top)} and {quoted(top)}")
    if path.casefold() == _CHART.casefold() and path != _CHART:
        raise Refusal(f"it has a {quoted(path)}, which only some readers take for its Chart.yaml")
    if path.startswith("charts/"):
        return
    if path in found.paths:
        raise Refusal(f"it has {quoted(path)} twice")
    found.paths.add(path)


def _pass_over(found: _Found, path: str, limit: int) -> None:
    if path == _CHART:
        raise Refusal(f"its Chart.yaml has more than {limit // MIB} MiB")
    found.notes.append(f"{quoted(path)} has more than {limit // MIB} MiB, not read.")


def _affordable(found: _Found, path: str, data: bytes) -> bool:
    if is_binary(data):
        found.notes.append(f"{quoted(path)} is a binary file, not shown.")
        return False
    if found.text_bytes + len(data) > limits.ALL_TEXT_BYTES:
        found.notes.append(
            f"{quoted(path)} is beyond the {limits.ALL_TEXT_BYTES // MIB} MiB kept of a chart, not read."
        )
        return False
    found.text_bytes += len(data)
    return True


def _wanted(path: str) -> int:
    if path in (_CHART, _REQUIREMENTS):
        return limits.METADATA_BYTES
    if path in (_VALUES, _SCHEMA) or path.lower() in _READMES:
        return limits.FILE_BYTES
    return limits.TEXT_BYTES if path.startswith(_TEXT_FOLDERS) else 0


def _metadata(found: _Found) -> ChartMetadata:
    if _CHART not in found.files:
        raise Refusal("it has no Chart.yaml")
    try:
        return parse.read_chart_yaml(found.files[_CHART])
    except ChartroomError as error:
        raise Refusal(f"its Chart.yaml cannot be read: {error.cause.rstrip('.')}") from error


def _content(path: Path, found: _Found, metadata: ChartMetadata) -> ArchiveContent:
    texts = {name: _text(found, name) for name in sorted(found.files) if name not in (_CHART, _REQUIREMENTS)}
    return ArchiveContent(
        digest=_sha256(path),
        size=path.stat().st_size,
        metadata=metadata,
        readme=texts.get(_readme_name(found), ""),
        values=texts.get(_VALUES, ""),
        schema=texts.get(_SCHEMA, ""),
        templates=_below("templates/", texts),
        crds=_below("crds/", texts),
        dependencies=metadata.dependencies or _requirements(found),
        notes=_bounded(found.notes),
    )


def _text(found: _Found, name: str) -> str:
    data = found.files[name]
    if name.lower() in _READMES and len(data) > limits.README_BYTES:
        data = cut(data, limits.README_BYTES)
        found.notes.append(f"{quoted(name)} is cut after {limits.README_BYTES // MIB} MiB.")
    text, remark = decode(data)
    if remark:
        found.notes.append(f"{quoted(name)} {remark}.")
    return text


def _readme_name(found: _Found) -> str:
    names = [name for wanted in _READMES for name in found.files if name.lower() == wanted]
    if len(names) > 1:
        found.notes.append(f"{quoted(names[0])} is shown; there is {quoted(names[1])} as well.")
    return names[0] if names else ""


def _below(folder: str, texts: dict[str, str]) -> tuple[ArchiveFile, ...]:
    return tuple(ArchiveFile(path=name, text=text) for name, text in texts.items() if name.startswith(folder))


def _requirements(found: _Found) -> tuple[Dependency, ...]:
    """Charts of API version v1 keep them in a file of their own, which Helm reads into the same metadata."""
    data = found.files.get(_REQUIREMENTS, b"")
    if not data.strip():
        return ()
    try:
        return parse.read_chart_yaml(_HEAD + _DOCUMENT_START.sub(b"", data, count=1)).dependencies
    except ChartroomError as error:
        found.notes.append(f"“{_REQUIREMENTS}” cannot be read: {error.cause.rstrip('.')}.")
        return ()


def _bounded(notes: list[str]) -> tuple[str, ...]:
    if len(notes) <= limits.NOTES:
        return tuple(notes)
    return (*notes[: limits.NOTES], f"And {len(notes) - limits.NOTES:,} more of the kind.")


def _sha256(path: Path) -> str:
    with path.open("rb") as packed:
        return hashlib.file_digest(packed, "sha256").hexdigest()


def _from_file_name(path: Path) -> tuple[str, str]:
    stem = path.name.removesuffix(".tgz").removesuffix(".tar.gz")
    chart, dash, version = stem.rpartition("-")
    while "-" in chart and not _VERSION.match(version):
        chart, dash, rest = chart.rpartition("-")
        version = f"{rest}-{version}"
    return (chart, version) if dash and _VERSION.match(version) else (stem, "?")
