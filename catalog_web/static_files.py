"""Style sheets, scripts and pictures of our own, under addresses that change with their content."""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request, send_from_directory, url_for

from catalog_web.auth import rule
from catalog_web.compression import takes_gzip

FOLDER = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
_PACKED = ("text/javascript", "text/css", "image/svg+xml")


def install(app: Flask) -> None:
    """Serve ``/static/<digest>/<path>`` and give templates ``asset(path)``."""
    app.add_url_rule("/static/<digest>/<path:path>", "static", serve)
    app.jinja_env.globals.update(asset=asset)


@rule("open")
def serve(digest: str, path: str) -> Response:
    """Send one file. Only under its present digest may it be kept."""
    kind = _TYPES.get(Path(path).suffix, "application/octet-stream")
    response = send_from_directory(FOLDER, path, mimetype=kind)  # 404 for what is not there, or not below it
    present = digest_of(path)
    if kind in _PACKED and takes_gzip():
        response.close()
        response = _sent(_packed(FOLDER / path, present), kind, present)
    response.vary.add("Accept-Encoding")
    if digest == present:
        response.headers["Cache-Control"] = _FOR_EVER
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response


def _sent(packed: bytes, kind: str, digest: str) -> Response:
    response = Response(packed, mimetype=kind, headers={"Content-Encoding": "gzip"})
    response.set_etag(f"{digest}-gzip")
    response.make_conditional(request)
    return response


@lru_cache(maxsize=64)
def _packed(file: Path, _digest: str) -> bytes:
    """The file as gzip. Packed once as well as it can be: few files, sent often."""
    return gzip.compress(file.read_bytes(), 9, mtime=0)


def asset(path: str) -> str | None:
    """Return the address of a file below static/, or None where it was not built: the page works without."""
    digest = digest_of(path)
    return url_for("static", digest=digest, path=path) if digest else None


def digest_of(path: str) -> str:
    """First 10 hexadecimal digits of the file's SHA-256; empty where there is none."""
    file = FOLDER / path
    try:
        stat = file.stat()
    except (OSError, ValueError):
        return ""
    return _digest(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _digest(file: Path, _modified: int, _size: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]
