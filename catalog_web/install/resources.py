"""The objects of a release, each with its health: from captain's record of what it sent, asked of the cluster.

What may not be looked at costs only itself and is told once. Nothing here raises a `ClusterError`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from catalog_web.install.capabilities import CapabilityId
from catalog_web.install.cluster import Cluster, Object, ObjectRef
from catalog_web.install.health import ABSENT, health_of, selector_of
from catalog_web.install.links import Link, links_of
from catalog_web.install.manifests import read_manifests
from catalog_web.install.pod_health import Health
from catalog_web.install.reading import meta, text
from catalog_web.install.release_record import ReleaseRecord, newest_first, running
from catalog_web.install.status import Seen
from indexer.errors import (
    N_,
    ChartroomError,
    ClusterError,
    ClusterRefused,
    ClusterTimedOut,
    ClusterUnreachable,
    Phrase,
    phrase,
)

MAX_OBJECTS = 300
"""Objects of one release that are looked at."""
MAX_MANIFEST = 4 * 1024 * 1024
"""Characters of its manifest that are read."""
MAX_SELECTORS = 10
"""Label selectors whose pods are asked for."""
MAX_PODS = 50
"""Pods that are shown where there is no record to tell of anything else."""
_INSTANCE = "app.kubernetes.io/instance"
"""The label that charts give what they make, by Helm's own best practices."""
_ORDER = ("bad", "busy", "unknown", "ok")
_FOLLOWING = frozenset({"Service", "Ingress", "HorizontalPodAutoscaler"})
"""Kinds whose trouble mostly comes from that of a workload."""
_WITH_PODS = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "Service"}
)
_NOT_SEEN = Health("unknown", phrase(N_("It could not be looked at.")))
_FORBIDDEN = Health("unknown", phrase(N_("It may not be looked at.")))
_NO_OBJECTS: tuple[Object, ...] | None = ()

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Resource:
    """One object of a release."""

    api_version: str
    kind: str
    namespace: str
    """Empty where its kind has none."""
    name: str
    health: Health

    @property
    def title(self) -> str:
        """As kubectl names it: ``Deployment web``."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Resources:
    """What an app is made of, what is in trouble first."""

    items: tuple[Resource, ...] = ()
    links: tuple[Link, ...] = ()
    records: tuple[ReleaseRecord, ...] = ()
    """captain's records, newest first; none where they may not be read."""
    notes: tuple[Phrase, ...] = ()
    """What is left out, and why."""
    missing: tuple[Phrase, ...] = ()
    """What may not be looked at."""
    lacking: tuple[CapabilityId, ...] = ()
    """The capabilities that would let it be looked at."""
    errors: tuple[ChartroomError, ...] = ()
    """What went wrong, each once."""

    @property
    def record(self) -> ReleaseRecord | None:
        """Of what is in the cluster now."""
        return running(self.records)

    @property
    def trouble(self) -> tuple[str, Health] | None:
        """The first object that is not well."""
        first = self.items[0] if self.items else None
        return (first.title, first.health) if first and first.health.state in ("bad", "busy") else None

    def count(self, state: str) -> int:
        """How many objects are so."""
        return sum(1 for one in self.items if one.health.state == state)


@dataclass(slots=True)
class Asking:
    """Questions to a cluster of which some may be refused: each failure is kept once, and after one that shows that
    the cluster does not answer nothing more is asked."""

    errors: list[ChartroomError] = field(default_factory=list)
    down: bool = False

    def ask(self, question: Callable[[], _T], otherwise: _T) -> _T:
        """The answer to ``question``, or ``otherwise``."""
        if self.down:
            return otherwise
        try:
            return question()
        except ClusterError as error:
            self.keep(error)
            return otherwise

    def keep(self, error: ChartroomError) -> None:
        """Remember ``error`` if it is news."""
        self.down = self.down or isinstance(error, ClusterUnreachable | ClusterTimedOut)
        if all((type(one), one.params) != (type(error), error.params) for one in self.errors):
            self.errors.append(error)


def resources_of(cluster: Cluster, one: Seen) -> Resources:
    """What the release of the HelmRequest ``one`` is made of."""
    if one.cluster or one.everywhere:
        told = N_("Its objects are in other clusters that captain knows; they are not looked at from here.")
        return Resources(notes=(phrase(told),))
    asking = Asking()
    packed = asking.ask(lambda: cluster.releases(one.release_namespace, one.release_name), _NO_OBJECTS)
    if packed is None:
        return _without_record(cluster, one, asking)
    records = newest_first(packed, one.release_name)
    record = running(records)
    if record is None:
        return Resources(notes=_none_yet(asking), errors=tuple(asking.errors))
    return _of_record(cluster, one, records, record, asking)


def refs_of(manifest: str, namespace: str) -> tuple[ObjectRef, ...]:
    """The objects that ``manifest`` names, in its order; those without a namespace are of ``namespace``."""
    found = read_manifests(manifest[:MAX_MANIFEST], namespace)
    refs = (ObjectRef(one.api_version, one.kind, one.namespace, one.name) for one in found)
    return tuple(dict.fromkeys(one for one in refs if one.api_version and one.kind and one.name))


def _none_yet(asking: Asking) -> tuple[Phrase, ...]:
    return () if asking.errors else (phrase(N_("captain has not made a release yet.")),)


def _gravity(one: Resource) -> tuple[int, bool]:
    return _ORDER.index(one.health.state), one.kind in _FOLLOWING


# -- by captain's record


