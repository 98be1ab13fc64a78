"""An app that Chartroom installed, on the tests' API server: the object, and its first revision."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from catalog_web.install.recorded import manifest_of
from catalog_web.install.upgrade_form import UpgradeForm
from indexer.model import Revision
from indexer.store import Store
from tests.kube_api import KubeApi

LABELS = {
    "app.kubernetes.io/managed-by": "chartroom",
    "chartroom.dev/source": "sample",
    "chartroom.dev/chart": "lighthouse",
    "chartroom.dev/request": "request-1",
}
SPEC = {
    "chart": "sample/lighthouse",
    "version": "1.2.0",
    "namespace": "apps",
    "releaseName": "beacon",
    "values": {"replicas": 2, "gone": {"soon": True}},
}
SYNCED = {"phase": "Synced", "version": "1.2.0", "lastSpecHash": "11"}

FORM = UpgradeForm(
    cluster="home",
    namespace="apps",
    name="beacon",
    source="sample",
    chart_repo="sample",
    chart="lighthouse",
    version="1.3.0",
    values_yaml="replicas: 3 # more\nprobe: null\n",
    request_id="request-2",
    person="ann",
    why="more room",
)
REVISION = Revision(
    number=0,
    cluster="home",
    namespace="apps",
    name="beacon",
    action="install",
    source="sample",
    chart="lighthouse",
    version="1.2.0",
    chart_digest="d1",
    values_yaml="replicas: 2\ngone: {soon: true}\n",
    manifest={},
    request_id="request-1",
    person="local",
    at=datetime(2026, 11, 23, 7, tzinfo=UTC),
)


def installed(kube: KubeApi, store: Store, *, revision: Revision = REVISION, **parts: Any) -> dict[str, Any]:
    """The app `beacon` as captain has synced it. ``parts``: other parts of the object."""
    metadata = {"labels": LABELS, "finalizers": ["captain.cpaas.io"], **parts.pop("metadata", {})}
    thing = kube.put("beacon", **{"metadata": metadata, "spec": SPEC, "status": SYNCED, **parts})
    store.revisions.start(replace(revision, manifest=manifest_of(thing)))
    store.revisions.sent(revision.request_id, thing["metadata"]["uid"], thing["metadata"]["generation"])
    store.revisions.settle(revision.request_id, "synced", "", revision.at)
    return thing
