"""The keys of a values.yaml: where each stands, what it is by default, what its comment says. Pure.

Like `yaml_text` it works on lines, so that a file that is not quite YAML has an outline all the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType

from indexer.parse.text import resolve
from indexer.parse.text import shown as quoted
from indexer.yaml_lines import Line, dotted, read_lines

MAX_LINES = 20_000
"""Lines that an outline covers; real values.yaml have up to some 5,000."""
_CACHED = 128 * 1024
"""Characters of the largest text whose outline is kept."""
_LONGEST_HELP, _LONGEST_VALUE = 600, 200
_LONGEST_PATH = 500
"""Characters of the path of a key that is told; real ones have some 100. Without a bound, nested long keys make a path
of kilobytes for each line."""
_MAX_COMMENT_LINES = 20
_INDEX = re.compile(r"\[\d+\]")
_PARAMETER = re.compile(r"#+\s*@param\s+(\S+)\s+(?:\[[^\]]*\]\s*)?(.*)")
"""How the comments of many charts describe a key that stands further below."""
_MARKS = re.compile(r"^#+\s*(?:--\s*|\|\s*)?")
_DIRECTIVE = re.compile(r"^@(?:default|section|skip|extra|descriptionStart|descriptionEnd)\b.*", re.DOTALL)
_COMMENT = re.compile(r"(?:^|\s)#.*$")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the values."""

    path: str
    """As Helm writes it behind ``--set``: ``hosts[0].name``."""
    line: int
    last: int
    """The last line that belongs to it: itself where nothing stands below."""
    value: str
    """What it is by default, as written, on one line; empty where it is told by the lines below, or not at all."""

    @property
    def has_more(self) -> bool:
        """Whether more stands below it."""
        return self.last > self.line

    @property
    def resolved(self) -> str | int | float | bool | None:
        """The value as Helm takes it, where it is a plain one."""
        return self.value[1:-1] if self.value[:1] in ("'", '"') else resolve(self.value)


@dataclass(frozen=True)
class Outline:
    """A text with its keys, in the order in which they stand."""

    lines: tuple[Line, ...]
    keys: tuple[Key, ...]
    is_cut: bool = False
    """The text has more lines than an outline covers."""

    @cached_property
    def by_path(self) -> Mapping[str, Key]:
        """The keys by path; of equal ones the first."""
        return MappingProxyType({key.path: key for key in reversed(self.keys)})

    @cached_property
    def by_line(self) -> Mapping[int, Key]:
        """The keys by the line that they stand in."""
        return MappingProxyType({key.line: key for key in self.keys})

    @property
    def top(self) -> tuple[Key, ...]:
        """The keys that stand below no other."""
        return tuple(key for key in self.keys if len(self.lines[key.line - 1].path) == 1)

    @cached_property
    def _described(self) -> Mapping[str, str]:
        return _described(self.lines)

    def help(self, key: Key) -> str:
        """What a comment says of ``key``: one that names it, else that above it, else that behind its value."""
        return self._described.get(key.path) or _help(self.lines, self.lines[key.line - 1])

    def nearest(self, path: str) -> Key | None:
        """The key at ``path``, else the one above it that is nearest; None where there is none."""
        while path and path not in self.by_path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.by_path.get(path)


@dataclass(frozen=True, slots=True)
class Filtered:
    """Lines of an outline that a search has found, with what they are to be read with."""

    lines: tuple[Line, ...]
    """In order: hits, what is below a key that was found, the keys above, and comments."""
    hits: frozenset[int]
    """Numbers of the lines that match."""


def outline(text: str) -> Outline:
    """The outline of the first 20,000 lines of ``text``, in time in proportion to its length."""
    return _kept(text) if len(text) <= _CACHED else _made(text)


def _made(text: str) -> Outline:
    lines = tuple(read_lines(text, MAX_LINES))
    return Outline(lines, tuple(_keys(lines)), is_cut=len(lines) == MAX_LINES)


_kept = lru_cache(maxsize=8)(_made)


def filtered(found: Outline, wanted: str, most: int = 2_000) -> Filtered:
    """The lines that hold ``wanted`` in a key's path, a value or a comment, whatever its case; at most ``most`` lines.

    A key that is found brings what stands below it; a comment brings the key that it is about.
    """
    needle = wanted.strip().casefold()
    hits = {line.number for line in found.lines if needle in line.text.casefold()} if needle else set()
    named = [key for key in found.keys if needle and _names(key.path, needle)]
    hits |= {key.line for key in named}
    kept = set(hits)
    for key in named:
        kept |= set(range(key.line, min(key.last, key.line + most) + 1))
    for number in sorted(hits)[:most]:
        kept |= set(_around(found, number))
    lines = [found.lines[number - 1] for number in sorted(kept)[:most]]
    return Filtered(tuple(lines), frozenset(hits))


