"""Following the HelmRequests of a namespace as they change."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Literal, Self

from catalog_web.install.cluster.answers import (
    NotJson,
    Object,
    TooLarge,
    lean,
    meta_text,
    objects_at,
    text_at,
    value_at,
)
from catalog_web.install.cluster.connection import Connection
from catalog_web.install.cluster.limits import MAX_BODY, READ_SECONDS
from catalog_web.install.cluster.reach import Reach
from catalog_web.install.cluster.request import Request
from catalog_web.install.helmrequest import GROUP, PLURAL
from indexer.errors import ClusterError, WatchExpired

_KINDS = ("ADDED", "MODIFIED", "DELETED", "BOOKMARK")


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One change. A bookmark's thing has nothing but a resourceVersion."""

    kind: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]
    thing: Object

    @property
    def resource_version(self) -> str:
        """Where to go on after it."""
        return meta_text(self.thing, "resourceVersion")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All HelmRequests of a namespace at one moment."""

    things: tuple[Object, ...]
    resource_version: str
    """What a watch goes on from."""


class Watch:
    """An open watch, one event after the other, for one thread; another one may `close` it.

    Ends by itself when the cluster ends it. Raises `WatchExpired` where the cluster no longer knows what came after the
    resourceVersion, `ClusterUnreachable` where the connection breaks, `ClusterError` for what else the cluster says.
    """

    def __init__(self, connection: Connection, raw: Any) -> None:
        self._connection = connection
        self._raw = raw
        self._lines = _lines(raw)

    def __iter__(self) -> Iterator[WatchEvent]:
        return self

    def __next__(self) -> WatchEvent:
        with self._connection.typed():
            event = _decoded(next(self._lines))
        kind = event.get("type")
        thing = event.get("object")
        if kind not in _KINDS or not isinstance(thing, dict):
            raise self._error(thing)
        return WatchEvent(kind, lean(thing))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._raw.close()

    def close(self) -> None:
        """End it from another thread: whoever waits for an event sees the end."""
        with suppress(OSError, ValueError):  # it has ended already
            self._raw.shutdown()

    def _error(self, told: object) -> ClusterError:
        code = value_at(told, "code")
        status = code if isinstance(code, int) else 200
        if status == HTTPStatus.GONE:
            return WatchExpired(cluster=self._connection.name)
        detail = text_at(told, "message") or "something that is no event"
        return ClusterError(cluster=self._connection.name, status=status, detail=detail)


class Watching(Reach):
    """Verbs about watches."""

    def snapshot(self, namespace: str, limit: int) -> Snapshot | None:
        """What a watch begins with; None where there are more than ``limit``. Raises `ClusterRefused` and the like."""
        answer = self._one(Request(self._collection(namespace), query={"limit": str(limit)}))
        if meta_text(answer, "continue"):
            return None
        return Snapshot(objects_at(answer, "items"), meta_text(answer, "resourceVersion"))

    def watch(self, namespace: str, resource_version: str, seconds: float) -> Watch:
        """Watch the HelmRequests of a namespace after ``resource_version``, for ``seconds`` at most.

        Runs in the thread that asks, and takes no turn from other calls. Raises `WatchExpired`, `ClusterRefused` and
        the like; use it as a context.
        """
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "timeoutSeconds": str(max(1, round(seconds))),
        }
        request = Request(self._collection(namespace), query=query)
        with self._connection.typed():
            raw = self._connection.send(request, self._asker, seconds + READ_SECONDS)
        return Watch(self._connection, raw)

    def _collection(self, namespace: str) -> tuple[str, ...]:
        return ("apis", GROUP, self.api_version, "namespaces", namespace, PLURAL)


def _lines(raw: Any) -> Iterator[bytes]:
    """The lines of a body that comes bit by bit. Raises `TooLarge`."""
    waiting = bytearray()
    for chunk in raw.stream(None, decode_content=False):
        waiting += chunk
        *whole, rest = waiting.split(b"\n")
        yield from filter(None, map(bytes, whole))
        waiting = bytearray(rest)
        if len(waiting) > MAX_BODY:
            raise TooLarge


def _decoded(line: bytes) -> Object:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        raise NotJson from None
    if not isinstance(event, dict):
        raise NotJson
    return event
