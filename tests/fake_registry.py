"""A registry on loopback with the habits of those that people have.

::

    with fake_registry(GITLAB) as registry:
        registry.push("team/argo", "1.0.0")
        ...                                     # read oci://registry.host/team/argo
        assert registry.asked("/v2/_catalog")

A habit is named after the product that is known for it, with the page where its documentation speaks of it. What is
called "said to" was not found in a documentation: such a habit is handled because it does no harm where it is absent.
"""

import base64
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from tests.certificates import self_signed
from tests.repository import archive
from tests.upstream import Asked

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
HELM_CONFIG = "application/vnd.cncf.helm.config.v1+json"
HELM_CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
HELM_PROVENANCE = "application/vnd.cncf.helm.chart.provenance.v1.prov"
CREATED = "2026-10-01T12:00:00Z"


@dataclass(frozen=True)
class Habits:
    """How a registry behaves. The default: distribution without sign-in."""

    auth: str = ""
    """``basic``, ``bearer``, or open to everybody."""
    realm: str = ""
    """Of the token service; empty: the registry itself, below ``realm_path``."""
    realm_path: str = "/token"
    service: str = "registry"
    public: bool = False
    """Everybody may read, if need be with a token for nobody in particular."""
    tokens: str = "docker"
    """``docker``: 401 for a wrong password. ``harbor``: 200 with a token that allows nothing, and an empty
    access_token. ``oauth``: only access_token."""
    catalog: int = 200
    """Status of /v2/_catalog."""
    most: int = 0
    """A larger ``n`` is refused with 400; 0: any is taken."""
    page: int = 0
    """Names a page whatever ``n`` says; 0: as asked."""
    link: str = "{path}?{query}"
    """The target of ``Link``."""
    digests: bool = True
    """Docker-Content-Digest is sent."""
    heads: bool = True
    """HEAD is allowed."""
    metadata_read: bool = False
    """Tags are listed for another action than pull."""


DISTRIBUTION = Habits()
"""distribution.github.io: catalog with n of at most 1,000."""
HARBOR = Habits(auth="bearer", realm_path="/service/token", service="harbor-registry", tokens="harbor", catalog=401)
"""goharbor.io: a robot may not read the catalog; the token service answers 200 whatever the password."""
GITHUB = Habits(auth="bearer", service="ghcr.io", public=True, catalog=404)
"""docs.github.com, "Working with the Container registry"; no catalog: github.com/oras-project/oras-go/issues/621."""
GITLAB = Habits(auth="bearer", realm_path="/jwt/auth", service="container_registry", catalog=401)
"""docs.gitlab.com, "Authenticate with the container registry": the realm is the GitLab's; the catalog is refused with
insufficient_scope."""
DOCKER_HUB = Habits(auth="bearer", service="registry.docker.io", public=True, catalog=401)
"""docs.docker.com, "Registry authentication", "Usage and limits"."""
AMAZON_ECR = Habits(auth="basic", most=1000, page=2)
"""docs.aws.amazon.com, "AuthorizationData": a password that lasts twelve hours; said to refuse a larger ``n``."""
AZURE = Habits(auth="bearer", realm_path="/oauth2/token", tokens="oauth", metadata_read=True, most=1000)
"""learn.microsoft.com, "Authenticate with an Azure container registry"; said to have actions of its own."""
GOOGLE = Habits(auth="bearer", realm_path="/v2/token", service="registry", catalog=404)
"""cloud.google.com, "Configure authentication to Artifact Registry for Helm"; said to have no catalog."""
NEXUS = Habits(auth="basic", public=False)
"""help.sonatype.com, "Docker Authentication": Basic unless the Bearer token realm is active."""
ARTIFACTORY = Habits(page=2, digests=False, link="/artifactory/api/docker/local{path_below}?{query}")
"""jfrog.com, "Docker Registry": a repository's key is the first part of the path; said to tell pages by its inner
address."""


@dataclass
class Repository:
    """Tags, and what they stand for."""

    tags: dict[str, str] = field(default_factory=dict)
    """Digest by tag."""
    manifests: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    """Bytes and media type by digest."""
    blobs: dict[str, bytes] = field(default_factory=dict)


