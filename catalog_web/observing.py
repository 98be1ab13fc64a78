"""What is told of each request: a line of the log, and the metrics.

The address itself is never written: it may hold words that somebody searched for, or a secret of one use. The route
says where it led.
"""

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

from catalog_web import logs
from catalog_web.metrics.meters import Meters

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("chartroom.request")

_BEGAN = "chartroom.began"
NOWHERE = "none"
"""The route of an address that leads nowhere."""
_SILENT = frozenset({"/healthz", "/readyz"})
"""Routes that are asked every few seconds."""
_SILENT_BELOW = "/static/"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def install(app: Flask, meters: Meters) -> None:
    """Observe every request of ``app``. To be installed first, so that the answer is seen as it leaves."""
    app.wsgi_app = _Clock(app.wsgi_app)  # type: ignore[method-assign]

    def told(response: Response) -> Response:
        route, method = route_of_request(), request.method if request.method in _METHODS else "other"
        seconds = time.perf_counter() - request.environ[_BEGAN]
        meters.request(route, method, response.status_code, seconds)
        if route not in _SILENT and not route.startswith(_SILENT_BELOW):
            log.info("answered", extra=_facts(route, method, response.status_code, seconds))
        return response

    app.after_request(told)


def route_of_request() -> str:
    """The template of the route that the present request met."""
    return request.url_rule.rule if request.url_rule else NOWHERE


def _facts(route: str, method: str, status: int, seconds: float) -> logs.Extra:
    person = g.get("person")
    return logs.facts(
        method=method,
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        person=person.name if person else "",
    )


class _Clock:
    """Notes when each request began."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self.inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ[_BEGAN] = time.perf_counter()
        return self.inner(environ, start_response)
