"""What is installed from the command line: what is printed where, and what is said where nothing can be done."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.command import chartroom, write_config
from tests.kube_api import KubeApi, kube_api
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
    return write_config(alone.parent, sources, clusters=[{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}])


def test_output_yaml_creates_and_prints_what_the_cluster_made_of_it(ship: Path, kube: KubeApi) -> None:
    done = chartroom(ship, *INSTALL, "--output", "yaml")
    assert done.returncode == 0, done.stderr
    printed = yaml.safe_load(done.stdout)
    assert printed["metadata"]["uid"] == kube.objects["apps", "cache"]["metadata"]["uid"]
    assert printed["spec"] == kube.objects["apps", "cache"]["spec"]


def test_the_help_says_that_output_yaml_creates_and_only_a_dry_run_does_not(ship: Path) -> None:
    told = " ".join(chartroom(ship, "install", "--help").stdout.split())
    assert "Create it and print what the cluster made of it, as kubectl does; with --dry-run, print only." in told
