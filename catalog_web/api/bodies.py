"""What comes in: query parameters and JSON bodies, to typed questions. Pure; whatever comes, only UsageError leaves."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar, get_origin

from pydantic import ValidationError

from catalog_web.api.operations import Question
from indexer.errors import BadQuery, UsageError

MAX_DEPTH = 64
"""Levels of a body; Kubernetes takes far more, people do not write them."""
_SHOWN = 5

Asked = TypeVar("Asked", bound=Question)


def read_query(model: type[Asked], arguments: Mapping[str, Sequence[str]]) -> Asked:
    """``arguments`` (every value of each parameter) as ``model``. Raises BadQuery for anything it does not know."""
    values: dict[str, Any] = {}
    fields = {one.alias or name: one for name, one in model.model_fields.items()}
    for name, given in arguments.items():
        known = fields.get(name)
        many = known is not None and get_origin(known.annotation) is tuple
        if not many and len(given) > 1:
            raise BadQuery(what=f"The parameter “{name[:80]}” stands there {len(given)} times.", hint="Give it once.")
        values[name] = tuple(given) if many else given[0]
    try:
        return model.model_validate(values)
    except ValidationError as error:
        hint = f"Known parameters: {', '.join(fields)}." if fields else "There are none here."
        raise BadQuery(what=_mistakes("The address", error), hint=hint) from None


def read_body(model: type[Asked], body: bytes) -> Asked:
    """``body`` as ``model``; an empty one where nothing is asked for. Raises UsageError."""
    try:
        return model.model_validate(parse_json(body) if body.strip() or model.model_fields else {})
    except ValidationError as error:
        known = ", ".join(model.model_fields) or "none"
        raise UsageError(what=_mistakes("The request", error), hint=f"Known fields: {known}.") from None


def parse_json(body: bytes) -> Any:
    """Read JSON as RFC 8259 means it: UTF-8, no name twice, no NaN, nothing that cannot be stored or sent on."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        _refuse("it is nested too deeply")
    except UnicodeDecodeError as error:
        _refuse(f"byte {error.start} is not UTF-8")
    except json.JSONDecodeError as error:
        _refuse(f"line {error.lineno}, column {error.colno}: {error.msg}")
    except ValueError:  # an integer of thousands of digits
        _refuse("it holds a number beyond all measure")
    _check_tree(value)
    return value


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            _refuse(f"the name “{_clean(name)}” stands twice in one object")
        found[name] = value
    return found


def _no_number(word: str) -> NoReturn:
    _refuse(f"{word} is no JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse("it holds a number beyond all measure")
    return number


def _check_tree(value: Any) -> None:
    """Look at every part without recursion: how deep it stands, and whether text can be written as UTF-8 at all."""
    todo = [(value, 1)]
    while todo:
        one, depth = todo.pop()
        if depth > MAX_DEPTH:
            _refuse(f"it is nested more than {MAX_DEPTH} levels deep")
        if isinstance(one, str):
            _check_text(one)
        elif isinstance(one, list):
            todo += [(item, depth + 1) for item in one]
        elif isinstance(one, dict):
            todo += [(item, depth + 1) for item in (*one.keys(), *one.values())]


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        _refuse("a text holds half of a surrogate pair")


def _refuse(why: str) -> NoReturn:
    raise UsageError(what=f"The body cannot be read as JSON: {why}.", hint="Send one JSON object, in UTF-8.")


def _mistakes(what: str, error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    told = "; ".join(_mistake(one["loc"], one["type"], one["msg"]) for one in found[:_SHOWN])
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"{what} has mistakes: {told}{more}."


def _mistake(location: Sequence[str | int], kind: str, message: str) -> str:
    where = ".".join(_clean(str(part)) for part in location)
    said = "nothing of this name is known" if kind == "extra_forbidden" else message.removeprefix("Value error, ")
    return f"{where}: {said}" if where else said


def _clean(text: str) -> str:
    return "".join(one if one.isprintable() else "�" for one in text[:80])
