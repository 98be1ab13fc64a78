"""What a person typed, as words to look for and conditions to hold. Nothing that can be typed is an error."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from indexer.errors import N_, BadQuery
from indexer.search.fields import Field
from indexer.search.glossary import CHINESE, FILLERS, GENERIC, SYNONYMS, segments
from indexer.search.request import Note
from indexer.search.syntax import Item, scan
from indexer.search.words import (
    ASKING_WORDS,
    COMMON_WORDS,
    STOP_WORDS,
    camel_words,
    is_cjk,
    phrase_text,
    squash,
    stem,
    terms,
    tokens,
)

MAX_LENGTH = 256
"""Characters; a longer text is refused before anything looks at it."""
MAX_TERMS = 24
"""Words that are looked up; nobody types more, a script does."""
MAX_CONDITIONS = 8
"""Conditions, phrases and excluded words, of each."""
MAX_FORMS = 8
"""Of one word."""

NOTE_LONG = N_("Only the first words of this long text were searched.")
NOTE_NO_WORD = N_("There is no letter or digit in this text to search for.")
NOTE_ANY = N_("No chart has all of these words; these have some of them.")


@dataclass(frozen=True, slots=True)
class Word:
    """One word to look for. A chart has it when it has any of ``forms``."""

    text: str
    """As typed, folded."""
    forms: tuple[str, ...]
    """Terms of the index (words.stem), best first: the word's own, then joined or split spellings and other names.

    One with blanks is several terms, which a chart must all have: “lb” is also “load balanc”.
    """
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
    items, notes = scan(typed)
    said = [item for item in items if not (item.field or item.negated)]
    found = _words(said)
    words, extras = _weigh(found[:MAX_TERMS])
    plain = " ".join(item.text for item in said)
    source, slash, name = plain.rpartition("/")
    excluded = [word for item in items if item.negated and not item.field and (word := _whole(item.text)).forms]
    conditions = [Condition(item.field, item.text, item.negated) for item in items if item.field]
    phrases = [tuple(phrase_text(item.text).split()) for item in said if item.quoted]
    many = len(found) > MAX_TERMS or max(len(excluded), len(conditions), len(phrases)) > MAX_CONDITIONS
    return Query(
        text=typed,
        words=words,
        extras=extras,
        phrases=tuple(phrases[:MAX_CONDITIONS]),
        excluded=tuple(excluded[:MAX_CONDITIONS]),
        conditions=tuple(conditions[:MAX_CONDITIONS]),
        prefix=_unfinished(text, items, words),
        source=source if slash else "",
        name=name,
        squashed=squash(name),
        notes=_notes(typed, found or excluded or conditions, many, notes),
    )


def _check(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise BadQuery(
            what=f"The search text has {len(text)} characters; at most {MAX_LENGTH} are searched.",
            hint="Search for a few words that name what the chart does.",
        )
    if "\0" in text:
        raise BadQuery(what="The search text holds a NUL character.", hint="Remove it and search again.")


def _words(said: list[Item]) -> list[Word]:
    """The words of plain pieces and phrases, each once, in order."""
    camel = {word: parts for item in said for word, parts in camel_words(item.text).items()}
    found = list(chain.from_iterable(tokens(item.text) for item in said))
    words: dict[str, Word] = {}
    for before, token, after in zip(["", *found], found, [*found[1:], ""], strict=False):
        if is_cjk(token):
            spoken = _chinese(token)
        else:
            joined = (_joined(before, token), _joined(token, after))
            spoken = iter((_latin(token, (" ".join(map(stem, camel.get(token, ()))), *joined)),))
        for word in spoken:
            forms = (*words[word.text].forms, *word.forms) if word.text in words else word.forms
            words[word.text] = Word(word.text, _few(forms), word.exact)
    return list(words.values())


def _latin(token: str, others: Iterable[str] = ()) -> Word:
    digits = token[1:] if token[0] == "v" and token[1:].isdigit() else ""
    return Word(token, _few((stem(token), digits, *others, *map(_stems, SYNONYMS.get(token, ())))), token)


def _joined(first: str, second: str) -> str:
    """Two neighbours as one word: “fluent bit” is also fluentbit."""
    plain = all(word and word not in STOP_WORDS and "." not in word and not is_cjk(word) for word in (first, second))
    return stem(first + second) if plain else ""


def _chinese(run: str) -> Iterator[Word]:
    """The words of a run: those that are known with their English, of what is between every two neighbours."""
    for piece in segments(run):
        if piece in CHINESE:
            yield _whole(piece)
        elif rest := piece.strip("".join(FILLERS)) or (run if set(run) <= FILLERS else ""):
            yield from (Word(pair, (pair,), pair) for pair in terms(rest))


def _whole(text: str) -> Word:
    """A text as one word, which a chart has when it has all its parts, or another word for it."""
    parts = tokens(text)
    joined = stem("".join(parts)) if len(parts) > 1 and not any(map(is_cjk, parts)) else ""
    own = " ".join(map(stem, chain.from_iterable(map(terms, parts))))
    others = CHINESE.get("".join(parts), ())
    return Word(" ".join(parts), _few((joined, own, *map(_stems, others))), "".join(parts))


def _stems(words: str) -> str:
    return " ".join(map(stem, words.split()))


def _few(forms: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for form in forms if form))[:MAX_FORMS]


def _weigh(found: list[Word]) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """Words that restrict, and words that only add: “redis helm chart” restricts to redis, “helm” to helm."""
    spoken = [word for word in found if word.text not in STOP_WORDS] or found
    words = tuple(word for word in spoken if not _is_common(word.text))
    if not words:
        return tuple(spoken), ()
    return words, tuple(word for word in spoken if _is_common(word.text))


def _is_common(word: str) -> bool:
    """Also a single character that is left between Chinese words."""
    return word in COMMON_WORDS | ASKING_WORDS or word in GENERIC or (len(word) == 1 and is_cjk(word))


def _unfinished(text: str, items: list[Item], words: tuple[Word, ...]) -> str:
    """The last word while it is typed: the text does not go on behind it, not even by a blank."""
    if not items or items[-1].field or items[-1].negated or items[-1].quoted or not tokens(text[-1:]):
        return ""
    last = tokens(items[-1].text)[-1:]
    return last[0] if last and not is_cjk(last[0]) and last[0] in {word.text for word in words} else ""


def _notes(typed: str, found: object, many: bool, notes: tuple[Note, ...]) -> tuple[Note, ...]:
    if typed and not found:
        return (Note(NOTE_NO_WORD),)
    return (*notes, Note(NOTE_LONG)) if many else notes
