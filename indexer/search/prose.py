"""The README as a searcher reads it: prose without markup, and its most telling words."""

import re
from collections import Counter
from math import log2

from indexer.search.words import COMMON_WORDS, MAX_WORD, STOP_WORDS, english, is_cjk, stem, terms, tokens

README_MOST = 4.0  # “velero”: a README about backups with velero before one that names it once
README_LEAST = 1.0

README_READ = 10_000
"""Characters of a README that are read, as many as most have; later value tables repeat values.yaml."""
README_WORDS = 80
"""Words kept of a README. Beyond about a hundred come option names that most READMEs share."""
README_PAIRS = 300
"""CJK pairs kept of a README, where a word is several pairs."""
_INTRODUCTION = 1_500
"""Characters at its start, in which a README says what the chart is."""
_INTRODUCED = 3
"""How many times more a word of the introduction counts."""

_BOILERPLATE_TEXT = """
add annotations api apps array available based be bool boolean cluster command config configurable configuration
configure configured container containers controller create created custom default defaults delete deploy deployed
deployment deployments description details documentation empty enable enabled example false file files following host
http https id if image images install installed installing int introduction io ip key kubectl labels latest limits
list map memory more must my name namespace new nil no node none note null number object optional options other
overrides parameter parameters path persistent pod pods policy port prerequisites provide pull release repo repository
requests required resource resources run second secret see service services set should specify storage string sure tag
template test tests tolerations true type uninstall uninstalling update upgrade upgrading url use used user using
value values version volume want when yaml yml
"""
UNTELLING = frozenset(_BOILERPLATE_TEXT.split()) | STOP_WORDS | COMMON_WORDS
"""Words of nearly every chart's README; as postings they would cost most of the index and tell nothing."""

_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{1,500}>")
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)|https?://[^\s)>\]]{1,500}")
_RULE = re.compile(r"[-_=:]{3,}")
_MARKS = str.maketrans("#*|>`~[]", " " * 8)


def plain(readme: str) -> str:
    """The prose of a Markdown README: no code blocks, markup, addresses; one line."""
    text = _CODE.sub(" ", readme[:README_READ])
    text = _TAG.sub(" ", text)
    text = _LINK.sub(lambda match: match[1] or " ", text)
    return " ".join(_RULE.sub(" ", text.translate(_MARKS)).split())


def readme_weights(prose: str) -> dict[str, float]:
    """The most telling terms of a README: the introduction's first, then by how often they stand there."""
    counts = Counter(tokens(prose))
    pairs: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for token in counts.keys() - UNTELLING:
        if is_cjk(token):
            for pair in terms(token):
                pairs[pair] += counts[token]
            for word in english(token):
                words[stem(word)] += counts[token]
        elif 1 < len(token) <= MAX_WORD // 2 and not token[0].isdigit():
            words[stem(token)] += counts[token]
    introduced = set(map(stem, tokens(prose[:_INTRODUCTION])))
    first = sorted(words, key=lambda word: (-words[word] - _INTRODUCED * (word in introduced), word))[:README_WORDS]
    return {
        **{word: _weight(words[word]) for word in first},
        **{pair: _weight(pairs[pair]) for pair in sorted(pairs, key=lambda p: (-pairs[p], p))[:README_PAIRS]},
    }


def _weight(count: int) -> float:
    return min(README_MOST, README_LEAST + 0.75 * log2(count))
