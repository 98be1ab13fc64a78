"""Words in quotation marks: the charts that say them one behind the other."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

import numpy as np

from indexer.search.columns import Columns, Mask
from indexer.search.postings import Weights
from indexer.search.texts import Texts
from indexer.search.words import fold, phrase_text

READ = 150
"""READMEs that are read for one search, the best charts' first: each takes about a tenth of a millisecond."""
_LOOKED_AT = 20
"""Places of one text where the letters of a phrase stand one behind the other."""
_AROUND = 80
_APART = " \u2600 "
"""Between two texts: a word by itself, so that no phrase reaches over it."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: str
    """As phrase_text writes them."""
    letters: re.Pattern[str]
    """Found wherever the phrase is said, and sooner than a text is taken apart."""

    @classmethod
    def of(cls, words: Sequence[str]) -> Self:
        return cls(phrase_text(" ".join(words)), re.compile(r"[\W_]*".join(map(re.escape, words))))

    def is_said(self, folded: str) -> bool:
        for match in islice(self.letters.finditer(folded), _LOOKED_AT):
            around = folded[max(match.start() - _AROUND, 0) : match.end() + _AROUND]
            if self.words in phrase_text(around):
                return True
        return False


class Phrases:
    """Looks for phrases in the texts of charts. ``texts`` reads those of one chart from disk."""

    def __init__(self, columns: Columns, texts: Callable[[int], Texts]) -> None:
        self._columns, self._texts = columns, texts

    def saying(self, phrases: Sequence[tuple[str, ...]], found: Mask, scores: Weights) -> Mask:
        """Those of ``found``, which have all the words, that say every phrase somewhere."""
        wanted = [_Phrase.of(words) for words in phrases]
        said = np.zeros_like(found)
        unread: list[int] = []
        for number in np.flatnonzero(found).tolist():
            if _says(self._known(number), wanted):
                said[number] = True
            else:
                unread.append(number)
        unread.sort(key=lambda number: (-scores[number], self._columns.places["relevance"][number]))
        for number in unread[:READ]:
            said[number] = _says(self._known(number) + _APART + self._texts(number).readme, wanted)
        return said

    def _known(self, number: int) -> str:
        row = self._columns.row(number)
        return _APART.join((row.name, row.description, *row.keywords, *row.other_names))


def _says(text: str, wanted: Sequence[_Phrase]) -> bool:
    folded = fold(text)
    return all(phrase.is_said(folded) for phrase in wanted)
