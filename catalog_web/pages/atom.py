"""A feed as an answer: conditional, so that a reader who asks every few minutes costs nothing."""

from hashlib import sha256
from urllib.parse import urljoin

from flask import Response, request

from catalog_web import feeds
from catalog_web.pages.view import services


def answer(feed: feeds.Feed) -> Response:
    """``feed`` with its validators; 304 where the reader has it already."""
    body = feeds.document(feed)
    response = Response(body, mimetype=feeds.MEDIA_TYPE)
    response.set_etag(sha256(body).hexdigest()[:32], weak=True)
    response.last_modified = feed.updated
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


def absolute(path: str) -> str:
    """A path of ours as a feed reader needs it: below the address that the configuration names, else below the one that
    was asked."""
    return urljoin(services().config.public_url or request.url_root, path)
