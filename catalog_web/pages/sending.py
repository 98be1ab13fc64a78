"""Whether a person has just sent a search, or only turns its pages: nothing in the address tells."""

from urllib.parse import parse_qs, urlsplit

from flask import request


def was_sent(text: str) -> bool:
    """Whether ``text`` came from a search box of ours, in a request of its own.

    A filter, an order and a page lead from a page that has the same text already; a reload asks for a fresh answer; a
    link on a foreign page or a script sends no address of ours; what is fetched ahead nobody has looked at.
    """
    headers = request.headers
    fetched_ahead = headers.get("Sec-Purpose", headers.get("Purpose", ""))
    if not text or fetched_ahead or "HX-Request" in headers or request.args.get("page") or _reloaded():
        return False
    before = urlsplit(request.referrer or "")
    return before.netloc.lower() == request.host.lower() and _text_of(before.query) != text


def _reloaded() -> bool:
    caching = request.cache_control
    return bool(caching.no_cache) or caching.max_age == 0


def _text_of(query: str) -> str:
    try:
        return parse_qs(query).get("q", [""])[0].strip()
    except ValueError:  # more fields than anybody sends
        return ""
