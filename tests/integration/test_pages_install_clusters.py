"""Installing to several clusters at once, the checks with their doors, and what is shown before the click."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.install_room import PATH, Room, install_room
from tests.kube_api import Asked, Reply, refusal
from tests.pages import Browser
from tests.repository import repository
from tests.upstream import Site
from tests.web import web

BOTH = {"cluster": ["home", "edge"], "namespace": "apps"}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with install_room(tmp_path) as opened:
        yield opened


def requests(room: Room) -> list[str]:
    """The request ids of what was made."""
    return [one["metadata"]["labels"]["chartroom.dev/request"] for one in room.kube.objects.values()]


# -- several clusters


def test_each_cluster_has_its_own_review_and_the_button_says_how_many(room: Room) -> None:
    page = room.fill(room.open(), "check", {"cluster": ["home", "away"], "namespace": "apps"})
    assert "home: This would be sent" in page.text
    assert "away: 1 thing speaks against it" in page.text
    assert not [one for one in page.all("button", name="step") if one["value"] == "send"]


def test_values_that_differ_are_asked_for_each_cluster_and_laid_on_top(room: Room) -> None:
    page = room.fill(room.open(), "place", BOTH)
    assert "Only in one cluster" in page.text
    page = room.fill(page, "check", {**BOTH, "v.replicas": "2", "override/edge": "replicas: 5\nextra: {zone: e}\n"})
    home, edge = page.text.split("edge: This would be sent")
    assert "replicas: 2" in home.split("home: This would be sent")[1]
    assert "replicas: 5" in edge
    assert "zone: " in edge


def test_an_override_that_is_no_yaml_is_told_at_its_field(room: Room) -> None:
    page = room.fill(room.open(), "check", {**BOTH, "override/edge": "a: ["})
    assert "edge, line" in page.text
    assert page.all("textarea", name="override/edge")[0]["aria-invalid"] == "true"
    assert page.form("/install").fields["override/edge"] == "a: ["


def test_G6_a_secret_in_what_differs_for_one_cluster_is_refused_and_not_sent(room: Room) -> None:
    page = room.fill(room.open(), "send", {**BOTH, "override/edge": "auth: {password: c4nary-pass}"})
    assert "auth.password: a secret cannot differ here" in page.text
    assert room.kube.objects == {}


def test_what_went_well_is_a_page_with_a_line_for_each_cluster(room: Room) -> None:
    room.kube.namespaces.add("apps")
    page = room.fill(room.open(), "check", {"cluster": ["home"], "namespace": "apps"})
    assert "Install demo 1.0.0" in page.text
    sent = room.browser.followed(page.form("/install"), PATH, step="send", cluster="home")
    assert "demo" in sent.text
    page = room.browser.get("/installs?app=home/apps/demo&app=away/apps/demo")
    assert "home · apps/demo" in page.text
    assert "cannot be reached" in page.text


def test_an_address_that_names_no_app_is_refused(room: Room) -> None:
    assert room.browser.running.ask("GET", "/installs?app=home").status_code == 400
    assert "No app is named" in room.browser.get("/installs").text


def test_one_cluster_that_fails_stops_no_other_and_only_it_is_left_to_send(room: Room) -> None:
    # both names are one API server, so the second install finds the name taken by the first
    page = room.fill(room.open(), "check", BOTH)
    page = room.fill(page, "send", BOTH)
    assert "What came of it" in page.text
    assert room.kube.made == 1
    ticked = [one["value"] for one in page.all("input", name="cluster") if "checked" in one]
    assert len(ticked) == 1


def test_I9_a_second_click_for_several_clusters_sends_nothing_twice(room: Room) -> None:
    page = room.fill(room.open(), "check", {"cluster": ["home"], "namespace": "apps"})
    form = page.form("/install")
    first = room.browser.send(form, PATH, step="send", cluster="home")
    second = room.browser.send(form, PATH, step="send", cluster="home")
    assert (first.status_code, second.status_code) == (303, 303)
    assert room.kube.made == 1
    assert len(set(requests(room))) == 1


# -- checks


def test_what_stops_comes_first_and_what_is_well_is_folded(room: Room) -> None:
    page = room.fill(room.open(), "check", {"cluster": "home", "namespace": "apps", "name": "UPPER"})
    assert page.text.index("cannot be a release name") < page.text.index("found nothing wrong")
    assert page.all("input", id="name")[0]["aria-invalid"] == "true"


def test_L4_a_name_and_a_size_beyond_what_a_cluster_takes_are_refused_before_it_is_asked(room: Room) -> None:
    page = room.fill(room.open(), "check", {"namespace": "apps", "name": "n" * 54})
    assert "it has 54 characters" in page.text
    big = "x: " + "y" * (1024 * 1024)
    page = room.press(room.open("view=yaml"), "check", values_yaml=big, namespace="apps")
    assert "more than 1,048,576 bytes" in page.text
    assert not [one for one in page.all("button", name="step") if one["value"] == "send"]
    assert room.kube.objects == {}


def test_a_name_that_is_taken_leads_to_the_app_that_has_it(room: Room) -> None:
    room.kube.put("demo", spec={"chart": "other/thing", "version": "1.0.0"})
    page = room.fill(room.open(), "check", {"namespace": "apps"})
    assert "There is already a HelmRequest “demo”" in page.text
    assert "/apps/home/apps/demo" in json.dumps(page.links)


def test_a_missing_namespace_can_be_made_from_the_check(room: Room) -> None:
    page = room.fill(room.open(), "check", {"cluster": "home", "namespace": "fresh"})
    doors = [one["value"] for one in page.all("button", name="step") if one["value"].startswith("door:")]
    if "door:create-namespace:home" not in doors:
        pytest.skip("the small API server does not tell rights for namespaces")
    page = room.fill(page, "door:create-namespace:home", {})
    assert "The namespace fresh was made." in page.text
    assert "fresh" in room.kube.namespaces


@pytest.mark.parametrize("step", ["door:create-namespace:nowhere", "door:nothing:home", "door::"])
def test_a_door_that_there_is_not_only_checks(room: Room, step: str) -> None:
    page = room.fill(room.open(), step, {"cluster": "home", "namespace": "apps"})
    assert "This would be sent" in page.text


# -- panes


def test_the_same_is_told_for_other_tools_and_as_the_http_request(room: Room) -> None:
    page = room.fill(room.open(), "check", {"namespace": "apps", "v.replicas": "2"})
    assert "kubectl create" in page.text
    assert "POST /apis/app.alauda.io" in page.text
    # a folder on the server is within no other tool's reach
    assert "Flux cannot reach the chart" in page.text


def test_G6_no_pane_tells_a_secret(room: Room) -> None:
    page = room.fill(room.open(), "render", {"namespace": "apps", "secret.auth.password": "c4nary-pass"})
    assert "Kept in a Secret and not shown: auth.password" in page.text
    assert "c4nary-pass" not in page.text
    assert page.html.count("c4nary-pass") == 1


def test_what_the_chart_makes_is_rendered_on_request_or_the_page_says_what_is_missing(tmp_path: Path) -> None:
    with install_room(tmp_path, helm_binary=str(tmp_path / "no-helm")) as room:
        page = room.fill(room.open(), "render", {"namespace": "apps"})
        assert "Rendered manifests" in page.text
        assert "helm" in page.text


# -- the way


def test_captain_can_take_the_archive_by_its_address(room: Room) -> None:
    typed = {"namespace": "apps", "taking": "http", "source_url": "https://charts.example/demo-1.0.0.tgz"}
    page = room.fill(room.open(), "check", typed)
    assert "https://charts.example/demo-1.0.0.tgz" in page.text
    fields = page.form("/install").fields
    assert (fields["taking"], fields["source_url"]) == ("http", typed["source_url"])


def test_the_address_of_the_archive_is_suggested_where_the_listing_tells_it(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("7.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        fields = Browser(running).get("/charts/shop/redis/7.0.0/install").form("/install").fields
        assert fields["source_url"] == f"{site.url}/redis-7.0.0.tgz"


def test_a_refusal_leaves_what_was_typed_and_asks_no_secret_back_as_text(room: Room) -> None:
    typed = {"namespace": "apps", "why": "for tests", "secret.auth.password": "c4nary"}
    form = room.fill(room.open(), "check", typed).form("/install")

    def fault(asked: Asked, _reply: Reply) -> Reply | None:
        if asked.method != "POST" or asked.query.get("dryRun") == ["All"]:
            return None
        return refusal(403, "Forbidden", "no")

    room.kube.faults.append(fault)
    answer = room.browser.send(form, PATH, step="send")
    text = answer.get_data(as_text=True)
    assert answer.status_code >= 400
    assert "for tests" in text
    assert text.count("c4nary") == 1
