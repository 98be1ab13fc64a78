"""CNCF distribution's registry on loopback, and the real helm that pushes to it.

With a token server the registry lets nobody in without a token (distribution's "Token Authentication Specification");
ours signs tokens as the registry wants them: ES256, with the certificate that the registry trusts in the header (x5c).
"""

import json
import subprocess
import threading
import time
import urllib.request
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.certificates import SelfSigned, self_signed
from tests.parts.located import located
from tests.parts.servers import free_ports, server, wait_until

USER, PASSWORD = "ann", "secret"
_ISSUER, _SERVICE = "chartroom-tests", "registry"
_TOKEN_LIFE = 300


@dataclass(frozen=True, slots=True)
class RealRegistry:
    """A running registry at `host`; with `tokens` only people with a password may read and write."""

    host: str
    folder: Path
    tokens: "TokenServer | None" = None

    def push(self, helm: str, archive: Path, path: str) -> None:
        """Pushes a packed chart below `path` with `helm3` or `helm4`."""
        command = [located(helm), "push", archive, f"oci://{self.host}/{path}", "--plain-http"]
        answer = subprocess.run([*command, *self._sign_in()], capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr

    def untag(self, repository: str, tag: str) -> None:
        """Deletes a tag, and leaves what it stood for."""
        url = f"http://{self.host}/v2/{repository}/manifests/{tag}"
        with urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=10) as answer:
            assert answer.status == 202

    def _sign_in(self) -> list[str]:
        """Options by which helm knows user name and password: a file as `helm registry login` writes it."""
        config = self.folder / "registry-config.json"
        pair = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        config.write_text(json.dumps({"auths": {self.host: {"auth": pair}} if self.tokens else {}}))
        return ["--registry-config", str(config)]


@contextmanager
def real_registry(folder: Path, *, tokens: bool = False) -> Iterator[RealRegistry]:
    """Starts a registry that keeps everything under `folder`, and stops it at the end.

    Raises `PartMissingError` where the part was not fetched, `ServerError` where the registry does not become ready.
    """
    with ExitStack() as stack:
        signer = self_signed()
        token_server = stack.enter_context(_token_server(signer)) if tokens else None
        host = f"127.0.0.1:{free_ports(1)[0]}"
        (folder / "trusted.pem").write_text(signer.pem)
        config = folder / "registry.json"  # JSON is YAML
        config.write_text(json.dumps(_config(folder, host, token_server)))
        command = ["env", "OTEL_TRACES_EXPORTER=none", str(located("registry")), "serve", str(config)]
        running = stack.enter_context(server("registry", command, folder))
        wait_until(lambda: _answers(host), running)
        yield RealRegistry(host, folder, token_server)


def _config(folder: Path, host: str, tokens: "TokenServer | None") -> dict[str, Any]:
    storage = {"filesystem": {"rootdirectory": str(folder / "storage")}, "delete": {"enabled": True}}
    config: dict[str, Any] = {"version": "0.1", "log": {"level": "warn"}, "storage": storage, "http": {"addr": host}}
    if tokens:
        trusted = str(folder / "trusted.pem")
        token = {"realm": tokens.realm, "service": _SERVICE, "issuer": _ISSUER, "rootcertbundle": trusted}
        config["auth"] = {"token": token}
    return config


def _answers(host: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{host}/v2/", timeout=5):
            return True
    except urllib.error.HTTPError as answer:
        answer.close()
        return answer.code == 401
    except OSError:
        return False


class TokenServer(ThreadingHTTPServer):
    """Gives tokens to `USER`; nobody else gets one that allows anything. `asked` are the queries that came in."""

    daemon_threads = True

    def __init__(self, signer: SelfSigned) -> None:
        self.signer = signer
        self.asked: list[Mapping[str, list[str]]] = []
        super().__init__(("127.0.0.1", 0), _TokenHandler)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.realm = f"{self.origin}/token"


@contextmanager
def _token_server(signer: SelfSigned) -> Iterator[TokenServer]:
    running = TokenServer(signer)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield running
    finally:
        running.shutdown()
        running.server_close()


class _TokenHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        running = cast(TokenServer, self.server)
        query = parse_qs(urlsplit(self.path).query)
        running.asked.append(query)
        shown = self.headers.get("Authorization", "").removeprefix("Basic ")
        user = b64decode(shown).decode().partition(":")
        if shown and user[::2] != (USER, PASSWORD):
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        scopes = [one for asked in query.get("scope", []) for one in asked.split(" ")] if shown else []
        body = json.dumps({"token": _token(running.signer, scopes, user[0]), "expires_in": _TOKEN_LIFE}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def _token(signer: SelfSigned, scopes: list[str], subject: str) -> str:
    """A JSON Web Token, as distribution's "Token Authentication Implementation" describes it."""
    der = signer.certificate.public_bytes(serialization.Encoding.DER)
    now = int(time.time())
    parts = [scope.split(":") for scope in scopes]
    claims = {
        "iss": _ISSUER,
        "sub": subject,
        "aud": _SERVICE,
        "exp": now + _TOKEN_LIFE,
        "nbf": now - 10,
        "iat": now,
        "jti": sha256(f"{now}{scopes}".encode()).hexdigest(),
        "access": [
            {"type": kind, "name": ":".join(name), "actions": actions.split(",")} for kind, *name, actions in parts
        ],
    }
    header = {"typ": "JWT", "alg": "ES256", "x5c": [b64encode(der).decode()]}
    signed = f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(claims).encode())}"
    r, s = decode_dss_signature(signer.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
