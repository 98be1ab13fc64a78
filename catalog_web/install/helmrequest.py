"""An install form, what is wrong with it, and the HelmRequest that it means. Pure.

What captain makes of each field was observed with captain 1.5.0: names over 53 characters can be created and never
deleted, a version must be exact, and any annotation counts as a change of the spec. So Chartroom's marks are labels.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog_web.install.status import Seen, seen
from catalog_web.values.writing import block
from indexer.errors import N_, ChartroomError, fill

GROUP = "app.alauda.io"
KIND = "HelmRequest"
PLURAL = "helmrequests"

MANAGED_BY = "app.kubernetes.io/managed-by"
LABEL_SOURCE = "chartroom.dev/source"
LABEL_CHART = "chartroom.dev/chart"
LABEL_REQUEST = "chartroom.dev/request"

MAX_NAME = 53
"""Helm's limit for a release name, because names of objects are made from it; captain cannot delete longer ones."""
MAX_NAMESPACE = 63
MAX_REQUEST_BYTES = 1_572_864
"""1.5 MiB, what etcd takes in one request by default."""

CheckState = Literal["ok", "warn", "fail", "unknown"]

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DNS_CHARACTERS = re.compile(r"[-a-z0-9]*")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_EXACT_VERSION = re.compile(r"v?\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", re.ASCII)
_INT64 = range(-(2**63), 2**63)


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
    values_yaml: str
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


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at before sending. The texts are templates over ``params``, as in `indexer.errors`."""

    id: str
    state: CheckState
    cause_text: str
    remedy_text: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    error: ChartroomError | None = None
    """What ended the check, where an error did."""

    @property
    def cause(self) -> str:
        """What was found, in English."""
        return fill(self.cause_text, dict(self.params))

    @property
    def remedy(self) -> str:
        """What to do about it, in English; empty where nothing need be done."""
        return fill(self.remedy_text, dict(self.params))


def failed(check_id: str, error: ChartroomError, state: CheckState = "fail") -> Check:
    """The check that ``error`` ended."""
    return Check(check_id, state, error.cause_text, error.remedy_text, error.params, error)


# -- form → manifest


def manifest(form: InstallForm, values: Mapping[str, Any], api_version: str) -> dict[str, Any]:
    """The HelmRequest of ``form``; without ``spec.values`` where nothing differs from the defaults."""
    spec: dict[str, Any] = {
        "chart": f"{form.chart_repo}/{form.chart}",
        "version": form.version,
        "namespace": form.namespace,
        "releaseName": form.name,
    }
    if values:
        spec["values"] = dict(values)
    return {
        "apiVersion": f"{GROUP}/{api_version}",
        "kind": KIND,
        "metadata": {"name": form.name, "namespace": form.namespace, "labels": _labels(form)},
        "spec": spec,
    }


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


# -- what can be said without asking the cluster


def check_form(form: InstallForm) -> list[Check]:
    """One check for each field; none of them asks the cluster."""
    checks = [_check_name(form.name), _check_namespace(form.namespace), _check_version(form.version)]
    checks += [_check_chart(form), *_check_type(form)]
    return checks if form.archive_error is None else [*checks, failed("archive", form.archive_error, state="warn")]


def _check_name(name: str) -> Check:
    if _DNS_LABEL.fullmatch(name) and len(name) <= MAX_NAME:
        return Check("name", "ok", N_("The release name “{name}” can be used."), params={"name": name})
    return Check(
        "name",
        "fail",
        _why_no_name(name),
        N_("Use at most {limit} lower-case letters, digits and hyphens, with a letter or digit at both ends."),
        {"name": name[:80], "length": len(name), "limit": MAX_NAME},
    )


def _why_no_name(name: str) -> str:
    """The first reason that applies."""
    if not name:
        return N_("A release name is missing.")
    if len(name) > MAX_NAME:
        return N_("“{name}” cannot be a release name: it has {length} characters.")
    if not _DNS_CHARACTERS.fullmatch(name):
        return N_("“{name}” cannot be a release name: it has characters other than a–z, 0–9 and hyphens.")
    return N_("“{name}” cannot be a release name: it begins or ends with a hyphen.")


def _check_namespace(namespace: str) -> Check:
    if _DNS_LABEL.fullmatch(namespace) and len(namespace) <= MAX_NAMESPACE:
        return Check("namespace", "ok", N_("“{namespace}” can be a namespace."), params={"namespace": namespace})
    return Check(
        "namespace",
        "fail",
        N_("“{namespace}” cannot be a namespace."),
        N_("Use at most {limit} lower-case letters, digits and hyphens, with a letter or digit at both ends."),
        {"namespace": namespace[:80], "limit": MAX_NAMESPACE},
    )


def _check_version(version: str) -> Check:
    if _EXACT_VERSION.fullmatch(version):
        return Check("version", "ok", N_("Version {version} is exact."), params={"version": version})
    return Check(
        "version",
        "fail",
        N_("“{version}” is not one exact version."),
        N_("Choose one from the list of versions; captain knows no ranges and takes a pre-release for an empty one."),
        {"version": version[:80]},
    )


def _check_chart(form: InstallForm) -> Check:
    params = chart_params(form)
    if form.chart_repo and form.chart and params["chart"].count("/") == 1:
        return Check(
            "chart",
            "unknown",
            N_("captain looks for the chart as {chart}. Whether it has a ChartRepo {repo} cannot be checked here."),
            N_("Look with “kubectl get chartrepos -A”; the operator guide says how to make one."),
            params,
        )
    return Check(
        "chart",
        "fail",
        N_("captain cannot name the chart {chart}: it knows a repository, one slash and a chart."),
        N_("Install it with helm, or ask who publishes it for a name without a slash."),
        params,
    )


def chart_params(form: InstallForm) -> dict[str, str]:
    """What a text about the chart of ``form`` may name."""
    return {"chart": f"{form.chart_repo}/{form.chart}"[:300], "repo": form.chart_repo[:100]}


def _check_type(form: InstallForm) -> list[Check]:
    if form.chart_type != "library":
        return []
    what = N_("This is a library chart: it holds only parts for other charts, and Helm does not install it.")
    return [Check("type", "fail", what, N_("Install a chart that depends on it."))]


def check_values(values: Mapping[str, Any], *, has_schema: bool = False) -> Check:
    """Whether JSON can carry ``values`` to the cluster unchanged. They are not held against a schema here."""
    try:
        json.dumps(values, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, TypeError, RecursionError):
        return Check(
            "values",
            "fail",
            N_("The values hold something that JSON cannot carry: an infinite number, or broken characters."),
            N_("Put such a value in quotes, or leave it out."),
        )
    too_big = next((path for path, value in _numbers(values) if value not in _INT64), None)
    if too_big is None and has_schema:
        told = N_("The values are a mapping and can be sent. captain checks them against the chart’s schema.")
        return Check("values", "unknown", told)
    if too_big is None:
        return Check("values", "ok", N_("The values are a mapping and can be sent."))
    return Check(
        "values",
        "warn",
        N_("The number at {path} has more than 64 bits; the cluster will round it."),
        N_("Put it in quotes if the chart takes a text there."),
        {"path": too_big},
    )


def _numbers(value: Any, path: str = "") -> Iterator[tuple[str, int]]:
    if isinstance(value, int):
        yield path, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _numbers(one, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _numbers(one, f"{path}[{index}]")


def check_size(wanted: Mapping[str, Any]) -> Check:
    """Whether the manifest ``wanted`` is small enough for a cluster to store."""
    size = len(json.dumps(wanted, ensure_ascii=False).encode("utf-8", "replace"))
    params = {"size": size, "limit": MAX_REQUEST_BYTES}
    if size <= MAX_REQUEST_BYTES:
        return Check("size", "ok", N_("The HelmRequest has {size} bytes."), params=params)
    return Check(
        "size",
        "fail",
        N_("The HelmRequest has {size} bytes; a cluster stores at most {limit}."),
        N_("Leave out of the values what equals the defaults, and keep large files in a ConfigMap."),
        params,
    )


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
    """A shell command that creates ``wanted``.

    ``create``, as ``apply`` would add an annotation, and captain takes any change of an annotation for an upgrade.
    """
    return f"kubectl create -f - <<'EOF'\n{manifest_yaml(wanted)}EOF\n"
