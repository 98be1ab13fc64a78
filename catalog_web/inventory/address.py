"""Which apps are wanted, as it stands in an address, and back. Pure."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from catalog_web.inventory.filters import FACETS, FLAGS, AppFilter
from indexer.errors import N_, BadQuery

MOST_CHOSEN = 100
"""Values of one filter."""
LONGEST = 253
"""Characters of a value: no name is longer."""
_WORDS = {"true": True, "false": False}


def read(arguments: Mapping[str, Sequence[str]]) -> AppFilter:
    """The filter that ``arguments`` (every value of each parameter) mean; unknown ones are left alone. Raises BadQuery.

    A minus before an order turns it round.
    """
    sort = _one(arguments, "sort") or "place"
    chosen = {one: _many(arguments, one) for one in FACETS}
    flags = {one: _flag(one, _one(arguments, one)) for one in FLAGS}
    return AppFilter(
        text=_one(arguments, "q").strip(),
        chosen={name: values for name, values in chosen.items() if values},
        flags={name: word for name, word in flags.items() if word is not None},
        behind=_number(_one(arguments, "behind")),
        versions=_one(arguments, "version").strip(),
        image=_one(arguments, "image").strip(),
        sort=sort.removeprefix("-"),
        reverse=sort.startswith("-"),
    )


def conditions(wanted: AppFilter) -> tuple[tuple[str, str], ...]:
    """Every filter that is set, but for the text, as name and value."""
    chosen = [(name, value) for name, values in wanted.chosen.items() for value in values]
    flags = [(name, str(word).lower()) for name, word in wanted.flags.items()]
    others = [("behind", str(wanted.behind or "")), ("version", wanted.versions), ("image", wanted.image)]
    return (*chosen, *flags, *((name, value) for name, value in others if value))


def written(wanted: AppFilter) -> str:
    """``wanted`` as a query string."""
    sort = f"{'-' if wanted.reverse else ''}{wanted.sort}"
    pairs = [("q", wanted.text), *conditions(wanted), ("sort", sort if sort != "place" else "")]
    return urlencode([(name, value) for name, value in pairs if value])


def _one(arguments: Mapping[str, Sequence[str]], name: str) -> str:
    value = next(iter(arguments.get(name, ())), "")
    if len(value) > LONGEST or "\0" in value:
        raise BadQuery(what=f"“{name}” has more than {LONGEST} characters, or one that nothing has.", hint=_SHORTER)
    return value


def _many(arguments: Mapping[str, Sequence[str]], name: str) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(filter(None, arguments.get(name, ()))))
    if len(values) > MOST_CHOSEN or any(len(one) > LONGEST for one in values):
        raise BadQuery(what=f"“{name}” has more values, or a longer one, than there can be.", hint=_SHORTER)
    return values


def _flag(name: str, text: str) -> bool | None:
    if text and text not in _WORDS:
        raise BadQuery(what=f"“{name}” is true or false, not “{text[:40]}”.", hint=_SHORTER)
    return _WORDS.get(text)


def _number(text: str) -> int:
    if text and not text.isdecimal():
        raise BadQuery(what=f"“behind” must be a whole number, not “{text[:40]}”.", hint=_SHORTER)
    return min(int(text[:9] or 0), 10**6)


_SHORTER = N_("Correct the address, or leave this part out.")
