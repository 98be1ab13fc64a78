"""Where a hit matched: short pieces of plain text with the searched words told apart. Never HTML."""

import re
from collections.abc import Callable, Iterator

from indexer.search.document import keyword_words, name_words
from indexer.search.phrases import Texts
from indexer.search.query import Query
from indexer.search.request import Match, Part
from indexer.search.rows import Row
from indexer.search.words import CJK, fold, is_cjk

SNIPPET = 200
"""Characters of a snippet."""
_BEFORE = 60
_LETTERS = re.compile(f"[^\\W_{CJK}]*")


class Highlighter:
    """Finds one query's words in texts."""

    def __init__(self, query: Query) -> None:
        self._words = tuple(form for word in query.words + query.extras for form in (word.exact, *word.forms))
        self._prefix = query.prefix

    def matches(self, row: Row, texts: Callable[[], Texts]) -> Iterator[Match]:
        """Where the words stand in description and keywords, and in the README for words that stand nowhere else."""
        if not self._words:
            return
        description = self._parts(row.description)
        if description:
            yield Match("description", description)
        keywords = self._parts(", ".join(word for word in row.keywords if self._spans(fold(word))))
        if keywords:
            yield Match("keywords", keywords)
        if self._unexplained(row) and (prose := self._parts(_around(texts().readme, self._words))):
            yield Match("readme", prose)

    def _unexplained(self, row: Row) -> bool:
        seen = fold(
            " ".join((row.name, *name_words(row.name), row.description, *row.keywords, *keyword_words(row.keywords)))
        )
        return any(word not in seen for word in self._words)

    def _parts(self, text: str) -> tuple[Part, ...]:
        """``text`` cut to a snippet around its first match, in parts; nothing where it does not match."""
        folded = fold(text)
        if len(folded) != len(text):
            folded = text.lower() if len(text.lower()) == len(text) else text
        spans = self._spans(folded)
        if not spans:
            return ()
        start, end = _window(text, spans[0][0])
        parts = [("…" if start else "", False)]
        at = start
        for begin, stop in spans:
            if stop <= end:
                parts += [(text[at:begin], False), (text[begin:stop], True)]
                at = stop
        parts += [(text[at:end], False), ("…" if end < len(text) else "", False)]
        return tuple(part for part in parts if part[0])

    def _spans(self, folded: str) -> list[tuple[int, int]]:
        """Where the words stand; overlapping CJK pairs are one."""
        merged: list[tuple[int, int]] = []
        for span in sorted(span for word in self._words for span in _places(folded, word, word == self._prefix)):
            if merged and span[0] <= merged[-1][1]:
                last = merged.pop()
                merged.append((last[0], max(last[1], span[1])))
            else:
                merged.append(span)
        return merged


def _places(folded: str, word: str, unfinished: bool) -> Iterator[tuple[int, int]]:
    """A whole word, the unfinished one with its rest, a CJK pair wherever it stands."""
    at = folded.find(word)
    while at >= 0:
        stop = at + len(word)
        if is_cjk(word):
            yield at, stop
        elif not (at and _rest(folded, at - 1) >= at):
            rest = _rest(folded, stop)
            if unfinished or rest == stop:
                yield at, rest
        at = folded.find(word, stop)


def _rest(folded: str, at: int) -> int:
    """Where the letters that begin at ``at`` end."""
    letters = _LETTERS.match(folded, at)
    return letters.end() if letters else at


def _window(text: str, match: int) -> tuple[int, int]:
    """A snippet's first and last character: all of a short text, else whole words around the match."""
    if len(text) <= SNIPPET:
        return 0, len(text)
    start = max(match - _BEFORE, 0)
    if start:
        blank = text.find(" ", start, match)
        start = blank + 1 if blank >= 0 else start
    end = min(start + SNIPPET, len(text))
    blank = text.rfind(" ", match, end) if end < len(text) else -1
    return start, blank if blank > match + _BEFORE else end


def _around(prose: str, words: tuple[str, ...]) -> str:
    """The stretch of a long text in which the first of ``words`` stands: searching all of it costs a page its speed."""
    lowered = prose.lower()
    found = [at for word in words if (at := lowered.find(word)) >= 0]
    start = max(min(found, default=0) - SNIPPET, 0)
    return prose[start : start + 5 * SNIPPET]
