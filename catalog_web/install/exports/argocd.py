"""For Argo CD: an Application.

Fields as in the published schema of argoproj.io/v1alpha1. Argo CD reads no values from Secrets or ConfigMaps, and knows
logins of repositories by Secrets with a label of its own.
"""

import shlex
from collections.abc import Iterator
from typing import Any

from catalog_web.install.exports.chart_origin import ChartOrigin
from catalog_web.install.exports.notes import unread_note
from catalog_web.install.exports.wanted import Wanted
from catalog_web.install.helmrequest import manifest_yaml
from indexer.errors import N_, Phrase, phrase

_NAMESPACE = "argocd"
_THIS_CLUSTER = "https://kubernetes.default.svc"


def application(wanted: Wanted, origin: ChartOrigin) -> tuple[str, tuple[Phrase, ...]]:
    """The Application as YAML."""
    helm: dict[str, Any] = {"releaseName": wanted.release}
    if wanted.values:
        helm["valuesObject"] = dict(wanted.values)
    source = {"repoURL": _repo_url(origin), "chart": origin.chart, "targetRevision": wanted.version, "helm": helm}
    made = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": wanted.name, "namespace": _NAMESPACE},
        "spec": {
            "project": "default",
            "source": source,
            "destination": {"server": _THIS_CLUSTER, "namespace": wanted.release_namespace},
            "syncPolicy": {"automated": {}},
        },
    }
    return manifest_yaml(made), tuple(_notes(wanted, origin))


def _repo_url(origin: ChartOrigin) -> str:
    """Argo CD writes a registry without its scheme."""
    return origin.url.removeprefix("oci://")


def _notes(wanted: Wanted, origin: ChartOrigin) -> Iterator[Phrase]:
    text = N_("Project, server and the namespace argocd are Argo CD’s own defaults: change them where yours differ.")
    yield phrase(text)
    unread = (*unread_note(wanted, "Argo CD", "Secret"), *unread_note(wanted, "Argo CD", "ConfigMap"))
    yield from unread
    if unread:
        yield phrase(
            N_("Where the chart can take a Secret of your own (often “existingSecret”), name it in the values.")
        )
    if origin.private:
        url = _repo_url(origin)
        oci = " --enable-oci" if origin.kind == "oci" else ""
        user = shlex.quote(origin.username or "USER")
        yield phrase(N_("The repository asks for a login, which Argo CD must know:"))
        yield phrase(
            "argocd repo add {url} --type helm --name {name}{oci} --username {user}",
            url=url,
            name=origin.name,
            oci=oci,
            user=user,
        )
