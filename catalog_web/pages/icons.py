"""The pictures of charts: their icons, and what their READMEs show. All of them are made and kept here."""

import threading
from collections.abc import Callable

from flask import Blueprint, Response, request, url_for

from catalog_web.auth import rule
from catalog_web.pages.view import services
from indexer.errors import NotFound
from indexer.model import Source
from indexer.pictures import README, Wanted, media_type

_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_ICON_SECONDS, _README_SECONDS = 3600, 86400
"""For which a browser keeps them."""
_PATIENCE = 4.0
"""Seconds that a request waits for a README's picture, or for an icon of this machine; its page does not."""
_WAITING = threading.BoundedSemaphore(3)
"""Those that wait, so that slow servers never hold every thread of ours."""
_PATIENCE_FOR_A_PLACE = 0.5
_WAITING_FOR_LOCAL = threading.BoundedSemaphore(5)
"""Those that wait for an icon of this machine: as many as a browser asks for at once, and one thread less."""

pages = Blueprint("icons", __name__)


@pages.get("/charts/<source>/<name>/icon")
@rule("catalog.read", "chart/{source}/{name}")
def icon(source: str, name: str) -> Response:
    """Send the icon, or 404: then the letter tile stands for it."""
    chart = services().store.catalog.chart(source, name)
    registered = services().store.sources.get(source).source
    wanted = Wanted(registered, chart.icon)
    if wanted.is_local:
        return _patiently(wanted, _ICON_SECONDS, _WAITING_FOR_LOCAL, _PATIENCE)
    return _sent(wanted, _ICON_SECONDS, patience=0.0)


@pages.get("/charts/<source>/<name>/picture")
@rule("catalog.read", "chart/{source}/{name}")
def readme_picture(source: str, name: str) -> Response:
    """Send a picture that the README of the chart shows, or 404: then its text stands for it."""
    address, signature = request.args.get("of", ""), request.args.get("by", "")
    if not services().picture_links.admits(source, name, address, signature):
        raise NotFound
    registered = services().store.sources.get(source).source
    return _patiently(Wanted(registered, address, README), _README_SECONDS, _WAITING, _PATIENCE_FOR_A_PLACE)


def readme_pictures(source: Source, chart: str) -> Callable[[str], str | None]:
    """From the absolute address of a picture in the README of ``chart`` to where a page may load it; None: nowhere.

    Made in a request, it may be called anywhere.
    """
    path = url_for("icons.readme_picture", source=source.name, name=chart)
    return services().picture_links.of_chart(source, chart, path)


def _patiently(wanted: Wanted, seconds: int, places: threading.BoundedSemaphore, patience: float) -> Response:
    """The picture, waited for where one of ``places`` for those who wait is free within ``patience`` seconds."""
    place = places.acquire(timeout=patience)
    try:
        return _sent(wanted, seconds, _PATIENCE if place else 0.0)
    finally:
        if place:
            places.release()


def _sent(wanted: Wanted, seconds: int, patience: float) -> Response:
    """The picture with a type from our own list. Raises NotFound where there is none, or not yet."""
    path = services().pictures.wait(wanted, patience)
    try:
        body = path.read_bytes() if path else b""
    except OSError:  # it was the one to leave the folder just now
        body = b""
    kind = media_type(body)
    if path is None or kind is None:
        raise NotFound
    response = Response(body, mimetype=kind)
    response.set_etag(path.name)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = f"private, max-age={seconds}"
    response.make_conditional(request)
    return response
