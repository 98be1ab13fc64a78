"""What can be said of a form without asking a cluster or looking into the chart. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from catalog_web.install.checks.check import Check, failed
from catalog_web.install.checks.source import chart_params, check_source
from catalog_web.install.helmrequest import MAX_NAME, MAX_NAMESPACE, MAX_REQUEST_BYTES, InstallForm
from indexer.errors import N_, VersionNotYet

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DNS_CHARACTERS = re.compile(r"[-a-z0-9]*")
_EXACT_VERSION = re.compile(r"v?\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", re.ASCII)
_INT64 = range(-(2**63), 2**63)


def check_form(form: InstallForm) -> list[Check]:
    """One check for each field; none of them asks the cluster."""
    checks = [_check_name(form.name), check_namespace(form.namespace), _check_version(form.version)]
    checks += [*(check_source(form) if form.taking != "repo" else [_check_chart(form)]), *_check_type(form)]
    if form.refused is not None:
        checks.append(failed("not-yet" if isinstance(form.refused, VersionNotYet) else "source-right", form.refused))
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


def check_namespace(namespace: str) -> Check:
    """Whether ``namespace`` can be the name of one."""
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
