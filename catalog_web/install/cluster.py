"""One Kubernetes cluster, as far as captain needs it: the one module that imports the Kubernetes client.

The client is slow to load, so it is loaded at the first call. Every call is bounded: in time as a whole (name
resolution and a kubeconfig's ``exec`` helper included), in the bytes it reads, and in how many run at once. Every
failure leaves as a `ClusterError` of its own kind, without a token in its text. Nothing is retried here: whoever
sends knows what may be sent twice.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml

from catalog_web.install.helmrequest import GROUP, PLURAL
from catalog_web.install.refusal import HELM_REQUEST, Asked, refusal, unreachable
from indexer.errors import (
    CaptainAbsent,
    ChartroomError,
    ClusterError,
    ClusterRefused,
    ClusterTimedOut,
    ClusterUnreachable,
    ObjectNotFound,
)
from indexer.model import ClusterConfig

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 15.0
"""For one verb as a whole, however many requests it takes."""

MAX_BODY = 16 * 1024 * 1024
"""Bytes of one answer; an object is at most about 3 MB, so a page of five always fits."""
MAX_OBJECTS = 5_000
"""HelmRequests, namespaces or events that are read from one list."""
_PAGE, _SMALL_PAGE = 200, 5
_CHUNK = 256 * 1024
_MAX_AT_ONCE = 4
"""Calls of one cluster at the same time, given up ones included: a hanging one must not hold all threads of the web."""
_SLOT_SECONDS = 1.0
"""How long one more call waits for its turn."""

API_VERSIONS = ("v1alpha1", "v1")
CHART_REPO_VERSIONS = ("v1beta1", "v1alpha1")
CAPTAIN_NAMESPACE = "captain"
"""captain's own default for the namespace of its ChartRepos."""
FIELD_MANAGER = "chartroom"
CHART_REPO, SECRET = "ChartRepo", "Secret"
_MERGE_PATCH = "application/merge-patch+json"

Object = dict[str, Any]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ClusterHealth:
    """Whether a cluster answers, and whether HelmRequests can be made there."""

    cluster: str
    reachable: bool
    version: str = ""
    """Of Kubernetes, such as ``v1.36.3``."""
    serves: tuple[str, ...] = ()
    """The versions of ``app.alauda.io`` that know HelmRequests there."""
    error: ChartroomError | None = None

    @property
    def state(self) -> Literal["ok", "problem"]:
        """``ok``: HelmRequests can be sent there in the configured version."""
        return "ok" if self.error is None else "problem"


@dataclass(frozen=True, slots=True)
class _Answer:
    """One HTTP answer, read whole; it stands where the client expects urllib3's."""

    status: int
    reason: str
    headers: Any
    data: bytes


class _TooLarge(Exception):
    """The answer has more than `MAX_BODY` bytes."""


class _NotJson(Exception):
    """The answer says 200 and is no JSON object."""


