"""A Harbor on loopback that answers as recorded ones did, quirks included, and logs what it was asked.

::

    with fake_harbor() as harbor:
        harbor.project("team-a", public=False)
        harbor.robot("robot$team-a+catalog", "secret", {"team-a": LISTING})
        harbor.push("team-a/sub/argo", archive("argo", "1.0.0"))
        ...                                     # read harbor.url
        assert len(harbor.asked("/api/v2.0/projects/team-a/artifacts")) == 1

``version`` chooses the quirks: since 2.12 there is ``/projects/{p}/artifacts``, since 2.15.2 the ``update_time`` of a
repository follows its tags, before 2.8 there is ``/chartrepo`` (``keep``), and 1.x has ``/api`` alone.
"""

import base64
import gzip
import hashlib
import io
import json
import re
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

from tests.upstream import Asked

HELM_CONFIG = "application/vnd.cncf.helm.config.v1+json"
CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
IMAGE_CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"

PULLING = frozenset({"repository:pull"})
LISTING = PULLING | {"repository:list", "artifact:list", "artifact:read", "artifact-addition:read", "helm-chart:read"}
EVERYTHING = LISTING | {"repository:read", "project:read", "catalog:read"}

PORTAL = b"""<!DOCTYPE html>
<html><head><meta charset="utf-8"/><title>Harbor</title><base href="/"/></head>
<body><harbor-app><div class="spinner">Loading...</div></harbor-app></body></html>
"""
LOST = b"<!DOCTYPE HTML>\n<html><head><title>404 - Page Not Found</title></head><body>404</body></html>\n"
_NEVER = "0001-01-01T00:00:00.000Z"
_JSON = "application/json; charset=utf-8"


@dataclass
class Account:
    """A user or robot; ``rights`` by project (``*``: all of them)."""

    name: str
    secret: str
    rights: Mapping[str, frozenset[str]]
    admin: bool = False
    disabled: bool = False

    def may(self, right: str, project: str) -> bool:
        return self.admin or right in self.rights.get(project, ()) or right in self.rights.get("*", ())

    def sees(self, project: str) -> bool:
        return self.admin or project in self.rights or "*" in self.rights


@dataclass
class Project:
    id: int
    name: str
    public: bool
    created: str


@dataclass
class Repository:
    id: int
    name: str
    """With its project."""
    project: Project
    created: str
    updated: str
    pulls: int = 0
    blobs: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Tag:
    id: int
    name: str
    pushed: str


@dataclass
class Artifact:
    id: int
    repository: Repository
    digest: str
    manifest: bytes
    media_type: str
    """Of the config."""
    pushed: str
    extra_attrs: dict[str, Any]
    annotations: dict[str, str]
    references: list[dict[str, Any]] | None = None
    tags: list[Tag] = field(default_factory=list)
    pulled: str = _NEVER

    @property
    def type(self) -> str:
        known = {HELM_CONFIG: "CHART", IMAGE_CONFIG: "IMAGE", INDEX: "IMAGE"}
        return known.get(self.media_type, "UNKNOWN")


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = _JSON


