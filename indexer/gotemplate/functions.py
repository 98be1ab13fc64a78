"""The functions of templates that need nothing but their arguments: Go's own, Sprig's and Helm's.

Sprig's manual is at https://masterminds.github.io/sprig/. Arguments come in the template's order; a call that Go would
refuse raises one of REFUSED. Functions that match with regular expressions are left out: a chart's expression may take
years. So are those that hash, encrypt or draw random text, whose results are never an image's name.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from indexer.gotemplate.values import (
    UNKNOWN,
    TooDeep,
    Value,
    copied,
    is_unsure,
    kind_of,
    merged,
    printed,
    to_yaml,
    truth,
)
from indexer.version_range import VersionRange

REFUSED: Final = (
    TypeError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    ZeroDivisionError,
    OverflowError,
    TooDeep,
)
"""What a function raises for arguments that it does not take."""
_LONGEST = 1_000
"""Elements of a list that ``until`` and its like make."""
_LONGEST_TEXT = 1_000_000
"""Characters that a function may add to a text."""


def is_known(found: Callable[..., Value]) -> Callable[..., Value]:
    """A function whose value is unknown as soon as one of its arguments is."""

    def wrapped(*arguments: Value) -> Value:
        return UNKNOWN if any(map(is_unsure, arguments)) else found(*arguments)

    return wrapped


# -- truth and comparison


def default(fallback: Value, given: Value = None) -> Value:
    """``given``, or ``fallback`` where it is empty."""
    is_given = truth(given)
    if is_given is None:
        return given if isinstance(given, str) and not truth(fallback) else UNKNOWN
    return given if is_given else fallback


def coalesce(*values: Value) -> Value:
    """The first value that is not empty."""
    for value in values:
        given = truth(value)
        if given is None:
            return UNKNOWN
        if given:
            return value
    return None


def both(*values: Value) -> Value:
    """``and``: the first value that is empty, else the last."""
    return _first_that_is(False, values)


def either(*values: Value) -> Value:
    """``or``: the first value that is not empty, else the last."""
    return _first_that_is(True, values)


def _first_that_is(wanted: bool, values: tuple[Value, ...]) -> Value:
    truths = [truth(value) for value in values]
    if wanted not in truths:
        return UNKNOWN if None in truths else values[-1]
    at = truths.index(wanted)
    return values[at] if None not in truths[:at] else wanted


def negated(value: Value) -> Value:
    """``not`` and ``empty``."""
    known = truth(value)
    return UNKNOWN if known is None else not known


def ternary(yes: Value, no: Value, test: Value) -> Value:
    """``yes`` where ``test`` holds, else ``no``."""
    known = truth(test)
    if known is None:
        return yes if yes == no and not isinstance(yes, dict | list) else UNKNOWN
    return yes if known else no


def equal(first: Value, *others: Value) -> bool:
    """Whether ``first`` equals one of ``others``."""
    return any(_same(first, other) for other in others)


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        raise TypeError
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def semver_compare(constraint: str, version: str) -> bool:
    """Whether a version satisfies a range in Helm's notation."""
    return version in VersionRange.parse(constraint)


# -- text


