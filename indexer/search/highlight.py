"""Where a hit matched: short pieces of plain text with the searched words told apart. Never HTML."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain

from indexer.search.fields import Field
from indexer.search.glossary import CHINESE
from indexer.search.query import Query, Word
from indexer.search.request import Match, MatchField, Part
from indexer.search.rows import Row
from indexer.search.texts import Texts
from indexer.search.words import fold, is_cjk, places, stem, version_terms

SNIPPET = 200
"""Characters of a snippet."""
SHOWN = 3
"""Keywords, images, kinds and the like that are shown where many match."""
_BEFORE = 60
_JOINED = 3
"""Words of a text that one searched word may be written as (“kubePrometheusStack”)."""

_PLACES: Mapping[MatchField, Callable[[Row], tuple[str, ...]]] = {
    "name": lambda row: (row.name,),
    "description": lambda row: (row.description,),
    "keywords": lambda row: row.keywords,
    "category": lambda row: (row.category,),
    "images": lambda row: row.images,
    "crds": lambda row: row.kinds,
    "dependencies": lambda row: row.dependencies,
    "maintainers": lambda row: row.maintainers,
    "license": lambda row: (row.license,),
    "source": lambda row: (row.source,),
    "app": lambda row: (row.app_version,),
}
"""Texts of a chart, in the order in which they explain a hit."""
_ALWAYS: Collection[MatchField] = ("name", "description", "keywords")
"""Where every match is shown; elsewhere only what these do not explain."""

_CONDITIONS: Mapping[Field, MatchField] = {
    "name": "name",
    "keyword": "keywords",
    "category": "category",
    "image": "images",
    "crd": "crds",
    "dep": "dependencies",
    "maintainer": "maintainers",
    "license": "license",
    "source": "source",
    "app": "app",
    "values": "values",
}

_BEGINNING = 3
"""Letters of a word without which a text is not taken apart: most texts have none."""
_TRIES = 40
"""“log” stands in many a “catalog” before it stands alone."""

Span = tuple[int, int]


class Marker:
    """Finds words, and ``pieces`` that may stand anywhere inside one, in texts."""

    def __init__(self, words: Iterable[Word], prefix: str = "", pieces: Iterable[str] = ()) -> None:
        self._terms: defaultdict[str, set[Word]] = defaultdict(set)
        self._pieces: dict[str, set[Word]] = {piece: set() for piece in pieces}
        self._begun: set[Word] = set()
        self._prefix = prefix
        self._of = cache(self._found)
        for word in words:
            self._add(word)
        self._beginnings = {term[:_BEGINNING] for term in self._terms}

    @property
    def pieces(self) -> tuple[str, ...]:
        """What may stand inside a word."""
        return tuple(self._pieces)

    def _add(self, word: Word) -> None:
        for term in chain.from_iterable(map(str.split, (stem(word.exact), *word.forms))):
            self._terms[term].add(word)
        for piece in _chinese(word):
            self._pieces.setdefault(piece, set()).add(word)
        if word.text == self._prefix:
            self._begun.add(word)

    def mark(self, text: str) -> tuple[list[Span], set[Word]]:
        """Where ``text`` has any of them, in order and without overlaps, and the words that it has."""
        folded = _folded(text)
        found: list[Span] = []
        words: set[Word] = set()
        for span, has in chain(self._in_words(text, folded), self._inside(folded)):
            found.append(span)
            words |= has
        return _merged(found), words

    def needles(self, missing: Collection[Word]) -> Iterator[str]:
        """What to look for in a long text, in small letters: a stem but for the letter that it may have changed."""
        for marks in (self._terms, self._pieces):
            for term, words in marks.items():
                if not words.isdisjoint(missing):
                    yield term.removesuffix("i") or term

    def _in_words(self, text: str, folded: str) -> Iterator[tuple[Span, set[Word]]]:
        if not any(beginning in folded for beginning in self._beginnings):
            return
        spans = list(places(text))
        for at, (start, stop) in enumerate(spans):
            words, may_go_on = self._of(folded[start:stop])
            if words:
                yield (start, stop), words
            elif may_go_on:
                yield from self._joined(spans[at : at + _JOINED], folded)

    def _found(self, token: str) -> tuple[set[Word], bool]:
        """The words that a token is, and whether one begins with it that may be written apart here."""
        begun = self._begun if self._prefix and token.startswith(self._prefix) else set()
        written = version_terms(token) if "." in token else (stem(token),)
        found = begun.union(*(self._terms.get(term, ()) for term in written))
        return found, any(term.startswith(token) for term in self._terms)

    def _joined(self, spans: list[Span], folded: str) -> Iterator[tuple[Span, set[Word]]]:
        """Neighbours that are one of the words when they are written together."""
        together = folded[slice(*spans[0])]
        for start, stop in spans[1:]:
            together += folded[start:stop]
            if words := self._terms.get(stem(together)):
                yield (spans[0][0], stop), words

    def _inside(self, folded: str) -> Iterator[tuple[Span, set[Word]]]:
        for piece, words in self._pieces.items():
            at = folded.find(piece)
            while at >= 0:
                yield (at, at + len(piece)), words
                at = folded.find(piece, at + len(piece))


class Highlighter:
    """Finds what one query asks for in the texts of charts."""

    def __init__(self, query: Query) -> None:
        self._words = frozenset(query.words)
        self._marker = Marker((*query.words, *query.extras), query.prefix)
        self._asked = {
            field: Marker((), pieces=(one.value,))
            for one in query.conditions
            if not one.negated and (field := _CONDITIONS.get(one.field))
        }

    def matches(self, row: Row, texts: Callable[[], Texts]) -> Iterator[Match]:
        """Where the words stand in name, description and keywords, and elsewhere those that stand in none of them.

        What a condition such as ``image:redis`` asks for is always shown. ``texts`` reads from disk, where it has to.
        """
        missing = set(self._words)
        for field, places_of in _PLACES.items():
            if field in _ALWAYS or missing or field in self._asked:
                yield from self._match(field, places_of(row), missing)
        if missing and (prose := _around(texts().readme, self._marker.needles(missing))):
            yield from self._match("readme", (prose,), missing)
        if missing or "values" in self._asked:
            asked = self._asked["values"].pieces if "values" in self._asked else ()
            sought = (*self._marker.needles(missing), *asked)
            yield from self._match("values", _lines_with(texts().values, sought), missing)

    def _match(self, field: MatchField, texts: Iterable[str], missing: set[Word]) -> Iterator[Match]:
        """The texts that tell something, as one; what they have is missing no longer."""
        telling: list[tuple[str, list[Span]]] = []
        for text in filter(None, texts):
            spans, words = self._marker.mark(text)
            asked = self._asked[field].mark(text)[0] if field in self._asked else []
            if asked or (spans and (field in _ALWAYS or words & missing)):
                telling.append((text, _merged([*spans, *asked])))
                missing -= words
        if telling:
            yield Match(field, _parts(*_listed(telling[:SHOWN])))


def _lines_with(values: str, sought: Collection[str]) -> Iterator[str]:
    """Lines that may tell something; there are hundreds, and taking each apart would cost a page its speed."""
    lowered = values.lower()
    if any(needle in lowered for needle in sought):
        yield from (line for line in values.split("\n") if any(needle in line.lower() for needle in sought))


@lru_cache(maxsize=1)
def _chinese_words() -> Mapping[str, list[str]]:
    """Chinese words by the English that charts with them are found by."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word, means in CHINESE.items():
        for meaning in means[:1]:
            found[" ".join(map(stem, meaning.split()))].append(word)
    return found


