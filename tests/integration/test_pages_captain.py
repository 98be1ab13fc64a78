"""captain's side of a source on its pages: published or not, how captain fares, and what clusters offer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kube_api import KubeApi
from tests.pages import Browser
from tests.repository import repository
from tests.upstream import Site
from tests.web import web

pytestmark = pytest.mark.usefixtures("captain_without_repositories")

HELM_URL = "http://chartroom.example.org:8081"
PAGE = "/sources/shop/captain"


@pytest.fixture
def room(tmp_path: Path, kube: KubeApi, site: Site) -> Iterator[Browser]:
    repository({"redis": ("1.0.0",)}).serve(site)
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    sources = [{"name": "shop", "url": site.url}, {"name": "local", "url": str(tmp_path), "kind": "directory"}]
    with web(tmp_path / "room", sources, clusters=clusters, helm_url=HELM_URL) as running:
        yield Browser(running)


def published(room: Browser) -> Browser:
    room.followed(room.get(PAGE).form(having="cluster"), PAGE)
    return room


def test_a_source_is_published_with_one_button_and_captain_is_heard(room: Browser, kube: KubeApi) -> None:
    page = room.get(PAGE)
    assert "does not know this repository" in page.text
    page = room.followed(page.form(having="cluster"), PAGE)
    assert "captain was told" in page.text
    assert kube.repos["shop"]["spec"]["url"].startswith("http://127.0.0.1")
    kube.repos["shop"]["status"] = {"phase": "Failed", "reason": "lookup charts: no such host"}
    text = room.get(PAGE).text
    assert "captain cannot read it" in text
    assert "no such host" in text
    assert "Pods of the cluster cannot resolve that name" in text


def test_what_captain_cannot_read_is_said_before_and_offered_from_chartroom(room: Browser, kube: KubeApi) -> None:
    page = room.get("/sources/local/captain")
    assert "It is a folder of the machine that Chartroom runs on." in page.text
    assert "disabled" in page.all("input", value="direct")[0]
    room.followed(page.form(having="cluster"), "/sources/local/captain")
    assert kube.repos["local"]["spec"]["url"] == f"{HELM_URL}/helm/local"


def test_a_chart_repo_of_somebody_else_is_left_alone_and_told(room: Browser, kube: KubeApi) -> None:
    kube.put_repo("shop", "https://theirs.example.org")
    page = room.sent(room.get(PAGE).form(having="cluster"), PAGE, 409)
    assert "It was not published" in page.text
    assert kube.repos["shop"]["spec"]["url"] == "https://theirs.example.org"


def test_captain_is_asked_to_read_it_once_more(room: Browser, kube: KubeApi) -> None:
    page = published(room).get(PAGE)
    assert "Let captain read it now" in page.text
    assert "captain was told" in room.followed(page.form(having="cluster"), PAGE).text


def test_where_captain_cannot_reach_chartroom_that_is_said_before(tmp_path: Path, kube: KubeApi) -> None:
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    sources = [{"name": "local", "url": str(tmp_path), "kind": "directory"}]
    with web(tmp_path / "room", sources, clusters=clusters) as running:
        text = Browser(running).get("/sources/local/captain").text
    assert "Set “helm_listen” in the configuration" in text


def test_removing_a_source_that_captain_knows_says_what_captain_then_deletes(room: Browser) -> None:
    address = "https://charts.example.org"
    room.followed(room.get("/sources/new").form(having="url"), "/sources/new", url=address, name="typed")
    removal = room.get("/sources/typed/remove").text
    assert "captain" not in removal
    room.followed(room.get("/sources/typed/captain").form(having="cluster"), "/sources/typed/captain")
    removal = room.get("/sources/typed/remove").text
    assert "its ChartRepo in home" in removal
    assert "captain then deletes its Charts of this repository" in removal


def test_unpublishing_warns_and_wants_the_name_typed(room: Browser, kube: KubeApi) -> None:
    page = published(room).get(PAGE)
    confirm = room.get(page.links["Unpublish…"])
    assert "captain then deletes its Charts of this repository" in confirm.text
    form = confirm.form(having="typed")
    assert "Type “shop” to confirm." in room.sent(form, page.links["Unpublish…"], 400, typed="sho").text
    assert "shop" in kube.repos
    assert "captain is told to forget it." in room.followed(form, page.links["Unpublish…"], typed="shop").text
    assert "shop" not in kube.repos


def test_a_cluster_that_does_not_answer_is_told_and_hides_nothing_else(room: Browser, kube: KubeApi) -> None:
    published(room)
    kube.forbidden.add("chartrepos")
    page = room.get(PAGE)
    assert "Unpublish…" in page.links
    assert room.get("/sources/shop").status == 200


def test_without_a_cluster_the_page_says_how_to_connect_one(tmp_path: Path, site: Site) -> None:
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        assert "No cluster is connected" in Browser(running).get(PAGE).text


def test_a_check_from_inside_the_cluster_is_there_to_copy(room: Browser, kube: KubeApi) -> None:
    page = room.get(PAGE)
    inside = room.get(page.links["How the server is seen from where captain stands"])
    assert "captain has no ChartRepo for this source." in inside.text
    assert "kind: Job" in inside.text
    assert "kubectl apply -f" in inside.text
    published(room)
    kube.repos["shop"]["status"] = {"phase": "Failed", "reason": "lookup charts: no such host"}
    assert "captain cannot resolve the name" in room.get("/sources/shop/inside").text


def test_a_test_of_a_source_leads_to_the_view_from_inside(room: Browser) -> None:
    page = room.sent(room.get("/sources/shop").form("/test"), "/sources/shop")
    assert page.links["How the server is seen from where captain stands"] == "/sources/shop/inside"
    assert "How the server is seen from where captain stands" not in room.get("/sources/local/captain").links


# -- what clusters offer


def test_chart_repos_of_others_are_offered_and_registered_with_one_click(room: Browser, kube: KubeApi) -> None:
    kube.put_repo("legacy", "https://ada:hunter2@charts.legacy.example.org", {"phase": "Synced"})
    sources = room.get("/sources")
    assert sources.links["What captain of home knows"] == "/clusters/home/chartrepos"
    page = room.get("/clusters/home/chartrepos")
    assert "hunter2" not in page.html
    assert "with a password" in page.text
    made = room.followed(page.form("/register"), "/clusters/home/chartrepos")
    assert "The source was added" in made.text
    assert room.running.services.store.sources.get("legacy").source.username == "ada"
    assert room.get("/clusters/home/chartrepos").links["registered as legacy"] == "/sources/legacy"


def test_what_cannot_be_taken_over_says_why(room: Browser, kube: KubeApi) -> None:
    kube.put_repo("from-git", "https://git.example.org/charts.git", type="Git")
    page = room.get("/clusters/home/chartrepos")
    assert "captain builds its charts from a Git repository" in page.text
    assert not [one for one in page.forms if one.action.endswith("/register")]


def test_a_cluster_whose_chart_repos_may_not_be_listed_says_so(room: Browser, kube: KubeApi) -> None:
    kube.forbidden.add("chartrepos")
    assert "cannot be listed" in room.get("/clusters/home/chartrepos").text


def test_a_cluster_without_others_says_so(room: Browser) -> None:
    assert "knows no repository but those" in room.get("/clusters/home/chartrepos").text


def test_where_sources_are_fixed_nothing_is_offered(tmp_path: Path, kube: KubeApi) -> None:
    kube.put_repo("legacy", "https://charts.legacy.example.org")
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    with web(tmp_path / "room", clusters=clusters, sources_only_configured=True) as running:
        room = Browser(running)
        page = room.get("/clusters/home/chartrepos")
        assert not [one for one in page.forms if one.action.endswith("/register")]
        forged = room.get("/").form("/language")
        forged.action = "/clusters/home/chartrepos/legacy/register"
        room.sent(forged, status=403)
