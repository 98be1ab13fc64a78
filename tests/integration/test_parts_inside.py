"""A real API server takes the Job that looks from inside a cluster, in a namespace of the strictest standard."""

import json
from collections.abc import Iterator

import pytest

from catalog_web.install.inside import job, job_yaml
from tests.parts.control_plane import ControlPlane, ControlPlaneError, control_plane

pytestmark = pytest.mark.parts

RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
DRY_RUN = ("--dry-run=server", "--warnings-as-errors", "-f", "-")


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        running.create_namespace("captain")
        labels = [f"{key}={value}" for key, value in RESTRICTED.items()]
        running.kubectl("label", "namespace", "captain", *labels)
        yield running


@pytest.mark.parametrize(("host", "port"), [("harbor.offline", 443), ("10.0.0.7", 8443), ("fd00::7", 80)])
def test_the_job_is_taken_without_a_warning(plane: ControlPlane, host: str, port: int) -> None:
    assert "created (server dry run)" in plane.kubectl("apply", *DRY_RUN, stdin=job_yaml(host, port, "captain"))
    assert plane.kubectl("get", "jobs", "-n", "captain", "--output", "name") == ""


def test_its_pod_is_let_in_by_the_strictest_standard(plane: ControlPlane) -> None:
    template = job("harbor.offline", 443, "captain")["spec"]["template"]
    meta = {**template["metadata"], "name": "look", "namespace": "captain"}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]}
    assert "created (server dry run)" in plane.kubectl("apply", *DRY_RUN, stdin=json.dumps(pod))
    pod["spec"] = {**template["spec"], "securityContext": {}}
    with pytest.raises(ControlPlaneError, match="restricted"):
        plane.kubectl("apply", *DRY_RUN, stdin=json.dumps(pod))


def test_no_field_of_it_is_unknown_to_the_api_server(plane: ControlPlane) -> None:
    made = json.dumps(job("harbor.offline", 443, "captain"))
    address = "/apis/batch/v1/namespaces/captain/jobs?dryRun=All&fieldValidation=Strict"
    assert json.loads(plane.kubectl("create", "--raw", address, "-f", "-", stdin=made))["kind"] == "Job"
