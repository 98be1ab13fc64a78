"""An OpenID Connect provider in a process of its own on loopback, that can be told to misbehave.

``python -m tests.oidc_provider [CERTIFICATE KEY]`` prints its address. It checks what a real one checks: client,
redirect address, PKCE, that a code is used once.
"""

import hashlib
import hmac
import html
import http.client
import json
import secrets
import ssl
import subprocess
import sys
import time
import urllib.request
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.tls_servers import secured

CLIENT, SECRET = "chartroom", "client-canary-8d1f"
REDIRECTS_END = "/sign-in/oidc/callback"


@dataclass
class Provider:
    """What the process knows. ``said``: how it is to behave; see ``_token`` and the handler."""

    issuer: str
    said: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refreshing: dict[str, dict[str, str]] = field(default_factory=dict)
    """What each refresh token was given for; each is good once."""
    asked: list[str] = field(default_factory=list)
    keys: list[Any] = field(default_factory=list)

    def rotate(self) -> None:
        """Sign with a new key from now on, and name no other."""
        self.keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})]

    def metadata(self) -> dict[str, Any]:
        names = ("authorize", "token", "jwks", "logout")
        authorize, token, jwks, logout = (f"{self.issuer}/{name}" for name in names)
        return {
            "issuer": self.issuer,
            "authorization_endpoint": authorize,
            "token_endpoint": token,
            "jwks_uri": jwks,
            "end_session_endpoint": logout,
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.said.get("metadata", {}),
        }

    def jwks(self) -> dict[str, Any]:
        return {"keys": [*self.said.get("more_keys", []), *(one.as_dict(private=False) for one in self.keys)]}

    def id_token(self, code: dict[str, str]) -> str:
        now = int(time.time()) + self.said.get("clock", 0)
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": f"sub-{code['user']}",
            "preferred_username": code["user"],
            "name": code["user"].title(),
            "email": f"{code['user']}@example.org",
            "groups": ["staff"],
            "nonce": code["nonce"],
            "jti": secrets.token_hex(8),
            "iat": now,
            "exp": now + self.said.get("lives", 300),
            **self.said.get("claims", {}),
        }
        for name in self.said.get("drop", []):
            claims.pop(name, None)
        return self._token(claims)

    def _token(self, claims: dict[str, Any]) -> str:
        how, key = self.said.get("sign", "RS256"), self.keys[0]
        header = {"alg": how, "kid": key.kid, **self.said.get("header", {})}
        payload = json.dumps(claims).encode()
        if how == "none":
            return f"{_packed(json.dumps(header).encode())}.{_packed(payload)}."
        if how == "HS256":  # with the public key, which everybody knows, as its secret
            signed = f"{_packed(json.dumps(header).encode())}.{_packed(payload)}"
            mac = hmac.new(key.as_pem(private=False), signed.encode(), hashlib.sha256)
            return f"{signed}.{_packed(mac.digest())}"
        if how == "stranger":
            key, header["alg"] = RSAKey.generate_key(2048), "RS256"
        if how == "ES256":
            key = self._beside("EC", lambda: ECKey.generate_key("P-256", {"kid": "ec"}))
            header["kid"] = "ec"
        if how == "Ed25519":
            key = self._beside("OKP", lambda: OKPKey.generate_key("Ed25519", {"kid": "ed"}))
            header["kid"] = "ed"
        registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        packed = f"{_packed(json.dumps(header).encode())}.{_packed(payload)}"
        signature = registry.get_alg(header["alg"]).sign(packed.encode(), key)
        return f"{packed}.{_packed(signature)}"

    def _beside(self, kind: str, make: Any) -> Any:
        for one in self.keys:
            if one.key_type == kind:
                return one
        self.keys.append(make())
        return self.keys[-1]


