"""What a misspelt word may have meant, by the words that the catalog has."""

from collections.abc import Mapping


class Speller:
    """Corrects words by ``words``: each word (as names keep it, not stemmed) with how many charts have it.

    The caller counts words of names higher: they are what people type most.
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = words

    def correct(self, word: str) -> tuple[str, ...]:
        """What ``word`` may have meant, best first; never itself, nothing where nothing is near.

        One that should be two words comes with a blank between them.
        """
        return ()
