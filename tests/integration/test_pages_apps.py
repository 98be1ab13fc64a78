"""Apps: the list over all clusters, and one app as captain tells of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kube_api import Asked, KubeApi, Reply, refusal
from tests.pages import Browser
from tests.repository import repository
from tests.upstream import Site
from tests.waiting import until
from tests.web import web

APP = "/apps/home/apps/cache"
WANTED = {"source": "shop", "chart": "redis", "version": "7.0.0", "namespace": "apps", "name": "cache"}


@pytest.fixture
def browser(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Browser]:
    repository({"redis": ("7.0.0",)}).serve(site)
    clusters = [
        {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))},
        {"name": "away", "kubeconfig": str(kube.kubeconfig(tmp_path, url="http://127.0.0.1:1", name="away"))},
    ]
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}], clusters=clusters) as running:
        running.sync()
        yield Browser(running)


def install(browser: Browser) -> None:
    browser.running.send("POST", "/api/v1/installs", {**WANTED, "values_yaml": "replicas: 2\n"}, 201)


def captain_says(kube: KubeApi, **status: Any) -> None:
    thing = kube.objects["apps", "cache"]
    thing["metadata"]["finalizers"] = ["captain.cpaas.io"]
    thing["status"] = status


def test_the_list_shows_every_helmrequest_and_one_clusters_trouble_leaves_the_others(
    browser: Browser, kube: KubeApi
) -> None:
    install(browser)
    kube.put("theirs", "default", spec={"chart": "other/thing", "version": "1.0.0"}, status={"phase": "Synced"})
    until(lambda: "theirs" in browser.get("/apps").links)  # a cluster that is slow is not waited for
    page = browser.get("/apps")
    assert page.links["cache"] == APP
    assert page.links["theirs"] == "/apps/home/default/theirs"
    assert "not by Chartroom" in page.text
    assert "The cluster away cannot be reached" in page.text


def test_the_page_follows_captain_in_plain_words(browser: Browser, kube: KubeApi) -> None:
    install(browser)
    page = browser.get(APP)
    assert "captain has not taken it up" in page.text
    assert page.all("div", hidden="")[0]["hx-trigger"] == "every 1s"
    captain_says(kube, phase="Pending")
    assert "Being installed" in browser.get(APP).text
    captain_says(kube, phase="Synced", version="7.0.0", notes="1. Open <b>it</b>")
    page = browser.get(APP)
    assert "captain has installed version 7.0.0" in page.text
    assert "1. Open <b>it</b>" in page.text
    assert page.all("div", hidden="")[0]["hx-trigger"] == "every 5s"


def test_a_look_without_news_can_be_told_from_one_with_news(browser: Browser, kube: KubeApi) -> None:
    install(browser)
    version = [browser.get(APP).all("div", id="live")[0]["data-version"] for _ in range(2)]
    captain_says(kube, phase="Failed", reason="no")
    assert version[0] == version[1] != browser.get(APP).all("div", id="live")[0]["data-version"]


def test_the_last_reason_stays_while_captain_tries_again(browser: Browser, kube: KubeApi) -> None:
    install(browser)
    captain_says(kube, phase="Failed", reason="values don't meet <the> schema")
    assert "values don't meet <the> schema" in browser.get(APP).text
    captain_says(kube, phase="Pending")
    page = browser.get(APP)
    assert "Trying again after a failure" in page.text
    assert "values don't meet <the> schema" in page.text


def test_the_states_are_told_in_chinese(browser: Browser, kube: KubeApi) -> None:
    install(browser)
    captain_says(kube, phase="Synced", version="7.0.0")
    assert "captain 已安装版本 7.0.0" in Browser(browser.running, "zh").get(APP).text


@pytest.mark.parametrize(("status", "reason"), [(401, "Unauthorized"), (403, "Forbidden"), (500, "InternalError")])
def test_a_cluster_that_fails_leaves_what_chartroom_knows(
    browser: Browser, kube: KubeApi, status: int, reason: str
) -> None:
    install(browser)

    def fault(_asked: Asked, _reply: Reply) -> Reply:
        return refusal(status, reason, "not today")

    kube.faults.append(fault)
    answer = browser.running.ask("GET", APP)
    text = answer.get_data(as_text=True)
    assert answer.status_code >= 400
    assert "The cluster cannot be asked" in text
    assert "#1 · 7.0.0" in text
    assert "replicas" in text


def test_uninstalling_says_what_goes_and_what_stays_and_wants_the_name(browser: Browser, kube: KubeApi) -> None:
    install(browser)
    captain_says(kube, phase="Synced", version="7.0.0")
    path = f"{APP}/uninstall"
    page = browser.get(path)
    assert "the release “cache” in namespace apps" in page.text
    assert "the namespace, and everything else in it" in page.text
    wrong = browser.sent(page.form(having="typed"), path, status=400, typed="something")
    assert "Type “cache” to confirm." in wrong.text
    assert "deletionTimestamp" not in kube.objects["apps", "cache"]["metadata"]
    gone = browser.followed(page.form(having="typed"), path, typed="cache")
    assert "Being removed" in gone.text
    assert "deletionTimestamp" in kube.objects["apps", "cache"]["metadata"]


def test_a_removed_app_stays_readable_and_is_not_asked_for_any_more(browser: Browser, kube: KubeApi) -> None:
    install(browser)
    del kube.objects["apps", "cache"]
    page = browser.get(APP)
    assert "Removed" in page.text
    assert "replicas: 2" in page.text
    assert "hx-get" not in page.all("div", id="live")[0]
    assert page.links["Install again"].startswith("/charts/shop/redis/7.0.0/install?")


def test_a_removed_app_is_not_told_as_one_that_is_there(browser: Browser, kube: KubeApi) -> None:
    install(browser)
    captain_says(kube, phase="Synced", version="7.0.0")
    assert "captain’s phase" in browser.get(APP).text
    kube.objects["apps", "cache"]["metadata"]["finalizers"] = []
    path = f"{APP}/uninstall"
    page = browser.followed(browser.get(path).form(having="typed"), path, typed="cache")
    assert "Removed" in page.text
    assert "removed by local" in page.text
    assert not [words for words in ("is installed", "installed by", "In the cluster") if words in page.text]


def test_a_refused_removal_is_told(browser: Browser, kube: KubeApi) -> None:
    install(browser)
    path = f"{APP}/uninstall"
    form = browser.get(path).form(having="typed")

    def fault(asked: Asked, _reply: Reply) -> Reply | None:
        return refusal(403, "Forbidden", "may not delete") if asked.method == "DELETE" else None

    kube.faults.append(fault)
    page = browser.sent(form, path, status=403, typed="cache")
    assert "It was not removed" in page.text


def test_what_is_not_there_is_told(browser: Browser) -> None:
    assert "There is no HelmRequest “nosuch”" in browser.get("/apps/home/apps/nosuch", status=404).text
    assert "No cluster named “nowhere”" in browser.get("/apps/nowhere/apps/x", status=404).text


def test_without_a_cluster_it_says_how_to_connect_one(tmp_path: Path) -> None:
    with web(tmp_path / "room") as running:
        text = Browser(running).get("/apps").text
    assert "No cluster is connected" in text
    assert "clusters" in text


def test_a_name_that_is_a_word_of_a_page_stays_a_name_in_chinese(browser: Browser) -> None:
    page = Browser(browser.running, "zh").get("/apps/home/held/latest", status=404)
    assert "“latest”" in page.text
    assert "held" in page.text


def test_an_uninstall_may_keep_the_objects_and_says_why_in_the_history(browser: Browser, kube: KubeApi) -> None:
    install(browser)
    captain_says(kube, phase="Synced", version="7.0.0")
    path = f"{APP}/uninstall"
    form = browser.get(path).form(having="typed")
    browser.followed(form, path, typed="cache", keep_resources="on", why="moves elsewhere")
    assert kube.objects["apps", "cache"]["metadata"]["annotations"]["captain-keep-resources"] == "true"
    newest = browser.running.services.store.revisions.history("home", "apps", "cache")[0]
    assert (newest.action, newest.why) == ("uninstall", "moves elsewhere")


def test_without_captains_record_it_says_why_no_object_is_named(browser: Browser, kube: KubeApi) -> None:
    install(browser)
    captain_says(kube, phase="Synced", version="7.0.0")
    page = browser.get(f"{APP}/uninstall")
    assert "captain’s record of the release, which is not there or may not be read" in page.text
