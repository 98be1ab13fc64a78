"""Words in quotation marks: the charts that say them one behind the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.search.columns import Columns, Mask
from indexer.search.postings import Weights
from indexer.search.words import fold, phrase_text

READ = 150
"""READMEs that are read for one search, the best charts' first: each takes about a tenth of a millisecond."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What of a chart is kept on disk alone."""

    readme: str = ""
    """Its prose, as far as it is read."""
    values: tuple[tuple[str, str], ...] = ()
    """Dotted keys and their comments."""


class Phrases:
    """Looks for phrases in the texts of charts. ``texts`` reads those of one chart from disk."""

    def __init__(self, columns: Columns, texts: Callable[[int], Texts]) -> None:
        self._columns, self._texts = columns, texts

    def saying(self, phrases: Sequence[tuple[str, ...]], found: Mask, scores: Weights) -> Mask:
        """Those of ``found``, which have all the words, that say every phrase somewhere."""
        wanted = [phrase_text(" ".join(phrase)) for phrase in phrases]
        said = np.zeros_like(found)
        unread: list[int] = []
        for number in np.flatnonzero(found).tolist():
            if _says(self._known(number), wanted):
                said[number] = True
            else:
                unread.append(number)
        unread.sort(key=lambda number: (-scores[number], self._columns.places["relevance"][number]))
        for number in unread[:READ]:
            said[number] = _says((*self._known(number), self._texts(number).readme), wanted)
        return said

    def _known(self, number: int) -> tuple[str, ...]:
        row = self._columns.row(number)
        return row.name, row.description, *row.keywords, *row.other_names


def _says(texts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Most texts lack a word altogether, which is seen sooner than they are taken apart."""
    folded = fold("\n".join(texts))
    if not all(word in folded for phrase in wanted for word in phrase.split()):
        return False
    said = "".join(map(phrase_text, texts))
    return all(phrase in said for phrase in wanted)
