"""Files of two versions, paired by their path, else by what they hold; each pair as a diff."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from indexer.compare import lines
from indexer.compare.lines import Effort, Hunk
from indexer.compare.result import FileChange, FileKind, FilesComparison
from indexer.model import ArchiveFile
from indexer.yaml_lines import lines_of

MAX_FILES = 500
"""Changed files that are told."""
MAX_LINES = 20_000
"""Lines of a file that is compared line by line."""
MAX_BYTES = 2 * 1024 * 1024
MAX_SHOWN = 6_000
"""Lines of diffs in all."""
_SHOWN_A_FILE = 1_500
_ALIKE = 0.6
"""Share of equal lines that makes a file the same under another name; git's default is 0.5."""
_FEWEST_LINES = 4
"""Shorter files are alike by chance."""
_MAX_PAIRED = 60
"""Files on either side among which renamed ones are looked for by likeness."""


@dataclass(slots=True)
class Room:
    """Lines that may still be shown."""

    left: int = MAX_SHOWN

    def cut(self, hunks: tuple[Hunk, ...]) -> tuple[tuple[Hunk, ...], bool]:
        """As many of ``hunks`` as there is room for, and whether some were left out."""
        room = min(self.left, _SHOWN_A_FILE)
        kept: list[Hunk] = []
        for hunk in hunks:
            if room <= 0:
                break
            kept.append(Hunk(hunk.old_line, hunk.new_line, hunk.lines[:room]))
            room -= len(hunk.lines)
        shown = sum(len(one.lines) for one in kept)
        self.left -= shown
        return tuple(kept), shown < sum(len(one.lines) for one in hunks)


def compare_files(old: Sequence[ArchiveFile], new: Sequence[ArchiveFile], effort: Effort) -> FilesComparison:
    """What happened to the files of a folder; at most 500 changes and 6,000 lines of diffs are told."""
    before, after = _by_path(old), _by_path(new)
    pairs = {path: path for path in before if path in after}
    gone = {path: text for path, text in before.items() if path not in after}
    come = {path: text for path, text in after.items() if path not in before}
    renamed = _renamed(gone, come, effort)
    found = [
        *((path, was) for path, was in {**pairs, **renamed}.items() if was != path or before[was] != after[path]),
        *((path, "") for path in come if path not in renamed),
    ]
    removed = [path for path in gone if path not in renamed.values()]
    wanted = sorted([*((path, was, True) for path, was in found), *((path, path, False) for path in removed)])
    room = Room()
    changes = tuple(
        compare_file(was, before.get(was), path, after[path] if stays else None, effort, room)
        for path, was, stays in wanted[:MAX_FILES]
    )
    return FilesComparison(changes, max(0, len(wanted) - MAX_FILES))


def compare_file(
    old_path: str, old: str | None, path: str, new: str | None, effort: Effort, room: Room | None = None
) -> FileChange:
    """One file that changed; None stands for a text that is not there."""
    room = room or Room()
    kind: FileKind = (
        "added" if old is None else "removed" if new is None else "renamed" if old_path != path else "changed"
    )
    was = old_path if kind == "renamed" else ""
    if max(len(old or ""), len(new or "")) > MAX_BYTES:
        return FileChange(path, kind, was, cut=True)
    before, after = lines_of(old or ""), lines_of(new or "")
    if max(len(before), len(after)) > MAX_LINES:
        return FileChange(path, kind, was, cut=True)
    all_hunks = lines.differences(before, after, effort)
    hunks, cut = room.cut(all_hunks)
    signs = Counter(line.sign for hunk in all_hunks for line in hunk.lines)
    return FileChange(path, kind, was, added=signs["+"], removed=signs["-"], hunks=hunks, cut=cut)


def _by_path(files: Iterable[ArchiveFile]) -> dict[str, str]:
    return {one.path: one.text for one in files}


def _renamed(gone: Mapping[str, str], come: Mapping[str, str], effort: Effort) -> dict[str, str]:
    """The old path by the new one, for files that hold the same, or nearly the same, under another name.

    Only where each is the other's best likeness, so that it does not matter which version is called the old one.
    """
    renamed = {path: was for was, path in _same_text(gone, come)}
    rest_gone = {path: text for path, text in gone.items() if path not in renamed.values()}
    rest_come = {path: text for path, text in come.items() if path not in renamed}
    if max(len(rest_gone), len(rest_come)) <= _MAX_PAIRED:
        renamed.update((path, was) for was, path in _alike(rest_gone, rest_come, effort))
    return renamed


def _same_text(gone: Mapping[str, str], come: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    counts_gone, counts_come = Counter(gone.values()), Counter(come.values())
    where = {text: path for path, text in come.items()}
    for was, text in gone.items():
        if text.strip() and counts_gone[text] == counts_come[text] == 1:
            yield was, where[text]


def _alike(gone: Mapping[str, str], come: Mapping[str, str], effort: Effort) -> list[tuple[str, str]]:
    bags_gone, bags_come = _bags(gone), _bags(come)
    scores = sorted(
        (score, was, path)
        for was, one in bags_gone.items()
        for path, other in bags_come.items()
        if (score := _likeness(one, other, effort)) >= _ALIKE
    )
    best_of_gone = {was: (score, path) for score, was, path in scores}
    best_of_come = {path: (score, was) for score, was, path in scores}
    twice = Counter((was, score) for score, was, _ in scores) + Counter((path, score) for score, _, path in scores)
    return [
        (was, path)
        for score, was, path in scores
        if best_of_gone[was] == (score, path) and best_of_come[path] == (score, was)
        if twice[was, score] == twice[path, score] == 1
    ]


def _bags(files: Mapping[str, str]) -> dict[str, Counter[str]]:
    """The lines of each file that is long enough and not too long."""
    found = {path: lines_of(text) for path, text in files.items() if len(text) <= MAX_BYTES}
    return {
        path: Counter(line.strip() for line in some if line.strip())
        for path, some in found.items()
        if _FEWEST_LINES <= len(some) <= MAX_LINES
    }


def _likeness(one: Counter[str], other: Counter[str], effort: Effort) -> float:
    if not effort.allows(len(one) + len(other)):
        return 0.0
    return 2 * (one & other).total() / (one.total() + other.total())
