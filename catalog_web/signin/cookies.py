"""The cookie of a session: its name, its marks, and how it comes into an answer.

``SameSite=Lax``, not ``Strict``: with that a browser that comes back from the provider, or follows a link from a chat,
would not send it and seem signed out. Lax still keeps it from foreign forms, and writes ask for a token beside.
"""

from flask import Response, g, request

from catalog_web.client_address import is_https
from catalog_web.signin.keys import is_key

NAME = "chartroom_session"
_HOST = "__Host-"
"""A browser takes a cookie with this prefix only over TLS and from the host itself, so no neighbour under the same
domain can put one there. It also wants the path to be “/”."""


def read_cookie(name: str, public_url: str) -> str:
    """The key in a cookie of ours; empty where there is none, or what cannot be one."""
    sent = request.cookies.get(full_name(name, public_url), "")
    return sent if is_key(sent) else ""


def leave_cookie(name: str, key: str, seconds: int | None = None) -> None:
    """Let the answer to this request set a cookie; an empty ``key`` takes it away."""
    g.setdefault("signin_cookies", {})[name] = (key, seconds)


def set_cookies(response: Response, public_url: str) -> Response:
    """Put what ``leave_cookie`` left into the answer."""
    for name, (key, seconds) in g.get("signin_cookies", {}).items():
        response.set_cookie(
            full_name(name, public_url),
            key,
            max_age=seconds if key else 0,
            path=request.root_path + "/",
            secure=is_https(public_url),
            httponly=True,
            samesite="Lax",
        )
    return response


def full_name(name: str, public_url: str) -> str:
    """The name as the browser knows it."""
    return f"{_HOST}{name}" if is_https(public_url) and not request.root_path else name