class Refused(Exception):
    """Ends a request with an error of Harbor's."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        body = json.dumps({"errors": [{"code": code, "message": message}]}, separators=(",", ":")).encode() + b"\n"
        self.answer = Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
        super().__init__(message)


class FakeHarbor:
    """The server and what it holds. Change what it holds at any time, also while it is being read."""

    def __init__(self, version: str = "v2.15.2-080b0220", *, museum: bool = False) -> None:
        self.version, self.museum = version, museum
        self.log: list[Asked] = []
        self.projects: dict[str, Project] = {}
        self.repositories: dict[str, Repository] = {}
        self.artifacts: list[Artifact] = []
        self.accounts: dict[str, Account] = {}
        self.locked: set[str] = set()
        """Names whose right password is refused just now, because somebody else mistyped it."""
        self.before: Callable[[str], None] = lambda _path: None
        """Called with the path and query of each request, before it is answered."""
        self.instead: dict[str, Answer] = {}
        """Answers by the beginning of the path, in place of the real ones."""
        self.ignores: frozenset[str] = frozenset()
        """Fields of ``q`` that this one does not know."""
        self.lies = 0
        """How many rows more than there are it tells of artifacts."""
        self.kept: dict[str, dict[str, bytes]] = {}
        """ChartMuseum's archives: by project, then by file name."""
        self.tokens: dict[str, tuple[str, frozenset[str]]] = {}
        self.token_realm = ""
        """Where the registry sends those who ask for a token; empty: to itself."""
        self._ids, self._clock = 0, datetime(2026, 11, 23, 7, 13, tzinfo=UTC)
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    # -- what it holds

    @property
    def number(self) -> tuple[int, ...]:
        return tuple(int(part) for part in re.findall(r"\d+", self.version.partition("-")[0]))

    def project(self, name: str, *, public: bool = True) -> Project:
        self.projects[name] = Project(self._id(), name, public, self._now())
        return self.projects[name]

    def user(self, name: str, secret: str, rights: Mapping[str, frozenset[str]] | None = None) -> Account:
        """Without ``rights``: the administrator."""
        self.accounts[name] = Account(name, secret, rights or {}, admin=rights is None)
        return self.accounts[name]

    robot = user

    def push(
        self,
        repository: str,
        archive: bytes,
        *tags: str,
        config: Mapping[str, Any] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> str:
        """Push a chart as ``helm push`` does, and give its digest. ``tags``: others than its version."""
        attrs = dict(config if config is not None else _chart_yaml(archive))
        config_blob = json.dumps(attrs).encode()
        layers = [(CHART_LAYER, archive)]
        names = tags or (str(attrs["version"]).replace("+", "_"),)
        return self._put(repository, HELM_CONFIG, config_blob, layers, attrs, dict(annotations or {}), names)

    def push_image(self, repository: str, tag: str = "latest") -> str:
        """Push what is no chart."""
        attrs = {"architecture": "amd64", "os": "linux", "config": {"Labels": {"x": "y"}}}
        config = json.dumps({**attrs, "id": tag}).encode()
        return self._put(repository, IMAGE_CONFIG, config, [], attrs, {}, (tag,))

    def push_index(self, repository: str, tag: str, *digests: str) -> str:
        """Push an OCI index over artifacts that are there."""
        children = [self.artifact(repository, one) for one in digests]
        listed = [{"mediaType": MANIFEST, "digest": one.digest, "size": len(one.manifest)} for one in children]
        manifest = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed, "x": tag}).encode()
        made = self._add(self._repository(repository), manifest, INDEX, {}, {})
        made.references = [
            {"child_digest": one.digest, "child_id": one.id, "parent_id": made.id, "urls": None} for one in children
        ]
        self._tag(made, tag)
        return made.digest

    def tag(self, repository: str, digest: str, name: str) -> None:
        """Add or move a tag through the API."""
        self._tag(self.artifact(repository, digest), name)
        self._touch(repository)

    def untag(self, repository: str, name: str) -> None:
        """Delete a tag; its artifact stays."""
        for one in self._of(repository):
            one.tags = [tag for tag in one.tags if tag.name != name]
        self._touch(repository)

    def delete(self, repository: str, reference: str) -> None:
        """Delete an artifact with its tags."""
        self.artifacts.remove(self.artifact(repository, reference))
        self._touch(repository)

    def delete_repository(self, repository: str) -> None:
        """Delete a repository with all that is in it."""
        self.artifacts = [one for one in self.artifacts if one.repository.name != repository]
        del self.repositories[repository]

    def delete_project(self, name: str) -> None:
        """Delete a project with all that is in it."""
        for repository in [one for one in self.repositories if one.startswith(f"{name}/")]:
            self.delete_repository(repository)
        del self.projects[name]

    def keep(self, project: str, archive: bytes) -> None:
        """Upload a chart to the ChartMuseum of old."""
        attrs = _chart_yaml(archive)
        self.kept.setdefault(project, {})[f"{attrs['name']}-{attrs['version']}.tgz"] = archive

    def artifact(self, repository: str, reference: str) -> Artifact:
        """By digest or tag. Raises KeyError."""
        for one in self._of(repository):
            if reference in (one.digest, *(tag.name for tag in one.tags)):
                return one
        raise KeyError(reference)

    def asked(self, path: str = "") -> list[Asked]:
        """Requests whose path begins with ``path``."""
        return [one for one in self.log if one.path.startswith(path)]

    def forget(self) -> None:
        """Begin the log anew."""
        self.log.clear()

    def _put(
        self,
        repository: str,
        media_type: str,
        config: bytes,
        layers: Sequence[tuple[str, bytes]],
        attrs: dict[str, Any],
        annotations: dict[str, str],
        tags: Sequence[str],
    ) -> str:
        home = self._repository(repository)
        for blob in (config, *(data for _, data in layers)):
            home.blobs[_digest(blob)] = blob
        manifest = {
            "schemaVersion": 2,
            "config": {"mediaType": media_type, "digest": _digest(config), "size": len(config)},
            "layers": [{"mediaType": kind, "digest": _digest(data), "size": len(data)} for kind, data in layers],
        }
        body = json.dumps({**manifest, **({"annotations": annotations} if annotations else {})}).encode()
        made = self._add(home, body, media_type, attrs, annotations)
        for tag in tags:
            self._tag(made, tag)
        return made.digest

    def _add(
        self,
        home: Repository,
        manifest: bytes,
        media_type: str,
        attrs: dict[str, Any],
        annotations: dict[str, str],
    ) -> Artifact:
        digest = _digest(manifest)
        present = next((one for one in self._of(home.name) if one.digest == digest), None)
        if present:  # the same bytes again: nothing moves
            return present
        made = Artifact(self._id(), home, digest, manifest, media_type, self._now(), attrs, annotations)
        self.artifacts.append(made)
        self._touch(home.name)
        return made

    def _tag(self, artifact: Artifact, name: str) -> None:
        if any(tag.name == name for tag in artifact.tags):
            return
        for one in self._of(artifact.repository.name):
            one.tags = [tag for tag in one.tags if tag.name != name]
        artifact.tags.append(Tag(self._id(), name, self._now()))

    def _repository(self, name: str) -> Repository:
        if name not in self.repositories:
            project = self.projects[name.partition("/")[0]]
            self.repositories[name] = Repository(self._id(), name, project, self._now(), self._now())
        return self.repositories[name]

    def _touch(self, repository: str) -> None:
        if self.number >= (2, 15, 2):
            self.repositories[repository].updated = self._now()

    def _of(self, repository: str) -> list[Artifact]:
        return [one for one in self.artifacts if one.repository.name == repository]

    def _id(self) -> int:
        self._ids += 1
        return self._ids

    def _now(self) -> str:
        self._clock += timedelta(seconds=1)
        return self._clock.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    # -- who asks

    def who(self, authorization: str) -> Account | None:
        """Whose Basic credentials these are; None: nobody's."""
        scheme, _, value = authorization.partition(" ")
        if scheme != "Basic":
            return None
        name, _, secret = base64.b64decode(value).decode().partition(":")
        account = self.accounts.get(name)
        if account is None or account.disabled or account.secret != secret or name in self.locked:
            return None
        return account

    def may(self, account: Account | None, right: str, project: str) -> bool:
        """Whether ``account`` may do it. In a public project everybody may list and pull."""
        found = self.projects.get(project)
        if found and found.public and right in LISTING:
            return True
        return account is not None and account.may(right, project)

    # -- serving

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def fake_harbor(version: str = "v2.15.2-080b0220", *, museum: bool = False) -> Iterator[FakeHarbor]:
    """A running ``FakeHarbor`` on a free port of 127.0.0.1."""
    harbor = FakeHarbor(version, museum=museum)
    harbor.start()
    try:
        yield harbor
    finally:
        harbor.close()


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _chart_yaml(archive: bytes) -> dict[str, Any]:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as packed:
        name = next(one for one in packed.getnames() if re.fullmatch(r"[^/]+/Chart\.yaml", one))
        file = packed.extractfile(name)
        assert file is not None
        return cast(dict[str, Any], yaml.load(file.read(), yaml.BaseLoader))


