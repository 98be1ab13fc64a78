"""A small API server on loopback that knows HelmRequests, remembers what it was asked, and fails on demand.

It answers as captain's recorded API server did (names, codes, Status bodies), so what is tested against it can be
trusted for the faults that the real one cannot be made to show.
"""

import json
import re
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

GROUP = "/apis/app.alauda.io/v1alpha1"
CHART_REPOS = re.compile(r"/apis/app\.alauda\.io/(v1beta1|v1alpha1)/namespaces/captain/chartrepos(?:/([^/]+))?")
SECRETS = re.compile(r"/api/v1/namespaces/([^/]+)/secrets(?:/([^/]+))?")
CHART = re.compile(r"/apis/app\.alauda\.io/(v1beta1|v1alpha1)/namespaces/captain/charts/([^/]+)")
NAMESPACE = re.compile(r"/api/v1/namespaces/([^/]+)")
TOKEN = "s3cret-token-of-the-test"
CHART_VERSIONS = ("2.0.0", "1.2.0", "1.0.0", "0.9.0")
KINDS = {
    "v1": ("Service", "ConfigMap", "Secret", "Pod"),
    "apps/v1": ("Deployment", "StatefulSet"),
    "networking.k8s.io/v1": ("Ingress",),
}


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    authorization: str
    person: str = ""
    """Whom the asker acts as."""
    accept: str = ""
    groups: tuple[str, ...] = ()
    """Of the person."""


@dataclass(frozen=True)
class Reply:
    """One answer. `cut` ends the connection after that many bytes of the body, `after` holds it until set,
    `stream` comes bit by bit in the body's place."""

    status: int
    body: bytes
    content_type: str = "application/json"
    cut: int | None = None
    after: threading.Event | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Iterator[bytes] | None = None


Fault = Callable[[Asked, Reply], Reply | None]
"""Gets the request and the answer it would get; returns another answer, or None for no fault."""


