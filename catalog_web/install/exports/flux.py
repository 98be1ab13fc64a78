"""For Flux: a HelmRelease and the HelmRepository that it reads.

Fields as in the published schemas of helm.toolkit.fluxcd.io/v2 and source.toolkit.fluxcd.io/v1. Flux merges values as
captain does: ``valuesFrom`` in order, then ``values``.
"""

from typing import Any

from catalog_web.install.exports.chart_origin import ChartOrigin
from catalog_web.install.exports.notes import login_note
from catalog_web.install.exports.wanted import ValuesRef, Wanted
from catalog_web.install.helmrequest import manifest_yaml
from indexer.errors import Phrase

_INTERVAL = "1h"


def release(wanted: Wanted, origin: ChartOrigin) -> tuple[str, tuple[Phrase, ...]]:
    """Both objects as YAML, in the namespace of the HelmRequest."""
    objects = (_repository(wanted, origin), _release(wanted, origin))
    return "---\n".join(manifest_yaml(one) for one in objects), tuple(login_note(origin, wanted.namespace))


def _repository(wanted: Wanted, origin: ChartOrigin) -> dict[str, Any]:
    spec: dict[str, Any] = {"interval": _INTERVAL, "url": origin.url}
    if origin.kind == "oci":
        spec["type"] = "oci"
    if origin.private:
        spec["secretRef"] = {"name": origin.secret}
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "HelmRepository",
        "metadata": {"name": origin.name, "namespace": wanted.namespace},
        "spec": spec,
    }


def _release(wanted: Wanted, origin: ChartOrigin) -> dict[str, Any]:
    source = {"kind": "HelmRepository", "name": origin.name}
    chart = {"chart": origin.chart, "version": wanted.version, "sourceRef": source}
    spec: dict[str, Any] = {"interval": _INTERVAL, "releaseName": wanted.release, "chart": {"spec": chart}}
    if wanted.release_namespace != wanted.namespace:
        # Helm keeps the record of a release in its namespace; Flux only where it is told to.
        spec |= {"targetNamespace": wanted.release_namespace, "storageNamespace": wanted.release_namespace}
    if wanted.values_from:
        spec["valuesFrom"] = [_values_ref(one) for one in wanted.values_from]
    if wanted.values:
        spec["values"] = dict(wanted.values)
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": wanted.name, "namespace": wanted.namespace},
        "spec": spec,
    }


def _values_ref(ref: ValuesRef) -> dict[str, Any]:
    optional = {"optional": True} if ref.optional else {}
    return {"kind": ref.kind, "name": ref.name, "valuesKey": ref.key, **optional}