def _file_of(archive: bytes, wanted: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as packed:
        for name in packed.getnames():
            if name.partition("/")[2].lower() == wanted:
                file = packed.extractfile(name)
                return file.read() if file else b""
    return b""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, harbor: FakeHarbor) -> None:
        self.harbor = harbor
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        harbor = cast(_Server, self.server).harbor
        headers = {name.lower(): value for name, value in self.headers.items()}
        harbor.log.append(Asked(self.command, self.path, headers))
        harbor.before(self.path)
        try:
            answer = _route(_Request(harbor, self.command, self.path, headers))
        except Refused as refused:
            answer = refused.answer
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Set-Cookie", "sid=0123456789abcdef; Path=/; HttpOnly")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: ``FakeHarbor.log`` is the log."""


class _Request:
    """One request, with what answers it."""

    def __init__(self, harbor: FakeHarbor, method: str, target: str, headers: Mapping[str, str]) -> None:
        self.harbor, self.method, self.headers = harbor, method, headers
        parts = urlsplit(target)
        self.path = unquote(parts.path)
        """As nginx hands it on: decoded once."""
        self.query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.scopes = parse_qs(parts.query).get("scope", [])
        self.authorization = headers.get("authorization", "")
        self.account = harbor.who(self.authorization)

    def need(self, right: str, project: str) -> Project:
        """The project, where ``right`` may be used there; as Harbor, absent and private look alike."""
        if not self.harbor.may(self.account, right, project):
            if self.account is None:
                raise Refused(401, "UNAUTHORIZED", "unauthorized")
            raise Refused(403, "FORBIDDEN", "forbidden")
        if project not in self.harbor.projects:
            raise Refused(404, "NOT_FOUND", f"project {project} not found")
        return self.harbor.projects[project]

    def page(self, rows: Sequence[dict[str, Any]], known: Mapping[str, str]) -> Answer:
        """A page of ``rows``, filtered and sorted. ``known``: fields that ``q`` may name, with the row's key."""
        if self.method == "HEAD":
            raise Refused(405, "METHOD_NOT_ALLOWED", "method HEAD is not allowed, but [GET] are")
        rows = self._sorted([row for row in rows if self._matches(row, known)], known)
        size, number = self._number("page_size", 10), max(self._number("page", 1), 1)
        if size > 100:
            text = "validation failure list:\npage_size in query should be less than or equal to 100"
            raise Refused(422, "UNPROCESSABLE_ENTITY", text)
        shown = rows if size <= 0 else rows[(number - 1) * size : number * size]
        told = len(rows) + (self.harbor.lies if known is _ARTIFACT_FIELDS else 0)
        headers = {"X-Total-Count": str(told)}
        links = self._links(number, size, len(rows))
        return _json(shown, headers | ({"Link": links} if links else {}))

    def _number(self, name: str, default: int) -> int:
        text = self.query.get(name, str(default))
        if not re.fullmatch(r"-?\d+", text):
            message = f'validation failure list:\n{name} in query must be of type int64: "{text}"'
            raise Refused(422, "UNPROCESSABLE_ENTITY", message)
        return int(text)

    def _links(self, number: int, size: int, total: int) -> str:
        """Harbor decodes the query of these once too often, so a filter with ``%2B`` is lost by who follows them."""
        found = []
        if number > 1 and (number - 1) * size < total:
            found.append((number - 1, "prev"))
        if size < 0 or (size > 0 and number * size < total):
            found.append((number + 1, "next"))
        return " , ".join(f'<{self._at(page)}>; rel="{rel}"' for page, rel in found)

    def _at(self, page: int) -> str:
        query = {**self.query, "page": str(page)}
        return f"{self.path}?" + "&".join(f"{name}={value}" for name, value in sorted(query.items()))

    def _matches(self, row: dict[str, Any], known: Mapping[str, str]) -> bool:
        """``q`` is decoded twice; what it names and nobody knows is ignored."""
        text = unquote(self.query.get("q", "").replace("+", " "))
        return all(self._holds(row, one, known) for one in text.split(",") if one)

    def _holds(self, row: dict[str, Any], condition: str, known: Mapping[str, str]) -> bool:
        name, sign, value = condition.partition("=")
        if not sign or not value:
            message = 'the query string must contain "=" and the key/value cannot be empty'
            raise Refused(400, "BAD_REQUEST", message)
        if name == "tags":
            tags = [tag["name"] for tag in row.get("tags") or ()]
            return (bool(tags) if value == "*" else not tags) if value in ("*", "nil") else value in tags
        if name not in known or name in self.harbor.ignores:
            return True
        found = row.get(known[name])
        ranged = re.fullmatch(r"\[(.*)~(.*)\]", value)
        if ranged:
            return self._between(found, *ranged.groups())
        if value.startswith("~"):
            return value[1:] in str(found)
        return str(found) == value

    def _between(self, found: Any, low: str, high: str) -> bool:
        if isinstance(found, int):
            return (not low or found >= int(low)) and (not high or found <= int(high))
        if any(text and not re.match(r"\d{4}-\d\d-\d\d", text) for text in (low, high)):
            raise Refused(500, "UNKNOWN", "internal server error")
        low, high = low.replace(" ", "T").rstrip("Z"), high.replace(" ", "T").rstrip("Z")
        at = str(found).rstrip("Z")
        return (not low or at >= low) and (not high or at <= high)

    def _sorted(self, rows: list[dict[str, Any]], known: Mapping[str, str]) -> list[dict[str, Any]]:
        wanted = self.query.get("sort", "")
        key = wanted.lstrip("-")
        if key not in known:
            return rows
        return sorted(rows, key=lambda row: row[known[key]], reverse=wanted.startswith("-"))


