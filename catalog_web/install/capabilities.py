"""What Chartroom, or a person it acts as, may be allowed to do in a cluster: one table, and Roles made of it. Pure.

Each capability works with exactly its rules, so whoever runs a cluster grants just what is wanted. A namespaced one is
granted where apps are installed, one of captain's in the namespace of its ChartRepos, the others in the whole cluster.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from catalog_web.install.helmrequest import GROUP, manifest_yaml
from indexer.errors import N_

CapabilityId = Literal[
    "install",
    "upgrade",
    "uninstall",
    "overview",
    "charts",
    "sync",
    "publish",
    "namespaces",
    "secrets",
    "events",
    "releases",
    "workloads",
    "controller",
    "webhooks",
    "rights",
    "impersonate",
]
Scope = Literal["namespace", "captain", "cluster"]
RBAC = "rbac.authorization.k8s.io"

_ACCOUNT = re.compile(r"system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})")
_LOOK = ("get", "list", "watch")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a Role."""

    group: str
    """API group; empty for the core."""
    resources: tuple[str, ...]
    verbs: tuple[str, ...]

    @property
    def manifest(self) -> dict[str, Any]:
        """As a Role holds it."""
        return {"apiGroups": [self.group], "resources": list(self.resources), "verbs": list(self.verbs)}


@dataclass(frozen=True, slots=True)
class Capability:
    """Something that can be allowed by itself."""

    id: CapabilityId
    scope: Scope
    what: str
    """What it is good for; to be translated."""
    rules: tuple[Rule, ...]


def _helmrequests(*verbs: str) -> Rule:
    return Rule(GROUP, ("helmrequests",), verbs)


_ALL = (
    Capability("install", "namespace", N_("Install charts"), (_helmrequests(*_LOOK, "create"),)),
    Capability("upgrade", "namespace", N_("Upgrade and roll back apps"), (_helmrequests(*_LOOK, "update", "patch"),)),
    Capability("uninstall", "namespace", N_("Uninstall apps"), (_helmrequests(*_LOOK, "delete"),)),
    Capability("overview", "cluster", N_("List the apps of all namespaces"), (_helmrequests("list", "watch"),)),
    Capability(
        "charts", "captain", N_("See which charts captain knows"), (Rule(GROUP, ("chartrepos", "charts"), _LOOK),)
    ),
    Capability(
        "sync",
        "captain",
        N_("Let captain read a repository at once"),
        (Rule(GROUP, ("chartrepos",), ("get", "patch")),),
    ),
    Capability(
        "publish",
        "captain",
        N_("Publish sources to captain"),
        (
            Rule(GROUP, ("chartrepos",), (*_LOOK, "create", "patch", "delete")),
            Rule("", ("secrets",), ("get", "create", "patch", "delete")),
        ),
    ),
    Capability("namespaces", "cluster", N_("Make namespaces"), (Rule("", ("namespaces",), ("get", "list", "create")),)),
    Capability(
        "secrets",
        "namespace",
        N_("Keep secret values in Secrets"),
        (Rule("", ("secrets",), ("get", "create", "delete")),),
    ),
    Capability("events", "namespace", N_("Read events"), (Rule("", ("events",), ("list", "watch")),)),
    Capability(
        "releases",
        "namespace",
        N_("Read captain’s records of releases"),
        (Rule(GROUP, ("releases",), ("get", "list")),),
    ),
    Capability(
        "workloads",
        "namespace",
        N_("Read what runs of an app"),
        (
            Rule("", ("pods", "services", "configmaps", "persistentvolumeclaims", "serviceaccounts"), ("get", "list")),
            Rule("apps", ("deployments", "statefulsets", "daemonsets", "replicasets"), ("get", "list")),
            Rule("batch", ("jobs", "cronjobs"), ("get", "list")),
            Rule("networking.k8s.io", ("ingresses", "networkpolicies"), ("get", "list")),
            Rule("autoscaling", ("horizontalpodautoscalers",), ("get", "list")),
            Rule("policy", ("poddisruptionbudgets",), ("get", "list")),
        ),
    ),
    Capability(
        "controller",
        "captain",
        N_("See whether captain runs"),
        (Rule("apps", ("deployments",), ("get", "list")), Rule("", ("pods",), ("get", "list"))),
    ),
    Capability(
        "webhooks",
        "cluster",
        N_("See what checks HelmRequests on their way in"),
        (
            Rule(
                "admissionregistration.k8s.io",
                ("validatingwebhookconfigurations", "mutatingwebhookconfigurations"),
                ("list",),
            ),
        ),
    ),
    Capability(
        "rights",
        "cluster",
        N_("Ask what one may do"),  # Kubernetes grants this to everybody who is signed in (system:basic-user)
        (
            Rule("authorization.k8s.io", ("selfsubjectaccessreviews",), ("create",)),
            Rule("authentication.k8s.io", ("selfsubjectreviews",), ("create",)),
        ),
    ),
    Capability(
        "impersonate",
        "cluster",
        N_("Act as the person who asks"),
        (Rule("", ("users", "groups"), ("impersonate",)),),
    ),
)

CAPABILITIES: Mapping[CapabilityId, Capability] = {one.id: one for one in _ALL}


def grant(wanted: Iterable[CapabilityId], user: str, namespace: str) -> str:
    """YAML to apply that gives ``user`` the capabilities ``wanted``, each as a Role and a binding, in ``namespace`` or,
    where it is one of the cluster, as a ClusterRole. ``user`` is as the cluster names it; empty: to be filled in."""
    things = [thing for one in wanted for thing in _grant(CAPABILITIES[one], user, namespace)]
    return "---\n".join(manifest_yaml(one) for one in things)


def _grant(capability: Capability, user: str, namespace: str) -> tuple[dict[str, Any], dict[str, Any]]:
    prefix = "Cluster" if capability.scope == "cluster" else ""
    where = {} if prefix else {"namespace": namespace}
    name = f"chartroom-{capability.id}"
    role = {
        "apiVersion": f"{RBAC}/v1",
        "kind": f"{prefix}Role",
        "metadata": {"name": name, **where},
        "rules": [one.manifest for one in capability.rules],
    }
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": f"{prefix}RoleBinding",
        "metadata": {"name": f"{name}-{_mark(user)}", **where},
        "roleRef": {"apiGroup": RBAC, "kind": f"{prefix}Role", "name": name},
        "subjects": [_subject(user)],
    }
    return role, binding


def _mark(user: str) -> str:
    """Tells the bindings of several people apart: applying a second one of the same name would take the first away."""
    return hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _subject(user: str) -> dict[str, str]:
    account = _ACCOUNT.fullmatch(user)
    if account:
        return {"kind": "ServiceAccount", "name": account[2], "namespace": account[1]}
    return {"kind": "User", "name": user or "NAME-OF-THE-USER", "apiGroup": RBAC}
