"""The templates of a chart and its subcharts, read when they are asked for."""

import re
from collections.abc import Iterable, Iterator

from indexer.gotemplate.lexing import TemplateFault
from indexer.gotemplate.nodes import Node, Template
from indexer.gotemplate.reading import read_template
from indexer.gotemplate.values import without_marks

_DEFINES = re.compile(r'\{\{-?\s*(?:define|block)\s+(?:"((?:[^"\\\n]|\\.){1,300})"|`([^`\n]{1,300})`)')
_USES = re.compile(r'\b(?:include|template)\s+(?:"((?:[^"\\\n]|\\.){1,300})"|`([^`\n]{1,300})`)')
_MOST_DEEP = 30


class Library:
    """Files by path, in Helm's order: of two templates of one name the later one counts."""

    def __init__(self, files: Iterable[tuple[str, str]]) -> None:
        self._texts = {path: without_marks(text) for path, text in files}
        self._read: dict[str, Template | None] = {}
        self._places: dict[str, str] = {}
        self._bodies: dict[str, str] = {}
        for path, text in self._texts.items():
            for name, body in _definitions(text):
                self._places[name], self._bodies[name] = path, body

    def nodes(self, path: str) -> tuple[Node, ...]:
        """What the file at ``path`` writes by itself. Raises TemplateFault, KeyError."""
        read = self._template(path)
        if read is None:
            raise TemplateFault(f"{path} cannot be read")
        return read.nodes

    def define(self, name: str) -> tuple[Node, ...] | None:
        """What is defined as ``name``; None where nothing is, or nothing that can be read."""
        path = self._places.get(name, "")
        read = self._template(path) if path else None
        return read.defines.get(name) if read else None

    def mentions(self, path: str, pattern: re.Pattern[str]) -> bool:
        """Whether a file, or anything that it includes by a plain name, has ``pattern`` in it."""
        waiting, seen = [self._texts[path]], set[str]()
        for _ in range(_MOST_DEEP * _MOST_DEEP):
            if not waiting:
                return False
            text = waiting.pop()
            if pattern.search(text):
                return True
            names = {found[1] or found[2] for found in _USES.finditer(text)} - seen
            seen |= names
            waiting += [self._bodies[name] for name in names if name in self._bodies]
        return True

    def _template(self, path: str) -> Template | None:
        if path not in self._read:
            try:
                self._read[path] = read_template(self._texts[path])
            except TemplateFault:
                self._read[path] = None
        return self._read[path]


def _definitions(text: str) -> Iterator[tuple[str, str]]:
    """Names with the text from there to the next definition, roughly its body."""
    starts = list(_DEFINES.finditer(text))
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        yield start[1] or start[2], text[start.end() : end]
