"""A feed as an answer: conditional, so that a reader who asks every few minutes costs nothing."""

from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import urljoin

from flask import Response, request

from catalog_web import feeds
from catalog_web.pages.view import services


def unchanged(*state: str) -> Response | None:
    """304 where the reader has the feed that was made in this ``state``: then it need not be made. None otherwise."""
    if not request.if_none_match.contains_weak(_tag(state)):
        return None
    response = Response(status=304)
    response.set_etag(_tag(state), weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _tag(state: Sequence[str]) -> str:
    return sha256("\0".join(state).encode(errors="replace")).hexdigest()[:32]


def answer(feed: feeds.Feed, *state: str) -> Response:
    """``feed`` with its validators; 304 where the reader has it already. ``state`` is what ``unchanged`` was asked."""
    body = feeds.document(feed)
    response = Response(body, mimetype=feeds.MEDIA_TYPE)
    response.set_etag(_tag(state) if state else sha256(body).hexdigest()[:32], weak=True)
    response.last_modified = feed.updated
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


def absolute(path: str) -> str:
    """A path of ours as a feed reader needs it: below the address that the configuration names, else below the one that
    was asked."""
    return urljoin(services().config.public_url or request.url_root, path)
