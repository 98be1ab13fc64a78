"""Field queries: the charts that hold a condition such as ``image:redis`` or ``kube:1.30``."""

from collections.abc import Iterable

import numpy as np

from indexer.search.columns import Columns, Mask
from indexer.search.document import Mark, marked, version_label
from indexer.search.postings import Table, Weights
from indexer.search.query import Condition
from indexer.search.request import Facet
from indexer.search.words import all_terms, squash, stem, tokens

_FACETS: dict[str, Facet] = {"source": "source", "category": "category", "license": "license"}
_AS_ONE_WORD = 2.0
"""“dep:postgresql-ha”: what is called just so, before what merely has both words."""


class Conditions:
    """Evaluates conditions on one opened commit."""

    def __init__(self, table: Table, columns: Columns) -> None:
        self._table, self._columns = table, columns

    def weights(self, condition: Condition) -> Weights:
        """How well each chart holds it, whether negated or not; 0 where it does not."""
        value = condition.value
        match condition.field:
            case "deprecated":
                return _as_weights(self._columns.deprecated == (value == "true"))
            case "kube":
                return _as_weights(self._columns.fitting(value))
            case "app" | "version":
                return self._version(condition.field, version_label(value))
            case "source" | "category" | "license":
                return _as_weights(self._facet(_FACETS[condition.field], value))
            case "crd":
                return self._word("crd", squash(value))
            case "values":
                return self._all("values", map(stem, all_terms(value)))
            case field:
                whole = self._exactly(field, squash(value)) * np.float32(_AS_ONE_WORD)
                best: Weights = np.maximum(whole, self._all(field, all_terms(value)))
                return best

    def _facet(self, facet: Facet, value: str) -> Mask:
        """Values that are just so, else those with all the words: “license:apache” is Apache-2.0 as well."""
        codes = self._columns.codes[facet]
        just_so = [one for one in codes.values if one.casefold() == value.casefold()]
        wanted = set(tokens(value))
        return codes.having(just_so or (one for one in codes.values if wanted <= set(tokens(one))))

    def _version(self, mark: Mark, version: str) -> Weights:
        """“app:2.12” is 2.12, 2.12.3 and 2.12-alpine, not 2.120."""
        found = self._exactly(mark, version)
        for separator in ".-+":
            numbers, weights = self._table.beginning(marked(mark, version + separator))
            found[numbers] = np.maximum(found[numbers], weights)
        return found

    def _all(self, mark: Mark, words: Iterable[str]) -> Weights:
        """The charts with every word; none where there is no word."""
        found: Weights | None = None
        for word in dict.fromkeys(words):
            has = self._word(mark, word)
            found = has if found is None else np.minimum(found, has)
        return self._nothing() if found is None else found

    def _word(self, mark: Mark, word: str) -> Weights:
        """The charts with the word, or where nobody has it, with words that begin so."""
        found = self._exactly(mark, word)
        if not found.any() and word:
            numbers, weights = self._table.beginning(marked(mark, word))
            np.maximum.at(found, numbers, weights)
        return found

    def _exactly(self, mark: Mark, word: str) -> Weights:
        found = self._nothing()
        numbers, weights = self._table.exactly(marked(mark, word))
        found[numbers] = weights
        return found

    def _nothing(self) -> Weights:
        return np.zeros(self._columns.size, np.float32)


def _as_weights(mask: Mask) -> Weights:
    return mask.astype(np.float32)
