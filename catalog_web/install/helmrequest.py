"""An install form, what is wrong with it, and the HelmRequest that it means. Pure.

What captain makes of each field was observed with captain 1.5.0: names over 53 characters can be created and never
deleted, a version must be exact, and any annotation counts as a change of the spec. So Chartroom's marks are labels.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog_web.install.status import Seen, seen
from catalog_web.values.writing import block
from indexer.errors import ChartroomError

GROUP = "app.alauda.io"
KIND = "HelmRequest"
PLURAL = "helmrequests"

SOURCE_VERSION = "v1"
"""The one version of the API that knows ``spec.source``."""
Taking = Literal["repo", "http", "oci"]

MANAGED_BY = "app.kubernetes.io/managed-by"
LABEL_SOURCE = "chartroom.dev/source"
LABEL_CHART = "chartroom.dev/chart"
LABEL_REQUEST = "chartroom.dev/request"

MAX_NAME = 53
"""Helm's limit for a release name, because names of objects are made from it; captain cannot delete longer ones."""
MAX_NAMESPACE = 63
MAX_REQUEST_BYTES = 1_572_864
"""1.5 MiB, what etcd takes in one request by default."""

_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


@dataclass(frozen=True, slots=True)
class InstallForm:
    """What a person wants: one version of a chart under a name in a namespace of a cluster."""

    source: str
    chart_repo: str
    """Name of captain's ChartRepo for the source."""
    chart: str
    version: str
    """As the index lists it."""
    cluster: str
    namespace: str
    name: str
    values_yaml: str = field(repr=False)
    """The person's own values as typed; empty means all defaults."""
    request_id: str
    """Equal for every try of one and the same install; at most 63 characters of a label value, or it is hashed."""
    person: str
    chart_digest: str = ""
    chart_type: str = ""
    """As in Chart.yaml: ``library``, else ``application`` or empty."""
    has_schema: bool = False
    """The chart is known to have a values.schema.json."""
    archive_error: ChartroomError | None = None
    """Why Chartroom could not have the archive, where it looked and could not."""
    secret_paths: tuple[str, ...] = ()
    """Dotted paths of values that go to a Secret."""
    why: str = ""
    """The person's note."""
    create_namespace: bool = False
    """Make the namespace first, where it is not there."""
    taking: Taking = "repo"
    """How captain gets the chart: from a ChartRepo, or from an address in the HelmRequest (``spec.source``, v1)."""
    source_url: str = ""
    """That address."""
    source_secret: str = ""
    """Name of the Secret with user name and password for it."""
    decides: bool = False
    """The person decides what is installed from the source."""
    refused: ChartroomError | None = None
    """Why the person may not use this version, or this source."""


# -- form → manifest


def manifest(form: InstallForm, values: Mapping[str, Any], api_version: str) -> dict[str, Any]:
    """The HelmRequest of ``form``; without ``spec.values`` where nothing differs from the defaults.

    One that names its chart's address itself is always v1: no other version knows ``spec.source``. Its chart and
    version are told all the same, for those who read it through v1alpha1; captain takes the address.
    """
    source = spec_source(form.taking, form.source_url, form.source_secret)
    spec: dict[str, Any] = {
        "chart": f"{form.chart_repo}/{form.chart}",
        "version": form.version,
        "namespace": form.namespace,
        "releaseName": form.name,
    }
    if source:
        spec["source"] = source
    if values:
        spec["values"] = dict(values)
    return {
        "apiVersion": f"{GROUP}/{SOURCE_VERSION if source else api_version}",
        "kind": KIND,
        "metadata": {"name": form.name, "namespace": form.namespace, "labels": _labels(form)},
        "spec": spec,
    }


def spec_source(taking: Taking, url: str, secret: str = "") -> dict[str, Any]:
    """``spec.source``; empty where captain takes the chart from its ChartRepo. captain wants a registry without its
    scheme."""
    login = {"secretRef": secret} if secret else {}
    if taking == "http":
        return {"http": {"url": url, **login}}
    return {"oci": {"repo": url.removeprefix("oci://"), **login}} if taking == "oci" else {}


def _labels(form: InstallForm) -> dict[str, str]:
    return {
        MANAGED_BY: "chartroom",
        LABEL_SOURCE: label_value(form.source),
        LABEL_CHART: label_value(form.chart),
        LABEL_REQUEST: label_value(form.request_id),
    }


def label_value(text: str) -> str:
    """``text`` where it is a valid label value, else a readable beginning of it and a hash that keeps it unique."""
    if _LABEL_VALUE.fullmatch(text):
        return text
    start = re.sub(r"[^A-Za-z0-9]+", "-", text)[:30].strip("-")
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return f"{start}-{digest}" if start else digest


# -- what the cluster's HelmRequests mean for the form


def owner_of_release(objects: Iterable[object], namespace: str, release: str) -> Seen | None:
    """The HelmRequest that already owns the release ``release`` in ``namespace``; captain would let two fight over it.

    Without ``spec.releaseName`` a HelmRequest owns its own name, without ``spec.namespace`` in its own namespace.
    """
    for one in map(seen, objects):
        if (one.release_namespace, one.release_name) == (namespace, release):
            return one
    return None


# -- without a cluster


def manifest_yaml(wanted: Mapping[str, Any]) -> str:
    """``wanted`` as YAML that every YAML reader understands alike: texts that any could take for more are quoted."""
    return block(wanted)


def kubectl_command(wanted: Mapping[str, Any]) -> str:
    """A shell command that sends ``wanted``; one with a resourceVersion replaces what is there.

    Never ``apply``, as it would add an annotation, and captain takes any change of an annotation for an upgrade.
    """
    verb = "replace" if wanted["metadata"].get("resourceVersion") else "create"
    return f"kubectl {verb} -f - {here_document(manifest_yaml(wanted))}"


def here_document(text: str) -> str:
    """``text`` for the standard input of a shell command: a YAML mapping or JSON, of which no line is the word that
    ends it."""
    return f"<<'EOF'\n{text}EOF\n"