def _of_record(
    cluster: Cluster, one: Seen, records: tuple[ReleaseRecord, ...], record: ReleaseRecord, asking: Asking
) -> Resources:
    named = refs_of(record.manifest, one.release_namespace)
    refs = named[:MAX_OBJECTS]
    found = cluster.objects(refs) if refs else ()
    things = [thing for thing in found if isinstance(thing, dict)]
    pods = _Pods(cluster, asking)
    items = [_resource(ref, thing, pods) for ref, thing in zip(refs, found, strict=True)]
    missing = tuple(_missing(refs, found, pods))
    return Resources(
        items=tuple(sorted(items, key=_gravity)),
        links=links_of(_typed(refs, found)) if things else (),
        records=records,
        notes=tuple(_notes(record, is_cut=len(named) > MAX_OBJECTS or len(record.manifest) > MAX_MANIFEST)),
        missing=missing,
        lacking=("workloads",) if missing else (),
        errors=_errors(found, asking),
    )


def _typed(refs: Sequence[ObjectRef], found: Sequence[object]) -> Iterator[Mapping[str, Any]]:
    """The objects with the kind that they were asked for."""
    for ref, thing in zip(refs, found, strict=True):
        if isinstance(thing, dict):
            yield {**thing, "kind": ref.kind}


def _resource(ref: ObjectRef, thing: Object | ChartroomError | None, pods: "_Pods") -> Resource:
    return Resource(ref.api_version, ref.kind, ref.namespace, ref.name, _health(ref, thing, pods))


def _health(ref: ObjectRef, thing: Object | ChartroomError | None, pods: "_Pods") -> Health:
    if thing is None:
        return ABSENT
    if isinstance(thing, ClusterRefused):
        return _FORBIDDEN
    if isinstance(thing, ChartroomError):
        return _NOT_SEEN
    typed = {**thing, "kind": ref.kind}
    alone = health_of(typed)
    if ref.kind not in _WITH_PODS or (alone.state == "ok" and ref.kind != "Service"):
        return alone
    return health_of(typed, pods.of(ref.namespace, _selector(typed)))


def _selector(thing: Mapping[str, Any]) -> str:
    """Jobs name their pods by a label of their own."""
    return selector_of(thing) or (f"job-name={text(meta(thing).get('name'))}" if thing["kind"] == "Job" else "")


class _Pods:
    """The pods that selectors find, each asked for once."""

    def __init__(self, cluster: Cluster, asking: Asking) -> None:
        self._cluster = cluster
        self._asking = asking
        self._known: dict[tuple[str, str], tuple[Object, ...] | None] = {}
        self.forbidden = False

    def of(self, namespace: str, selector: str) -> tuple[Object, ...] | None:
        """None where they are not known."""
        key = namespace, selector
        if not selector or self.forbidden or (key not in self._known and len(self._known) >= MAX_SELECTORS):
            return None
        if key not in self._known:
            self._known[key] = self._look(namespace, selector)
        return self._known[key]

    def _look(self, namespace: str, selector: str) -> tuple[Object, ...] | None:
        if self._asking.down:
            return None
        before = len(self._asking.errors)
        found = self._asking.ask(lambda: self._cluster.pods(namespace, selector), None)
        self.forbidden = found is None and len(self._asking.errors) == before
        return found


def _notes(record: ReleaseRecord, *, is_cut: bool) -> Iterator[Phrase]:
    if "manifest" in record.unknown:
        yield phrase(N_("captain's record of the release cannot be read, so its objects are not known."))
    elif is_cut:
        yield phrase(N_("The release has more objects than are looked at here."))
    if record.hooks:
        told = N_("Hooks of the chart made {count} more, which Helm does not count among its objects.")
        yield phrase(told, count=len(record.hooks))


def _missing(refs: Sequence[ObjectRef], found: Sequence[object], pods: _Pods) -> Iterator[Phrase]:
    kinds = dict.fromkeys(ref.kind for ref, thing in zip(refs, found, strict=True) if isinstance(thing, ClusterRefused))
    if kinds:
        yield phrase(N_("Chartroom may not look at these in this namespace: {kinds}."), kinds=", ".join(kinds))
    if pods.forbidden:
        yield phrase(N_("Chartroom may not list pods in this namespace, so it cannot say why something is not ready."))


def _errors(found: Iterable[object], asking: Asking) -> tuple[ChartroomError, ...]:
    for thing in found:
        if isinstance(thing, ChartroomError) and not isinstance(thing, ClusterRefused):
            asking.keep(thing)
    return tuple(asking.errors)


# -- without it


def _without_record(cluster: Cluster, one: Seen, asking: Asking) -> Resources:
    """What can be told where captain's records may not be read: the pods that carry the release's label."""
    refused = phrase(
        N_("Chartroom may not read captain's Release records in {namespace}, so it does not know what the release is "
           "made of."),
        namespace=one.release_namespace,
    )  # fmt: skip
    pods = asking.ask(lambda: cluster.pods(one.release_namespace, f"{_INSTANCE}={one.release_name}"), _NO_OBJECTS)
    items = [_pod(thing) for thing in (pods or ())[:MAX_PODS]]
    told = N_("Shown are the pods that carry the label {label}.")
    notes = (phrase(told, label=f"{_INSTANCE}={one.release_name}"),) if items else ()
    return Resources(
        items=tuple(sorted(items, key=_gravity)),
        notes=notes,
        missing=(refused,),
        lacking=("releases", "workloads") if pods is None else ("releases",),
        errors=tuple(asking.errors),
    )


def _pod(thing: Object) -> Resource:
    about = meta(thing)
    return Resource(
        "v1", "Pod", text(about.get("namespace")), text(about.get("name")), health_of({**thing, "kind": "Pod"})
    )
