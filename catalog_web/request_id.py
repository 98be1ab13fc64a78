"""The name of each request: in every line of the log that it causes, in error pages, in the audit log, in the answer.

A proxy that the operator trusts may have named it; whatever others send is not believed, or somebody could make many
requests look like one.
"""

import re
import secrets

from flask import Flask, Response, g, request

from catalog_web.client_address import from_proxy

HEADER = "X-Request-Id"
_GOOD = re.compile(r"[A-Za-z0-9._:-]{8,64}")


def install(app: Flask) -> None:
    """Name every request of ``app``, also one that leads nowhere, and say the name in the answer."""
    # Flask calls these before everything else that it calls before a view, so no line of the log is without it.
    app.url_value_preprocessor(lambda _endpoint, _values: _name())
    app.after_request(_told)


def request_id() -> str:
    """The name of the present request."""
    _name()
    return str(g.request_id)


def _name() -> None:
    if "request_id" not in g:
        g.request_id = _given() or secrets.token_hex(8)


def _given() -> str:
    told = request.headers.get(HEADER, "") if from_proxy() else ""
    return told if _GOOD.fullmatch(told) else ""


def _told(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    return response
