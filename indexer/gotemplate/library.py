"""The templates of a chart and its subcharts, read when they are asked for."""

import re
from collections.abc import Iterable, Iterator

from indexer.gotemplate.lexing import TemplateFault
from indexer.gotemplate.nodes import Template
from indexer.gotemplate.reading import read_template
from indexer.gotemplate.values import without_marks

_DEFINES = re.compile(r'\{\{-?\s*(?:define|block)\s+(?:"((?:[^"\\\n]|\\.){1,300})"|`([^`\n]{1,300})`)')
_USES = re.compile(r'\b(?:include|template)\s+(?:"((?:[^"\\\n]|\\.){1,300})"|`([^`\n]{1,300})`)')


class Library:
    """Files by path, in Helm's order: of two templates of one name the later one counts."""

    def __init__(self, files: Iterable[tuple[str, str]]) -> None:
        texts: dict[str, str] = {}  # a subchart with many aliases brings its files as often
        self._texts: dict[str, str] = {}
        for path, text in files:
            if text not in texts:
                texts[text] = without_marks(text)
            self._texts[path] = texts[text]
        self._definitions = {name: body for text in texts.values() for name, body in _definitions(text)}
        self._mentioned: dict[tuple[str, re.Pattern[str]], bool] = {}
        self._defined: dict[str, Template] = {}
        self._looked_at: dict[tuple[str, re.Pattern[str]], tuple[bool, frozenset[str]]] = {}

    def file(self, path: str) -> Template:
        """The file at ``path``. Raises TemplateFault, KeyError."""
        return read_template(self._texts[path])

    def is_read(self, name: str) -> bool:
        """Whether the definition of that name was asked for before."""
        return name in self._defined

    def definition(self, name: str) -> Template:
        """The text that defines ``name``, which is among its ``defines`` if it can be read."""
        if name not in self._defined:
            self._defined[name] = _read_definition(self._definitions.get(name, ""))
        return self._defined[name]

    def mentions(self, path: str, pattern: re.Pattern[str]) -> bool:
        """Whether a file, or anything that it includes by a plain name, has ``pattern`` in it."""
        key = (self._texts[path], pattern)
        if key not in self._mentioned:
            self._mentioned[key] = self._has(*key)
        return self._mentioned[key]

    def _has(self, text: str, pattern: re.Pattern[str]) -> bool:
        if pattern.search(text):
            return True
        waiting, seen = [_uses(text)], set[str]()
        while waiting:
            for name in waiting.pop() - seen:
                seen.add(name)
                found, uses = self._told(name, pattern)
                if found:
                    return True
                waiting.append(uses)
        return False

    def _told(self, name: str, pattern: re.Pattern[str]) -> tuple[bool, frozenset[str]]:
        """Whether a definition has ``pattern`` in it, and what it includes; looked at once."""
        key = (name, pattern)
        if key not in self._looked_at:
            text = self._definitions.get(name, "")
            self._looked_at[key] = (pattern.search(text) is not None, _uses(text))
        return self._looked_at[key]


def _uses(text: str) -> frozenset[str]:
    return frozenset(found[1] or found[2] for found in _USES.finditer(text))


def _read_definition(text: str) -> Template:
    try:
        return read_template(text)
    except TemplateFault:
        return Template((), {}, 0)


def _definitions(text: str) -> Iterator[tuple[str, str]]:
    """Each name with its definition, and what follows up to the next one."""
    starts = list(_DEFINES.finditer(text))
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        yield start[1] or start[2], text[start.start() : end]
