"""A HelmRequest whose release is in another namespace: what runs there is told to those who may see apps there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.people import Binding, Role
from tests.cluster_objects import ClusterObjects, objects_of
from tests.kube_api import KubeApi
from tests.pages import Browser
from tests.people import person, signed_in
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

APP = "/apps/home/mine/peek"
API = "/api/v1/installs/home/mine/peek"
CANARY = "zanzibarite"
DEPLOYMENT = f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {CANARY}\n"
FAILED = {"phase": "Failed", "reason": "it does not work", "version": "1.0.0", "lastSpecHash": "1"}
HIDDEN = "What runs in namespace apps is hidden"
ASK = "ask-the-owners@example.org"


@pytest.fixture
def company(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Web]:
    repository({"redis": ("1.0.0", "2.0.0")}).serve(site)
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    sources = [{"name": "shop", "url": site.url}]
    more = {"sign_in": ["local"], "ask_for_access": ASK}
    with web(tmp_path / "room", sources, clusters=clusters, **more) as running:
        running.sync()
        yield running


@pytest.fixture
def objects(kube: KubeApi) -> ClusterObjects:
    """Somebody's HelmRequest in the namespace ``mine`` that names the release ``cache`` in ``apps``."""
    labels = {"chartroom.dev/source": "shop", "app.kubernetes.io/managed-by": "chartroom"}
    spec = {"chart": "shop/redis", "version": "1.0.0", "namespace": "apps", "releaseName": "cache"}
    meta = {"labels": labels, "finalizers": ["captain.cpaas.io"]}
    kube.put("peek", namespace="mine", metadata=meta, spec=spec, status=FAILED)
    found = objects_of(kube)
    found.put_release(DEPLOYMENT, values={"motto": CANARY})
    found.put("apps/v1", "Deployment", CANARY, spec={"replicas": 2}, status={"readyReplicas": 1})
    return found


def developer(company: Web, *namespaces: str, role: Role = "developer") -> Web:
    """Somebody with a role in ``mine`` and in these namespaces."""
    person(company, "ann")
    given = Binding(role, "user", "ann", "test", datetime.now(UTC), namespaces=("mine", *namespaces))
    company.services.store.bindings.add(given)
    return signed_in(company, "ann")


PAGES = (f"{APP}/closer", f"{APP}/release", f"{APP}/brings?version=2.0.0", f"{APP}/uninstall", APP)
ANSWERS = (f"{API}/resources", f"{API}/why")


@pytest.mark.parametrize("path", [*PAGES, *ANSWERS, API, f"{API}/history"])
def test_I2_what_runs_where_a_person_sees_no_apps_stands_on_no_page_and_in_no_answer(
    company: Web, objects: ClusterObjects, kube: KubeApi, path: str
) -> None:
    ann = developer(company)
    kube.log.clear()
    assert CANARY not in ann.ask("GET", path).get_data(as_text=True)
    assert [one.path for one in kube.log if "/namespaces/apps/" in one.path] == []


@pytest.mark.parametrize("path", [f"{APP}/closer", f"{APP}/uninstall", f"{API}/why"])
def test_the_rest_is_told_with_what_is_hidden_and_whom_to_ask(company: Web, objects: ClusterObjects, path: str) -> None:
    told = developer(company).ask("GET", path)
    assert told.status_code == 200
    assert HIDDEN in told.get_data(as_text=True)
    assert ASK in told.get_data(as_text=True)


@pytest.mark.parametrize("path", [f"{APP}/release", f"{API}/resources"])
def test_what_is_nothing_without_it_is_refused_and_says_whom_to_ask(
    company: Web, objects: ClusterObjects, path: str
) -> None:
    told = developer(company).ask("GET", path)
    assert told.status_code == 403
    assert "app.read on app/home/apps" in told.get_data(as_text=True)
    assert ASK in told.get_data(as_text=True)


def test_an_upgrade_is_not_compared_with_what_runs_there(company: Web, objects: ClusterObjects, kube: KubeApi) -> None:
    browser = Browser(developer(company))
    form = browser.get(f"{APP}/upgrade?version=2.0.0").form("/upgrade")
    kube.log.clear()
    page = browser.sent(form, f"{APP}/upgrade", step="render")
    assert CANARY not in page.html
    assert [one.path for one in kube.log if "/apps/releases" in one.path] == []


@pytest.mark.parametrize("path", [f"{APP}/closer", f"{APP}/release", f"{APP}/uninstall", *ANSWERS])
def test_whoever_sees_apps_there_sees_what_runs(company: Web, objects: ClusterObjects, path: str) -> None:
    assert CANARY in developer(company, "apps").ask("GET", path).get_data(as_text=True)


def test_nobody_in_particular_sees_all_where_nobody_signs_in(
    tmp_path: Path, kube: KubeApi, objects: ClusterObjects
) -> None:
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    with web(tmp_path / "open", clusters=clusters) as running:
        assert CANARY in running.ask("GET", f"{API}/resources").get_data(as_text=True)
