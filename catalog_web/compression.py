"""Answers packed with gzip for browsers that take it: pages, feeds, style sheets, scripts and pictures of ours.

Only answers to GET are packed. A secret is shown in the answer to a POST alone, and the token of forms looks different
in every page (``security.masked``), so nothing that is packed holds a secret whose length could be probed (BREACH).
JSON is left as it is: programs on the same network ask for it, and packing costs more than sending it.
"""

import gzip

from flask import Flask, Response, request

_LEVEL = 5
"""Beyond it a page takes twice the time for a hundredth of its bytes."""
_LEAST = 1024
"""Bytes; less fits one packet anyhow."""
_TYPES = frozenset({"text/html", "text/css", "text/javascript", "application/atom+xml", "image/svg+xml"})


def install(app: Flask) -> None:
    """Pack the answers of ``app``. To be installed first, so that it sees what all others have made of an answer."""
    app.after_request(pack)


def pack(response: Response) -> Response:
    """Pack the body of ``response`` where that is worth it and allowed."""
    if not _fits(response):
        return response
    response.vary.add("Accept-Encoding")
    if takes_gzip():
        response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def takes_gzip() -> bool:
    """Whether who asks can unpack."""
    return request.accept_encodings["gzip"] > 0


def _fits(response: Response) -> bool:
    """A strong ETag promises the bytes as they are; who set one packs by itself or not at all."""
    return (
        request.method in ("GET", "HEAD")
        and response.mimetype in _TYPES
        and not response.direct_passthrough
        and "Content-Encoding" not in response.headers
        and (response.get_etag()[0] is None or response.get_etag()[1] is True)
        and (response.content_length or 0) >= _LEAST
    )
