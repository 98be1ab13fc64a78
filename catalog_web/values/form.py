"""The form of a chart: from its schema, its values.yaml with the comments, and Rancher's questions. Pure."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from catalog_web.schema_tree import MAX_BYTES, Schema
from catalog_web.values.building import MAX_FIELDS, Builder, TooManyFieldsError, depths, origin_of
from catalog_web.values.comments import comments_of
from catalog_web.values.fields import Field, Form, Origin
from catalog_web.values.hints import picks
from catalog_web.values.questions import asked
from indexer.errors import N_, EntryError, Phrase, phrase
from indexer.model import ArchiveContent
from indexer.parse import load_values
from indexer.parse.text import shown

_CACHED = 512 * 1024
"""Characters of the largest chart whose form is kept; each page asks for it several times."""


def form_of(content: ArchiveContent) -> Form:
    """The form of the chart in that archive; whatever it holds, there is one, if need be without fields."""
    texts = (content.values, content.schema, content.questions)
    return _kept(*texts) if sum(map(len, texts)) <= _CACHED else _made(*texts)


def _made(values: str, schema: str, questions: str) -> Form:
    notes: list[Phrase] = []
    defaults = _defaults(values, notes)
    document = _document(schema, notes)
    fields = _fields(document, values, defaults, notes)
    told, more = asked(questions, fields, defaults) if questions.strip() else ((), [])
    origin: Origin = "questions" if told else origin_of(document)
    return Form(told or fields, origin, (*notes, *more), defaults)


_kept = lru_cache(maxsize=16)(_made)


def _fields(document: Schema, values: str, defaults: Mapping[str, Any], notes: list[Phrase]) -> tuple[Field, ...]:
    comments, picked = comments_of(values), picks(document)
    for deepest in depths(defaults):
        try:
            return Builder(document, comments, picked=picked, deepest=deepest).top(document, defaults)
        except TooManyFieldsError:
            continue
    notes.append(phrase(N_("The chart has more than {limit} values at its top: edit them as YAML."), limit=MAX_FIELDS))
    return ()


def _defaults(text: str, notes: list[Phrase]) -> dict[str, Any]:
    try:
        return load_values(text)
    except EntryError as error:
        text = N_("Helm cannot read the chart's values.yaml, line {line}: {detail}")
        notes.append(phrase(text, line=error.params.get("line") or "?", detail=error.params["detail"]))
        return {}


def _document(text: str, notes: list[Phrase]) -> Schema:
    """The schema; an empty one, with a note, where it is none (hostile case G3)."""
    if not text.strip():
        return {}
    try:
        if len(text) > MAX_BYTES:
            notes.append(phrase(N_("The schema is too large, so the form follows the values.")))
            return {}
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        said = shown(str(error), 200)
        notes.append(phrase(N_("The schema is no JSON, so the form follows the values: {detail}"), detail=said))
        return {}
    if isinstance(found, Mapping):
        return found
    notes.append(phrase(N_("The schema is no JSON object, so the form follows the values.")))
    return {}
