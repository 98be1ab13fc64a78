"""What holds for every request and answer: trusted hosts, request forgery, body limits, headers.

Order before a view: is the host ours, how long is the address, how large may the body be, does a write come from our
own page. Sources of the rules: OWASP's cheat sheets on request forgery and DNS rebinding, and the Fetch metadata
specification.
"""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from catalog_web.auth import MIB, rule_of
from indexer.errors import N_, ChartroomError, UsageError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CSRF_COOKIE = "chartroom_csrf"
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

TOO_LARGE = "chartroom.too_large"
"""What the server puts into the environment of a request whose body it did not take in, being beyond all that any route
takes."""
LONGEST_ADDRESS = 8 * 1024
"""Characters of path and query. A page has hundreds of links that carry the query on, so a long one makes a page of its
length a hundred times."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not "no-referrer": with it browsers send "Origin: null" with our own forms
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-write=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


_ONLY_TLS = "max-age=31536000"
"""For a year, for this name alone: what else stands below it is not ours to say."""


class UntrustedHost(UsageError):
    """The request names a host that is not ours: a mistake, or DNS rebinding."""

    id = "untrusted-host"
    cause_text = N_("This server does not answer under the name “{host}”.")
    remedy_text = N_("Open it under its own address, or set “public_url” in the configuration to the address you use.")


class AddressTooLong(UsageError):
    """The address of a request is longer than any that Chartroom makes."""

    id = "address-too-long"
    cause_text = N_("The address has more than {limit} characters.")
    remedy_text = N_("Leave out what nobody needs; of filters, choose fewer.")
    status = 414


class ForgedRequest(ChartroomError):
    """A write that does not come from a page of ours."""

    id = "forged-request"
    cause_text = N_("This request does not come from a page of Chartroom, or the page was open for too long.")
    remedy_text = N_("Go back, load the page again and send it once more. Cookies must be allowed for this address.")
    status = 403


def install(app: Flask, *, listen_host: str, public_url: str, helm_url: str = "") -> None:
    """Put the checks before and the headers behind every view of ``app``."""
    hosts = trusted_hosts(listen_host, public_url, helm_url)
    secure = urlsplit(public_url).scheme == "https"
    app.wsgi_app = PathPrefix(app.wsgi_app, urlsplit(public_url).path)  # type: ignore[method-assign]

    def check() -> None:
        found = rule_of(app, request.endpoint)
        if not (found and found.any_host):
            check_host(hosts)
        check_address()
        request.max_content_length = found.body_limit if found else MIB
        request.max_form_memory_size = request.max_content_length
        if TOO_LARGE in request.environ:
            raise RequestEntityTooLarge
        if found and not found.program and request.method not in _READING:
            check_origin(public_url)
            if not carries_token():
                check_token()

    def finish(response: Response) -> Response:
        _remember_token(response, secure=secure)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", _ONLY_TLS)
        return add_headers(response)

    app.before_request(check)
    app.after_request(finish)
    app.jinja_env.globals.update(csrf_token=csrf_token, style_nonce=style_nonce)


# -- hosts


def trusted_hosts(listen_host: str, *addresses: str) -> frozenset[str]:
    """Names under which this server answers, without port; IPv6 in brackets."""
    names = (listen_host, *(urlsplit(one).hostname or "" for one in addresses))
    return _LOOPBACK | {_bracketed(name.lower()) for name in names if name}


def check_host(hosts: Iterable[str]) -> None:
    """Raise UntrustedHost unless the request's Host is one of ``hosts``, whatever its port."""
    told = request.headers.get("Host", "")
    if _host_name(told) not in hosts:
        raise UntrustedHost(host=told[:100])


def check_address() -> None:
    """Raise AddressTooLong for an address beyond 8 KiB, as it is written in links."""
    if len(quote(request.path)) + len(quote(request.query_string, safe="%&=+")) > LONGEST_ADDRESS:
        raise AddressTooLong(limit=f"{LONGEST_ADDRESS:,}")


def _host_name(told: str) -> str:
    """The name in a Host header; empty where it holds more than a name and a port: browsers and Python disagree about
    which part of ``a\\@b`` is the host."""
    found = _HOST.fullmatch(told)
    return found["name"].lower() if found else ""


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


# -- request forgery