def quote(*values: Value) -> str:
    """Each value between double quotes."""
    shown = (printed(value) for value in values if value is not None)
    return " ".join('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in shown)


def squote(*values: Value) -> str:
    """Each value between single quotes."""
    return " ".join(f"'{printed(value)}'" for value in values if value is not None)


def print_(*values: Value) -> str:
    """Go's Sprint: a blank between two values neither of which is text."""
    text, before = "", True
    for number, value in enumerate(values):
        is_text = isinstance(value, str)
        text += (" " if number and not is_text and not before else "") + printed(value)
        before = is_text
    return text


def printf(form: str, *values: Value) -> str:
    """Go's Sprintf for the verbs that charts use: %s, %v, %d, %q, %t, %%."""
    parts = str(form).split("%")
    text, rest, waiting = parts[0], list(values), False
    for part in parts[1:]:
        if waiting or not part:
            text, waiting = text + ("%" if not waiting else part), not waiting
            continue
        shown = printed(rest.pop(0))
        if part[0] not in "svdqtg":
            raise ValueError
        text += (quote(shown) if part[0] == "q" else shown) + part[1:]
    return text


def trunc(length: int, text: str) -> str:
    """The first ``length`` characters; from the end where it is negative."""
    return text[length:] if length < 0 else text[:length]


def indent(width: int, text: str) -> str:
    """Each line moved to the right."""
    _check_length(width * (text.count("\n") + 1))
    return "\n".join(" " * width + line for line in text.split("\n"))


def title(text: str) -> str:
    """The first letter of each word in upper case."""
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def substr(start: int, end: int, text: str) -> str:
    """Characters from ``start`` to before ``end``; negative: to the end."""
    if start < 0:
        return text[:end]
    return text[start:] if end < 0 or end > len(text) else text[start:end]


def join(separator: str, values: Value) -> str:
    """The elements of a list with ``separator`` between."""
    _check_length(len(separator) * length(values))
    return (
        separator.join(printed(one) for one in values if one is not None)
        if isinstance(values, list)
        else printed(values)
    )


def replace(old: str, new: str, text: str) -> str:
    """``text`` with ``new`` for every ``old``."""
    if not old:
        raise ValueError
    _check_length(len(new) * text.count(old))
    return text.replace(old, new)


def repeat(count: int, text: str) -> str:
    """``text`` so many times."""
    _check_length(count * len(text))
    return text * count


def split(separator: str, text: str) -> dict[str, str]:
    """The parts as a map of _0, _1 …"""
    return {f"_{number}": part for number, part in enumerate(text.split(separator))}


# -- numbers


def to_int(value: Value) -> int:
    """A whole number of 64 bits; 0 where it is none, as Go's cast does."""
    try:
        return _whole(int(float(value)) if isinstance(value, str) else int(value or 0))
    except REFUSED:
        return 0


def to_float(value: Value) -> float:
    """A number; 0 where it is none."""
    try:
        return float(value or 0)
    except REFUSED:
        return 0.0


def quotient(one: Value, other: Value) -> int:
    """Go's division, which cuts towards zero."""
    found = abs(to_int(one)) // abs(to_int(other))
    return found if (to_int(one) < 0) == (to_int(other) < 0) else -found


def total(*values: Value) -> int:
    """The sum."""
    return _whole(sum(map(to_int, values)))


def product(*values: Value) -> int:
    """All multiplied."""
    found = 1
    for value in values:
        found = _whole(found * to_int(value))
    return found


def until(*bounds: Value) -> list[int]:
    """``until`` and ``untilStep``: the numbers before the last bound."""
    made = range(*map(to_int, bounds))
    if len(made) > _LONGEST:
        raise ValueError
    return list(made)


# -- lists and maps


def dictionary(*parts: Value) -> dict[str, Value]:
    """A map of keys and values in turn."""
    pairs = zip(parts[::2], (*parts[1::2], ""), strict=False)
    return {printed(key): value for key, value in pairs}


def get(holder: dict[str, Value], key: str) -> Value:
    """The value of ``key``, or empty text."""
    return holder.get(key, "")


def has_key(holder: dict[str, Value], key: str) -> bool:
    """Whether ``key`` is there."""
    return key in holder


def keys(*holders: dict[str, Value]) -> list[Value]:
    """The keys of all maps; Go gives them in no order."""
    return [key for holder in holders for key in sorted(holder)]


def pick(holder: dict[str, Value], *wanted: str) -> dict[str, Value]:
    """Only these keys."""
    return {key: value for key, value in holder.items() if key in wanted}


def omit(holder: dict[str, Value], *unwanted: str) -> dict[str, Value]:
    """All but these keys."""
    return {key: value for key, value in holder.items() if key not in unwanted}


def dig(*arguments: Value) -> Value:
    """Keys, a fallback and a map: the value below the keys."""
    *path, fallback, holder = arguments
    for key in path:
        if not isinstance(holder, dict) or key not in holder:
            return UNKNOWN if holder is UNKNOWN else fallback
        holder = holder[key]
    return holder


def has(wanted: Value, values: list[Value] | None) -> bool:
    """Whether a list has that element."""
    found = [is_unsure(one) for one in values or ()]
    if any(_same(wanted, one) for one in values or () if not isinstance(one, dict | list) and not is_unsure(one)):
        return True
    if any(found):
        raise ValueError
    return False


def concat(*lists: list[Value] | None) -> list[Value]:
    """All lists as one."""
    return [one for values in lists for one in values or ()]


def first(values: Value) -> Value:
    """The first element; nothing where there is none."""
    return values[0] if values else None


def last(values: Value) -> Value:
    """The last element; nothing where there is none."""
    return values[-1] if values else None


def index(holder: Value, *path: Value) -> Value:
    """What stands below keys and numbers."""
    for key in path:
        if holder is UNKNOWN or is_unsure(key):
            return UNKNOWN
        if holder is None:
            return None
        holder = holder.get(printed(key)) if isinstance(holder, dict) else holder[to_int(key)]
    return holder


def uniq(values: list[Value]) -> list[Value]:
    """Each element of a list of texts and numbers once."""
    if any(isinstance(one, dict | list) for one in values):
        raise TypeError
    return list(dict.fromkeys(values))


def length(value: Value) -> int:
    """Characters, elements or keys."""
    return len(value) if value is not None else 0


def merge(into: dict[str, Value], *others: dict[str, Value]) -> dict[str, Value]:
    """Fill up ``into`` from ``others``."""
    for other in others:
        merged(into, other or {}, overwrite=False)
    return into


def merge_overwrite(into: dict[str, Value], *others: dict[str, Value]) -> dict[str, Value]:
    """Put ``others`` over ``into``, one after the other."""
    for other in others:
        merged(into, other or {}, overwrite=True)
    return into


def from_json(text: str) -> Value:
    """A JSON text as a value."""
    return json.loads(text)


def to_json(value: Value) -> str:
    """A value as JSON text; unknown where some of it is."""
    return json.dumps(copied(value), separators=(",", ":"), sort_keys=True, default=lambda _: "\ue000")


def _check_length(characters: int) -> None:
    if characters > _LONGEST_TEXT:
        raise ValueError


def _whole(number: int) -> int:
    """Refused beyond 64 bits."""
    if abs(number) >= 2**63:
        raise OverflowError
    return number


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _list(value: Value) -> list[Any]:
    if not isinstance(value, list | None):
        raise TypeError
    return value or []


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "default": default,
    "coalesce": coalesce,
    "and": both,
    "or": either,
    "not": negated,
    "empty": negated,
    "ternary": ternary,
    "eq": is_known(equal),
    "ne": is_known(lambda one, other: not _same(one, other)),
    "lt": is_known(lambda one, other: one < other),
    "le": is_known(lambda one, other: one <= other),
    "gt": is_known(lambda one, other: one > other),
    "ge": is_known(lambda one, other: one >= other),
    "semverCompare": is_known(semver_compare),
    "quote": quote,
    "squote": squote,
    "print": print_,
    "println": lambda *values: " ".join(map(printed, values)) + "\n",
    "printf": printf,
    "cat": lambda *values: " ".join(printed(one) for one in values if one is not None),
    "toString": printed,
    "trunc": lambda size, text: trunc(to_int(size), printed(text)),
    "indent": lambda width, text: indent(to_int(width), printed(text)),
    "nindent": lambda width, text: "\n" + indent(to_int(width), printed(text)),
    "trim": lambda text: printed(text).strip(),
    "trimAll": lambda cut, text: printed(text).strip(cut),
    "trimPrefix": lambda cut, text: printed(text).removeprefix(cut),
    "trimSuffix": lambda cut, text: printed(text).removesuffix(cut),
    "lower": lambda text: printed(text).lower(),
    "upper": lambda text: printed(text).upper(),
    "title": lambda text: title(printed(text)),
    "nospace": lambda text: "".join(printed(text).split()),
    "substr": lambda start, end, text: substr(start, end, printed(text)),
    "replace": lambda old, new, text: replace(old, new, printed(text)),
    "repeat": lambda count, text: repeat(to_int(count), printed(text)),
    "contains": is_known(lambda part, text: part in _text(text)),
    "hasPrefix": is_known(lambda part, text: _text(text).startswith(part)),
    "hasSuffix": is_known(lambda part, text: _text(text).endswith(part)),
    "split": is_known(lambda separator, text: split(separator, _text(text))),
    "splitList": is_known(lambda separator, text: _text(text).split(separator)),
    "join": join,
    "int": is_known(to_int),
    "int64": is_known(to_int),
    "float64": is_known(to_float),
    "atoi": is_known(to_int),
    "add": is_known(total),
    "add1": is_known(lambda value: total(value, 1)),
    "sub": is_known(lambda one, other: _whole(to_int(one) - to_int(other))),
    "mul": is_known(product),
    "div": is_known(quotient),
    "mod": is_known(lambda one, other: to_int(one) - quotient(one, other) * to_int(other)),
    "max": is_known(lambda *values: max(map(to_int, values))),
    "min": is_known(lambda *values: min(map(to_int, values))),
    "until": is_known(until),
    "untilStep": is_known(until),
    "list": lambda *values: list(values),
    "tuple": lambda *values: list(values),
    "dict": dictionary,
    "get": is_known(get),
    "hasKey": is_known(has_key),
    "keys": is_known(keys),
    "values": is_known(lambda holder: [holder[key] for key in sorted(holder)]),
    "pick": is_known(pick),
    "omit": is_known(omit),
    "dig": dig,
    "has": is_known(has),
    "concat": is_known(concat),
    "append": lambda values, one: [*_list(values), one],
    "prepend": lambda values, one: [one, *_list(values)],
    "first": is_known(first),
    "last": is_known(last),
    "rest": is_known(lambda values: values[1:]),
    "initial": is_known(lambda values: values[:-1]),
    "reverse": is_known(lambda values: values[::-1]),
    "uniq": is_known(uniq),
    "compact": is_known(lambda values: [one for one in values if truth(one)]),
    "without": is_known(lambda values, *unwanted: [one for one in values if one not in unwanted]),
    "slice": is_known(lambda values, *bounds: values[slice(*bounds[:2])] if len(bounds) > 1 else values[bounds[0] :]),
    "sortAlpha": is_known(lambda values: sorted(map(printed, values))),
    "index": index,
    "len": is_known(length),
    "merge": is_known(merge),
    "mergeOverwrite": is_known(merge_overwrite),
    "mustMerge": is_known(merge),
    "mustMergeOverwrite": is_known(merge_overwrite),
    "deepCopy": copied,
    "mustDeepCopy": copied,
    "kindIs": lambda kind, value: UNKNOWN if value is UNKNOWN else kind_of(value) == kind,
    "kindOf": lambda value: UNKNOWN if value is UNKNOWN else kind_of(value),
    "typeIs": lambda kind, value: (
        UNKNOWN if value is UNKNOWN else kind_of(value) == kind.removesuffix("[string]interface {}")
    ),
    "typeOf": lambda value: UNKNOWN if value is UNKNOWN else kind_of(value),
    "toYaml": lambda value: UNKNOWN if value is UNKNOWN else to_yaml(value),
    "toYamlPretty": lambda value: UNKNOWN if value is UNKNOWN else to_yaml(value),
    "toJson": lambda value: UNKNOWN if value is UNKNOWN else to_json(value),
    "toPrettyJson": lambda value: UNKNOWN if value is UNKNOWN else to_json(value),
    "fromJson": is_known(from_json),
    "required": lambda _message, value: value,
}
"""By name; what is not among them is unknown, but for those that the evaluator has, such as ``include``."""