def _json(value: Any, headers: Mapping[str, str] | None = None, content_type: str = "application/json") -> Answer:
    return Answer(200, json.dumps(value, separators=(",", ":")).encode() + b"\n", headers or {}, content_type)


# -- routes


def _route(request: _Request) -> Answer:
    for prefix, answer in request.harbor.instead.items():
        if request.path.startswith(prefix):
            return answer
    old = request.harbor.number < (2,)
    if request.path.startswith("/api/v2.0") and not old:
        return _api(request)
    if request.path.startswith("/api/"):
        return _old_api(request)
    if request.path == "/service/token":
        return _token(request)
    if request.path.startswith("/v2"):
        return _registry(request)
    if request.path.startswith("/chartrepo/") and request.harbor.museum:
        return _chartrepo(request)
    if request.path.startswith("/c/") or request.path.startswith("/service/"):
        return Answer(404, LOST, content_type="text/html; charset=utf-8")
    return Answer(200, PORTAL, {"ETag": '"6b03e772-209"'}, "text/html")


def _api(request: _Request) -> Answer:
    path = request.path.removeprefix("/api/v2.0").rstrip("/")
    for pattern, answer in _API.items():
        found = re.fullmatch(pattern, path)
        if found:
            return answer(request, *found.groups())
    raise Refused(404, "NOT_FOUND", f"path {request.path} was not found")


