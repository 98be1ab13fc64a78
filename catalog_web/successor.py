"""Where a deprecated chart says that people should go. Pure."""

import re
from collections.abc import Iterable, Iterator

from catalog_web.links import safe_link

_BEGIN = 6_000
"""Characters of a text that are looked into: who gives a chart up says so at the begin."""
_MOST = 3
_SPEAKS_OF_IT = re.compile(
    r"deprecat|\bmov(?:ed|ing)\b|replac|supersed|successor|obsolete|no longer|migrat", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"(?<=[.!?])[*_)\"']*\s|\n\s*\n|\n(?=[#*-])")
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'`]+")
_TRAILING = ".,;:!*_"


def moved_to(texts: Iterable[str]) -> tuple[str, ...]:
    """Web addresses in the sentences that speak of the end of a chart; at most three."""
    return tuple(dict.fromkeys(address for text in texts for address in _addresses(text[:_BEGIN])))[:_MOST]


def _addresses(text: str) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(text):
        if _SPEAKS_OF_IT.search(sentence):
            found = (safe_link(one.rstrip(_TRAILING)) for one in _ADDRESS.findall(sentence))
            yield from (one for one in found if one)