class Cluster:
    """One configured cluster. Safe to use from several threads; keeps one connection pool until `close`."""

    def __init__(self, config: ClusterConfig, total_seconds: float = TOTAL_SECONDS) -> None:
        self.config = config
        self._total = total_seconds
        self._client: Any = None
        self._found_namespace = self._found_version = ""
        self._lock = threading.Lock()
        self._connecting = threading.Lock()
        """Held while a kubeconfig is read, which may run a helper that hangs: so `close` does not ask for it."""
        self._slots = threading.BoundedSemaphore(_MAX_AT_ONCE)

    @property
    def name(self) -> str:
        """As configured."""
        return self.config.name

    @property
    def api_version(self) -> str:
        """The version of ``app.alauda.io`` that is written and read."""
        return self.config.api_version

    @property
    def captain_namespace(self) -> str:
        """Where captain keeps its ChartRepos, as far as is known: nothing is asked here."""
        return self.config.captain_namespace or self._found_namespace or CAPTAIN_NAMESPACE

    @property
    def version(self) -> str:
        """Its Kubernetes as it was last seen, such as ``1.36.3``; empty where it was not. Nothing is asked here."""
        return self._found_version

    def close(self) -> None:
        """Let the connections go; a later call opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    # -- verbs

    def health(self, patience: float | None = None) -> ClusterHealth:
        """Ask for the version and for captain's group. Never raises a `ClusterError`: it is part of the answer."""
        try:
            return self._within(self._health, patience)
        except ClusterError as error:
            return ClusterHealth(self.name, reachable=not isinstance(error, ClusterUnreachable), error=error)

    def namespaces(self) -> tuple[str, ...] | None:
        """Names of all namespaces, sorted; None where that may not be listed."""
        from kubernetes.client import CoreV1Api

        try:
            items = self._within(lambda: self._pages(lambda **page: CoreV1Api(self._api()).list_namespace(**page)))
        except ClusterRefused:
            return None
        return tuple(sorted(filter(None, (_meta_text(one, "name") for one in items))))

    def create(self, manifest: Mapping[str, Any], *, dry_run: bool) -> Object:
        """Create ``manifest`` or, as a dry run, let the cluster say whether it would. Returns the (would-be) object."""
        meta = manifest["metadata"]
        return self._within(
            lambda: self._json(
                self._requests().create_namespaced_custom_object,
                meta["namespace"],
                meta["name"],
                group=GROUP,
                version=self.api_version,
                namespace=meta["namespace"],
                plural=PLURAL,
                body=dict(manifest),
                field_manager=FIELD_MANAGER,
                field_validation="Strict",
                **({"dry_run": "All"} if dry_run else {}),
            )
        )

    def get(self, namespace: str, name: str) -> Object:
        """The HelmRequest. Raises `InstallNotFound`."""
        return self._within(lambda: self._one(self._requests().get_namespaced_custom_object, namespace, name))

    # -- captain's repositories

    def chart_repo(self, name: str, patience: float | None = None) -> Object | None:
        """captain's ChartRepo of that name; None where there is none. Raises `ClusterRefused` and the like."""
        try:
            return self._within(lambda: self._chart_repo("get", name), patience)
        except ObjectNotFound:
            return None

    def chart_repos(self, patience: float | None = None) -> tuple[Object, ...]:
        """All ChartRepos in captain's namespace. Raises `ClusterRefused` and the like."""

        def listed(version: str) -> tuple[Object, ...]:
            call, place = self._requests().list_namespaced_custom_object, self._repo_place(version)
            found = self._pages(lambda **window: call(**place, **window))
            return tuple({"apiVersion": f"{GROUP}/{version}", **one} for one in found)

        return self._within(lambda: _newest_served(listed), patience)

    def create_chart_repo(self, name: str, make: Callable[[str], Object]) -> Object:
        """Create the ChartRepo that ``make`` gives for the newest version served. Raises `ObjectConflict`."""

        def create(version: str) -> Object:
            call, place = self._requests().create_namespaced_custom_object, self._repo_place(version)
            body = make(version)
            return self._about(CHART_REPO, call, name, **place, body=body, field_manager=FIELD_MANAGER)

        return self._within(lambda: _newest_served(create))

    def patch_chart_repo(self, name: str, patch: Object) -> Object:
        """Change a ChartRepo by a merge patch. Raises `ObjectNotFound`; one with another ``uid`` is not changed."""
        more = {"body": patch, "field_manager": FIELD_MANAGER, "_content_type": _MERGE_PATCH}
        return self._within(lambda: self._chart_repo("patch", name, **more))

    def delete_chart_repo(self, name: str, uid: str) -> None:
        """Delete this very ChartRepo. Raises `ObjectNotFound`, and `ObjectConflict` where another one has its name."""
        self._within(lambda: self._chart_repo("delete", name, body=_delete_options(uid, dry_run=False)))

    def secret(self, namespace: str, name: str) -> Object | None:
        """A Secret with its values; None where there is none. Raises `ClusterRefused` and the like."""
        try:
            return self._within(lambda: self._secret("read", namespace, name, name=name))
        except ObjectNotFound:
            return None

    def create_secret(self, manifest: Object) -> Object:
        """Create a Secret. Raises `ObjectConflict`."""
        meta = manifest["metadata"]
        more = {"body": manifest, "field_manager": FIELD_MANAGER}
        return self._within(lambda: self._secret("create", meta["namespace"], meta["name"], **more))

    def patch_secret(self, namespace: str, name: str, patch: Object) -> Object:
        """Change a Secret by a merge patch. Raises `ObjectNotFound`; one with another ``uid`` is not changed."""
        more = {"name": name, "body": patch, "field_manager": FIELD_MANAGER, "_content_type": _MERGE_PATCH}
        return self._within(lambda: self._secret("patch", namespace, name, **more))

    def delete_secret(self, namespace: str, name: str, uid: str) -> None:
        """Delete this very Secret. Raises `ObjectNotFound`, and `ObjectConflict` where another one has its name."""
        body = _delete_options(uid, dry_run=False)
        self._within(lambda: self._secret("delete", namespace, name, name=name, body=body))

    def list(self, namespace: str | None = None, patience: float | None = None) -> tuple[Object, ...]:
        """HelmRequests of a namespace, or of all; raises `ClusterRefused` where that may not be listed."""
        common = {"group": GROUP, "version": self.api_version, "plural": PLURAL}

        def page(**window: Any) -> Any:
            if namespace is None:
                return self._requests().list_cluster_custom_object(**common, **window)
            return self._requests().list_namespaced_custom_object(namespace=namespace, **common, **window)

        return self._within(lambda: self._pages(page), patience)

    def delete(self, namespace: str, name: str, uid: str, *, dry_run: bool = False) -> Object:
        """Delete this very object, told by its ``uid``; another one of that name is an `ObjectConflict`.

        All options are in the body: an API server ignores those of the query as soon as there is a body, and would
        really delete.
        """
        options = _delete_options(uid, dry_run)
        return self._within(
            lambda: self._one(self._requests().delete_namespaced_custom_object, namespace, name, body=options)
        )

    def events(self, namespace: str, name: str) -> tuple[Object, ...]:
        """The events about a HelmRequest; none where they may not be listed."""
        from kubernetes.client import CoreV1Api

        about = f"involvedObject.name={name},involvedObject.kind=HelmRequest"

        def page(**window: Any) -> Any:
            return CoreV1Api(self._api()).list_namespaced_event(namespace, field_selector=about, **window)

        try:
            return self._within(lambda: self._pages(page))
        except ClusterRefused:
            return ()

    # -- how

    def _health(self) -> ClusterHealth:
        from kubernetes.client import VersionApi

        version = self._json(VersionApi(self._api()).get_code).get("gitVersion")
        self._found_version = version.removeprefix("v").partition("+")[0] if isinstance(version, str) else ""
        serves = tuple(one for one in API_VERSIONS if self._serves(one))
        absent = CaptainAbsent(cluster=self.name, api_version=f"{GROUP}/{self.api_version}")
        error = None if self.api_version in serves else absent
        return ClusterHealth(self.name, True, version if isinstance(version, str) else "", serves, error)

    def _chart_repo(self, verb: str, name: str, **more: Any) -> Object:
        """Make one request about one ChartRepo."""

        def ask(version: str) -> Object:
            call = getattr(self._requests(), f"{verb}_namespaced_custom_object")
            return self._about(CHART_REPO, call, name, **self._repo_place(version), name=name, **more)

        return _newest_served(ask)

    def _repo_place(self, version: str) -> dict[str, str]:
        if not (self.config.captain_namespace or self._found_namespace):
            self._found_namespace = self._look_for_captain(version)
        return {"group": GROUP, "version": version, "namespace": self.captain_namespace, "plural": "chartrepos"}

    def _look_for_captain(self, version: str) -> str:
        """The namespace whose ChartRepos captain looks after; captain's own default where not all may be listed, and
        empty where there is none yet."""
        call = self._requests().list_cluster_custom_object
        place = {"group": GROUP, "version": version, "plural": "chartrepos"}
        try:
            found = self._pages(lambda **window: call(**place, **window))
        except ClusterRefused:
            return CAPTAIN_NAMESPACE
        seen = Counter(_meta_text(one, "namespace") for one in found if isinstance(one.get("status"), dict))
        return max(seen, key=lambda namespace: (seen[namespace], namespace), default="")

    def _secret(self, verb: str, _in: str, _of: str, **more: Any) -> Object:
        """Make one request about the Secret ``_of`` in the namespace ``_in``."""
        from kubernetes.client import CoreV1Api

        call = getattr(CoreV1Api(self._api()), f"{verb}_namespaced_secret")
        return self._about(SECRET, call, _of, **{"namespace": _in, **more})

    def _serves(self, version: str) -> bool:
        try:
            known = self._json(self._requests().get_api_resources, group=GROUP, version=version).get("resources")
        except CaptainAbsent:
            return False
        return isinstance(known, list) and any(isinstance(one, dict) and one.get("name") == PLURAL for one in known)

    def _pages(self, page: Callable[..., Any]) -> tuple[Object, ...]:
        """All items of a list, read page by page; in small pages where large ones hold too many bytes."""
        found: list[Object] = []
        token, limit = "", _PAGE
        while len(found) < MAX_OBJECTS:
            window: Object = {"limit": limit, **({"_continue": token} if token else {})}
            try:
                answer = self._json(page, **window)
            except _TooLarge:
                if limit == _SMALL_PAGE:
                    raise
                limit = _SMALL_PAGE
                continue
            found += [_lean(one) for one in answer.get("items") or () if isinstance(one, dict)]
            token = _meta_text(answer, "continue")
            if not token:
                break
        return tuple(found)

    def _one(self, call: Callable[..., Any], namespace: str, name: str, **more: Any) -> Object:
        """Make one request about one HelmRequest."""
        place = {"group": GROUP, "version": self.api_version, "namespace": namespace, "plural": PLURAL, "name": name}
        return self._json(call, namespace, name, **place, **more)

    def _about(self, _kind: str, call: Callable[..., Any], _name: str, **arguments: Any) -> Object:
        """Make one request about the object ``_name`` of that kind."""
        return self._json(call, str(arguments["namespace"]), _name, _kind, **arguments)

    def _json(
        self,
        call: Callable[..., Any],
        _namespace: str = "",
        _name: str = "",
        _kind: str = HELM_REQUEST,
        **arguments: Any,
    ) -> Object:
        """Make one request; ``_namespace``, ``_name`` and ``_kind`` say what a 404 or 409 would be about."""
        from kubernetes.client import ApiException

        try:
            answer = call(**arguments, _preload_content=False, _request_timeout=(CONNECT_SECONDS, READ_SECONDS))
        except ApiException as error:
            raise self._refusal(error, _namespace, _name, _kind) from None
        except ValueError:
            # http.client quotes the header that it refuses, and so the token.
            detail = "no proper request can be made of its kubeconfig; look for line breaks in the token"
            raise ClusterUnreachable(cluster=self.name, detail=detail) from None
        try:
            decoded = json.loads(answer.data)
        except (ValueError, RecursionError):
            raise _NotJson from None
        if not isinstance(decoded, dict):
            raise _NotJson
        return _lean(decoded)

    def _requests(self) -> Any:
        from kubernetes.client import CustomObjectsApi

        return CustomObjectsApi(self._api())

    def _api(self) -> Any:
        with self._connecting:
            client = self._client
            if client is None:
                client = self._client = self._connect()
            return client

    def _connect(self) -> Any:
        from kubernetes.config import ConfigException

        try:
            return _client(self.config)
        except OSError as error:
            detail = f"the kubeconfig {self.config.kubeconfig} cannot be read: {(error.strerror or '').lower()}"
            raise ClusterUnreachable(cluster=self.name, detail=detail) from None
        except (ConfigException, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError):
            # The texts of these quote the kubeconfig, tokens included.
            raise ClusterUnreachable(cluster=self.name, detail=_incomplete(self.config)) from None

    def _refusal(self, error: Any, namespace: str, name: str, kind: str) -> ChartroomError:
        """The typed error for the client's ``error``. After a 401 the kubeconfig is read again: tokens get renewed."""
        if not error.status:
            return unreachable(self.name, error)
        api = self._api()
        if error.status == HTTPStatus.UNAUTHORIZED:
            self.close()
        secrets = tuple(str(one).removeprefix("Bearer ") for one in api.configuration.api_key.values())
        asked = Asked(self.name, f"{GROUP}/{self.api_version}", namespace, name, secrets, kind)
        return refusal(asked, error.status, error.body or "")

    def _within(self, work: Callable[[], _T], patience: float | None = None) -> _T:
        """Run ``work`` in a thread of its own, waiting at most ``patience`` seconds (by default `TOTAL_SECONDS`).

        urllib3's time-outs count from byte to byte and not at all while a name is resolved. A thread that is left
        behind ends by those.
        """
        seconds = min(patience or self._total, self._total)
        turn = min(seconds, _SLOT_SECONDS)
        if not self._slots.acquire(timeout=turn):
            raise ClusterTimedOut(cluster=self.name, seconds=round(turn, 1))
        outcome: Future[_T] = Future()

        def run() -> None:
            try:
                outcome.set_result(self._typed(work))
            except Exception as error:  # raised again where the result is waited for
                outcome.set_exception(error)
            finally:
                self._slots.release()

        threading.Thread(target=run, name=f"cluster-{self.name}", daemon=True).start()
        try:
            return outcome.result(timeout=seconds)
        except TimeoutError:
            raise ClusterTimedOut(cluster=self.name, seconds=round(seconds, 1)) from None

    def _typed(self, work: Callable[[], _T]) -> _T:
        """Run ``work`` and turn every failure of network, client and kubeconfig into an error of the tree."""
        from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

        try:
            return work()
        except ReadTimeoutError:
            raise ClusterTimedOut(cluster=self.name, seconds=READ_SECONDS) from None
        except NewConnectionError as error:  # refused, or no such name: a subclass of the time-out below
            raise unreachable(self.name, error) from None
        except ConnectTimeoutError:
            raise ClusterTimedOut(cluster=self.name, seconds=CONNECT_SECONDS) from None
        except (HTTPError, OSError) as error:
            raise unreachable(self.name, error) from None
        except _TooLarge:
            detail = f"an answer of more than {MAX_BODY} bytes"
            raise ClusterError(cluster=self.name, status=200, detail=detail) from None
        except _NotJson:
            detail = "something that is not an answer of an API server"
            raise ClusterError(cluster=self.name, status=200, detail=detail) from None