def _old_api(request: _Request) -> Answer:
    """1.x, and what is left of it: ``/api/version``."""
    harbor = request.harbor
    if request.path == "/api/version":
        return _json({"version": "v2.0"}, content_type="text/plain; charset=utf-8")
    if harbor.number < (2,) and request.path == "/api/systeminfo":
        return _json({"harbor_version": harbor.version, "auth_mode": "db_auth", "with_chartmuseum": harbor.museum})
    if harbor.number < (2,) and request.path == "/api/projects":
        return _projects(request)
    return Answer(404, LOST, content_type="text/html; charset=utf-8")


def _ping(_request: _Request) -> Answer:
    return Answer(200, b"Pong", content_type="text/plain")


def _systeminfo(request: _Request) -> Answer:
    harbor = request.harbor
    told: dict[str, Any] = {"auth_mode": "db_auth", "self_registration": False}
    if harbor.number >= (2, 8):
        told |= {"banner_message": "", "oidc_provider_name": "", "primary_auth_mode": False}
    if request.account is not None or harbor.number < (2, 8):
        told["harbor_version"] = harbor.version
    if request.account is not None:
        host = urlsplit(harbor.url).netloc
        told |= {"registry_url": host, "external_url": harbor.url, "read_only": False}
        told |= {"with_chartmuseum": harbor.museum} if harbor.number < (2, 8) else {}
    return _json(dict(sorted(told.items())))


def _projects(request: _Request) -> Answer:
    harbor, account = request.harbor, request.account
    seen = [one for one in harbor.projects.values() if one.public or (account and account.sees(one.name))]
    wanted = request.query.get("name", "")
    rows = [_project_row(request, one) for one in sorted(seen, key=lambda one: one.name) if wanted in one.name]
    return request.page(rows, {"name": "name", "id": "project_id", "project_id": "project_id"})


def _project_row(request: _Request, one: Project) -> dict[str, Any]:
    count = sum(1 for repository in request.harbor.repositories.values() if repository.project is one)
    return {
        "creation_time": one.created,
        "current_user_role_ids": None,
        "cve_allowlist": {
            "creation_time": _NEVER,
            "id": one.id,
            "items": [],
            "project_id": one.id,
            "update_time": _NEVER,
        },
        "metadata": {"public": str(one.public).lower()},
        "name": one.name,
        "owner_id": 1,
        "owner_name": "admin",
        "project_id": one.id,
        "repo_count": count,
        "update_time": one.created,
    }


def _project(request: _Request, project: str) -> Answer:
    number = next((one.name for one in request.harbor.projects.values() if str(one.id) == project), project)
    public = number in request.harbor.projects and request.harbor.projects[number].public
    found = request.harbor.projects[number] if public else request.need("project:read", number)
    return _json(_project_row(request, found))


_REPOSITORY_FIELDS = {one: one for one in ("id", "name", "project_id", "update_time", "creation_time")}


def _repositories(request: _Request, project: str) -> Answer:
    found = request.need("repository:list", project)
    rows = [_repository_row(request, one) for one in request.harbor.repositories.values() if one.project is found]
    return request.page(rows[::-1], _REPOSITORY_FIELDS)


def _repository_row(request: _Request, one: Repository) -> dict[str, Any]:
    return {
        "artifact_count": len(request.harbor._of(one.name)),
        "creation_time": one.created,
        "id": one.id,
        "name": one.name,
        "project_id": one.project.id,
        "pull_count": one.pulls,
        "update_time": one.updated,
    }


