"""What a person typed, as plain words. No query language: operators, quotes and wildcards are text like any other."""

import re
from dataclasses import dataclass
from typing import Literal

from indexer.errors import N_, BadQuery
from indexer.search.request import Note
from indexer.search.words import COMMON_WORDS, STOP_WORDS, is_cjk, squash, terms, tokens

MAX_LENGTH = 256
"""Characters; a longer text is refused before anything looks at it."""
MAX_TERMS = 24
"""Terms that are looked up; nobody types more, a script does."""

NOTE_PLAIN = N_("Operators, quotes and wildcards have no meaning here: this was searched as plain words.")
NOTE_LONG = N_("Only the first words of this long text were searched.")
NOTE_NO_WORD = N_("There is no letter or digit in this text to search for.")
NOTE_ANY = N_("No chart has all of these words; these have some of them.")

_OPERATOR = re.compile(r'["*?~^(){}\[\]]|\b(?:AND|OR|NOT|TO)\b|\b\w+:\S|\s[-+]\w')


Field = Literal[
    "name",
    "image",
    "crd",
    "kube",
    "app",
    "version",
    "source",
    "keyword",
    "values",
    "maintainer",
    "dep",
    "category",
    "license",
    "deprecated",
]


@dataclass(frozen=True, slots=True)
class Word:
    """One word to look for. A chart has it when it has any of ``forms``."""

    text: str
    """As typed, folded."""
    forms: tuple[str, ...]
    """Terms of the index (words.stem), best first: the word's own, then joined or split spellings and other names."""
    exact: str
    """The word as names keep it, without its ending cut."""


@dataclass(frozen=True, slots=True)
class Condition:
    """``field:value``: what a chart must, or when ``negated`` must not, have."""

    field: Field
    value: str
    """Folded; ``true`` or ``false`` for deprecated, a version such as ``1.30`` for kube."""
    negated: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A search text, understood. All of ``words``, ``phrases`` and ``conditions`` must hold, none of ``excluded``."""

    text: str
    """As typed, without blanks around it; empty asks for everything."""
    words: tuple[Word, ...]
    """Also those of the phrases."""
    extras: tuple[Word, ...]
    """They only raise what is found."""
    phrases: tuple[tuple[str, ...], ...]
    """Words that must stand beside each other, as words.phrase_text writes them."""
    excluded: tuple[Word, ...]
    conditions: tuple[Condition, ...]
    prefix: str
    """The ``text`` of the last of the words when it may be unfinished, else empty."""
    source: str
    """The part before the slash of ``repo/chart``, else empty."""
    name: str
    """The part after it, else what stands beside conditions."""
    squashed: str
    """``name`` as one word, to be compared with whole names."""
    notes: tuple[Note, ...]
    """Where the text was not taken as it may have been meant."""

    @property
    def everything(self) -> bool:
        """Whether no word restricts: all charts are found that hold the conditions and have nothing excluded."""
        return not self.text or (not self.words and bool(self.conditions or self.excluded))


def parse(text: str) -> Query:
    """Understand ``text``. Raises BadQuery beyond 256 characters and for NUL, never anything else."""
    _check(text)
    typed = text.strip()
    found = tokens(typed)
    looked_up = list(dict.fromkeys(term for token in found for term in terms(token)))
    words, extras = _weigh(looked_up[:MAX_TERMS])
    source, slash, name = typed.rpartition("/")
    return Query(
        text=typed,
        words=tuple(map(_word, words)),
        extras=tuple(map(_word, extras)),
        phrases=(),
        excluded=(),
        conditions=(),
        prefix=_unfinished(text, found, words),
        source=source if slash else "",
        name=name,
        squashed=squash(name),
        notes=_notes(typed, looked_up),
    )


def _word(term: str) -> Word:
    return Word(text=term, forms=(term,), exact=term)


def _check(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise BadQuery(
            what=f"The search text has {len(text)} characters; at most {MAX_LENGTH} are searched.",
            hint="Search for a few words that name what the chart does.",
        )
    if "\0" in text:
        raise BadQuery(what="The search text holds a NUL character.", hint="Remove it and search again.")


def _weigh(found: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words that restrict, and words that only add: “redis helm chart” restricts to redis, “helm” to helm."""
    spoken = [term for term in found if term not in STOP_WORDS] or found
    words = tuple(term for term in spoken if term not in COMMON_WORDS)
    if not words:
        return tuple(spoken), ()
    return words, tuple(term for term in spoken if term in COMMON_WORDS)


def _unfinished(text: str, found: list[str], words: tuple[str, ...]) -> str:
    """The last word while it is typed: the text does not go on behind it, not even by a blank."""
    if not found or not words or is_cjk(found[-1]) or words[-1] != terms(found[-1])[0]:
        return ""
    return words[-1] if tokens(text[-1:]) else ""


def _notes(typed: str, looked_up: list[str]) -> tuple[Note, ...]:
    if typed and not looked_up:
        return (Note(NOTE_NO_WORD),)
    if len(looked_up) > MAX_TERMS:
        return (Note(NOTE_LONG),)
    return (Note(NOTE_PLAIN),) if _OPERATOR.search(typed) else ()
