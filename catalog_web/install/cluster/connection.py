"""The one way to an API server: bounded in time, bytes and calls at once, with every failure typed."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypeVar

from catalog_web.install.cluster import kubeconfig
from catalog_web.install.cluster.answers import (
    NotJson,
    Object,
    TooLarge,
    as_object,
    meta_text,
    objects_at,
    read,
    value_at,
)
from catalog_web.install.cluster.asker import ITSELF, Asker, impersonation
from catalog_web.install.cluster.limits import (
    CONNECT_SECONDS,
    MAX_AT_ONCE,
    MAX_BODY,
    MAX_OBJECTS,
    PAGE,
    READ_SECONDS,
    SLOT_SECONDS,
    SMALL_PAGE,
)
from catalog_web.install.cluster.request import Request, Server
from catalog_web.install.refusal import Asked, absent, refusal, unreachable
from indexer.errors import ChartroomError, ClusterError, ClusterTimedOut, ClusterUnreachable, OwnTokenRefused
from indexer.model import ClusterConfig

_T = TypeVar("_T")


class Connection:
    """To one configured cluster. Safe to use from several threads; keeps one connection pool until `close`."""

    def __init__(self, config: ClusterConfig, total_seconds: float) -> None:
        self.config = config
        self.total_seconds = total_seconds
        self._client: Any = None
        self._bare: tuple[Any, Any] | None = None
        """The client, and one like it without credentials for people who bring their own."""
        self._lock = threading.Lock()
        self._connecting = threading.Lock()
        """Held while a kubeconfig is read, which may run a helper that hangs: so `close` does not ask for it."""
        self._slots = threading.BoundedSemaphore(MAX_AT_ONCE)

    @property
    def name(self) -> str:
        """Of the cluster, as configured."""
        return self.config.name

    def close(self) -> None:
        """Let the connections go; a later call opens new ones."""
        with self._lock:
            client, self._client = self._client, None
            bare, self._bare = self._bare, None
        for one in filter(None, (client, bare and bare[1])):
            one.close()

    def within(self, work: Callable[[], _T], patience: float | None = None) -> _T:
        """Run ``work`` in a thread of its own, waiting at most ``patience`` seconds (by default those of the cluster).

        urllib3's time-outs count from byte to byte and not at all while a name is resolved. A thread that is left
        behind ends by those. Raises `ClusterTimedOut`, and what ``work`` raises as an error of the tree.
        """
        seconds = min(patience or self.total_seconds, self.total_seconds)
        turn = min(seconds, SLOT_SECONDS)
        if not self._slots.acquire(timeout=turn):
            raise ClusterTimedOut(cluster=self.name, seconds=round(turn, 1))
        outcome: Future[_T] = Future()

        def run() -> None:
            try:
                with self.typed():
                    outcome.set_result(work())
            except Exception as error:  # raised again where the result is waited for
                outcome.set_exception(error)
            finally:
                self._slots.release()

        threading.Thread(target=run, name=f"cluster-{self.name}", daemon=True).start()
        try:
            return outcome.result(timeout=seconds)
        except TimeoutError:
            raise ClusterTimedOut(cluster=self.name, seconds=round(seconds, 1)) from None

    @contextmanager
    def typed(self) -> Iterator[None]:
        """Turn every failure of network, client and kubeconfig into an error of the tree."""
        from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

        try:
            yield
        except ReadTimeoutError:
            raise ClusterTimedOut(cluster=self.name, seconds=READ_SECONDS) from None
        except NewConnectionError as error:  # refused, or no such name: a subclass of the time-out below
            raise unreachable(self.name, error) from None
        except ConnectTimeoutError:
            raise ClusterTimedOut(cluster=self.name, seconds=CONNECT_SECONDS) from None
        except (HTTPError, OSError) as error:
            raise unreachable(self.name, error) from None
        except TooLarge:
            detail = f"an answer of more than {MAX_BODY} bytes"
            raise ClusterError(cluster=self.name, status=200, detail=detail) from None
        except NotJson:
            detail = "something that is not an answer of an API server"
            raise ClusterError(cluster=self.name, status=200, detail=detail) from None

    # -- inside `within`

    def server(self) -> Server:
        """Where it is. Raises `ClusterUnreachable` where the kubeconfig does not tell."""
        settings = self._api().configuration
        return Server(str(settings.host), bool(settings.api_key) or self.config.own_token)

    def ask(self, request: Request, asker: Asker = ITSELF) -> Object:
        """Send ``request``, as ``asker``, and return the object that is the answer."""
        return as_object(read(self.send(request, asker)))

    def managed_fields(self, request: Request, asker: Asker = ITSELF) -> object:
        """Send ``request``, and return what `ask` leaves out of the object that is the answer."""
        return value_at(as_object(read(self.send(request, asker)), whole=True), "metadata", "managedFields")

    def pages(self, request: Request, asker: Asker = ITSELF) -> tuple[Object, ...]:
        """All items of a list, read page by page; in small pages where large ones hold too many bytes."""
        found: list[Object] = []
        token, limit = "", PAGE
        while len(found) < MAX_OBJECTS:
            window = {"limit": str(limit), **({"continue": token} if token else {})}
            try:
                answer = self.ask(replace(request, query={**request.query, **window}), asker)
            except TooLarge:
                if limit == SMALL_PAGE:
                    raise
                limit = SMALL_PAGE
                continue
            found += objects_at(answer, "items")
            token = meta_text(answer, "continue")
            if not token:
                break
        return tuple(found)

    def send(self, request: Request, asker: Asker = ITSELF, read_seconds: float = READ_SECONDS) -> Any:
        """Send ``request`` and return urllib3's answer, whose body is not read yet."""
        from kubernetes.client import ApiException

        if not request.is_proper:
            raise absent(self._asked(request))
        client = self._api_for(asker)
        try:
            raw = client.rest_client.request(
                request.method,
                client.configuration.host + request.address,
                headers=_headers(client, request, asker),
                body=client.sanitize_for_serialization(request.body),
                _request_timeout=(CONNECT_SECONDS, read_seconds),
            ).response
        except ApiException as error:  # a failed handshake
            raise unreachable(self.name, error) from None
        except ValueError:
            # http.client quotes the header that it refuses, and so the token.
            whose = "the person’s token" if asker.token else "its kubeconfig"
            detail = f"no proper request can be made of {whose}; look for line breaks in the token"
            raise ClusterUnreachable(cluster=self.name, detail=detail) from None
        if not HTTPStatus.OK <= raw.status < HTTPStatus.MULTIPLE_CHOICES:
            raise self._refusal(client, request, asker, raw)
        return raw

    def _refusal(self, client: Any, request: Request, asker: Asker, raw: Any) -> ChartroomError:
        """The typed error for what was answered. After a 401 the kubeconfig is read again: tokens get renewed."""
        body = read(raw).decode(errors="replace")
        if raw.status == HTTPStatus.UNAUTHORIZED and asker.token:
            return OwnTokenRefused(cluster=self.name, status=raw.status, person=asker.person)
        if raw.status == HTTPStatus.UNAUTHORIZED:
            self.close()
        sent = (str(one).removeprefix("Bearer ") for one in client.configuration.api_key.values())
        asked = self._asked(request, (asker.token, *sent))
        return refusal(asked, raw.status, body, raw.headers.get("Retry-After", ""))

    def _asked(self, request: Request, secrets: tuple[str, ...] = ()) -> Asked:
        about = request.about
        where = (self.name, request.api_version, about.namespace, about.name, secrets, about.kind)
        return Asked(*where, of_captain=request.of_captain)

    def _api_for(self, asker: Asker) -> Any:
        """A client certificate of Chartroom's would come before the person's token, so it must not be shown."""
        client = self._api()
        if not asker.token:
            return client
        with self._connecting:
            if self._bare is None or self._bare[0] is not client:
                self._bare = (client, kubeconfig.without_credentials(client, self.name))
            return self._bare[1]

    def _api(self) -> Any:
        with self._connecting:
            client = self._client
            if client is None:
                client = self._client = kubeconfig.connect(self.config)
            return client


def _headers(client: Any, request: Request, asker: Asker) -> Any:
    """A mapping in which a name may stand several times, as that of a group does."""
    from urllib3 import HTTPHeaderDict

    headers = HTTPHeaderDict({"Accept": request.accept, "User-Agent": client.user_agent})
    if request.body is not None:
        headers["Content-Type"] = request.content_type
    for name, value in impersonation(asker):
        # http.client encodes headers as latin-1; an API server reads the bytes as UTF-8.
        headers.add(name, value.encode().decode("latin-1"))
    if asker.token:
        headers["Authorization"] = f"Bearer {asker.token}"
    else:
        client.update_params_for_auth(headers, [], ["BearerToken"], request.address, request.method, request.body)
    return headers