_ARTIFACT_FIELDS = {
    one: one
    for one in ("id", "type", "media_type", "artifact_type", "digest", "push_time", "pull_time", "repository_name")
}


def _project_artifacts(request: _Request, project: str) -> Answer:
    if request.harbor.number < (2, 12):
        raise Refused(404, "NOT_FOUND", f"path {request.path} was not found")
    if request.account is None:  # also for a public project
        raise Refused(401, "UNAUTHORIZED", "unauthorized")
    found = request.need("artifact:list", project)
    return _artifact_page(request, [one for one in request.harbor.artifacts if one.repository.project is found])


def _artifacts(request: _Request, project: str, repository: str) -> Answer:
    request.need("artifact:list", project)
    return _artifact_page(request, request.harbor._of(f"{project}/{unquote(repository)}"))


def _artifact_page(request: _Request, found: Sequence[Artifact]) -> Answer:
    newest = sorted(found, key=lambda one: one.pushed, reverse=True)
    tagged = request.query.get("with_tag", "true") == "true"
    return request.page([_artifact_row(request, one, tagged=tagged) for one in newest], _ARTIFACT_FIELDS)


def _artifact_row(request: _Request, one: Artifact, *, tagged: bool = True) -> dict[str, Any]:
    home = one.repository
    row: dict[str, Any] = {
        "accessories": None,
        "digest": one.digest,
        "icon": _digest(one.type.encode()),
        "id": one.id,
        "labels": None,
        "manifest_media_type": INDEX if one.references else MANIFEST,
        "media_type": one.media_type,
        "project_id": home.project.id,
        "pull_time": one.pulled,
        "push_time": one.pushed,
        "references": one.references,
        "repository_id": home.id,
        "size": len(one.manifest) + sum(map(len, home.blobs.values())),
        "tags": [_tag_row(one, tag) for tag in one.tags] or None if tagged else None,
        "type": one.type,
    }
    if request.harbor.number >= (2, 8):
        row |= {"repository_name": home.name} | ({} if one.references else {"artifact_type": one.media_type})
    if one.extra_attrs:
        row["extra_attrs"] = one.extra_attrs
    if one.annotations:
        row["annotations"] = one.annotations
    if not one.references:
        row["addition_links"] = _addition_links(one)
    return dict(sorted(row.items()))


def _tag_row(one: Artifact, tag: Tag) -> dict[str, Any]:
    return {
        "artifact_id": one.id,
        "id": tag.id,
        "immutable": False,
        "name": tag.name,
        "pull_time": _NEVER,
        "push_time": tag.pushed,
        "repository_id": one.repository.id,
    }


def _addition_links(one: Artifact) -> dict[str, Any]:
    project, _, name = one.repository.name.partition("/")
    base = f"/api/v2.0/projects/{project}/repositories/{name.replace('/', '%252F')}/artifacts/{one.digest}/additions"
    names = ("dependencies", "readme.md", "values.yaml") if one.type == "CHART" else ("build_history",)
    return {name: {"absolute": False, "href": f"{base}/{name}"} for name in names}


def _one_repository(request: _Request, project: str, repository: str) -> Answer:
    if request.account is None:
        raise Refused(401, "UNAUTHORIZED", "unauthorized")
    if not request.account.may("repository:read", project):
        raise Refused(403, "FORBIDDEN", "forbidden")
    found = request.harbor.repositories.get(f"{project}/{unquote(repository)}")
    if found is None:
        raise Refused(404, "NOT_FOUND", f"repository {project}/{unquote(repository)} not found")
    return _json(_repository_row(request, found))


def _one_artifact(request: _Request, project: str, repository: str, reference: str) -> Answer:
    request.need("artifact:read", project)
    return _json(_artifact_row(request, _found(request, project, repository, reference)))


def _found(request: _Request, project: str, repository: str, reference: str) -> Artifact:
    name = f"{project}/{unquote(repository)}"
    try:
        return request.harbor.artifact(name, reference)
    except KeyError:
        raise Refused(404, "NOT_FOUND", f"artifact {name}:{reference} not found") from None


