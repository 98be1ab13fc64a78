"""Clusters come from the operator's own file and from nowhere else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.service import Installs
from indexer.config import load
from tests.command import write_config
from tests.kube_api import TOKEN, KubeApi, kube_api
from tests.pages import Browser
from tests.postgres import open_store
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

WORDS = ("kubeconfig", "exec", "auth_provider", "auth-provider", "contexts", "in_cluster", "certificate_authority")
BODY = {
    "source": "shop",
    "chart": "redis",
    "version": "7.0.0",
    "namespace": "apps",
    "name": "cache",
    "request_id": "request-1",
}


@pytest.fixture
def running(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Web]:
    repository({"redis": ("7.0.0",)}).serve(site)
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}], clusters=clusters) as opened:
        opened.sync()
        yield opened


@pytest.fixture
def trap(tmp_path: Path, kube: KubeApi) -> Path:
    """A kubeconfig that leaves a mark when somebody uses it."""
    path = kube.kubeconfig(tmp_path, name="trap")
    content = json.loads(path.read_text())
    spec = {"apiVersion": "client.authentication.k8s.io/v1", "command": "touch", "args": [str(tmp_path / "used")]}
    content["users"][0]["user"] = {"exec": {**spec, "interactiveMode": "Never"}}
    path.write_text(json.dumps(content))
    return path


def fields(schema: Any) -> Iterator[str]:
    """The names of all properties in a schema, and of all parameters."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        if "in" in schema:
            yield schema["name"]
        for one in schema.values():
            yield from fields(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from fields(one)


def test_L6_nothing_that_can_be_sent_to_the_api_describes_a_cluster(running: Web) -> None:
    document = running.get("/api/v1/openapi.json")
    sent = [one.get("requestBody") for path in document["paths"].values() for one in path.values()]
    asked = [one.get("parameters") for path in document["paths"].values() for one in path.values()]
    named = {one.lower() for one in fields([sent, asked])}
    assert "cluster" in named
    assert not named & set(WORDS)
    methods = {method for path, entry in document["paths"].items() for method in entry if path == "/api/v1/clusters"}
    assert methods == {"get"}


@pytest.mark.parametrize("where", ["cluster", "kubeconfig"])
def test_L6_a_kubeconfig_that_is_sent_to_the_api_is_not_opened(running: Web, trap: Path, where: str) -> None:
    answer = running.ask(
        "POST",
        "/api/v1/installs",
        data=json.dumps({**BODY, where: str(trap)}),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 404)
    assert not (trap.parent / "used").exists()


def test_L6_a_kubeconfig_that_is_sent_to_a_page_is_not_opened(running: Web, trap: Path) -> None:
    browser = Browser(running)
    path = "/charts/shop/redis/7.0.0/install"
    form = browser.get(path).form("/install")
    for name in ("cluster", "kubeconfig"):
        browser.send(form, path, step="check", namespace="apps", **{"name": "cache", name: str(trap)})
    for address in (f"/apps?cluster={trap}", f"/clusters?kubeconfig={trap}", f"/apps/{trap.name}/apps/cache"):
        running.ask("GET", address)
    assert not (trap.parent / "used").exists()


def test_every_context_of_a_kubeconfig_is_a_cluster_that_can_be_asked(kube: KubeApi, tmp_path: Path) -> None:
    with kube_api() as other:
        content = json.loads(kube.kubeconfig(tmp_path, name="all").read_text())
        content["clusters"].append({"name": "second", "cluster": {"server": other.url}})
        content["contexts"] = [
            {"name": "Dev", "context": {"cluster": "test", "user": "test"}},
            {"name": "admin@prod", "context": {"cluster": "second", "user": "test"}},
        ]
        (tmp_path / "all").write_text(json.dumps(content))
        config = load(write_config(tmp_path, clusters=[{"kubeconfig": "all", "contexts": "all"}]), environ={})
        store = open_store(tmp_path / "data")
        installs = Installs(config.clusters, store.revisions)
        other.put("web")
        assert [one.name for one in installs.clusters] == ["dev", "admin-prod"]
        assert [(one.cluster, one.name) for one in installs.apps().apps] == [("admin-prod", "web")]
        assert {one.authorization for one in (*kube.log, *other.log)} == {f"Bearer {TOKEN}"}
        installs.close()
        store.close()
