"""The table of operations under Flask: addresses, rights, questions in, shapes out, problems for all that fails."""

import base64
import io
import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast, get_args

from flask import Blueprint, Flask, Response, g, request, send_file
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, Unauthorized, UnsupportedMediaType
from werkzeug.routing import RequestRedirect

from catalog_web.api import bodies, problems
from catalog_web.api.operations import JSON, Caller, Encoded, FileAnswer, Operation, Reply, Streamed, Text, table
from catalog_web.api.shapes import ProblemDetails
from catalog_web.auth import ANONYMOUS, Action, Cost, Person, current_person, rule
from catalog_web.helm.credentials import USERNAME
from catalog_web.services import Services
from catalog_web.signin.tokens import takes_basic
from indexer.errors import ChartroomError, SourceNotFound

log = logging.getLogger(__name__)

_HTTP_ERRORS = (400, 401, 403, 404, 405, 413, 414, 415, 431, 500, 503)
_KEPT_HEADERS = ("allow", "retry-after", "www-authenticate")
_PREFIXES, _HELM = ("/api/", "/hooks/"), "/helm/"
PROBES = ("/healthz", "/readyz", "/metrics")
_CAPTAIN = Person(USERNAME, frozenset({"catalog.read"}))


def install(app: Flask) -> None:
    """Register every operation on ``app``, whose services stand in ``app.extensions["chartroom"]``."""
    app.register_blueprint(_blueprint(app, tuple(table().values())))
    # First of all: what is not there needs no token and no right, and the pages would answer with a page.
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: _nothing_there(_PREFIXES))


def install_helm(app: Flask) -> None:
    """Register on ``app`` what stands below ``/helm/`` alone, for captain and helm: a private source is read with its
    own credential."""
    app.register_blueprint(_blueprint(app, tuple(one for one in table().values() if one.path.startswith(_HELM))))
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: _nothing_there("/") or _stranger(app))


def install_probes(app: Flask) -> None:
    """Register on ``app`` what a cluster's probes and Prometheus ask, and nothing else."""
    app.register_blueprint(_blueprint(app, tuple(one for one in table().values() if one.path in PROBES)))
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: _nothing_there("/"))


def _blueprint(app: Flask, operations: tuple[Operation, ...]) -> Blueprint:
    blueprint = Blueprint("api", __name__)
    for one in operations:
        view = _view(one, _services(app))
        blueprint.add_url_rule(_flask_path(one.path), one.name, view, methods=[one.method])
    for status in _HTTP_ERRORS:
        blueprint.register_error_handler(status, _failed)
    blueprint.register_error_handler(Exception, _failed)
    return blueprint


def _services(app: Flask) -> Services:
    return cast(Services, app.extensions["chartroom"])