def _addition(request: _Request, project: str, repository: str, reference: str, addition: str) -> Answer:
    request.need("artifact-addition:read", project)
    if addition not in ("build_history", "values.yaml", "readme.md", "dependencies", "sbom", "license", "files"):
        text = "validation failure list:\naddition in path should be one of [build_history values.yaml readme.md]"
        raise Refused(422, "UNPROCESSABLE_ENTITY", text)
    found = _found(request, project, repository, reference)
    if addition not in ("values.yaml", "readme.md", "dependencies") or found.type != "CHART":
        raise Refused(400, "BAD_REQUEST", f"addition {addition.upper()} isn't supported for {found.type}")
    layer = json.loads(found.manifest)["layers"][0]["digest"]
    try:
        archive = found.repository.blobs[layer]
        if addition == "dependencies":
            return _json(found.extra_attrs.get("dependencies") or [], content_type=_JSON)
        kind = "text/markdown" if addition == "readme.md" else "text/plain"
        return Answer(200, _file_of(archive, addition), content_type=f"{kind}; charset=utf-8")
    except (OSError, tarfile.TarError, EOFError):
        raise Refused(500, "UNKNOWN", "internal server error") from None


def _permissions(request: _Request) -> Answer:
    if request.account is None:
        raise Refused(401, "UNAUTHORIZED", "unauthorized")
    return _json([])


def _current_user(request: _Request) -> Answer:
    if request.account is None:
        raise Refused(401, "UNAUTHORIZED", "unauthorized")
    if "$" in request.account.name:
        text = "get current user not available for security context: robot"
        raise Refused(412, "PRECONDITION", text)
    return _json({"username": request.account.name, "sysadmin_flag": request.account.admin})


_API: dict[str, Callable[..., Answer]] = {
    "/ping": _ping,
    "/systeminfo": _systeminfo,
    "/users/current": _current_user,
    "/users/current/permissions": _permissions,
    "/projects": _projects,
    "/projects/([^/]+)": _project,
    "/projects/([^/]+)/artifacts": _project_artifacts,
    "/projects/([^/]+)/repositories": _repositories,
    "/projects/([^/]+)/repositories/([^/]+)": _one_repository,
    "/projects/([^/]+)/repositories/([^/]+)/artifacts": _artifacts,
    "/projects/([^/]+)/repositories/([^/]+)/artifacts/([^/]+)": _one_artifact,
    "/projects/([^/]+)/repositories/([^/]+)/artifacts/([^/]+)/additions/([^/]+)": _addition,
}


# -- the registry


def _token(request: _Request) -> Answer:
    """200 whoever asks; what the token is good for is another matter."""
    service = request.query.get("service", "")
    if service != "harbor-registry":
        return Answer(400, f"Unable to handle service: {service}".encode(), content_type="text/plain; charset=utf-8")
    repositories = [one.split(":")[1] for one in request.scopes if one.startswith("repository:")]
    projects = frozenset(one.partition("/")[0] for one in repositories)
    good = frozenset(one for one in projects if request.harbor.may(request.account, "repository:pull", one))
    token = f"eyJ0eXAiOiJKV1Qi.{len(request.harbor.tokens)}.signature"
    request.harbor.tokens[token] = (request.account.name if request.account else "", good)
    told = {"token": token, "access_token": "", "expires_in": 1800, "issued_at": "2026-11-23T07:25:50Z"}
    return _json(told, content_type=_JSON)


_V2 = {"Docker-Distribution-Api-Version": "registry/2.0"}


def _registry(request: _Request) -> Answer:
    path = request.path.removeprefix("/v2").strip("/")
    if not path:
        return _registry_root(request)
    if path == "_catalog":
        return _catalog(request)
    found = re.fullmatch(r"(.+)/(tags|manifests|blobs)/([^/]+)", path)
    if not found:
        raise Refused(404, "NOT_FOUND", f"path {request.path} was not found")
    repository, what, reference = found.groups()
    _need_pull(request, repository)
    home = request.harbor.repositories.get(repository)
    if home is None:
        raise Refused(404, "NOT_FOUND", f"repository {repository} not found")
    return {"tags": _tags, "manifests": _manifest, "blobs": _blob}[what](request, home, reference)


def _registry_root(request: _Request) -> Answer:
    token = request.authorization.removeprefix("Bearer ")
    if request.account is not None or token in request.harbor.tokens:
        return Answer(200, b"{}", _V2)
    raise _unauthorized(request, "", "unauthorized: unauthorized")


def _need_pull(request: _Request, repository: str) -> None:
    project = repository.partition("/")[0]
    token = request.authorization.removeprefix("Bearer ")
    if project in request.harbor.tokens.get(token, ("", frozenset()))[1]:
        return
    if request.account is not None and request.harbor.may(request.account, "repository:pull", project):
        return
    text = "authorize header needed to send HEAD to repository: authorize header needed to send HEAD to repository"
    if request.authorization:
        text = f"unauthorized to access repository: {repository}, action: pull"
    raise _unauthorized(request, f',scope="repository:{repository}:pull"', text)