def _chinese(word: Word) -> Iterator[str]:
    """Pieces of Chinese text that stand for a word."""
    if is_cjk(word.text):
        yield word.text
    for form in word.forms:
        yield from _chinese_words().get(form, ())


def _folded(text: str) -> str:
    """``text`` folded, as far as every character stays in its place."""
    return next(one for one in (fold(text), text.lower(), text) if len(one) == len(text))


def _merged(spans: list[Span]) -> list[Span]:
    """In order; those that overlap or touch are one."""
    merged: list[Span] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return merged


def _listed(texts: Iterable[tuple[str, list[Span]]]) -> tuple[str, list[Span]]:
    """Several texts as one."""
    whole, found = "", list[Span]()
    for text, spans in texts:
        whole += ", " if whole else ""
        found += [(start + len(whole), stop + len(whole)) for start, stop in spans]
        whole += text
    return whole, found


def _parts(text: str, spans: list[Span]) -> tuple[Part, ...]:
    """``text`` cut to a snippet around its first match, in parts."""
    start, end = _window(text, spans[0][0])
    parts = [("…" if start else "", False)]
    at = start
    for begin, stop in spans:
        if begin < end:
            at, before = min(stop, end), at
            parts += [(text[before:begin], False), (text[begin:at], True)]
    parts += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return tuple(part for part in parts if part[0])


def _window(text: str, match: int) -> Span:
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


def _around(prose: str, needles: Iterable[str]) -> str:
    """The stretch of a long text in which the first of them begins a word: all of it would cost a page its speed."""
    lowered = prose.lower()
    found = [at for needle in needles if (at := _beginning(lowered, needle)) >= 0]
    start = max(min(found, default=0) - SNIPPET // 2, 0)
    return prose[start : start + 2 * SNIPPET]


def _beginning(lowered: str, needle: str) -> int:
    """Where a word first begins with ``needle``, or a CJK run has it; -1 where it does not, in the first tries."""
    at = -1
    for _ in range(_TRIES):
        at = lowered.find(needle, at + 1)
        if at <= 0 or is_cjk(needle) or not lowered[at - 1].isalnum():
            return at
    return -1