def check_origin(public_url: str) -> None:
    """Raise ForgedRequest when the browser says that a write comes from elsewhere."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise ForgedRequest
    origin = request.headers.get("Origin")
    if origin is not None and not _is_own(origin, public_url):
        raise ForgedRequest


def _is_own(origin: str, public_url: str) -> bool:
    public = urlsplit(public_url)
    if public.netloc and origin.lower() == f"{public.scheme}://{public.netloc}".lower():
        return True
    # The scheme is not compared: a proxy before us may end TLS.
    return origin.partition("://")[2].lower() == request.host.lower() != ""


def carries_token() -> bool:
    """Whether a program proves itself with a token, so that no cookie counts: no browser adds it by itself, and a
    foreign page that does so must ask beforehand, which is never granted."""
    given = request.authorization
    return given is not None and given.type == "bearer"


def check_token() -> None:
    """Raise ForgedRequest for a form without the token of its cookie; 415 for what is neither form nor JSON.

    JSON needs no token: a foreign page cannot send it without a preflight, which is never granted.
    """
    if request.mimetype == "application/json":
        return
    if request.mimetype not in _FORMS:
        if request.method == "DELETE" and not request.content_length:
            return
        raise UnsupportedMediaType
    cookie = request.cookies.get(CSRF_COOKIE, "")
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not cookie or not secrets.compare_digest(cookie.encode(), unmasked(sent)):
        raise ForgedRequest


def csrf_token() -> str:
    """Return what a form must carry: the token, masked. The answer sets its cookie where the browser has none yet."""
    if "csrf_token" not in g:
        g.csrf_token = request.cookies.get(CSRF_COOKIE) or secrets.token_urlsafe(32)
        g.csrf_shown = masked(g.csrf_token)
    shown: str = g.csrf_shown
    return shown


def masked(token: str) -> str:
    """``token`` in another shape each time. A page is packed with the text of its address beside the token, and from
    the lengths of many such answers a token that is always the same could be guessed (BREACH)."""
    plain = token.encode()
    mask = secrets.token_bytes(len(plain))
    return urlsafe_b64encode(mask + _crossed(mask, plain)).decode()


def unmasked(shown: str) -> bytes:
    """The token that ``masked`` hid; empty for what it never made."""
    try:
        both = urlsafe_b64decode(shown)
    except ValueError:
        return b""
    half = len(both) // 2
    return _crossed(both[:half], both[half : 2 * half])


def _crossed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _remember_token(response: Response, *, secure: bool) -> None:
    if "csrf_token" in g and request.cookies.get(CSRF_COOKIE) != g.csrf_token:
        path = request.root_path + "/"
        response.set_cookie(CSRF_COOKIE, g.csrf_token, httponly=True, secure=secure, samesite="Strict", path=path)


# -- the path before ours


class PathPrefix:
    """Lets the application live below the path of ``public_url``, whether or not the proxy before it cuts that off."""

    def __init__(self, inner: "WSGIApplication", prefix: str) -> None:
        self.inner, self.prefix = inner, prefix.rstrip("/")

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Move the prefix from PATH_INFO to SCRIPT_NAME, where addresses are made from."""
        path = environ.get("PATH_INFO", "")
        if self.prefix:
            environ["SCRIPT_NAME"] = self.prefix
            if path == self.prefix or path.startswith(self.prefix + "/"):
                environ["PATH_INFO"] = path[len(self.prefix) :] or "/"
        return self.inner(environ, start_response)


# -- headers


def style_nonce() -> str:
    """Return the nonce for the one style element that the editor makes; only pages that call this allow it."""
    if "style_nonce" not in g:
        g.style_nonce = secrets.token_urlsafe(18)
    nonce: str = g.style_nonce
    return nonce


def add_headers(response: Response) -> Response:
    """Set the headers of every answer; a view's own ones stay."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "public" not in response.headers["Cache-Control"]:
        # a cache that keeps it nevertheless must not hand it to somebody else
        response.vary.update(("Cookie", "Authorization"))
    response.headers.setdefault("Content-Security-Policy", content_security_policy(g.get("style_nonce", "")))
    return response


def content_security_policy(nonce: str = "") -> str:
    """Return the policy of a page: everything from here, nothing inline."""
    styles = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    return (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
