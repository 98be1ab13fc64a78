"""What a misspelt word may have meant, by the words that the catalog has."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from indexer.search.words import is_cjk, stem

ONE_TYPO = 4
"""Letters from which one typo is forgiven: three letters are near everything (“aws”, “dns”)."""
TWO_TYPOS = 7
"""Letters from which two are: “promethus”, “kuberntes”."""
MOST = 5
"""Corrections of one word."""

# What makes a correction likely, each beside the example that it protects.
TYPO = 30.0  # “grafna”: grafana, one typo away, before a word that is two away, unless that is far more frequent
FIRST_LETTER = 10.0  # “kong” is not long: people rarely mistype how a word begins
SPLIT = 30.0  # “certmanager”: cert manager, where no chart writes it as one word

_MAX_LETTERS = 32
_SHORTEST_PART = 2


class Speller:
    """Corrects words by ``words``: each word (as names keep it, not stemmed) with how many charts have it.

    The caller counts words of names higher: they are what people type most. A correction among 100,000 words takes
    about 3 ms.
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = words
        self._by_length: defaultdict[int, list[str]] = defaultdict(list)
        for word in words:
            if _can_be_meant(word):
                self._by_length[len(word)].append(word)

    def correct(self, word: str) -> tuple[str, ...]:
        """What the folded ``word`` may have meant, best first; never itself, nothing where nothing is near.

        A word that the catalog has is corrected by far more frequent ones only. One that should be two words comes
        with a blank between them.
        """
        if not _can_be_meant(word):
            return ()
        scores = dict(self._near(word))
        scores.update(self._split(word))
        own = self._words.get(word, 0)
        likely = [other for other in scores if scores[other] > own and stem(other) != stem(word)]
        return tuple(sorted(likely, key=lambda other: (-scores[other], other))[:MOST])

    def _near(self, word: str) -> Iterator[tuple[str, float]]:
        """Words a few letters away; two neighbours that changed places are one typo."""
        most = 2 if len(word) >= TWO_TYPOS else 1 if len(word) >= ONE_TYPO else 0
        for length in range(len(word) - most, len(word) + most + 1):
            choices = self._by_length.get(length, ())
            for other, typos, _ in process.extract(
                word, choices, scorer=OSA.distance, processor=None, score_cutoff=most, limit=None
            ):
                likely = self._words[other] / TYPO**typos
                if typos:
                    yield other, likely if other[0] == word[0] else likely / FIRST_LETTER

    def _split(self, word: str) -> Iterator[tuple[str, float]]:
        for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
            first, second = word[:at], word[at:]
            if first in self._words and second in self._words:
                yield f"{first} {second}", min(self._words[first], self._words[second]) / SPLIT


def _can_be_meant(word: str) -> bool:
    """Not a version, a number or a CJK word, in which a letter more or less is another one."""
    return 1 < len(word) <= _MAX_LETTERS and not word[0].isdigit() and "." not in word and not is_cjk(word)
