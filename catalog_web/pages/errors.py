"""The page for every error: what failed, the cause, what to do, and a reference that is in the log."""

import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Response, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from catalog_web.i18n import told
from catalog_web.pages.page_above import page_above
from catalog_web.pages.view import here, own_address
from catalog_web.request_id import request_id
from catalog_web.signin.tokens import takes_basic
from indexer.errors import N_, ChartroomError, SignInNeeded

log = logging.getLogger(__name__)

_SERVER_FAULT = 500


@dataclass(frozen=True, slots=True)
class Words:
    """What HTTP itself refuses, as templates."""

    title: str
    cause: str
    remedy: str


_HTTP = {
    400: Words(
        N_("This request cannot be understood"),
        N_("Something in the address or the form has a form that is not expected."),
        N_("Go back and try again, or start from the catalog."),
    ),
    403: Words(N_("Not allowed"), N_("This may not be done here."), N_("Ask an administrator.")),
    404: Words(
        N_("Nothing here"),
        N_("There is nothing at this address."),
        N_("Check the address, or search for it in the catalog."),
    ),
    405: Words(
        N_("Not this way"),
        N_("This address exists, but does not answer to what was asked."),
        N_("Go back and use the buttons of the page."),
    ),
    413: Words(
        N_("Too much at once"),
        N_("What was sent is larger than what this page takes."),
        N_("Send less: a form may have 1 MiB, the values of an install 5 MiB."),
    ),
    415: Words(N_("Not in this form"), N_("A form was expected."), N_("Go back and use the buttons of the page.")),
}
_TITLES = {
    400: N_("This request cannot be understood"),
    403: N_("Not allowed"),
    404: N_("Nothing here"),
    409: N_("This collides with something"),
    414: N_("Too much at once"),
    429: N_("Too much at once"),
    503: N_("Not available just now"),
}
_BROKEN = Words(
    N_("Something went wrong"),
    N_("Chartroom has a fault here; the details are in its log."),
    N_("Try again. If it stays, report it with the reference below."),
)


def install(app: Flask) -> None:
    """Show every error as a page."""
    app.register_error_handler(SignInNeeded, _sign_in_needed)
    app.register_error_handler(ChartroomError, _chartroom_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)


def _sign_in_needed(error: SignInNeeded) -> AnyResponse:
    """Lead to the page where one signs in, and from there back to this one; a part of a page tells its page so."""
    if takes_basic(request.path):
        challenge = {"WWW-Authenticate": 'Basic realm="Chartroom", charset="UTF-8"'}
        return Response(f"{error.cause}\n", error.status, challenge, mimetype="text/plain")
    back = here() if request.method == "GET" else url_for("catalog.index")
    if request.headers.get("HX-Request"):
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = own_address(f"{shown.path}?{shown.query}" if shown.query else shown.path)
        return Response(status=error.status, headers={"HX-Redirect": url_for("sign_in.page", next=back)})
    return redirect(url_for("sign_in.page", next=back), 303)


def _chartroom_error(error: ChartroomError) -> tuple[str, int, dict[str, str]]:
    words = told(error)
    title = gettext(_TITLES.get(error.status, _BROKEN.title))
    headers = {} if error.come_back is None else {"Retry-After": str(error.come_back)}
    return *_page(error.status, title, words.cause, words.remedy, error), headers


def _http_error(error: HTTPException) -> AnyResponse | tuple[str, int]:
    above = page_above(error)
    if above is not None:
        return redirect(above, 303)
    status = error.code or _SERVER_FAULT
    words = _HTTP.get(status, _BROKEN)
    return _page(status, gettext(words.title), gettext(words.cause), gettext(words.remedy), error)


def _fault(error: Exception) -> tuple[str, int]:
    return _page(_SERVER_FAULT, gettext(_BROKEN.title), gettext(_BROKEN.cause), gettext(_BROKEN.remedy), error)


def _page(status: int, title: str, cause: str, remedy: str, error: Exception) -> tuple[str, int]:
    g.failure = error
    level = logging.ERROR if status >= _SERVER_FAULT else logging.INFO
    trace = error if status == _SERVER_FAULT else None
    reference = request_id()
    what = "web: %s %s: %d, %s (reference %s)"
    log.log(level, what, request.method, request.path, status, error, reference, exc_info=trace)
    page = render_template(
        "errors/page.html", status=status, title=title, cause=cause, remedy=remedy, reference=reference
    )
    return page, status
