"""A folder of archives without an index: what lies there, and the listing that it makes.

Reading an archive costs; looking at its name, size and time does not. So archives are grouped by the chart that their
file names suggest, a group that is known by its fingerprint is kept unread, and only what differs is opened. The name
inside decides: a chart whose archives are not exactly one group gets a fingerprint that no group has, and is read every
time.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from indexer.errors import N_, ChartroomError, DirectoryUnreadable, Phrase, phrase
from indexer.model import ChartMetadata, ListedChart, ListedVersion, Listing, Problem
from indexer.sources.entry import fingerprint_of, listed_version, listing_of

MAX_ARCHIVES = 10_000
_SUFFIX = ".tgz"
_NANO = 1_000_000_000

ReadMetadata = Callable[[Path], ChartMetadata]


@dataclass(frozen=True, slots=True)
class Found:
    """An archive as the folder shows it, unread."""

    path: str
    """Below the folder."""
    size: int
    mtime_ns: int

    @property
    def guess(self) -> tuple[str, str]:
        """Name and version as ``helm package`` writes them into the file's name; only Chart.yaml knows better."""
        words = self.path.rpartition("/")[2].removesuffix(_SUFFIX).split("-")
        starts = [at for at in range(1, len(words)) if words[at].removeprefix("v")[:1].isdigit()]
        start = next((at for at in starts if "." in words[at]), starts[0] if starts else len(words))
        return "-".join(words[:start]), "-".join(words[start:])


@dataclass(frozen=True, slots=True)
class Folder:
    """What lies in a folder: archives ordered by guessed chart, and what only looks like one."""

    root: Path
    archives: tuple[Found, ...]
    problems: tuple[Problem, ...]

    @property
    def state(self) -> bytes:
        """Equal as long as nothing was added, removed or written."""
        return _state(self.archives)

    @property
    def size(self) -> int:
        """Bytes of all archives."""
        return sum(one.size for one in self.archives)


def look(root: Path) -> Folder:
    """Look at ``*.tgz`` in ``root`` and its direct subfolders; hidden ones and links to folders are left out.

    Raises DirectoryUnreadable, also if a subfolder cannot be read: its charts would seem to be removed.
    """
    names = list(islice(_names(root), MAX_ARCHIVES + 1))
    if len(names) > MAX_ARCHIVES:
        detail = phrase(N_("it holds more than {limit} archives"), limit=f"{MAX_ARCHIVES:,}")
        raise DirectoryUnreadable(path=str(root), detail=detail)
    seen = [(name, _look_at(root, name)) for name in names]
    archives = sorted((one for _, one in seen if one), key=lambda one: (one.guess[0], one.path))
    strays = [Found(name, 0, 0) for name, one in seen if one is None and (root / name).is_symlink()]
    link = phrase(N_("It is a link out of the folder."))
    return Folder(root, tuple(archives), tuple(_problem(one, link) for one in strays))


def _names(root: Path, below: str = "") -> Iterator[str]:
    try:
        entries = sorted(os.scandir(root / below), key=lambda entry: entry.name)
    except OSError as error:
        raise unreadable(root, error, below) from None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _names(root, entry.name) if not below else ()
        elif entry.name.endswith(_SUFFIX):
            yield f"{below}/{entry.name}" if below else entry.name


def _look_at(root: Path, name: str) -> Found | None:
    """None where there is no file of this folder: a link out of it or to nowhere, a pipe, or gone since."""
    path = (root / name).resolve()
    try:
        seen = path.stat()
    except OSError:
        return None
    if stat.S_ISREG(seen.st_mode) and path.is_relative_to(root.resolve()):
        return Found(name, seen.st_size, seen.st_mtime_ns)
    return None


def unreadable(root: Path, error: OSError, below: str = "") -> DirectoryUnreadable:
    """The error for ``error``, met at ``below`` in the folder ``root``."""
    said = (error.strerror or "it failed").lower()
    return DirectoryUnreadable(path=str(root), detail=f"{_text(below)}: {said}" if below else said)


