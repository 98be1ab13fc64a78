"""What a text may become while it is typed: names of charts."""

import numpy as np

from indexer.search.columns import Columns, Mask
from indexer.search.document import marked
from indexer.search.postings import Table
from indexer.search.query import Query
from indexer.search.request import Suggestion

_LOOKED_AT = 20
"""Charts for each name that is suggested: so many sources may have the same."""


def suggest(query: Query, table: Table, columns: Columns, limit: int) -> list[Suggestion]:
    """Charts whose names have words that begin like those of the text: names that begin so first, then the shorter."""
    if not query.squashed or limit <= 0:
        return []
    starts = _having(table, columns, marked("whole", query.squashed))
    found = starts | _with_all_words(query, table, columns)
    numbers = np.flatnonzero(found & columns.alive)
    keys = (
        columns.deprecated[numbers].astype(np.int64) << 62
        | (~starts[numbers]).astype(np.int64) << 61
        | columns.name_lengths[numbers].astype(np.int64) << 32
        | columns.places["relevance"][numbers]
    )
    first: dict[str, Suggestion] = {}
    for number in numbers[_lowest(keys, limit * _LOOKED_AT)].tolist():
        row = columns.row(number)
        first.setdefault(row.name, Suggestion(row.name, row.source, row.name))
    return list(first.values())[:limit]


def _with_all_words(query: Query, table: Table, columns: Columns) -> Mask:
    words = (*query.words, *query.extras)
    found = np.full(columns.size, bool(words))
    for word in words:
        found &= _having(table, columns, marked("name", word.exact))
    return found


def _having(table: Table, columns: Columns, letters: str) -> Mask:
    numbers, _ = table.beginning(letters)
    found = np.zeros(columns.size, bool)
    found[numbers] = True
    return found


def _lowest(keys: np.ndarray, count: int) -> np.ndarray:
    """Where the lowest keys are, in order."""
    some = np.argpartition(keys, count)[:count] if count < len(keys) else np.arange(len(keys))
    return some[np.argsort(keys[some])]