def _packed(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        path, asked = urlsplit(self.path).path, _first(urlsplit(self.path).query)
        self.provider.asked.append(path)
        if path == "/control":
            self._json(self.provider.asked)
        elif self.provider.said.get("down") and path != "/authorize":
            self._answer(503, b"out of order", "text/plain")
        elif path == "/.well-known/openid-configuration":
            time.sleep(self.provider.said.get("slow", 0))
            self._json(self.provider.metadata(), pad=self.provider.said.get("pad", 0))
        elif path == "/jwks":
            self._json(self.provider.jwks())
        elif path == "/logout":
            self._redirect(asked["post_logout_redirect_uri"])
        elif path == "/authorize":
            self._authorize(asked)
        else:
            self._answer(404, b"", "text/plain")

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.provider.asked.append(path)
        if path == "/control":
            told = json.loads(body)
            if told.pop("rotate", False):
                self.provider.rotate()
            self.provider.said = told
            self._json({})
        elif path == "/authorize":
            form = _first(body)
            self._grant(_first(form.pop("asked")), form["user"])
        elif self.provider.said.get("down"):
            self._answer(503, b"out of order", "text/plain")
        else:
            self._token(_first(body))

    def _authorize(self, asked: dict[str, str]) -> None:
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert urlsplit(asked["redirect_uri"]).path.endswith(REDIRECTS_END)
        if self.provider.said.get("deny"):
            back = {"error": "access_denied", "error_description": "<b>no</b>", "state": asked["state"]}
            self._redirect(f"{asked['redirect_uri']}?{urlencode(back)}")
        elif "user" in self.provider.said:
            self._grant(asked, self.provider.said["user"])
        else:
            hidden = html.escape(urlencode(asked))
            form = (
                '<!doctype html><link rel="icon" href="data:,"><title>Provider</title>'
                '<form method="post" action="/authorize">'
                f'<input type="hidden" name="asked" value="{hidden}">'
                '<label>User <input name="user"></label><button>Allow</button></form>'
            )
            self._answer(200, form.encode(), "text/html")

    def _grant(self, asked: dict[str, str], user: str) -> None:
        code = secrets.token_urlsafe(16)
        self.provider.codes[code] = {**asked, "user": user}
        back = {"code": code, "state": asked["state"], **self.provider.said.get("back", {})}
        self._redirect(f"{asked['redirect_uri']}?{urlencode(back)}")

    def _token(self, form: dict[str, str]) -> None:
        code = self.provider.codes.pop(form.get("code", ""), None)
        challenge = _packed(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        pair = b64decode(self.headers.get("Authorization", "").partition(" ")[2]).decode()
        if [unquote_plus(part) for part in pair.split(":")] != [CLIENT, SECRET]:
            self._json({"error": "invalid_client"}, 401)
        elif form["grant_type"] == "refresh_token":
            self._renew(form)
        elif not code or code["code_challenge"] != challenge or code["redirect_uri"] != form["redirect_uri"]:
            self._json({"error": "invalid_grant"}, 400)
        else:
            self._give(code)

    def _renew(self, form: dict[str, str]) -> None:
        code = self.provider.refreshing.pop(form["refresh_token"], None)
        if code is None:
            self._json({"error": "invalid_grant"}, 400)
        else:
            self._give(code)

    def _give(self, code: dict[str, str]) -> None:
        said = self.provider.said
        token = said["id_token"] if "id_token" in said else self.provider.id_token(code)
        given = {"access_token": "access-canary-77ab", "token_type": "Bearer", "id_token": token}
        if said.get("refreshes"):
            given["refresh_token"] = f"refresh-canary-{secrets.token_hex(8)}"
            self.provider.refreshing[given["refresh_token"]] = code
        self._json(given)

    def _redirect(self, where: str) -> None:
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, shape: Any, status: int = 200, pad: int = 0) -> None:
        self._answer(status, json.dumps(shape).encode() + b" " * pad, "application/json")

    def _answer(self, status: int, body: bytes, media: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _first(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def main(*files: str) -> None:
    """Serve until ended."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    scheme = "http"
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    host = "localhost" if files else "127.0.0.1"
    provider = Provider(f"{scheme}://{host}:{server.server_address[1]}")
    provider.rotate()
    _Handler.provider = provider
    print(provider.issuer, flush=True)
    server.serve_forever()


# -- from the tests


@dataclass(frozen=True)
class Running:
    """A provider that runs, as a test sees it."""

    issuer: str
    options: dict[str, Any]
    """For ``oidc`` in the configuration."""

    def behave(self, **said: Any) -> None:
        """Behave so from now on, and as usual in all else."""
        data = json.dumps(said).encode()
        urllib.request.urlopen(f"{self.issuer}/control", data, timeout=10).close()

    def asked(self) -> list[str]:
        """Paths that it was asked for so far."""
        with urllib.request.urlopen(f"{self.issuer}/control", timeout=10) as answer:
            found: list[str] = json.load(answer)
            return found


@contextmanager
def oidc_provider(*files: Path) -> Iterator[Running]:
    """Run one; with a certificate and its key over TLS."""
    command = [sys.executable, "-m", "tests.oidc_provider", *map(str, files)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as process:
        try:
            assert process.stdout is not None
            issuer = process.stdout.readline().strip()
            assert issuer, "the provider did not start"
            yield Running(issuer, {"issuer": issuer, "client_id": CLIENT, "client_secret": SECRET})
        finally:
            process.kill()


class At:
    """Where a server is, as ``secured`` wants it."""

    def __init__(self, url: str) -> None:
        self.url = url


@contextmanager
def behind(context: ssl.SSLContext) -> Iterator[tuple[Running, str]]:
    """A provider behind TLS, and the address by which it is reached so."""
    with oidc_provider() as provider, secured(At(provider.issuer), context) as tls:
        provider.behave(metadata=at(tls.url))
        yield provider, tls.url


def at(url: str) -> dict[str, str]:
    """What the provider says of itself where it is reached at ``url``."""
    return {
        "issuer": url,
        "jwks_uri": f"{url}/jwks",
        "token_endpoint": f"{url}/token",
        "authorization_endpoint": f"{url}/authorize",
        "end_session_endpoint": "",
    }


def through_provider(location: str, provider: str = "") -> str:
    """Where the provider sends a browser that comes to ``location``: path and query of ours. ``provider``: its own
    address, where that stands behind TLS."""
    there = urlsplit(location)
    connection = http.client.HTTPConnection(urlsplit(provider).netloc or there.netloc, timeout=10)
    connection.request("GET", f"{there.path}?{there.query}")
    answer = connection.getresponse()
    back = urlsplit(answer.headers["Location"])
    connection.close()
    return f"{back.path}?{back.query}"


if __name__ == "__main__":
    main(*sys.argv[1:])