@dataclass(frozen=True, slots=True)
class _Read:
    """What reading brought so far."""

    problems: list[Problem]
    charts: dict[str, list[tuple[Found, ListedVersion]]] = field(default_factory=dict)
    """By the name inside."""


def list_archives(folder: Folder, known: Mapping[str, bytes], read_metadata: ReadMetadata) -> Listing:
    """List the charts of ``folder``; a bad archive is a problem. ``known``: fingerprints of charts to keep unread."""
    groups = {name: list(group) for name, group in groupby(folder.archives, key=lambda one: one.guess[0])}
    kept = {name for name, group in groups.items() if known.get(name) == _fingerprint(group)}
    read = _Read(list(folder.problems))
    todo = set(groups) - kept
    while todo:
        for name in sorted(todo):
            _read_group(folder.root, groups[name], read, read_metadata)
        todo = kept & set(read.charts)  # other groups turned out to hold archives of these as well
        kept -= todo
    charts = {name: ListedChart(name, _fingerprint(groups[name]), (), kept=True) for name in kept}
    charts |= {name: _chart(name, read, groups.get(name, [])) for name in read.charts}
    return listing_of(charts, read.problems, len(folder.archives))


def _read_group(root: Path, group: Iterable[Found], read: _Read, read_metadata: ReadMetadata) -> None:
    for one in group:
        try:
            listed = _version(root, one, read_metadata)
        except ChartroomError as error:
            read.problems.append(_problem(one, phrase(error.cause_text, **error.params)))
        except OSError as error:
            said = (error.strerror or "it failed").lower()
            read.problems.append(_problem(one, phrase(N_("It cannot be read: {detail}."), detail=said)))
        else:
            read.charts.setdefault(listed.name, []).append((one, listed))


def _chart(name: str, read: _Read, group: list[Found]) -> ListedChart:
    """The chart ``name``, of whose archives ``group`` has those that could be kept unread."""
    pairs = sorted(read.charts[name], key=lambda pair: pair[0].path)
    files = [one for one, _ in pairs]
    versions: dict[str, ListedVersion] = {}
    for one, listed in pairs:
        if versions.setdefault(listed.version, listed) is not listed:
            second = N_("{path} is a second archive of the same version; the first one counts.")
            read.problems.append(Problem(name, listed.version, None, "skipped", second, {"path": _text(one.path)}))
    fingerprint = _fingerprint(files, b"" if files == group else b"mixed")
    return ListedChart(name, fingerprint, tuple(versions.values()))


def _version(root: Path, one: Found, read_metadata: ReadMetadata) -> ListedVersion:
    path = root / one.path
    metadata = read_metadata(path)
    with path.open("rb") as archive:
        digest = hashlib.file_digest(archive, "sha256").hexdigest()
    created = datetime.fromtimestamp(one.mtime_ns // _NANO, UTC)
    return listed_version(metadata, (quote_from_bytes(os.fsencode(one.path)),), digest=digest, created=created)


def _problem(one: Found, cause: Phrase) -> Problem:
    chart, version = one.guess
    params = _shown({"path": one.path, "cause": cause})
    return Problem(_text(chart), _text(version), None, "skipped", N_("{path}: {cause}"), params)


def _shown(facts: Any) -> Any:
    """Facts of a sentence, all texts in them made fit to be stored."""
    if isinstance(facts, Mapping):
        return {key: _shown(value) for key, value in facts.items()}
    return _text(facts) if isinstance(facts, str) else facts


def _text(name: str) -> str:
    """A file's name, or what is said of it, as text that can be stored: Linux lets it hold any bytes."""
    return "".join(character if character.isprintable() else "�" for character in name)


def _state(files: Iterable[Found]) -> bytes:
    return b"\0".join(os.fsencode(f"{file.path}\0{file.size}\0{file.mtime_ns}") for file in files)


def _fingerprint(files: Iterable[Found], mark: bytes = b"") -> bytes:
    return fingerprint_of(mark + _state(files))
