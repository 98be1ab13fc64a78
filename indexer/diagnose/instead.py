"""What stands where an index was expected: one more small request, to tell people in their words."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from indexer.errors import SourceError
from indexer.http import Access, Client, shown_url
from indexer.parse.text import shown

Kind = Literal["sign-in", "page", "error", "empty", "other"]
_BYTES = 64 * 1024
_OK = 200
_PASSWORD = re.compile(r"<input[^>]*type=[\"']?password", re.IGNORECASE)
_SIGN_IN = re.compile(r"log[ _-]?[io]n\b|sign[ _-]?[io]n\b|\bsso\b|\bsaml\b|oauth|openid|登录", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Instead:
    """``said``: the title of a page, or what an error's body says."""

    kind: Kind
    url: str = ""
    """Where it was in the end, as it may be shown."""
    said: str = ""
    is_elsewhere: bool = False
    """A redirect led there."""


def look_closer(url: str, access: Access, seconds: float) -> Instead:
    """See what the server answers at ``url``. Raises BadUrl, CredentialsUnreadable."""
    with Client(url, access) as client:
        try:
            reply = client.ask(url, limit=_BYTES, deadline=seconds)
        except SourceError:
            return Instead("other")
    media = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    found = classify(reply.body, media, reply.final_url)
    # Some servers repeat the request, so with a secret in it nothing of the answer is told.
    said = "" if access.credentials is not None or urlsplit(url).query else found.said
    return Instead(found.kind, shown_url(reply.final_url), said, shown_url(reply.final_url) != shown_url(url))


def classify(body: bytes, media: str, url: str) -> Instead:
    """What ``body`` is, of the type ``media`` and from ``url``. Pure."""
    text = body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not text:
        return Instead("empty")
    if text.startswith("<") or media == "text/html":
        title = _TITLE.search(text)
        said = shown(title[1], _LONGEST) if title else ""
        is_sign_in = _PASSWORD.search(text) or _SIGN_IN.search(said) or _SIGN_IN.search(urlsplit(url).path)
        return Instead("sign-in" if is_sign_in else "page", said=said)
    told = error_in(text)
    return Instead("error", said=told) if told else Instead("other")


def error_in(text: str) -> str:
    """What a JSON body such as ``{"error": …}`` or ``{"errors": [{"message": …}]}`` says; empty where it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(value, Mapping) or "entries" in value:
        return ""
    listed = value.get("errors")
    found = listed[0] if isinstance(listed, list) and listed else value.get("error", value.get("message"))
    return shown(_words(found), _LONGEST)


def _words(found: Any) -> str:
    if isinstance(found, Mapping):
        found = next((found[key] for key in ("message", "detail", "code") if found.get(key)), "")
    return found if isinstance(found, str) else ""
