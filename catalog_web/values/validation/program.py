"""A program of its own that holds values against JSON Schemas, and may do nothing else.

::

    python -I program.py < {"seconds": 1.0, "checks": [{"schema": "…", "values": {}}, …]} > a line of JSON for each

It stands alone: nothing of the project is imported. Before it looks at a schema it gives up memory beyond 512 MiB,
files and sockets (none can be opened any more), processes, and processor time: the timers kill it even inside a regular
expression. What it had found of the checks before is written by then. No reference is ever loaded: one that leads out
of its schema is passed over with a note. No value is written, for it may be a secret.
"""

import json
import re
import resource
import signal
import sys
from collections.abc import Iterator
from typing import Any

from jsonschema import FormatChecker, SchemaError, ValidationError, validators
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

_MEMORY = 512 * 1024 * 1024
_WALL = 5
"""Times the processor's seconds: on a machine that gives it none it ends as well."""
_PROBLEMS, _NOTES, _EXTRAS = 100, 20, 10
_LONGEST = 300
_DEEPEST = 30
_DRAFTS = {
    "json-schema.org/draft-04/schema": validators.Draft4Validator,
    "json-schema.org/draft-06/schema": validators.Draft6Validator,
    "json-schema.org/draft-07/schema": validators.Draft7Validator,
    "json-schema.org/schema": validators.Draft7Validator,
    "json-schema.org/draft/2019-09/schema": validators.Draft201909Validator,
    "json-schema.org/draft/2020-12/schema": validators.Draft202012Validator,
}
"""By ``$schema`` without its scheme. The one without a draft, once the newest, is what many charts of draft 7 name."""
_NAMES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
_FORMATS = ("email", "ipv4", "ipv6", "date", "regex", "uuid")


def main() -> None:
    """Read the checks and answer each."""
    asked = json.load(sys.stdin)
    confine(asked["seconds"])
    for one in asked["checks"]:
        answer = Check(one["schema"]).answer(one["values"])
        print(json.dumps(answer), flush=True)


def confine(seconds: float) -> None:
    """Give up what a check does not need, for good."""
    limits = {
        resource.RLIMIT_AS: _MEMORY,
        resource.RLIMIT_NOFILE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, limit in limits.items():
        resource.setrlimit(what, (limit, limit))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * _WALL)


