"""What the editor of YAML asks: the keys that a chart knows, and what is wrong with what is typed."""

import json

from flask import request
from werkzeug.wrappers import Response

from catalog_web.auth import MIB, rule
from catalog_web.pages import values_reading
from catalog_web.pages.install.blueprint import pages
from catalog_web.pages.install.keys import keys_of
from catalog_web.pages.view import seen_catalog
from indexer.errors import UsageError
from indexer.parse import as_mapping

_LINT_LIMIT = 2 * MIB + MIB // 4
"""A megabyte of values, as JSON may write it."""


@pages.get("/charts/<source>/<name>/<version>/values.keys.json")
@rule("catalog.read", "chart/{source}/{name}")
def value_keys(source: str, name: str, version: str) -> Response:
    """Every key that the form of this version knows, with its help, default and choices."""
    content = seen_catalog().version(source, name, version).content
    return _json({"keys": keys_of(content) if content else {}})


@pages.post("/charts/<source>/<name>/<version>/values.problems.json")
@rule("app.install", "chart/{source}/{name}", body_limit=_LINT_LIMIT, notes_itself=True)
def value_problems(source: str, name: str, version: str) -> Response:
    """What is wrong with ``{"values_yaml": …}``, each with its line. Nothing is kept. Raises UsageError."""
    try:
        body = as_mapping(json.loads(request.get_data()))
    except (ValueError, RecursionError):
        raise UsageError(what="The body is no JSON.", hint="Send an object with values_yaml.") from None
    text = body.get("values_yaml")
    if not isinstance(text, str):
        raise UsageError(what="values_yaml must be a text.", hint="Send an object with values_yaml.")
    content = seen_catalog().version(source, name, version).content
    found = values_reading.opened(content, text).mistakes
    return _json({"problems": [{"line": one.line, "message": one.text} for one in found]})


def _json(told: object) -> Response:
    return Response(json.dumps(told, ensure_ascii=False), mimetype="application/json")
