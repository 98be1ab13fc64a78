"""Objects beside HelmRequests that the test's cluster answers with: Release records, workloads, pods, and refusals."""

import base64
import gzip
import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.kube_api import Asked, KubeApi, Reply, ok, refusal

KINDS: dict[str, tuple[str, ...]] = {
    "v1": ("Service", "ConfigMap", "Secret", "Pod", "PersistentVolumeClaim"),
    "apps/v1": ("Deployment", "StatefulSet"),
    "networking.k8s.io/v1": ("Ingress",),
}
_PLURALS = {f"{kind.lower()}s" for kinds in KINDS.values() for kind in kinds}
_NAMED = re.compile(r"/namespaces/apps/([a-z]+)/([a-z0-9-]+)$")
_RELEASES = "/apis/app.alauda.io/v1alpha1/namespaces/apps/releases"


def packed(content: Any) -> str:
    """As captain packs a part of a Release."""
    return base64.b64encode(gzip.compress(json.dumps(content).encode())).decode()


@dataclass
class ClusterObjects:
    """What is in the namespace `apps`, by the path at which it is asked for; `answer` goes among a server's faults."""

    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    """Plurals that may not be read."""

    def answer(self, asked: Asked, _reply: Reply) -> Reply | None:
        """Answers for what is known here; everything else as it was."""
        plural = asked.path.split("/namespaces/apps/")[-1].split("/")[0]
        if asked.method == "GET" and plural in self.forbidden:
            return refusal(403, "Forbidden", f"{plural} is forbidden", kind=plural)
        if asked.path in self.things:
            return ok(self.things[asked.path])
        if asked.path in self.lists:
            return ok({"kind": "List", "metadata": {}, "items": self.lists[asked.path]})
        if (named := _NAMED.search(asked.path)) and named[1] in _PLURALS:
            return refusal(404, "NotFound", f"{named[1]} not found", name=named[2], kind=named[1])
        return None

    def put(self, api_version: str, kind: str, name: str, **parts: Any) -> dict[str, Any]:
        """Place an object in the namespace `apps`."""
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        meta = {"name": name, "namespace": "apps", **parts.pop("metadata", {})}
        thing = {"apiVersion": api_version, "kind": kind, "metadata": meta, **parts}
        self.things[f"{root}/namespaces/apps/{kind.lower()}s/{name}"] = thing
        return thing

    def put_release(self, *manifests: str, name: str = "cache", version: int = 1, **parts: Any) -> None:
        """Place a Release record with these documents as its manifest."""
        spec = {
            "name": name,
            "version": version,
            "chartData": packed({"metadata": {"name": "redis", "version": "7.0.0", "appVersion": "7.0"}}),
            "configData": packed(parts.pop("values", {})),
            "manifestData": packed("---\n".join(manifests)),
            "hooksData": packed(parts.pop("hooks", [])),
        }
        status = {"status": "deployed", "Description": "Install complete", **parts}
        meta = {"name": f"sh.helm.release.v1.{name}.v{version}", "labels": {"name": name}}
        self.lists.setdefault(_RELEASES, []).append({"metadata": meta, "spec": spec, "status": status})

    def put_pods(self, *pods: dict[str, Any]) -> None:
        """Place pods; every selector finds them."""
        self.lists["/api/v1/namespaces/apps/pods"] = list(pods)


def objects_of(kube: KubeApi) -> ClusterObjects:
    """What ``kube`` answers with from now on."""
    found = ClusterObjects()
    kube.kinds = KINDS
    kube.faults.append(found.answer)
    found.lists[_RELEASES] = []
    return found