class FakeRegistry:
    """What it holds, how it behaves, what it was asked."""

    def __init__(self, habits: Habits, folder: Path | None = None) -> None:
        self.habits = habits
        self.log: list[Asked] = []
        self.repositories: dict[str, Repository] = {}
        self.users: dict[str, str] = {}
        self.tokens: dict[str, set[str]] = {}
        """Scopes by token."""
        self.links: dict[str, str] = {}
        """The whole ``Link`` header by path, in place of the right one."""
        self.answers: dict[str, tuple[int, bytes, Mapping[str, str]]] = {}
        """A whole answer by path, in place of the right one."""
        self.blobs_at = ""
        """Where blobs are sent to, an object store say."""
        self.manifests_left = 1_000_000
        """So many more manifests are given by GET; then 429."""
        self.retry_after = ""
        self._server = _Server(self)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http{'s' if folder else ''}://{self.host}"
        if folder:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self_signed().write(folder))
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    # -- what it holds

    def push(
        self,
        repository: str,
        version: str,
        *,
        name: str = "",
        tag: str = "",
        salt: str = "",
        provenance: bytes = b"",
        **fields: Any,
    ) -> str:
        """Push a chart as Helm does; the digest of its manifest. ``fields``: more of Chart.yaml."""
        chart = name or repository.rpartition("/")[2]
        config = {"name": chart, "version": version, "apiVersion": "v2", "description": f"What {chart} does", **fields}
        packed = archive(chart, version, salt)
        where = self.repositories.setdefault(repository, Repository())
        beside = [self.blob(where, provenance, HELM_PROVENANCE)] if provenance else []
        manifest = {
            "schemaVersion": 2,
            "config": self.blob(where, json.dumps(config).encode(), HELM_CONFIG),
            "layers": [self.blob(where, packed, HELM_CHART), *beside],
            "annotations": {"org.opencontainers.image.created": CREATED},
        }
        return self.put(repository, tag or version.replace("+", "_"), manifest)

    def push_image(self, repository: str, tag: str) -> str:
        """Push what is no chart."""
        where = self.repositories.setdefault(repository, Repository())
        config = self.blob(
            where, f'{{"os": "linux", "tag": "{tag}"}}'.encode(), "application/vnd.oci.image.config.v1+json"
        )
        return self.put(repository, tag, {"schemaVersion": 2, "config": config, "layers": []})

    def put(
        self, repository: str, tag: str, manifest: Mapping[str, Any] | bytes, media_type: str = OCI_MANIFEST
    ) -> str:
        """Put any manifest under ``tag``; its digest."""
        body = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
        digest = _digest(body)
        where = self.repositories.setdefault(repository, Repository())
        where.manifests[digest] = (body, media_type)
        where.tags[tag] = digest
        return digest

    def blob(self, where: Repository, data: bytes, media_type: str) -> dict[str, Any]:
        """Put a blob; its descriptor."""
        digest = _digest(data)
        where.blobs[digest] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    # -- what it was asked

    def asked(self, path: str, method: str = "") -> list[Asked]:
        """All requests for ``path``, whatever their query."""
        return [one for one in self.log if one.path.partition("?")[0] == path and method in ("", one.method)]

    def count(self, part: str, method: str = "") -> int:
        """How many requests had ``part`` in their path."""
        return sum(part in one.path and method in ("", one.method) for one in self.log)

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def fake_registry(habits: Habits = DISTRIBUTION, *, tls: Path | None = None) -> Iterator[FakeRegistry]:
    """A running registry on a free port of 127.0.0.1; with ``tls``, a folder where its certificate lies afterwards
    (server.crt), by https."""
    registry = FakeRegistry(habits, tls)
    try:
        yield registry
    finally:
        registry.close()