class Check:
    """One schema, as text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.notes: dict[tuple[str, str], None] = {}

    def answer(self, values: Any) -> dict[str, Any]:
        """The problems of ``values``, and what of the schema was passed over."""
        try:
            problems = list(self._problems(values))
        except RecursionError:
            self._note("deep", "")
            problems = []
        except SchemaError as error:
            self._note("invalid", f"{'/'.join(map(str, error.absolute_path))} ({error.validator})")
            problems = []
        except (ValueError, Unresolvable) as error:
            self._note("unreadable", str(error))
            problems = []
        return {"problems": problems, "notes": list(self.notes)[:_NOTES]}

    def _problems(self, values: Any) -> Iterator[dict[str, Any]]:
        schema = json.loads(self.text, object_hook=with_places)
        if not isinstance(schema, dict | bool):
            self._note("no-object", "")
            return
        kind = self._kind(schema)
        kind.check_schema(schema, format_checker=FormatChecker(formats=()))
        told = kind(schema, registry=Registry(), format_checker=FormatChecker(formats=_FORMATS))
        for error in told.iter_errors(values):
            for problem in described(error):
                yield problem
                self._left -= 1
            if self._left <= 0:
                return

    _left = _PROBLEMS

    def _kind(self, schema: Any) -> Any:
        """The validator of the schema's draft; where it names none, draft 7, as most charts mean it."""
        named = schema.get("$schema") if isinstance(schema, dict) else None
        plain = named.partition("://")[2].rstrip("#/") if isinstance(named, str) else "json-schema.org/schema"
        draft = _DRAFTS.get(plain)
        if draft is None:
            self._note("draft", str(named))
        base = draft or validators.Draft7Validator
        kept = {"$ref": self._passing(base, "$ref"), "pattern": self._pattern}
        if "$dynamicRef" in base.VALIDATORS:
            kept["$dynamicRef"] = self._passing(base, "$dynamicRef")
        if "patternProperties" in base.VALIDATORS:
            kept["patternProperties"] = self._compiled(base, "patternProperties")
        if "additionalProperties" in base.VALIDATORS:
            kept["additionalProperties"] = self._compiled(base, "additionalProperties")
        return validators.extend(base, kept)  # type: ignore[no-untyped-call]

    def _passing(self, base: Any, keyword: str) -> Any:
        """``keyword`` of ``base``, for which a reference that leads nowhere allows everything."""
        known = base.VALIDATORS[keyword]

        def check(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
            try:
                yield from known(validator, reference, instance, schema)
            except Unresolvable:  # those of references further down are dealt with there
                self._note("reference", str(reference))

        return check

    def _pattern(self, validator: Any, pattern: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if not isinstance(instance, str):
            return
        found = self._regex(pattern)
        if found is not None and not found.search(instance):
            yield ValidationError("")

    def _compiled(self, base: Any, keyword: str) -> Any:
        """``keyword`` of ``base``, blind to patterns that are none."""
        known = base.VALIDATORS[keyword]

        def check(validator: Any, told: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
            patterns = schema.get("patternProperties")
            if isinstance(patterns, dict):
                good = {one: below for one, below in patterns.items() if self._regex(one) is not None}
                schema = {**schema, "patternProperties": good}
                told = good if keyword == "patternProperties" else told
            yield from known(validator, told, instance, schema)

        return check

    def _regex(self, pattern: str) -> "re.Pattern[str] | None":
        found = compiled(pattern)
        if found is None:
            self._note("pattern", pattern)
        return found

    def _note(self, kind: str, detail: str) -> None:
        self.notes.setdefault((kind, detail[:_LONGEST]))


# -- what went wrong, without the value


def described(error: ValidationError) -> Iterator[dict[str, Any]]:
    """``error`` as plain facts; of alternatives that all failed the one that came nearest."""
    if error.validator in ("anyOf", "oneOf") and error.context:
        nearest = best_match(iter([error]))
        if nearest is not error and nearest.validator not in ("anyOf", "oneOf", "type", "const", "enum"):
            yield from described(nearest)
            return
    path = list(error.absolute_path)[:_DEEPEST]
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        names = [one for one in error.instance if is_extra(one, error.schema)]
        yield from ({"path": [*path, one], "keyword": "unknown", "told": None} for one in names[:_EXTRAS])
        return
    yield {"path": path, "keyword": str(error.validator), "told": told(error), "given": given(error.instance)}


def with_places(schema: dict[str, Any]) -> dict[str, Any]:
    """``schema`` with properties that are not allowed at all told by ``not``: of ``false`` no path would be known."""
    named = schema.get("properties")
    if isinstance(named, dict) and False in named.values():
        schema["properties"] = {name: {"not": {}} if below is False else below for name, below in named.items()}
    return schema


def compiled(pattern: str) -> "re.Pattern[str] | None":
    """The regular expression; None where Python takes it for none."""
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None


def is_extra(name: str, schema: Any) -> bool:
    """Whether ``schema`` names the key nowhere."""
    patterns = [found for one in schema.get("patternProperties") or {} if (found := compiled(one))]
    return name not in (schema.get("properties") or {}) and not any(one.search(name) for one in patterns)


def told(error: ValidationError) -> Any:
    """What the keyword wants, cut where it is long; of ``required`` the one key that is missing."""
    value: Any = error.validator_value
    if error.validator == "required" and isinstance(value, list):
        value = next((one for one in value if error.message.startswith(repr(one))), "")
    if isinstance(value, str | int | float | bool) or value is None:
        return value[:_LONGEST] if isinstance(value, str) else value
    text = json.dumps(value, ensure_ascii=False) if error.validator in ("enum", "const", "type") else ""
    return value if len(text) <= _LONGEST and text else text[:_LONGEST]


def given(instance: Any) -> str:
    """JSON Schema's name of what stands there."""
    return "null" if instance is None else _NAMES.get(type(instance), "")


if __name__ == "__main__":
    main()
