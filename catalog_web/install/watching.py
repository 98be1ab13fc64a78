"""HelmRequests followed while somebody looks: one watch a namespace of a cluster, shared by all who look at it.

    look ──▶ a watcher (a thread) ──▶ list ──▶ watch from there ──▶ watch from its last event …
                                       ▲   410: list anew  │  broken: wait, a little longer each time, then go on
                                       └───────────────────┘

The first look starts a watcher and waits for nothing: until there is a picture, and where the cluster allows no watch,
whoever looks asks for the object itself. A watcher ends a while after the last look.
"""

import threading
import time
from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus

from catalog_web.install.cluster import Asker, Cluster, Object, Watch, WatchEvent
from catalog_web.install.cluster.answers import meta_text
from indexer.errors import ChartroomError, ClusterError, ClusterRefused, ClusterUnreachable, WatchExpired

MAX_WATCHERS = 64
"""Of all clusters; who looks at more namespaces than that asks for each object by itself."""
MAX_THINGS = 500
"""HelmRequests of a namespace; one with more is not watched."""
WATCH_SECONDS = 60.0
"""How long one request stays open; then the next one goes on from its last event."""
IDLE_SECONDS = 60.0
"""After the last look."""
AGAIN_SECONDS = 300.0
"""After which a namespace that may not be watched is tried once more."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_SHORTEST = 0.2
"""A watch that ends sooner, without an error, was cut by something in between."""
_JOIN_SECONDS = 1.0

_Place = tuple[str, Asker, str]
"""Cluster, person it is asked as, namespace: nobody sees with the rights of another."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look showed."""

    thing: Object | None = None
    """The HelmRequest; None where there is none, if that is known."""
    known: bool = False
    """There is a picture of the namespace. Without one, ask for the object itself."""
    version: int = 0
    """Of the thing, as `version_of` has it: equal numbers mean that nothing is new."""
    error: ChartroomError | None = None
    """Why the picture is not fresh, where the watch is broken; it is being mended."""


NOTHING = Sight()


def version_of(thing: Object | None) -> int:
    """A number that stands for one state of one object, in every process; 0 where there is none."""
    if thing is None:
        return 0
    state = f"{meta_text(thing, 'uid')} {meta_text(thing, 'resourceVersion')}"
    return int.from_bytes(blake2b(state.encode(), digest_size=6).digest())


class _UnwatchableError(Exception):
    """The namespace may not be watched, or holds too much."""


