"""For k3s and RKE2, whose helm-controller knows HelmCharts.

Fields as in the published schema of helm.cattle.io/v1. The release is called as the HelmChart is, and the Secrets lie
beside it: so it stands in the namespace of the HelmRequest.
"""

import shlex
from collections.abc import Iterator
from typing import Any

from catalog_web.install.exports.chart_origin import ChartOrigin
from catalog_web.install.exports.notes import login_note, unread_note
from catalog_web.install.exports.wanted import Wanted
from catalog_web.install.helmrequest import manifest_yaml
from indexer.errors import N_, Phrase, phrase


def helm_chart(wanted: Wanted, origin: ChartOrigin) -> tuple[str, tuple[Phrase, ...]]:
    """The HelmChart as YAML."""
    chart = {
        "apiVersion": "helm.cattle.io/v1",
        "kind": "HelmChart",
        "metadata": {"name": wanted.release, "namespace": wanted.namespace},
        "spec": _spec(wanted, origin),
    }
    return manifest_yaml(chart), (*unread_note(wanted, "k3s", "ConfigMap"), *_login_notes(wanted, origin))


def _spec(wanted: Wanted, origin: ChartOrigin) -> dict[str, Any]:
    place = {"chart": origin.address} if origin.kind == "oci" else {"repo": origin.url, "chart": origin.chart}
    spec: dict[str, Any] = {**place, "version": wanted.version, "targetNamespace": wanted.release_namespace}
    if origin.private:
        spec["dockerRegistrySecret" if origin.kind == "oci" else "authSecret"] = {"name": origin.secret}
    if wanted.secrets:
        spec["valuesSecrets"] = [{"name": one.name, "keys": [one.key]} for one in wanted.secrets]
    if wanted.values:
        spec["valuesContent"] = manifest_yaml(wanted.values)
    return spec


def _login_notes(wanted: Wanted, origin: ChartOrigin) -> Iterator[Phrase]:
    if origin.kind == "index" or not origin.private:
        yield from login_note(origin, wanted.namespace)
        return
    facts = {"name": origin.secret, "namespace": wanted.namespace, "host": origin.host}
    facts["user"] = shlex.quote(origin.username or "USER")
    yield phrase(N_("The registry asks for a login; the Secret {name} in {namespace} must hold it:"), **facts)
    yield phrase(
        "kubectl create secret docker-registry {name} --namespace {namespace} --docker-server={host} "
        '--docker-username={user} --docker-password="$(cat password.txt)"',
        **facts,
    )