def _digest(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, registry: FakeRegistry) -> None:
        self.registry = registry
        super().__init__(("127.0.0.1", 0), _Handler)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """A server without TLS hangs up on a client that speaks it (22 is a handshake); http.server would wait."""
        return isinstance(request, ssl.SSLSocket) or request.recv(1, socket.MSG_PEEK) != b"\x16"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what some tests are about."""


class _Refused(Exception):
    def __init__(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.code, self.headers = status, code, headers or {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    @property
    def registry(self) -> FakeRegistry:
        return cast(_Server, self.server).registry

    @property
    def habits(self) -> Habits:
        return self.registry.habits

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.registry.log.append(Asked(self.command, self.path, headers))
        path = urlsplit(self.path).path
        planned = self.registry.answers.get(path)
        try:
            if planned:
                self.send(planned[0], planned[1], planned[2])
            elif path == self.habits.realm_path:
                self.give_token()
            elif path == "/v2/":
                self.admit("")
                self.tell({})
            elif path == "/v2/_catalog":
                self.catalog()
            else:
                self.serve(path)
        except _Refused as refused:
            body = {"errors": [{"code": refused.code, "message": refused.code.lower()}]}
            self.tell(body, refused.status, refused.headers)

    do_HEAD = do_GET  # noqa: N815 -- http.server's own name

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: ``log`` is the log."""

    # -- who asks

    def admit(self, scope: str) -> None:
        shown = self.headers.get("Authorization", "")
        if self.habits.auth == "basic" and not (self.is_user(shown) or (self.habits.public and scope)):
            raise _Refused(401, "UNAUTHORIZED", {"WWW-Authenticate": f'Basic realm="{self.registry.url}/"'})
        if self.habits.auth == "bearer" and not self.is_allowed(shown, scope):
            realm = self.habits.realm or self.registry.url + self.habits.realm_path
            words = [f'realm="{realm}"', f'service="{self.habits.service}"', *([f'scope="{scope}"'] if scope else [])]
            raise _Refused(401, "UNAUTHORIZED", {"WWW-Authenticate": "Bearer " + ",".join(words)})

    def is_user(self, shown: str) -> bool:
        return any(shown == _basic(*user) for user in self.registry.users.items())

    def is_allowed(self, shown: str, scope: str) -> bool:
        return bool(scope) and scope in self.registry.tokens.get(shown.removeprefix("Bearer "), set())

    def give_token(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        shown = self.headers.get("Authorization", "")
        knows = self.is_user(shown)
        if shown and not knows and self.habits.tokens != "harbor":
            raise _Refused(401, "UNAUTHORIZED")
        scopes = {
            one for one in query.get("scope", []) if self.habits.catalog == 200 or not one.startswith("registry:")
        }
        allowed = scopes if knows or self.habits.public else set()
        token = f"token-{len(self.registry.tokens)}"
        self.registry.tokens[token] = allowed
        named = {"docker": {"token": token}, "harbor": {"token": token, "access_token": ""}}
        self.tell({**named.get(self.habits.tokens, {"access_token": token}), "expires_in": 300})

    # -- what it gives

    def catalog(self) -> None:
        if self.habits.catalog not in (200, 401):
            raise _Refused(self.habits.catalog, "UNSUPPORTED")
        self.admit("registry:catalog:*")
        if self.habits.catalog == 401:
            raise _Refused(401, "UNAUTHORIZED")
        self.list_names("repositories", sorted(self.registry.repositories))

    def serve(self, path: str) -> None:
        for kind in ("/tags/list", "/manifests/", "/blobs/"):
            name, found, reference = path.removeprefix("/v2/").rpartition(kind)
            if found:
                action = "metadata_read" if self.habits.metadata_read and kind == "/tags/list" else "pull"
                self.admit(f"repository:{name}:{action}")
                repository = self.registry.repositories.get(name)
                if repository is None:
                    raise _Refused(404, "NAME_UNKNOWN")
                getattr(self, kind.strip("/").replace("/", "_"))(repository, reference)
                return
        raise _Refused(404, "NOT_FOUND")

    def tags_list(self, repository: Repository, _: str) -> None:
        self.list_names("tags", sorted(repository.tags))

    def manifests(self, repository: Repository, reference: str) -> None:
        if self.command == "HEAD" and not self.habits.heads:
            raise _Refused(405, "UNSUPPORTED")
        if self.command == "GET":
            self.registry.manifests_left -= 1
        if self.registry.manifests_left < 0:
            wait = {"Retry-After": self.registry.retry_after} if self.registry.retry_after else {}
            raise _Refused(429, "TOOMANYREQUESTS", {"RateLimit-Limit": "100;w=21600", **wait})
        found = repository.manifests.get(repository.tags.get(reference, reference))
        if found is None or found[1] not in self.headers.get("Accept", ""):
            raise _Refused(404, "MANIFEST_UNKNOWN")
        digest = {"Docker-Content-Digest": _digest(found[0])} if self.habits.digests else {}
        self.send(200, found[0], {"Content-Type": found[1], **digest})

    def blobs(self, repository: Repository, digest: str) -> None:
        data = repository.blobs.get(digest)
        if data is None:
            raise _Refused(404, "BLOB_UNKNOWN")
        if self.registry.blobs_at:
            self.send(307, b"", {"Location": f"{self.registry.blobs_at}{urlsplit(self.path).path}?signature=abc"})
        else:
            self.send(200, data, {"Content-Type": "application/octet-stream"})

    def list_names(self, key: str, names: list[str]) -> None:
        query = parse_qs(urlsplit(self.path).query)
        asked = int(query.get("n", ["0"])[0])
        if self.habits.most and asked > self.habits.most:
            raise _Refused(400, "PAGINATION_NUMBER_INVALID")
        after = [name for name in names if name > query.get("last", [""])[0]]
        size = self.habits.page or asked or len(after)
        page = after[:size]
        self.tell({key: page or None}, headers=self.next_page(page) if len(after) > size else {})

    def next_page(self, page: list[str]) -> dict[str, str]:
        path = urlsplit(self.path).path
        if path in self.registry.links:
            return {"Link": self.registry.links[path]}
        query = f"last={page[-1]}&n={len(page)}"
        below = f"/v2/{path.removeprefix('/v2/').partition('/')[2]}" if "/tags/" in path else path
        target = self.habits.link.format(path=path, query=query, path_below=below)
        return {"Link": f'<{target}>; rel="next"'}

    def tell(self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.send(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})

    def send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
