"""What was last seen of each HelmRequest: the next look is judged by it."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime

from catalog_web.install.checks.taken import everything
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.status import AppStatus, Marker, advance, busy_with, marker, seen
from indexer.errors import ClusterError

MAX_FOLLOWED = 2_000
"""HelmRequests whose last status is remembered."""
_SAYS_TOO_LITTLE = ("taken-up", "stuck", "dependency", "installing", "installing-loaded", "upgrading")


class Following:
    """The last status of each HelmRequest. Safe to use from several threads."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last: OrderedDict[tuple[str, str, str], AppStatus] = OrderedDict()
        self._lock = threading.Lock()

    def look(self, cluster: Cluster, thing: Object, before: Marker | None = None) -> AppStatus:
        """The next status; where one look at the object says too little, the events and the others are asked too.
        ``before``: how it looked before a change that is awaited, for a HelmRequest that was not followed yet."""
        status = self.advance(cluster, thing, before=before)
        one = seen(thing)
        if status.id in _SAYS_TOO_LITTLE:
            return self.advance(cluster, thing, events=_or_none(lambda: cluster.events(one.namespace, one.name)))
        if status.id in ("not-seen", "not-taken-up"):
            others = _or_none(lambda: everything(cluster, one.namespace)[0])
            return self.advance(cluster, thing, busy=busy_with(others, one.uid))
        return status

    def advance(
        self,
        cluster: Cluster,
        thing: Object,
        events: Sequence[Object] = (),
        busy: str = "",
        before: Marker | None = None,
    ) -> AppStatus:
        """The next status as far as the object itself tells it."""
        key = _key(cluster, thing)
        with self._lock:
            last = self._last.get(key)
            known = before if last is None or last.uid != seen(thing).uid else None
            status = advance(last, thing, now=self._now(), before=known, events=events, busy_with=busy)
            self._keep(key, status)
        return status

    def changed(self, cluster: Cluster, before: Object, answer: Object) -> AppStatus:
        """The status right after a change: captain has not looked yet, and ``answer`` shows what it said before."""
        previous = self.advance(cluster, before)
        awaited = None
        if seen(answer).generation != seen(before).generation:
            awaited = marker(previous, seen(answer).resource_version, self._now())
        with self._lock:
            status = advance(previous, answer, now=self._now(), before=awaited)
            self._keep(_key(cluster, answer), status)
        return status

    def gone(self, cluster: str, namespace: str, name: str) -> AppStatus:
        """The status of a HelmRequest that is no longer there; it is not followed any more."""
        with self._lock:
            previous = self._last.pop((cluster, namespace, name), None)
        return advance(previous, None, now=self._now())

    def _keep(self, key: tuple[str, str, str], status: AppStatus) -> None:
        self._last[key] = status
        self._last.move_to_end(key)
        while len(self._last) > MAX_FOLLOWED:
            self._last.popitem(last=False)


def _key(cluster: Cluster, thing: Object) -> tuple[str, str, str]:
    one = seen(thing)
    return cluster.name, one.namespace, one.name


def _or_none(ask: Callable[[], Sequence[Object]]) -> Sequence[Object]:
    """What ``ask`` brings, or nothing where the cluster refuses it: it would only have told more."""
    try:
        return ask()
    except ClusterError:
        return ()
