"""What a cluster serves, and objects of any kind found by it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from catalog_web.install.cluster.answers import Object, objects_at, text_at, texts_at
from catalog_web.install.cluster.memory import Resource, Served
from catalog_web.install.cluster.reach import Reach, if_allowed
from catalog_web.install.cluster.request import JSON, About, Request
from catalog_web.install.cluster.secrets import SECRET
from indexer.errors import ChartroomError, ClusterError, ClusterTimedOut, NotFound, NotServed

MAX_REFS = 500
"""Objects that are looked for in one call."""
KEPT_SECONDS = 300.0
"""How long what is served is taken as known; a new CRD shows after that."""
_MAX_GROUPS = 500
_SHARE = 0.8
"""Part of the time for one call after which no further object is asked for, so that those found are not lost."""
_AGGREGATED = ",".join(
    f"{JSON};g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")
)
_PARTLY = f"{JSON};as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
"""Metadata alone."""


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """Names one object of any kind; without a namespace where its kind has none."""

    api_version: str
    """Such as ``v1`` or ``apps/v1``."""
    kind: str
    namespace: str
    name: str


class Discovery(Reach):
    """Verbs about what is served. Everybody who is signed in to a cluster may ask them."""

    def served(self) -> frozenset[str] | None:
        """``apps/v1`` and ``apps/v1/Deployment`` for each kind, as Helm's ``.Capabilities.APIVersions`` has them; None
        where the cluster does not tell. Raises `ClusterUnreachable` and the like."""
        known = if_allowed(lambda: self._within(self._served))
        if known is None:
            return None
        return known.versions | {f"{version}/{kind}" for version, kind in known.resources}

    def objects(self, refs: Sequence[ObjectRef]) -> tuple[Object | ChartroomError | None, ...]:
        """What ``refs`` name, in their order: the object, None where it is not there, or why it could not be read.

        Of a Secret only the metadata comes. Beyond `MAX_REFS`, and where time runs out, each is a `ClusterTimedOut`.
        Never raises a `ClusterError`.
        """
        seconds = self._connection.total_seconds
        late = ClusterTimedOut(cluster=self._connection.name, seconds=round(seconds, 1))
        found: list[Object | ChartroomError | None] = [late] * len(refs)
        end = time.monotonic() + seconds * _SHARE

        def look() -> None:
            for number, ref in enumerate(refs[:MAX_REFS]):
                if time.monotonic() > end:
                    return
                found[number] = self._find(ref)

        try:
            self._within(look)
        except ClusterError as error:
            return tuple(error if one is late else one for one in found)
        return tuple(found)

    def _find(self, ref: ObjectRef) -> Object | ChartroomError | None:
        try:
            resource = self._served().resources.get((ref.api_version, ref.kind))
            if resource is None:
                return NotServed(cluster=self._connection.name, api_version=f"{ref.api_version}/{ref.kind}")
            with self._connection.typed():
                return self._ask(_request(ref, resource))
        except NotFound:
            return None
        except ClusterError as error:
            return error

    def _served(self) -> Served:
        known = self._memory.served
        if known is None or known.until < time.monotonic():
            known = self._memory.served = self._discover()
        return known

    def _discover(self) -> Served:
        resources: dict[tuple[str, str], Resource] = {}
        versions: list[str] = []
        for root in ("api", "apis"):
            answer = self._ask(Request((root,), About("APIGroup"), accept=f"{_AGGREGATED},{JSON}"))
            told = _aggregated(answer) if "items" in answer else self._one_by_one(root, answer)
            for version, kinds in told:
                versions.append(version)
                resources |= {(version, kind): resource for kind, resource in kinds.items()}
        return Served(resources, frozenset(versions), time.monotonic() + KEPT_SECONDS)

    def _one_by_one(self, root: str, answer: Object) -> Iterator[tuple[str, dict[str, Resource]]]:
        """The same from a cluster that does not tell all at once (before Kubernetes 1.26)."""
        groups = [
            text_at(two, "groupVersion") for one in objects_at(answer, "groups") for two in objects_at(one, "versions")
        ]
        for version in (*texts_at(answer, "versions"), *groups)[:_MAX_GROUPS]:
            try:
                listed = self._ask(Request((root, *version.split("/")), About("APIResource")))
            except ClusterError:
                continue  # an extension whose own server is down
            yield version, dict(_listed(listed))


def _request(ref: ObjectRef, resource: Resource) -> Request:
    root = "apis" if "/" in ref.api_version else "api"
    within = ("namespaces", ref.namespace) if resource.namespaced else ()
    segments = (root, *ref.api_version.split("/"), *within, resource.plural, ref.name)
    made = Request(segments, About(ref.kind, ref.namespace, ref.name))
    return replace(made, accept=_PARTLY) if (ref.api_version, ref.kind) == ("v1", SECRET) else made


def _aggregated(answer: Object) -> Iterator[tuple[str, dict[str, Resource]]]:
    for group in objects_at(answer, "items"):
        name = text_at(group, "metadata", "name")
        for version in objects_at(group, "versions"):
            number = text_at(version, "version")
            kinds = {
                text_at(one, "responseKind", "kind"): Resource(text_at(one, "resource"), one.get("scope") != "Cluster")
                for one in objects_at(version, "resources")
            }
            yield (f"{name}/{number}" if name else number), kinds


def _listed(answer: Object) -> Iterator[tuple[str, Resource]]:
    for one in objects_at(answer, "resources"):
        name = text_at(one, "name")
        if "/" not in name:  # a subresource
            yield text_at(one, "kind"), Resource(name, one.get("namespaced") is True)