def _names(path: str, needle: str) -> bool:
    """Whether the key at ``path`` itself is meant: its last step holds the end of ``needle``."""
    folded = path.casefold()
    step = folded.rpartition(".")[2]
    last = needle.rpartition(".")[2]
    return last in step and (needle in folded or needle in _INDEX.sub("", folded))


def _around(found: Outline, number: int) -> Iterator[int]:
    """The comment just above a line and the keys above it; of a comment all of it, with the key just below."""
    below = _after_comment(found.lines, number) if found.lines[number - 1].is_comment else number
    yield from range(_comment_start(found.lines, number), below + 1)
    path = found.lines[below - 1].path if not found.lines[below - 1].is_comment else ()
    for depth in range(1, len(path) + 1):
        above = found.by_path.get(dotted(path[:depth]))
        if above and above.line <= below:
            yield above.line


def _after_comment(lines: tuple[Line, ...], number: int) -> int:
    """The line just below the comment that line ``number`` is part of; ``number`` where none follows."""
    for line in lines[number : number + _MAX_COMMENT_LINES]:
        if not line.is_comment:
            return line.number if line.text.strip() else number
    return number


def _comment_start(lines: tuple[Line, ...], number: int) -> int:
    """Where the comment just above line ``number`` begins; ``number`` where there is none."""
    start = number
    while start > 1 and number - start < _MAX_COMMENT_LINES and lines[start - 2].is_comment:
        start -= 1
    return start


# -- keys


def _keys(lines: tuple[Line, ...]) -> Iterator[Key]:
    lasts = _lasts(lines)
    for line in lines:
        if line.value is not None and sum(map(len, line.path)) <= _LONGEST_PATH:
            yield Key(dotted(line.path), line.number, lasts[line.number], _bare(line.value))


def _lasts(lines: tuple[Line, ...]) -> dict[int, int]:
    """The last line of each key, by the key's line. Comments before the next key belong to that, unless they stand
    further in than the key above them."""
    lasts = _lasts_of_content(lines)
    return {number: _with_comments(lines, number, last) for number, last in lasts.items()}


def _with_comments(lines: tuple[Line, ...], number: int, last: int) -> int:
    if last == number:
        return last
    indent = lines[number - 1].indent
    while last < len(lines) and lines[last].is_comment and lines[last].indent > indent:
        last += 1
    return last


def _lasts_of_content(lines: tuple[Line, ...]) -> dict[int, int]:
    lasts: dict[int, int] = {}
    open_keys: list[tuple[tuple[str, ...], int]] = []
    content = 0
    for line in lines:
        if not line.in_block and (not line.text.strip() or line.is_comment):
            continue
        while open_keys and not _is_below(line, open_keys[-1][0]):
            lasts[open_keys.pop()[1]] = content
        if line.value is not None:
            open_keys.append((line.path, line.number))
        content = line.number
    for _, number in open_keys:
        lasts[number] = content
    return lasts


def _is_below(line: Line, path: tuple[str, ...]) -> bool:
    below = line.path[: len(path)] == path
    return below and (line.value is None or len(line.path) > len(path))


def _bare(value: str) -> str:
    """``value`` without a comment behind it; empty for what the lines below tell."""
    if value[:1] in ("'", '"'):
        end = value.find(value[0], 1)
        return value[: end + 1][:_LONGEST_VALUE] if end > 0 else value[:_LONGEST_VALUE]
    bare = _COMMENT.sub("", value).strip()
    return "" if bare[:1] in ("|", ">", "&", "!") and " " not in bare else bare[:_LONGEST_VALUE]


# -- comments


def _described(lines: Iterable[Line]) -> dict[str, str]:
    """What comments of the form ``@param path text`` say of keys."""
    found: dict[str, str] = {}
    for line in lines:
        match = _PARAMETER.match(line.text.strip()) if "@param" in line.text and line.is_comment else None
        if match:
            found.setdefault(match[1], quoted(match[2], _LONGEST_HELP))
    return found


def _help(lines: tuple[Line, ...], line: Line) -> str:
    """The comment above the line, else the one behind its value."""
    start = _comment_start(lines, line.number)
    above = [_MARKS.sub("", one.text.strip()) for one in lines[start - 1 : line.number - 1]]
    said = " ".join(text for text in above if text and not _DIRECTIVE.match(text) and not text.startswith("@param"))
    return quoted(said or _behind(line.value or ""), _LONGEST_HELP)


def _behind(value: str) -> str:
    """The comment behind a value."""
    end = value.find(value[0], 1) + 1 if value[:1] in ("'", '"') else 0
    found = _COMMENT.search(value, end)
    return _MARKS.sub("", found[0].strip()) if found else ""