def _unauthorized(request: _Request, scope: str, text: str) -> Refused:
    if request.authorization:
        challenge = 'Basic realm="harbor"'
    else:
        realm = request.harbor.token_realm or f"http://{request.headers.get('host')}/service/token"
        challenge = f'Bearer realm="{realm}",service="harbor-registry"{scope}'
    return Refused(401, "UNAUTHORIZED", text, **{**_V2, "Www-Authenticate": challenge})


def _catalog(request: _Request) -> Answer:
    if request.account is None or not request.account.may("catalog:read", "*"):
        text = "unauthorized to list catalog: unauthorized to list catalog"
        raise Refused(401, "UNAUTHORIZED", text, **{**_V2, "Www-Authenticate": 'Basic realm="harbor"'})
    return _json({"repositories": sorted(request.harbor.repositories)}, content_type=_JSON)


def _tags(request: _Request, home: Repository, _list: str) -> Answer:
    names = sorted(tag.name for one in request.harbor._of(home.name) for tag in one.tags)
    count, last = request.query.get("n"), request.query.get("last", "")
    if count is not None and not re.fullmatch(r"\d+", count):
        raise Refused(400, "BAD_REQUEST", "the N must be a positive int type")
    rest = [name for name in names if name > last]
    shown = rest if count is None else rest[: int(count)]
    more = bool(shown) and len(shown) < len(rest)
    link = f'</v2/{home.name}/tags/list?last={shown[-1]}&n={count}>; rel="next"' if more else ""
    return _json({"name": home.name, "tags": shown}, {"Link": link} if link else {}, _JSON)


def _manifest(request: _Request, home: Repository, reference: str) -> Answer:
    try:
        found = request.harbor.artifact(home.name, reference)
    except KeyError:
        raise Refused(404, "NOT_FOUND", f"artifact {home.name}:{reference} not found") from None
    kind = INDEX if found.references else MANIFEST
    if kind not in request.headers.get("accept", ""):
        text = "OCI manifest found, but accept header does not support OCI manifests"
        raise Refused(404, "MANIFEST_UNKNOWN", text, **_V2)
    told = {**_V2, "Docker-Content-Digest": found.digest, "Etag": f'"{found.digest}"'}
    if request.headers.get("if-none-match") == f'"{found.digest}"':
        return Answer(304, b"", told, kind)
    if request.method == "GET":  # that is a pull
        home.pulls += 1
        found.pulled = home.updated = request.harbor._now()
    return Answer(200, found.manifest, told, kind)


def _blob(request: _Request, home: Repository, digest: str) -> Answer:
    if digest not in home.blobs:
        raise Refused(404, "BLOB_UNKNOWN", "blob unknown to registry", **_V2)
    told = {**_V2, "Docker-Content-Digest": digest, "Etag": f'"{digest}"', "Cache-Control": "max-age=31536000"}
    return Answer(200, home.blobs[digest], told, "application/octet-stream")


# -- ChartMuseum behind Harbor


def _chartrepo(request: _Request) -> Answer:
    project, _, rest = request.path.removeprefix("/chartrepo/").partition("/")
    if rest == "index.yaml" and request.method == "HEAD":
        return Answer(404, LOST, content_type="text/html; charset=utf-8")
    if not rest:
        return Answer(404, LOST, content_type="text/html; charset=utf-8")
    request.need("helm-chart:read", project)
    kept = request.harbor.kept.get(project, {})
    if rest == "index.yaml":
        return Answer(200, _index_of(kept), content_type="application/x-yaml")
    archive = kept.get(rest.removeprefix("charts/"))
    if archive is None:
        return Answer(404, b'{"error":"object not found"}')
    return Answer(200, archive, content_type="application/x-tar")


def _index_of(kept: Mapping[str, bytes]) -> bytes:
    entries: dict[str, list[dict[str, Any]]] = {}
    for name, archive in sorted(kept.items()):
        attrs = _chart_yaml(archive)
        entry = {
            **attrs,
            "created": "2026-11-23T07:35:50.111829966Z",
            "digest": hashlib.sha256(archive).hexdigest(),
            "urls": [f"charts/{name}"],
        }
        entries.setdefault(attrs["name"], []).append(entry)
    whole = {"apiVersion": "v1", "entries": entries, "generated": "2026-11-23T07:35:50Z", "serverInfo": {}}
    return yaml.safe_dump(whole).encode()
