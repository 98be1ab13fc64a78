"""What is installed from the command line: what is printed where, and what is said where nothing can be done."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.command import chartroom, write_config
from tests.kube_api import Asked, KubeApi, Reply, html, kube_api
from tests.repository import repository
from tests.upstream import Site

INSTALL = ("install", "shop/redis", "--name", "cache", "--namespace", "apps")


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with kube_api() as api:
        yield api


@pytest.fixture
def alone(tmp_path: Path, site: Site) -> Path:
    """A configuration without a cluster, synced."""
    repository({"redis": ("2.0.0", "1.9.0")}).serve(site)
    config = write_config(tmp_path / "room", [{"name": "shop", "url": site.url}])
    assert chartroom(config, "sync", "--no-archives").returncode == 0
    return config


@pytest.fixture
def ship(alone: Path, kube: KubeApi, tmp_path: Path) -> Path:
    """The same with a cluster."""
    sources = json.loads(alone.read_text())["sources"]
    cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    return write_config(alone.parent, sources, clusters=[cluster])


def test_output_yaml_creates_and_prints_what_the_cluster_made_of_it(ship: Path, kube: KubeApi) -> None:
    done = chartroom(ship, *INSTALL, "--output", "yaml")
    assert done.returncode == 0, done.stderr
    printed = yaml.safe_load(done.stdout)
    assert printed["metadata"]["uid"] == kube.objects["apps", "cache"]["metadata"]["uid"]
    assert printed["spec"] == kube.objects["apps", "cache"]["spec"]


def test_as_another_tool_it_prints_that_and_sends_nothing(ship: Path, kube: KubeApi) -> None:
    done = chartroom(ship, *INSTALL, "--as", "flux", "--set", "replicas=2,auth.password=s3cret")
    assert done.returncode == 0, done.stderr
    repository, release = yaml.safe_load_all(done.stdout)
    assert (repository["kind"], release["kind"]) == ("HelmRepository", "HelmRelease")
    assert release["spec"]["values"] == {"replicas": 2}
    assert "s3cret" not in done.stdout
    assert "# kubectl create secret generic" in done.stdout
    assert not kube.log


def test_as_another_tool_it_needs_no_cluster_and_refuses_what_captain_would(alone: Path) -> None:
    assert chartroom(alone, *INSTALL, "--as", "helm").stdout.startswith("# helm keeps")
    refused = chartroom(alone, "install", "shop/redis", "--name", "Not A Name", "-n", "apps", "--as", "k3s")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_the_help_says_that_output_yaml_creates_and_only_a_dry_run_does_not(ship: Path) -> None:
    told = " ".join(chartroom(ship, "install", "--help").stdout.split())
    assert "Create it and print what the cluster made of it, as kubectl does; with --dry-run, print only." in told


def test_the_list_has_one_word_for_a_state_and_a_header_for_every_column(ship: Path, kube: KubeApi) -> None:
    spec = {"chart": "shop/redis", "version": "2.0.0"}
    kube.put("well", spec=spec, status={"phase": "Synced", "version": "2.0.0"})
    kube.put("late", spec=spec, metadata={"creationTimestamp": "2020-01-01T00:00:00Z"})
    header, late, well = chartroom(ship, "apps").stdout.splitlines()
    assert header.split() == ["CLUSTER", "NAMESPACE", "NAME", "CHART", "VERSION", "STATE", "DETAIL"]
    assert well.split() == ["home", "apps", "well", "redis", "2.0.0", "installed"]
    assert late.split()[5] == "waiting"
    assert "captain has not taken it up for" in late


def test_json_keeps_the_states_of_the_api(ship: Path, kube: KubeApi) -> None:
    kube.put("well", spec={"chart": "shop/redis"}, status={"phase": "Synced", "version": "2.0.0"})
    assert json.loads(chartroom(ship, "apps", "--json").stdout)["items"][0]["state"] == "running"


@pytest.mark.parametrize("words", [("apps",), ("uninstall", "web", "-n", "apps"), INSTALL])
def test_without_a_cluster_it_says_so_and_how_to_name_one(alone: Path, words: tuple[str, ...]) -> None:
    done = chartroom(alone, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert "No cluster is configured." in done.stderr
    assert "under “clusters” in the configuration file" in done.stderr
    assert "kubeconfig" in done.stderr


def test_without_a_cluster_the_list_as_json_is_an_empty_one(alone: Path) -> None:
    assert json.loads(chartroom(alone, "apps", "--json").stdout)["items"] == []


def test_waiting_outlasts_a_cluster_that_hiccups(ship: Path, kube: KubeApi) -> None:
    looks: list[Asked] = []

    def hiccup(asked: Asked, _reply: Reply) -> Reply | None:
        if asked.method != "GET" or ("apps", "cache") not in kube.objects:
            return None
        looks.append(asked)
        kube.objects["apps", "cache"]["status"] = {"phase": "Synced", "version": "2.0.0"}
        return html(502) if len(looks) in (2, 3) else None

    kube.faults.append(hiccup)
    done = chartroom(ship, *INSTALL, "--wait", "--timeout", "30s")
    assert (done.returncode, done.stdout.partition(":")[0]) == (0, "home/apps/cache"), done.stderr


def test_the_doctor_tells_of_a_captain_that_does_not_run(ship: Path, kube: KubeApi) -> None:
    well = chartroom(ship, "doctor")
    assert "Kubernetes v1.36.3, captain's v1alpha1" in well.stdout
    kube.deployments = [{"metadata": {"name": "captain"}, "status": {}}]
    ill = json.loads(chartroom(ship, "doctor", "--json").stdout)
    found = next(one for one in ill if one["what"] == "captain of cluster home")
    assert found["state"] == "problem"
    assert "has no pod that is ready" in found["cause"]
    assert "kubectl get pods" in found["remedy"]
