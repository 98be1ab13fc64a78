"""How text becomes words, for charts and for queries alike: what differs between the two is never found."""

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

import snowballstemmer

from indexer.search.glossary import CHINESE, known

MAX_WORD = 64
"""Characters of one word; what is beyond is cut on both sides alike."""

CJK = "\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
"""Scripts written without blanks, as the inside of a character class."""

_SYMBOLS = "\u2600-\u27bf\U0001f000-\U0001faff"
_TOKEN = re.compile(f"[{CJK}]+|v?[0-9]+(?:\\.[0-9]+)+(?![^\\W_{CJK}])|[^\\W_{CJK}]+|[{_SYMBOLS}]")
_CJK_FIRST = re.compile(f"[{CJK}]")
_CJK_CHARACTER = re.compile(f"([{CJK}])")
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+")
_HAS_CAMEL = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]{2}")
"""Looked for inside a word: one pattern for both takes the square of a long word's length."""

_STOP_WORDS_TEXT = """
a an and are as at be by can for from has have if in into is it its not of on or that the their then there these
this to was which will with you your
"""
STOP_WORDS = frozenset(_STOP_WORDS_TEXT.split())
"""They restrict nothing: “a database for metrics” means database and metrics. Names and keywords keep them."""

COMMON_WORDS = frozenset(("chart", "charts", "helm", "kubernetes", "k8s"))
"""True of every chart here: “redis helm chart” means redis. They count where they stand in a name (“helm-operator”)."""

_ASKING_TEXT = """
best deploy deploying easy good help how i install installing like me my need our own please run running simple some
something tool tools us use using want way we what where
"""
ASKING_WORDS = frozenset(_ASKING_TEXT.split())
"""How people ask rather than what for: “I need a tool to watch my cluster”. They count as COMMON_WORDS do."""

_KEPT = {
    form: word
    for word in ("authorization", "container", "controller", "customer", "exporter", "nats", "operator", "production")
    for form in (word, f"{word}s")
}
"""Words whose cut ending would make them another: operators are not operations, an exporter is not an export."""
_SHORTEST_STEMMED = 4
"""Letters: aws, dns and ids end in an s that is theirs."""
_stemmer = snowballstemmer.stemmer("english")
_stemming = threading.Lock()
"""A stemmer keeps the word that it is at in itself, so two requests at once would spoil each other's."""


def fold(text: str) -> str:
    """``text`` without case, accents and width: ``Ｒｅｄｉｓ``, ``REDIS`` and ``rédis`` are one word."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _ACCENTED.sub(lambda match: unicodedata.normalize("NFD", match[0])[0], folded)


def label(text: str) -> str:
    """A keyword as a facet shows it: one spelling for ``Database`` and ``database``, accents kept.

    A label is its own label: normalised again after its case is folded, as in the Unicode Standard (3.13.5,
    toNFKC_Casefold).
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def tokens(text: str) -> list[str]:
    """The words of ``text``, its versions and its CJK runs, folded, in order. All else but symbols separates.

    A version stays whole and loses its ``v``: ``Redis v7.2.4`` is redis, 7.2.4.
    """
    return [token[1:] if token[0] == "v" and "." in token else token for token in _TOKEN.findall(fold(text))]


def places(text: str) -> Iterator[tuple[int, int]]:
    """Where the tokens of ``text`` stand in it as it is written, the words of camel case apart."""
    for match in _TOKEN.finditer(text):
        word = match[0].removeprefix("v") if "." in match[0] else match[0]
        at = match.end() - len(word)
        for part in (word,) if word.islower() else _CAMEL.split(word):
            yield at, at + len(part)
            at += len(part)


def squash(text: str) -> str:
    """``text`` as one word: ``argo-cd``, ``Argo CD`` and ``argocd`` are the same."""
    return "".join(tokens(text))


def phrase_text(text: str) -> str:
    """``text`` for looking up phrases: its words (CJK characters singly) between blanks. A phrase is a piece of it."""
    spaced = (_CJK_CHARACTER.sub(r" \1 ", token) if is_cjk(token) else token for token in tokens(text))
    return f" {' '.join(' '.join(spaced).split())} "


def camel_words(text: str) -> dict[str, list[str]]:
    """The words in camel case, folded, with their parts: ``kubePrometheusStack`` has kube, prometheus, stack."""
    words = ((word, _CAMEL.split(word)) for word in _ALPHANUMERIC.findall(text) if _HAS_CAMEL.search(word))
    return {word.lower(): [part.lower() for part in parts] for word, parts in words if min(map(len, parts)) > 1}


def version_terms(version: str) -> list[str]:
    """What a version is found by: ``v7.2.4`` by 7.2.4, 7.2 and 7."""
    found: list[str] = []
    for token in tokens(version):
        if token[0].isdigit():
            parts = token.split(".")
            found += [".".join(parts[:size])[:MAX_WORD] for size in range(len(parts), 0, -1)]
    return found


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A folded word without its ending, as it stands in the index: ``logs`` and ``logging`` are ``log``.

    Short words, versions, words with digits and of other alphabets are left as they are.
    """
    cut = word[:MAX_WORD]
    if len(cut) < _SHORTEST_STEMMED or not (cut.isascii() and cut.isalpha()):
        return cut
    if cut in _KEPT:
        return _KEPT[cut]
    with _stemming:
        return str(_stemmer.stemWord(cut))


def is_cjk(token: str) -> bool:
    """Whether a token is a CJK run."""
    return not token.isascii() and _CJK_FIRST.match(token) is not None


def terms(token: str) -> list[str]:
    """What a token is looked up by: the word, or every two neighbours of a CJK run (``数据库``: 数据, 据库)."""
    if not is_cjk(token):
        return [token[:MAX_WORD]]
    if len(token) == 1:
        return [token]
    return [token[i : i + 2] for i in range(len(token) - 1)]


def all_terms(text: str) -> list[str]:
    """All words that a chart with this text is found by, as they are written; the index holds their stems.

    The terms of its tokens; of versions also what they begin with; of camel case also the parts; of CJK runs also the
    single characters, so that one finds something too.
    """
    found: list[str] = []
    for token in tokens(text):
        found += terms(token)
        if is_cjk(token):
            found += token
        elif "." in token:
            found += version_terms(token)
    return [*found, *chain.from_iterable(camel_words(text).values())]


def english(text: str) -> list[str]:
    """The English words that the Chinese in a chart's text stands for."""
    words = chain.from_iterable(known(token) for token in tokens(text) if is_cjk(token))
    return [part for word in words for means in CHINESE[word][:1] for part in means.split()]