@dataclass
class KubeApi:
    """The server's state; `faults` are asked in order, the first answer wins."""

    url: str = ""
    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    namespaces: set[str] = field(default_factory=lambda: {"default", "apps"})
    events: list[dict[str, Any]] = field(default_factory=list)
    chart_repos: dict[str, dict[str, Any]] | None = None
    """Status by name, in the namespace `captain`; None: all there are and Synced."""
    repos: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Whole ChartRepos by name, in the namespace `captain`; they come before `chart_repos`."""
    repo_versions: tuple[str, ...] = ("v1beta1", "v1alpha1")
    """Versions of ChartRepos that are served."""
    secrets: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """Secrets by namespace and name."""
    log: list[Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    forbidden: set[str] = field(default_factory=set)
    """Of `list-all`, `namespaces`, `events`, `chartrepos`, `charts`, `deployments`, `webhooks`, `secrets`."""
    denied: set[str] = field(default_factory=set)
    """Verb and resource of what the asker may not do, such as `create helmrequests`."""
    user: str = "system:serviceaccount:tools:chartroom"
    """What the server calls whoever asks."""
    charts: dict[str, tuple[str, ...]] | None = None
    """The versions that captain knows, by `<chart>.<repo>`; None: it knows `CHART_VERSIONS` of any."""
    deployments: list[dict[str, Any]] = field(default_factory=list)
    """Of captain's namespace."""
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    """Validating webhook configurations."""
    kinds: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(KINDS))
    """What is served beside captain's kinds, by API version."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    made: int = 0
    serve_v1: bool = False
    """Whether HelmRequests are served in v1, too; ``spec.source`` is shown in both here."""
    """The newest resourceVersion."""
    oldest: int = 0
    """A watch after an older resourceVersion is answered with 410."""
    watches_until: threading.Event = field(default_factory=threading.Event)
    """Set: the watches that are open end. Put a new one in its place for those that follow."""

    def kubeconfig(self, folder: Path, url: str = "", name: str = "kubeconfig") -> Path:
        """A kubeconfig for this server, or for `url`."""
        path = folder / name
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": url or self.url}}],
            "users": [{"name": "test", "user": {"token": TOKEN}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        }
        path.write_text(json.dumps(config))
        return path

    def asked(self, method: str) -> list[Asked]:
        """The requests of one method so far; a question about rights, which is sent as a POST, is none."""
        return [one for one in self.log if one.method == method and "/selfsubject" not in one.path]

    def put(self, name: str, namespace: str = "apps", **parts: Any) -> dict[str, Any]:
        """Place a HelmRequest as if somebody else had made it."""
        thing = {
            "apiVersion": "app.alauda.io/v1alpha1",
            "kind": "HelmRequest",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {},
        }
        for part, content in parts.items():
            thing[part] = {**thing["metadata"], **content} if part == "metadata" else content
        return self._store(thing)

    def put_repo(self, name: str, url: str, status: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
        """Place a ChartRepo as if somebody else had made it."""
        thing = {"metadata": {"name": name, "namespace": "captain"}, "spec": {"type": "Chart", "url": url, **spec}}
        return self._keep(self.repos, name, {**thing, "status": status or {}})

    def put_secret(self, name: str, namespace: str = "captain", **texts: str) -> dict[str, Any]:
        """Place a Secret as if somebody else had made it."""
        data = {key: b64encode(text.encode()).decode() for key, text in texts.items()}
        thing = {"metadata": {"name": name, "namespace": namespace}, "data": data}
        return self._keep(self.secrets, (namespace, name), thing)

    def answer(self, asked: Asked) -> Reply:
        """What a healthy server says."""
        with self.lock:
            self.log.append(asked)
            reply = self._route(self._as_v1alpha1(asked) if self.serve_v1 else asked)
        for fault in self.faults:
            instead = fault(asked, reply)
            if instead is not None:
                return instead
        return reply

    def _store(self, thing: dict[str, Any]) -> dict[str, Any]:
        return self._keep(self.objects, (thing["metadata"]["namespace"], thing["metadata"]["name"]), thing)

    def _keep(self, where: dict[Any, dict[str, Any]], key: Any, thing: dict[str, Any]) -> dict[str, Any]:
        self.made += 1
        meta = {
            "uid": f"uid-{self.made}",
            "resourceVersion": str(self.made),
            "generation": 1,
            "creationTimestamp": "2026-11-23T06:55:42Z",
            "managedFields": [{"manager": "test"}],
            **thing["metadata"],
        }
        where[key] = {**thing, "metadata": meta}
        return where[key]

    def _as_v1alpha1(self, asked: Asked) -> Asked:
        return replace(asked, path=asked.path.replace("/app.alauda.io/v1/", "/app.alauda.io/v1alpha1/"))

    def _route(self, asked: Asked) -> Reply:
        path = asked.path
        about_itself = self._about_itself(asked)
        if about_itself is not None:
            return about_itself
        if path == "/version":
            return ok({"gitVersion": "v1.36.3"})
        if path == "/api/v1/namespaces":
            return self._guarded("namespaces", [{"metadata": {"name": one}} for one in self.namespaces])
        if path.endswith(("/events", "/deployments")):
            what = path.rpartition("/")[2]
            return self._guarded(what, {"events": self.events, "deployments": self.deployments}[what])
        if path == f"{GROUP}/helmrequests":
            return self._guarded("list-all", list(self.objects.values()))
        if path.startswith("/apis/app.alauda.io/") and path.endswith("/chartrepos") and "/namespaces/" not in path:
            return self._guarded("list-all", list(self.repos.values()))
        if repo := CHART_REPOS.fullmatch(path):
            return self._chart_repos(asked, *repo.groups(default=""))
        if secret := SECRETS.fullmatch(path):
            return self._secrets(asked, *secret.groups(default=""))
        if path.startswith(f"{GROUP}/namespaces/"):
            return self._helmrequests(asked, *path.removeprefix(f"{GROUP}/namespaces/").split("/"))
        return Reply(404, b"404 page not found\n", "text/plain; charset=utf-8")

    def _guarded(self, what: str, items: list[dict[str, Any]]) -> Reply:
        if what in self.forbidden:
            return refusal(403, "Forbidden", f'{what} is forbidden: User "catalog" cannot list it at the cluster scope')
        return ok({"kind": "List", "metadata": {}, "items": items})

    def _about_itself(self, asked: Asked) -> Reply | None:
        """What may be done, what is served, which namespaces and charts there are."""
        path = asked.path
        if path == GROUP:
            return ok({"kind": "APIResourceList", "resources": [{"name": "helmrequests"}, {"name": "releases"}]})
        if path.endswith("/selfsubjectaccessreviews"):
            return self._review(asked.body["spec"]["resourceAttributes"])
        if path.endswith("/selfsubjectreviews"):
            return ok({"status": {"userInfo": {"username": self.user}}}, 201)
        if path in ("/api", "/apis"):
            return self._discovery(grouped=path == "/apis")
        if path == "/api/v1/namespaces" and asked.method == "POST":
            return self._create_namespace(_name_of(asked))
        if namespace := NAMESPACE.fullmatch(path):
            return self._namespace(namespace[1])
        if path == "/apis/apps/v1/namespaces/captain/deployments":
            return self._guarded("deployments", self.deployments)
        if path.startswith("/apis/admissionregistration.k8s.io/"):
            return self._guarded("webhooks", self.webhooks if "validating" in path else [])
        if chart := CHART.fullmatch(path):
            return self._chart(chart[2])
        return None

    def _review(self, asked: dict[str, str]) -> Reply:
        allowed = f"{asked['verb']} {asked['resource']}" not in self.denied
        return ok({"status": {"allowed": allowed}}, 201)

    def _discovery(self, *, grouped: bool) -> Reply:
        """As the aggregated discovery tells it."""
        items = [
            {
                "metadata": {"name": version.rpartition("/")[0]},
                "versions": [
                    {
                        "version": version.rpartition("/")[2],
                        "resources": [
                            {"resource": f"{kind.lower()}s", "responseKind": {"kind": kind}, "scope": "Namespaced"}
                            for kind in kinds
                        ],
                    }
                ],
            }
            for version, kinds in self.kinds.items()
            if ("/" in version) == grouped
        ]
        return ok({"kind": "APIGroupDiscoveryList", "metadata": {}, "items": items})

    def _create_namespace(self, name: str) -> Reply:
        if "create namespaces" in self.denied:
            return refusal(403, "Forbidden", f'User "{self.user}" cannot create namespaces', kind="namespaces")
        if name in self.namespaces:
            return refusal(409, "AlreadyExists", f'namespaces "{name}" already exists', name=name, kind="namespaces")
        self.namespaces.add(name)
        return ok({"metadata": {"name": name}}, 201)

    def _namespace(self, name: str) -> Reply:
        if "namespaces" in self.forbidden:
            return refusal(403, "Forbidden", f'User "{self.user}" cannot get namespaces', name=name, kind="namespaces")
        if name not in self.namespaces:
            return refusal(404, "NotFound", f'namespaces "{name}" not found', name=name, kind="namespaces")
        return ok({"metadata": {"name": name}})

    def _chart(self, name: str) -> Reply:
        if "charts" in self.forbidden:
            return refusal(403, "Forbidden", f'User "{self.user}" cannot get charts', name=name, kind="charts")
        versions = CHART_VERSIONS if self.charts is None else self.charts.get(name)
        if versions is None:
            return refusal(404, "NotFound", f'charts.app.alauda.io "{name}" not found', name=name, kind="charts")
        listed = [{"version": one} for one in versions]
        return ok({"metadata": {"name": name, "namespace": "captain"}, "spec": {"versions": listed}})

    def _chart_repos(self, asked: Asked, version: str, name: str) -> Reply:
        if version not in self.repo_versions:
            return Reply(404, b"404 page not found\n", "text/plain; charset=utf-8")
        if "chartrepos" in self.forbidden:
            message = 'chartrepos is forbidden: User "system:serviceaccount:tools:chartroom" cannot get it'
            return refusal(403, "Forbidden", message, name=name, kind="chartrepos")
        if asked.method == "GET" and name and name not in self.repos:
            return self._chart_repo(name)
        return self._any_kind(asked, self.repos, name, name or _name_of(asked), "chartrepos")

    def _secrets(self, asked: Asked, namespace: str, name: str) -> Reply:
        if "secrets" in self.forbidden:
            message = 'secrets is forbidden: User "system:serviceaccount:tools:chartroom" cannot get it'
            return refusal(403, "Forbidden", message, name=name, kind="secrets")
        return self._any_kind(asked, self.secrets, name, (namespace, name or _name_of(asked)), "secrets")

    def _any_kind(self, asked: Asked, where: dict[Any, dict[str, Any]], name: str, key: Any, kind: str) -> Reply:
        thing = where.get(key)
        if asked.method == "POST":
            if thing is not None:
                return refusal(409, "AlreadyExists", "already exists", name=_name_of(asked), kind=kind)
            return ok(self._keep(where, key, asked.body), 201)
        if not name:
            return ok({"metadata": {}, "items": list(where.values())})
        if thing is None:
            return refusal(404, "NotFound", f'{kind} "{name}" not found', name=name, kind=kind)
        if asked.method == "GET":
            return ok(thing)
        wanted = asked.body["metadata"] if asked.method == "PATCH" else asked.body["preconditions"]
        if wanted.get("uid", thing["metadata"]["uid"]) != thing["metadata"]["uid"]:
            if asked.method == "PATCH":
                return another_uid(name, kind)
            return refusal(409, "Conflict", "Precondition failed: UID", name=name, kind=kind)
        if asked.method == "DELETE":
            return ok(where.pop(key))
        where[key] = merged(thing, asked.body)
        return ok(where[key])

    def _chart_repo(self, name: str) -> Reply:
        known = {name: {"phase": "Synced"}} if self.chart_repos is None else self.chart_repos
        if name not in known:
            message = f'chartrepos.app.alauda.io "{name}" not found'
            return refusal(404, "NotFound", message, name=name, kind="chartrepos")
        return ok({"metadata": {"name": name, "namespace": "captain"}, "spec": {}, "status": known[name]})

    def _helmrequests(self, asked: Asked, namespace: str, _plural: str, name: str = "") -> Reply:
        if asked.method == "POST":
            return self._create(asked, namespace)
        if not name and "watch" in asked.query:
            return self._watch(asked, namespace)
        if not name:
            items = [one for (ns, _), one in self.objects.items() if ns == namespace]
            return ok({"metadata": {"resourceVersion": str(self.made)}, "items": items})
        thing = self.objects.get((namespace, name))
        if thing is None and asked.method == "PUT" and "resourceVersion" in asked.body["metadata"]:
            return refusal(409, "Conflict", "the object has been modified; please apply your changes", name=name)
        if thing is None:
            return refusal(404, "NotFound", f'helmrequests.app.alauda.io "{name}" not found', name=name)
        verbs = {"DELETE": self._delete, "PUT": self._replace, "PATCH": self._patch}
        return verbs[asked.method](asked, thing) if asked.method in verbs else ok(thing)

    def _replace(self, asked: Asked, thing: dict[str, Any]) -> Reply:
        sent, now = asked.body["metadata"], thing["metadata"]
        if "resourceVersion" not in sent:
            return refusal(422, "Invalid", "metadata.resourceVersion: must be specified for an update")
        if sent["resourceVersion"] != now["resourceVersion"]:
            return refusal(409, "Conflict", "the object has been modified; please apply your changes", name=now["name"])
        return self._write(asked, thing, {**asked.body, "status": thing.get("status", {})})

    def _patch(self, asked: Asked, thing: dict[str, Any]) -> Reply:
        if asked.body["metadata"].get("uid", thing["metadata"]["uid"]) != thing["metadata"]["uid"]:
            return another_uid(thing["metadata"]["name"])
        return self._write(asked, thing, merged(thing, asked.body))

    def _write(self, asked: Asked, before: dict[str, Any], wanted: dict[str, Any]) -> Reply:
        """Keep ``wanted`` as another version of ``before``; only another spec makes another generation."""
        if asked.query.get("dryRun") == ["All"]:
            return ok(wanted)
        return ok(self.rewrite(before, wanted))

    def rewrite(self, before: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
        """Put ``wanted`` in the place of ``before``, as a cluster does when somebody writes."""
        with self.lock:
            self.made += 1
            was, spec = before["metadata"], wanted.get("spec")
            generation = was["generation"] + (spec != before.get("spec"))
            meta = {**wanted["metadata"], "uid": was["uid"], "generation": generation}
            thing = {**wanted, "metadata": {**meta, "resourceVersion": str(self.made)}}
            self.objects[was["namespace"], was["name"]] = thing
        return thing

    def change(self, name: str, namespace: str = "apps", **parts: Any) -> dict[str, Any]:
        """Change parts of a HelmRequest as if somebody else did, or captain its status: a merge patch."""
        before = self.objects[namespace, name]
        return self.rewrite(before, merged(before, parts))

    def _watch(self, asked: Asked, namespace: str) -> Reply:
        if "watch" in self.forbidden:
            return refusal(403, "Forbidden", "cannot watch helmrequests")
        after, seconds = int(asked.query["resourceVersion"][0]), float(asked.query["timeoutSeconds"][0])
        if after < self.oldest:
            told = {"kind": "Status", "code": 410, "message": f"too old resource version: {after} ({self.made})"}
            return Reply(200, b"", stream=iter([line("ERROR", told)]))
        return Reply(200, b"", stream=self._changes(namespace, after, time.monotonic() + seconds))

    def _changes(self, namespace: str, after: int, end: float) -> Iterator[bytes]:
        """What changes in a namespace, each as an event; a bookmark while nothing does."""
        over, bookmarked = self.watches_until, after
        known = {
            key: one for key, one in self._in(namespace).items() if int(one["metadata"]["resourceVersion"]) <= after
        }
        while time.monotonic() < end and not over.wait(0.02):
            with self.lock:
                present, newest = self._in(namespace), self.made
            changed = [(key, one) for key, one in present.items() if known.get(key) != one]
            for key, one in changed:
                yield line("MODIFIED" if key in known else "ADDED", one)
            for key in known.keys() - present.keys():
                yield line("DELETED", known[key])
            if newest != bookmarked:
                yield line("BOOKMARK", {"kind": "HelmRequest", "metadata": {"resourceVersion": str(newest)}})
            known, bookmarked = present, newest

    def _in(self, namespace: str) -> dict[tuple[str, str], dict[str, Any]]:
        return {key: one for key, one in self.objects.items() if key[0] == namespace}

    def _create(self, asked: Asked, namespace: str) -> Reply:
        name = asked.body["metadata"]["name"]
        if namespace not in self.namespaces:
            return refusal(404, "NotFound", f'namespaces "{namespace}" not found', name=namespace, kind="namespaces")
        if (namespace, name) in self.objects:
            message = f'helmrequests.app.alauda.io "{name}" already exists'
            if "deletionTimestamp" in self.objects[namespace, name]["metadata"]:
                message = f"object is being deleted: {message}"
            return refusal(409, "AlreadyExists", message, name=name)
        if asked.query.get("dryRun") == ["All"]:
            return ok({**asked.body, "metadata": {**asked.body["metadata"], "uid": "thrown-away"}}, 201)
        return ok(self._store(asked.body), 201)

    def _delete(self, asked: Asked, thing: dict[str, Any]) -> Reply:
        meta = thing["metadata"]
        if asked.body["preconditions"]["uid"] != meta["uid"]:
            return refusal(
                409, "Conflict", "Precondition failed: UID in precondition does not match", name=meta["name"]
            )
        if asked.body.get("dryRun") == ["All"]:
            return ok(thing)
        gone = {**thing, "metadata": {**meta, "deletionTimestamp": "2026-11-23T07:18:39Z"}}
        self.objects[meta["namespace"], meta["name"]] = gone
        if not meta.get("finalizers"):
            del self.objects[meta["namespace"], meta["name"]]
        return ok(gone)


def merged(thing: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7386) carried out."""
    if not isinstance(patch, dict):
        return patch
    found = dict(thing) if isinstance(thing, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


def _name_of(asked: Asked) -> str:
    return str(asked.body["metadata"]["name"]) if asked.method == "POST" else ""


def line(kind: str, thing: dict[str, Any]) -> bytes:
    """One event of a watch."""
    return json.dumps({"type": kind, "object": thing}).encode() + b"\n"


def ok(body: Any, status: int = 200) -> Reply:
    """A JSON answer."""
    return Reply(status, json.dumps(body).encode())


def refusal(status: int, reason: str, message: str, name: str = "", kind: str = "helmrequests", **more: Any) -> Reply:
    """A Status object as Kubernetes sends it."""
    details = {"group": "app.alauda.io", "kind": kind, **({"name": name} if name else {}), **more}
    told = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    return Reply(status, json.dumps({**told, "reason": reason, "details": details, "code": status}).encode())


def another_uid(name: str, kind: str = "helmrequests") -> Reply:
    """A patch names the uid of an object that is not this one."""
    causes = [{"reason": "FieldValueInvalid", "message": "field is immutable", "field": "metadata.uid"}]
    return refusal(422, "Invalid", "metadata.uid: Invalid value: field is immutable", name, kind, causes=causes)


def html(status: int) -> Reply:
    """What a load balancer says."""
    return Reply(status, b"<html><head><title>Bad Gateway</title></head><body>nginx</body></html>", "text/html")


@contextmanager
def kube_api() -> Iterator[KubeApi]:
    """Starts the server on a free port of loopback."""
    state = KubeApi()
    server = _Server(("127.0.0.1", 0), _handler(state))
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


def _handler(state: KubeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            told = [self.headers.get(name, "") for name in ("Authorization", "Impersonate-User", "Accept")]
            groups = tuple(self.headers.get_all("Impersonate-Group", ()))
            asked = Asked(self.command, url.path.rstrip("/"), parse_qs(url.query), body, *told, groups)
            self._send(state.answer(asked))

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815 (http.server finds them by these names)

        def _send(self, reply: Reply) -> None:
            if reply.after is not None:
                reply.after.wait(30)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.stream is not None:
                self._send_stream(reply.stream)
                return
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if reply.cut is not None:
                self.close_connection = True
            self.wfile.write(reply.body[: reply.cut])

        def _send_stream(self, stream: Iterator[bytes]) -> None:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in stream:
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_args: Any) -> None:
            """The state has the log."""

    return Handler