def _stranger(app: Flask) -> Response | None:
    """Refuse whoever reads a guarded source without its credential; everybody else reads charts and nothing more. One
    that only those see to whom a role names it is then as one that is not there."""
    g.person = _CAPTAIN
    services, source = _services(app), str((request.view_args or {}).get("source", ""))
    try:
        registered = services.store.sources.get(source).source
        admitted = services.helm_credentials.admit(registered, request.headers.get("Authorization", ""))
    except ChartroomError as error:
        return _failed(error)
    if admitted:
        return None
    if registered.private:
        return _failed(SourceNotFound(source=source))
    return _failed(Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": "Chartroom"})))


def _flask_path(path: str) -> str:
    return path.replace("{", "<").replace("}", ">")


def _view(one: Operation, services: Services) -> Callable[..., Response]:
    def view(**arguments: Any) -> Response:
        if one.admit is not None:
            arguments["admitted"] = one.admit(services, request.headers.get("Authorization", ""))
        asked = bodies.read_query(one.query, dict(request.args.lists()))
        if one.query.model_fields:
            arguments["query"] = asked
        if one.body is not None:
            body = bodies.read_body(one.body, _json_body(one))
            if one.body.model_fields:
                arguments["body"] = body
        return _answer(one.handler(_caller(services, one), **arguments), one.status)

    if one.action not in get_args(Action):
        raise RuntimeError(f"{one.name} asks for “{one.action}”, which is no action")
    if one.cost not in get_args(Cost):
        raise RuntimeError(f"{one.name} costs “{one.cost}”, which is no cost")
    program = one.admit is not None
    return rule(
        cast(Action, one.action),
        one.target,
        body_limit=one.body_limit,
        any_host=one.any_host,
        program=program,
        cost=cast(Cost, one.cost),
        notes_itself=one.notes_itself,
    )(view)


def _caller(services: Services, one: Operation) -> Caller:
    """Who asks. A probe is answered to anybody: it must not wait for a store that is away."""
    person = g.get("person", ANONYMOUS) if one.any_host else current_person()
    return Caller(services, person.name, who=person)


def _json_body(one: Operation) -> bytes:
    """The body as it came. Even an empty one must be called JSON: a foreign page cannot do that unasked."""
    body = request.get_data(cache=False)
    if request.mimetype not in one.media and (body or one.method != "DELETE"):
        raise UnsupportedMediaType
    return body


def _answer(answer: Any, status: int) -> Response:
    if isinstance(answer, Reply):
        return _answer(answer.shape, answer.status)
    if isinstance(answer, FileAnswer):
        return _file(answer)
    if isinstance(answer, Text):
        return _no_store(Response(answer.body, status, content_type=answer.media_type))
    if isinstance(answer, Streamed):
        sent = Response(answer.parts, status, content_type=answer.media_type)
        sent.headers["Content-Disposition"] = f'attachment; filename="{answer.name}"'
        return _no_store(sent)
    if isinstance(answer, Encoded):
        return _no_store(Response(answer.body, status, mimetype=JSON))
    if answer is None:
        return _no_store(Response(status=status))
    media_type = JSON if status < HTTPStatus.BAD_REQUEST else problems.MEDIA_TYPE
    return _no_store(Response(json.dumps(answer, ensure_ascii=False), status, mimetype=media_type))


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _file(answer: FileAnswer) -> Response:
    """The digest is the validator: a version may be pushed again, so a copy is asked about each time."""
    packed = answer.packed if request.accept_encodings["gzip"] else None
    response = send_file(
        packed or (io.BytesIO(answer.body) if isinstance(answer.body, bytes) else answer.body),
        mimetype=answer.media_type,
        as_attachment=answer.to_save,
        download_name=answer.name,
        etag=f"{answer.digest}-gzip" if packed else answer.digest,
        conditional=True,
    )
    response.headers["Cache-Control"] = "private, no-cache"
    if answer.packed:
        response.vary.add("Accept-Encoding")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    else:
        digest = base64.b64encode(bytes.fromhex(answer.digest)).decode()
        response.headers["Repr-Digest"] = f"sha-256=:{digest}:"  # RFC 9530
    return response


# -- problems


def _nothing_there(prefix: str | tuple[str, ...]) -> Response | None:
    """Below our prefixes what leads nowhere is told as a problem, too: no route, so no blueprint would be asked."""
    failure = request.routing_exception
    if failure is None or isinstance(failure, RequestRedirect) or not request.path.startswith(prefix):
        return None
    return _failed(failure)


def _failed(error: Exception) -> Response:
    g.failure = error
    if isinstance(error, ChartroomError):
        response = _problem(problems.problem(error))
        if error.status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = _challenge()  # RFC 9110, 15.5.2
        if error.come_back is not None:
            response.headers["Retry-After"] = str(error.come_back)
        return response
    if isinstance(error, HTTPException):
        response = _problem(problems.http_problem(error.code or 500))
        response.headers.extend(_kept_headers(error))
        return response
    log.exception("%s %s met a fault of Chartroom's own", request.method, request.path, exc_info=error)
    return _problem(problems.problem(ChartroomError()))


def _challenge() -> str:
    if request.path.startswith("/hooks/"):
        return 'Bearer realm="webhooks"'
    return 'Basic realm="Chartroom", charset="UTF-8"' if takes_basic(request.path) else 'Bearer realm="Chartroom"'


def _kept_headers(error: HTTPException) -> list[tuple[str, str]]:
    return [(name, value) for name, value in error.get_headers() if name.lower() in _KEPT_HEADERS]


def _problem(told: ProblemDetails) -> Response:
    text = json.dumps(told, ensure_ascii=True)  # a cause may quote half a surrogate pair
    return _no_store(Response(text, told["status"], mimetype=problems.MEDIA_TYPE))
