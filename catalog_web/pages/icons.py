"""Pictures of charts that lie in the folder of a ``directory`` source. Foreign addresses are never fetched here."""

import re
from pathlib import Path

from flask import Blueprint, Response

from catalog_web.auth import rule
from catalog_web.pages.view import services
from indexer.errors import NotFound

MAX_BYTES = 1024 * 1024
_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
_PICTURES: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    ("image/webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    (
        "image/svg+xml",
        re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,4096}?-->\s*)?<svg[\s>]", re.DOTALL),
    ),
)
"""Types by how a file begins; the type that is sent follows from this alone, never from a name."""

pages = Blueprint("icons", __name__)


@pages.get("/charts/<source>/<name>/icon")
@rule("catalog.read", "chart/{source}/{name}")
def icon(source: str, name: str) -> Response:
    """Send the picture, or 404: then the letter tile stands for it."""
    chart, _ = services().catalog.chart(source, name)
    registered = services().catalog.source(source).source
    if registered.kind != "directory":
        raise NotFound
    body = read_picture(Path(registered.url), chart.icon)
    response = Response(body, mimetype=picture_type(body))
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def read_picture(folder: Path, path: str) -> bytes:
    """Read a file of at most 1 MiB inside ``folder``. Raises NotFound for anything else, also for a link out of it."""
    try:
        inside = folder.resolve(strict=True)
        file = (inside / path).resolve(strict=True)
        if not path or not file.is_relative_to(inside) or not file.is_file() or file.stat().st_size > MAX_BYTES:
            raise NotFound
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES)
    except (OSError, ValueError, RuntimeError) as error:
        raise NotFound from error


def picture_type(body: bytes) -> str:
    """Return the type by the first bytes. Raises NotFound for what is no picture."""
    for kind, start in _PICTURES:
        if start.match(body):
            return kind
    raise NotFound
