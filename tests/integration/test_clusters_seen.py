"""Clusters as a person with roles in some of them is told of them, and where an install goes that names none."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.people import Binding, Role
from tests.kube_api import KubeApi
from tests.pages import Browser
from tests.people import person, signed_in
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

INSTALLS = "/api/v1/installs"
BODY = {"source": "shop", "chart": "redis", "namespace": "apps", "name": "cache"}


@pytest.fixture
def company(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Web]:
    """Three clusters, in the order ``first``, ``second``, ``third``."""
    repository({"redis": ("1.0.0",)}).serve(site)
    kubeconfig = str(kube.kubeconfig(tmp_path))
    clusters = [{"name": name, "kubeconfig": kubeconfig} for name in ("first", "second", "third")]
    sources = [{"name": "shop", "url": site.url}]
    with web(tmp_path / "room", sources, clusters=clusters, sign_in=["local"]) as running:
        running.sync()
        yield running


def with_roles(company: Web, **clusters: Role) -> Web:
    """Somebody with a role in each of these clusters."""
    person(company, "ann")
    for cluster, role in clusters.items():
        company.services.store.bindings.add(
            Binding(role, "user", "ann", "test", datetime.now(UTC), clusters=(cluster,))
        )
    return signed_in(company, "ann")


def defaults(asked: Web) -> list[tuple[str, bool]]:
    return [(one["name"], one["default"]) for one in asked.get("/api/v1/clusters")["items"]]


def test_apps_of_a_cluster_that_is_not_seen_answer_as_those_of_none(company: Web) -> None:
    ann = with_roles(company, second="viewer")
    assert ann.get(f"{INSTALLS}?cluster=second")["items"] == []
    unseen, unknown = (json.dumps(ann.get(f"{INSTALLS}?cluster={one}", 404)) for one in ("first", "never"))
    assert "cluster-not-found" in unseen
    assert unseen == unknown.replace("never", "first")


@pytest.mark.parametrize("dry_run", ["", "?dry_run=true"])
def test_an_install_to_a_cluster_that_is_not_seen_answers_as_one_to_none(company: Web, dry_run: str) -> None:
    ann = with_roles(company, second="developer")
    unseen, unknown = (
        json.dumps(ann.send("POST", f"{INSTALLS}{dry_run}", {**BODY, "cluster": one}, 404))
        for one in ("first", "never")
    )
    assert "cluster-not-found" in unseen
    assert unseen == unknown.replace("never", "first")


def test_an_install_without_a_cluster_goes_to_the_default_that_is_told(company: Web, kube: KubeApi) -> None:
    ann = with_roles(company, second="viewer", third="developer")
    assert defaults(ann) == [("second", False), ("third", True)]
    assert ann.send("POST", INSTALLS, BODY, 201)["cluster"] == "third"
    form = Browser(ann).get("/charts/shop/redis/1.0.0/install").form("/install")
    assert form.fields["cluster"] == "third"


def test_whoever_may_install_everywhere_has_the_first_one_as_the_default(company: Web) -> None:
    boss = signed_in(company, "boss", "admin")
    assert defaults(boss) == [("first", True), ("second", False), ("third", False)]
    assert boss.send("POST", INSTALLS, BODY, 201)["cluster"] == "first"


def test_whoever_may_install_nowhere_has_the_first_one_that_is_seen(company: Web) -> None:
    assert defaults(with_roles(company, second="viewer", third="viewer")) == [("second", True), ("third", False)]


def test_whoever_sees_no_cluster_is_told_that_there_is_none(company: Web) -> None:
    ann = with_roles(company, elsewhere="developer")
    assert defaults(ann) == []
    assert ann.send("POST", INSTALLS, BODY, 404)["id"] == "no-cluster"
