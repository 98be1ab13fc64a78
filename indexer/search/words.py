"""How text becomes words, for charts and for queries alike: what differs between the two is never found."""

import re
import unicodedata
from functools import lru_cache

MAX_WORD = 64
"""Characters of one word; what is beyond is cut on both sides alike."""

CJK = "\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
"""Scripts written without blanks, as the inside of a character class."""

_SYMBOLS = "\u2600-\u27bf\U0001f000-\U0001faff"
_TOKEN = re.compile(f"[{CJK}]+|[^\\W_{CJK}]+|[{_SYMBOLS}]")
_CJK_FIRST = re.compile(f"[{CJK}]")
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")

_STOP_WORDS_TEXT = """
a an and are as at be by can for from has have if in into is it its not of on or that the their then there these
this to was which will with you your
"""
STOP_WORDS = frozenset(_STOP_WORDS_TEXT.split())
"""They restrict nothing: “a database for metrics” means database and metrics. Names and keywords keep them."""

COMMON_WORDS = frozenset(("chart", "charts", "helm", "kubernetes", "k8s"))
"""True of every chart here: “redis helm chart” means redis. They count where they stand in a name (“helm-operator”)."""


def fold(text: str) -> str:
    """``text`` without case, accents and width: ``Ｒｅｄｉｓ``, ``REDIS`` and ``rédis`` are one word."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _ACCENTED.sub(lambda match: unicodedata.normalize("NFD", match[0])[0], folded)


def label(text: str) -> str:
    """A keyword as a facet shows it: one spelling for ``Database`` and ``database``, accents kept."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def tokens(text: str) -> list[str]:
    """The words of ``text`` and its CJK runs, folded, in order. All but letters, digits and symbols separates."""
    return _TOKEN.findall(fold(text))


def squash(text: str) -> str:
    """``text`` as one word: ``argo-cd``, ``Argo CD`` and ``argocd`` are the same."""
    return "".join(tokens(text))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A folded word without its ending, as it stands in the index: ``logs`` and ``logging`` are ``log``."""
    return word


def is_cjk(token: str) -> bool:
    """Whether a token is a CJK run."""
    return not token.isascii() and _CJK_FIRST.match(token) is not None


def terms(token: str) -> list[str]:
    """What stands in the index for a token: the word, or every two neighbours of a CJK run (``数据库``: 数据, 据库)."""
    if not is_cjk(token):
        return [token[:MAX_WORD]]
    if len(token) == 1:
        return [token]
    return [token[i : i + 2] for i in range(len(token) - 1)]


def all_terms(text: str) -> list[str]:
    """The terms of all tokens of ``text``, and each CJK character alone, so that one character finds something too."""
    found: list[str] = []
    for token in tokens(text):
        found += terms(token)
        if len(token) > 1 and is_cjk(token):
            found += token
    return found
