"""The description of the API, made from the table of operations: what is not in the one is not in the other."""

from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter

from catalog_web.api import problems, shapes
from catalog_web.api.operations import JSON, Caller, FileAnswer, Nothing, Operation, Question, Text, operation, table
from indexer.about import program_version

_REFERENCE = "#/components/schemas/{model}"
_ALWAYS = (400, 403, 414)
_SECURITY = {
    "webhook": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The secret text of a source, as “chartroom source hook NAME” prints it.",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of one's own account. Where nobody signs in, none is asked for.",
    },
}
Answers = dict[tuple[str, int], dict[str, Any]]
"""Schemas by operation and status."""


@operation("GET", "/api/v1/openapi.json", action="open", summary="This description, OpenAPI 3.1", answer=dict[str, Any])
def describe(_caller: Caller) -> dict[str, Any]:
    """The whole document."""
    return document()


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of every operation."""
    operations = tuple(table().values())
    answers, schemas = _answer_schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for one in sorted(operations, key=lambda one: one.path):
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, answers, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Chartroom",
            "version": program_version() or "0",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": _SECURITY},
    }


def _answer_schemas(operations: tuple[Operation, ...]) -> tuple[Answers, dict[str, Any]]:
    """The schema of every answer by operation and status, and the shapes that they refer to."""
    shaped = {
        (one.name, status): shape
        for one in operations
        for status, shape in {one.status: one.answer, **one.other}.items()
        if shape not in (None, FileAnswer, Text)
    }
    shaped["problem", 0] = shapes.ProblemDetails
    adapters = [(key, "serialization", TypeAdapter(shape)) for key, shape in shaped.items()]
    found, whole = TypeAdapter.json_schemas(adapters, ref_template=_REFERENCE)  # type: ignore[arg-type]
    return {key: schema for (key, _), schema in found.items()}, whole.get("$defs", {})


def _operation(one: Operation, answers: Answers, schemas: dict[str, Any]) -> dict[str, Any]:
    described = {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": [*_path_parameters(one), *_query_parameters(one.query, schemas)],
        "responses": {**_successes(one, answers), **_failures(one)},
    }
    if one.body is not None and one.body is not Nothing:
        schema = _schema_of(one.body, schemas)
        described["requestBody"] = {"required": True, "content": {media: {"schema": schema} for media in one.media}}
    if one.admit is not None:
        described["security"] = [{"webhook": []}]
    elif _asks_who(one):
        described["security"] = [{"token": []}, {}]
    return described


def _asks_who(one: Operation) -> bool:
    from catalog_web.auth.actions import UNASKED  # brings Flask, which the command line does without

    return one.action not in UNASKED


def _path_parameters(one: Operation) -> list[dict[str, Any]]:
    names = [part.partition("}")[0] for part in one.path.split("{")[1:]]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(model: type[Question], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    properties = _schema_of(model, schemas).get("properties", {})
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in properties.items()]


def _schema_of(model: type[Question], schemas: dict[str, Any]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=_REFERENCE)
    schemas.update(schema.pop("$defs", {}))
    return schema


def _successes(one: Operation, answers: Answers) -> dict[str, Any]:
    return {str(status): _success(one, status, answers) for status in sorted({one.status, *one.other})}


def _success(one: Operation, status: int, answers: Answers) -> dict[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if one.answer in (FileAnswer, Text):
        described["content"] = {one.media_type: {}}
    elif (one.name, status) in answers:
        media_type = JSON if status < HTTPStatus.BAD_REQUEST else problems.MEDIA_TYPE
        described["content"] = {media_type: {"schema": answers[one.name, status]}}
    return described


def _failures(one: Operation) -> dict[str, Any]:
    write = () if one.method == "GET" else (413, 415)
    limited = (429,) if one.cost else ()
    asked = (401,) if _asks_who(one) else ()
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model="ProblemDetails")}}}
    return {
        str(status): {"description": HTTPStatus(status).phrase, "content": content}
        for status in sorted({*_ALWAYS, *write, *limited, *asked, *one.errors})
    }