def _client(config: ClusterConfig) -> Any:
    """The official client, told where to go by nothing but ``config``, with no retries and bounded answers."""
    from kubernetes.client import ApiClient, Configuration
    from kubernetes.config import ConfigException, incluster_config, kube_config

    load_incluster: Any = incluster_config.load_incluster_config
    load_file: Any = kube_config.load_kube_config
    settings = Configuration()
    if config.in_cluster:
        load_incluster(client_configuration=settings)
    elif config.kubeconfig:
        with Path(config.kubeconfig).open("rb"):
            """Says why a file cannot be read; the client only says that it is invalid."""
        load_file(config.kubeconfig, config.context or None, settings, persist_config=False)
    else:
        raise ConfigException
    settings.retries = False
    settings.connection_pool_maxsize = _MAX_AT_ONCE
    client: Any = ApiClient(settings)
    client.user_agent = FIELD_MANAGER
    client.rest_client = _BoundedRest(client.rest_client)
    return client


def _incomplete(config: ClusterConfig) -> str:
    if config.in_cluster:
        return "Chartroom does not run in a pod with a service account"
    if not config.kubeconfig:
        return "neither a kubeconfig nor “in_cluster” is configured for it"
    where = f"the context “{config.context}”" if config.context else "its current context"
    return f"the kubeconfig {config.kubeconfig} does not describe {where} in full"


