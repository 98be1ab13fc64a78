"""The chart that deploys Chartroom: Helm renders it, a real API server takes it, and it grants what is switched on."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog_web.install.capabilities import CAPABILITIES, RBAC
from indexer import config
from tests.parts.control_plane import ControlPlane, control_plane
from tests.parts.located import located

pytestmark = pytest.mark.parts

CHART = Path(__file__).parents[2] / "config" / "helm-chart"
EVERYTHING = {one: True for one in CAPABILITIES if one != "rights"}
"""Kubernetes grants ``rights`` to everybody who is signed in."""
ROLES = ("Role", "ClusterRole")


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        for namespace in ("chartroom", "captain", "apps-a", "apps-b"):
            running.create_namespace(namespace)
        running.kubectl("label", "namespace", "chartroom", "pod-security.kubernetes.io/enforce=restricted")
        yield running


def rendered(values: dict[str, Any], tmp_path: Path, helm: str = "helm4") -> str:
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(values))
    command = [str(located(helm)), "template", "demo", str(CHART), "-n", "chartroom", "-f", str(file)]
    command += ["--kube-version", "1.36.0"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def objects(text: str) -> list[Any]:
    return [one for one in yaml.safe_load_all(text) if one]


def roles(text: str) -> dict[str, Any]:
    return {one["metadata"]["name"].removeprefix("demo-"): one for one in objects(text) if one["kind"] in ROLES}


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_each_right_is_the_role_that_chartroom_asks_for_where_it_is_missing(tmp_path: Path, helm: str) -> None:
    found = roles(rendered({"namespaces": ["apps-a"], "rights": EVERYTHING}, tmp_path, helm))
    assert {name: one["rules"] for name, one in found.items()} == {
        name: [rule.manifest for rule in CAPABILITIES[name].rules] for name in EVERYTHING
    }
    wide = {name for name, one in found.items() if one["kind"] == "ClusterRole"}
    assert wide == {name for name in EVERYTHING if CAPABILITIES[name].scope == "cluster"}


def test_a_namespaced_right_is_granted_in_each_named_namespace_and_nowhere_else(tmp_path: Path) -> None:
    found = objects(rendered({"namespaces": ["apps-a", "apps-b"]}, tmp_path))
    bindings = [one for one in found if one["kind"] == "RoleBinding" and one["roleRef"]["name"] == "demo-install"]
    assert [one["metadata"]["namespace"] for one in bindings] == ["apps-a", "apps-b"]


def test_without_rights_it_may_do_nothing(tmp_path: Path) -> None:
    off = {"rights": dict.fromkeys(EVERYTHING, False), "namespaces": ["apps-a"]}
    assert not [one for one in objects(rendered(off, tmp_path)) if one["apiVersion"].startswith(RBAC)]


def test_it_never_refers_to_a_role_of_the_cluster_that_is_not_its_own(tmp_path: Path) -> None:
    text = rendered({"namespaces": ["apps-a"], "rights": EVERYTHING}, tmp_path)
    bound = {one["roleRef"]["name"] for one in objects(text) if one["kind"].endswith("RoleBinding")}
    assert bound == {f"demo-{name}" for name in roles(text)}
    assert "*" not in {verb for role in roles(text).values() for rule in role["rules"] for verb in rule["verbs"]}


@pytest.mark.parametrize("open_to_all", [True, False])
def test_the_api_server_takes_all_of_it(plane: ControlPlane, tmp_path: Path, open_to_all: bool) -> None:
    values = {"namespaces": ["apps-a", "apps-b"], "rights": EVERYTHING, "allowUnauthenticated": open_to_all}
    said = plane.kubectl("apply", "--dry-run=server", "-f", "-", stdin=rendered(values, tmp_path)).splitlines()
    assert said
    assert all(line.endswith("(server dry run)") for line in said)


def test_its_options_are_options_of_chartroom(tmp_path: Path) -> None:
    text = rendered({"config": {"secret_fields": ["*.licenseKey"]}, "cluster": {"name": "prod"}}, tmp_path)
    held = next(one["data"]["chartroom.yaml"] for one in objects(text) if one["kind"] == "ConfigMap")
    file = tmp_path / "chartroom.yaml"
    file.write_text(held)
    read = config.load(file, environ={})
    assert [(one.name, one.in_cluster) for one in read.clusters] == [("prod", True)]
    assert read.helm_url == "http://demo-helm.chartroom.svc:8081"
    assert read.secret_fields == ("*.licenseKey",)


def test_the_pages_are_reached_from_outside_the_pod_only_when_somebody_says_so(tmp_path: Path) -> None:
    def listens(values: dict[str, Any]) -> str:
        found = objects(rendered(values, tmp_path))
        pod = next(one for one in found if one["kind"] == "Deployment")["spec"]["template"]["spec"]
        variables = {one["name"]: one["value"] for one in pod["containers"][0]["env"]}
        return str(variables["CHARTROOM_LISTEN"])

    assert listens({}) == "127.0.0.1:8080"
    assert listens({"allowUnauthenticated": True}) == "0.0.0.0:8080"
