"""One Kubernetes cluster, as far as captain needs it: the one package that imports the Kubernetes client.

    Cluster: the verbs of helmrequests, chart_repos, secrets, rights, namespaces, discovery, releases, health, watch
    └── each makes a `Request`, and the cluster's one `Connection` sends it

The client is slow to load, so it is loaded at the first call. Every call is bounded: in time as a whole (name
resolution and a kubeconfig's ``exec`` helper included), in the bytes it reads, and in how many run at once. Every
failure leaves as a `ClusterError` of its own kind, without a token in its text. Nothing is retried here: whoever
sends knows what may be sent twice.
"""

from catalog_web.install.cluster.answers import Object
from catalog_web.install.cluster.asker import (
    ITSELF,
    Asker,
    GroupsOf,
    TokenOf,
    impersonation,
    no_groups,
    no_token,
)
from catalog_web.install.cluster.chart_repos import CHART_REPO, LAST_SYNC
from catalog_web.install.cluster.cluster import Cluster
from catalog_web.install.cluster.discovery import ObjectRef
from catalog_web.install.cluster.health import ClusterHealth
from catalog_web.install.cluster.limits import MAX_BODY, MAX_OBJECTS
from catalog_web.install.cluster.request import Server
from catalog_web.install.cluster.rights import Access
from catalog_web.install.cluster.secrets import SECRET
from catalog_web.install.cluster.watch import Snapshot, Watch, WatchEvent

__all__ = [
    "CHART_REPO",
    "ITSELF",
    "LAST_SYNC",
    "MAX_BODY",
    "MAX_OBJECTS",
    "SECRET",
    "Access",
    "Asker",
    "Cluster",
    "ClusterHealth",
    "GroupsOf",
    "Object",
    "ObjectRef",
    "Server",
    "Snapshot",
    "TokenOf",
    "Watch",
    "WatchEvent",
    "impersonation",
    "no_groups",
    "no_token",
]