class Watches:
    """All watchers of a process. Safe to use from several threads."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle = idle_seconds
        self._lock = threading.Lock()
        self._watchers: dict[_Place, _Watcher] = {}

    def look(self, cluster: Cluster, namespace: str, name: str) -> Sight:
        """What is known of a HelmRequest, at once; the namespace is followed from now on. Never raises."""
        place = (cluster.name, cluster.asker, namespace)
        with self._lock:
            watcher = self._watchers.get(place)
            if watcher is None or watcher.is_over:
                watcher = self._begin(cluster, place)
        return watcher.sight(name) if watcher else NOTHING

    def tell(self, cluster: Cluster, thing: Object) -> None:
        """``thing`` is what a write or a read has just brought: whoever looks next sees it, if it is newer."""
        with self._lock:
            watcher = self._watchers.get((cluster.name, cluster.asker, meta_text(thing, "namespace")))
        if watcher:
            watcher.take(thing)

    @property
    def count(self) -> int:
        """Watchers that are at work."""
        with self._lock:
            return sum(1 for one in self._watchers.values() if one.is_working)

    def close(self) -> None:
        """End all watchers."""
        with self._lock:
            ending, self._watchers = list(self._watchers.values()), {}
        for one in ending:
            one.end()
        for one in ending:
            one.join()

    def _begin(self, cluster: Cluster, place: _Place) -> "_Watcher | None":
        self._watchers = {key: one for key, one in self._watchers.items() if not one.is_over}
        if len(self._watchers) >= MAX_WATCHERS:
            return None
        made = self._watchers[place] = _Watcher(cluster, place[2], self._idle)
        made.start()
        return made


class _Watcher:
    """Follows one namespace in a thread of its own."""

    def __init__(self, cluster: Cluster, namespace: str, idle_seconds: float) -> None:
        self._cluster, self._namespace, self._idle = cluster, namespace, idle_seconds
        self._picture = _Picture()
        self._ending = threading.Event()
        self._looked = self._started = time.monotonic()
        self._lock = threading.Lock()
        self._open: Watch | None = None
        self._refused = False
        self._thread = threading.Thread(target=self._run, name=f"watch-{cluster.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_working(self) -> bool:
        return not self._ending.is_set()

    @property
    def is_over(self) -> bool:
        """It has ended, and a new one may begin: where watching was refused, only after a while."""
        if self._refused:
            return time.monotonic() - self._started > AGAIN_SECONDS
        return self._ending.is_set()

    def sight(self, name: str) -> Sight:
        self._looked = time.monotonic()
        return self._picture.sight(name)

    def take(self, thing: Object) -> None:
        self._picture.take(thing)

    def end(self) -> None:
        self._ending.set()
        with self._lock:
            if self._open is not None:
                self._open.close()

    def join(self) -> None:
        self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        try:
            self._follow()
        except _UnwatchableError:
            self._refused = True
        finally:
            self._ending.set()
            self._picture.forget()

    def _follow(self) -> None:
        pause, since = _FIRST_PAUSE, ""
        while not self._is_idle():
            try:
                since = self._watch(since or self._list())
                pause = _FIRST_PAUSE
            except ClusterError as error:
                if isinstance(error, ClusterRefused) and error.params["status"] == HTTPStatus.FORBIDDEN:
                    raise _UnwatchableError from None
                self._picture.doubt(error)
                since = "" if isinstance(error, WatchExpired) else self._picture.resource_version
                self._ending.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _is_idle(self) -> bool:
        return self._ending.is_set() or time.monotonic() - self._looked > self._idle

    def _list(self) -> str:
        """Begin anew."""
        found = self._cluster.snapshot(self._namespace, MAX_THINGS)
        if found is None or not found.resource_version:
            raise _UnwatchableError
        self._picture.begin(found.things, found.resource_version)
        return found.resource_version

    def _watch(self, since: str) -> str:
        """Follow one watch to its end, and return where to go on."""
        begun, seconds = time.monotonic(), min(WATCH_SECONDS, max(1.0, self._idle))
        with self._cluster.watch(self._namespace, since, seconds) as watch:
            self._opened(watch)
            self._picture.trust()
            try:
                for event in watch:
                    self._picture.see(event)
                    if self._is_idle():
                        break
            finally:
                self._opened(None)
        if time.monotonic() - begun < _SHORTEST and not self._is_idle():
            raise ClusterUnreachable(cluster=self._cluster.name, detail="it ends each watch at once")
        return self._picture.resource_version

    def _opened(self, watch: Watch | None) -> None:
        with self._lock:
            self._open = watch
            if watch is not None and self._ending.is_set():
                watch.close()


class _Picture:
    """What is known of one namespace."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._things: dict[str, Object] = {}
        self._known = False
        self._error: ChartroomError | None = None
        self.resource_version = ""

    def sight(self, name: str) -> Sight:
        with self._lock:
            if not self._known:
                return NOTHING
            thing = self._things.get(name)
            return Sight(thing, True, version_of(thing), self._error)

    def begin(self, things: tuple[Object, ...], resource_version: str) -> None:
        """A whole list takes the place of what was known; it counts once it is followed, too."""
        with self._lock:
            self._things = {meta_text(one, "name"): one for one in things}
            self.resource_version = resource_version

    def see(self, event: WatchEvent) -> None:
        name = meta_text(event.thing, "name")
        with self._lock:
            if event.kind == "DELETED":
                self._things.pop(name, None)
            elif event.kind != "BOOKMARK" and _is_newer(event.thing, self._things.get(name)):
                self._things[name] = event.thing
            self._error, self.resource_version = None, event.resource_version or self.resource_version

    def take(self, thing: Object) -> None:
        name = meta_text(thing, "name")
        seen = {"metadata": {"resourceVersion": self.resource_version}}
        with self._lock:
            # One that is not there may have been removed since it was read.
            if self._known and _is_newer(thing, self._things.get(name, seen)):
                self._things[name] = thing

    def doubt(self, error: ChartroomError) -> None:
        with self._lock:
            self._error = error

    def trust(self) -> None:
        """It is kept fresh from now on."""
        with self._lock:
            self._known, self._error = True, None

    def forget(self) -> None:
        with self._lock:
            self._known, self._things = False, {}


def _is_newer(thing: Object, than: Object | None) -> bool:
    """Resource versions of one kind are numbers that grow; where they are none, what came last counts."""
    if than is None:
        return True
    try:
        return int(meta_text(thing, "resourceVersion")) > int(meta_text(than, "resourceVersion"))
    except ValueError:
        return True