class _BoundedRest:
    """The client's HTTP layer, except that an answer is read here, and at most `MAX_BODY` bytes of it."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def request(self, *args: Any, **kwargs: Any) -> Any:
        from kubernetes.client.rest import RESTResponse

        raw = self._inner.request(*args, **kwargs).response
        return RESTResponse(_Answer(raw.status, raw.reason or "", raw.headers, _read(raw)))

    def close(self) -> None:
        self._inner.close()


def _newest_served(ask: Callable[[str], _T]) -> _T:
    """``ask`` for the newest version of ChartRepos that the cluster serves."""
    newest, older = CHART_REPO_VERSIONS
    try:
        return ask(newest)
    except CaptainAbsent:
        return ask(older)


def _read(raw: Any) -> bytes:
    body = bytearray()
    # To the empty read: only there urllib3 tells that an answer was cut off.
    while chunk := raw.read(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > MAX_BODY:
            raw.close()
            raise _TooLarge
    raw.release_conn()
    return bytes(body)


def _delete_options(uid: str, dry_run: bool) -> Any:
    from kubernetes.client import V1DeleteOptions, V1Preconditions

    return V1DeleteOptions(
        api_version="v1",
        kind="DeleteOptions",
        grace_period_seconds=0,
        propagation_policy="Foreground",
        preconditions=V1Preconditions(uid=uid),
        dry_run=["All"] if dry_run else None,
    )


def _lean(thing: Object) -> Object:
    """``thing`` without ``managedFields``, which is half of an object and of use to nobody here."""
    meta = thing.get("metadata")
    if not isinstance(meta, dict) or "managedFields" not in meta:
        return thing
    return {**thing, "metadata": {key: value for key, value in meta.items() if key != "managedFields"}}


def _meta_text(thing: Object, key: str) -> str:
    meta = thing.get("metadata")
    text = meta.get(key) if isinstance(meta, dict) else ""
    return text if isinstance(text, str) else ""
