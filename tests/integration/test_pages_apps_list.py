"""The list of apps over all clusters: filters, order, pages, CSV, and clusters that do not answer."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.charts import packed_chart
from tests.kube_api import Asked, KubeApi, Reply
from tests.pages import Browser
from tests.web import web


def chart(folder: Path, name: str, version: str, **more: str) -> None:
    chart_yaml = f"apiVersion: v2\nname: {name}\nversion: {version}\n" + more.get("facts", "")
    values = f"image:\n  repository: docker.io/team/{name}\n  tag: '{version}'\n"
    template = "kind: Deployment\nspec:\n  image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n"
    files = {"Chart.yaml": chart_yaml, "values.yaml": values, "templates/deployment.yaml": template}
    (folder / f"{name}-{version}.tgz").write_bytes(packed_chart(files, name, version))


@pytest.fixture
def browser(tmp_path: Path, kube: KubeApi) -> Iterator[Browser]:
    folder = tmp_path / "charts"
    folder.mkdir()
    for version in ("1.0.0", "1.5.0", "2.0.0", "3.0.0-rc.1"):
        chart(folder, "redis", version)
    chart(folder, "legacy", "1.0.0", facts="deprecated: true\n")
    clusters = [
        {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))},
        {"name": "away", "kubeconfig": str(kube.kubeconfig(tmp_path, url="http://127.0.0.1:1", name="away"))},
    ]
    sources = [{"name": "local", "url": str(folder), "kind": "directory"}]
    with web(tmp_path / "room", sources, clusters=clusters) as running:
        running.sync("local")
        yield Browser(running)


def install(browser: Browser, kube: KubeApi, name: str, chart: str, version: str, namespace: str = "apps") -> Any:
    body = {"source": "local", "chart": chart, "version": version, "namespace": namespace, "name": name}
    browser.running.services.catalog.version("local", chart, version)
    browser.running.send("POST", "/api/v1/installs", body, 201)
    kube.objects[namespace, name]["status"] = {"phase": "Synced", "version": version}
    return kube.objects[namespace, name]


def names(browser: Browser, query: str) -> list[str]:
    items = browser.running.get(f"/api/v1/installs?cluster=home&{query}")["items"]
    return [one["name"] for one in items]


@pytest.fixture
def several(browser: Browser, kube: KubeApi) -> Browser:
    install(browser, kube, "old", "redis", "1.0.0")
    install(browser, kube, "new", "redis", "2.0.0", "default")
    install(browser, kube, "relic", "legacy", "1.0.0")
    kube.put(
        "theirs", spec={"chart": "other/thing", "version": "9.0.0"}, status={"phase": "Failed", "reason": "no such"}
    )
    return browser


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("namespace=default", ["new"]),
        ("state=failed", ["theirs"]),
        ("state=failed&state=running&namespace=default", ["new"]),
        ("source=local&chart=redis", ["old", "new"]),
        ("owner=local", ["old", "relic", "new"]),
        ("upgradeable=true", ["old"]),
        ("behind=2", ["old"]),
        ("behind=3", []),
        ("deprecated=true", ["relic"]),
        ("chart=redis&version=%3C1.2", ["old"]),
        ("image=team/redis", ["old", "new"]),
        ("image=team/redis:2.0", ["new"]),
        ("q=no+such", ["theirs"]),
        ("sort=name", ["new", "old", "relic", "theirs"]),
        ("sort=-name", ["theirs", "relic", "old", "new"]),
    ],
)
def test_the_api_and_the_page_have_the_same_filters(several: Browser, query: str, found: list[str]) -> None:
    listed = names(several, query)
    assert listed == found if "sort" in query else sorted(listed) == sorted(found)
    page = several.get(f"/apps?cluster=home&{query}")
    assert {name for name in ("old", "new", "relic", "theirs") if name in page.links} == set(found)


def test_a_prerelease_is_no_version_to_be_behind_of(several: Browser) -> None:
    page = several.get("/apps?cluster=home&chart=redis")
    assert "2 behind 2.0.0" in page.text
    assert "rc.1" not in page.text


def test_what_others_changed_is_told_and_what_captain_writes_is_not(several: Browser, kube: KubeApi) -> None:
    assert names(several, "drift=true") == []
    thing = kube.objects["apps", "old"]
    thing["spec"]["values"] = {"replicas": 5}
    thing["metadata"]["generation"] = 2
    assert names(several, "drift=true") == ["old"]
    assert "changed by others" in several.get("/apps?q=old").text


def test_a_source_that_is_gone_is_told(several: Browser) -> None:
    services = several.running.services
    services.store.sources.remove("local", datetime.now(UTC))
    row = several.running.get("/api/v1/installs?q=old")["items"][0]
    assert (row["gone"], row["source"], row["behind"]) == ("source", "local", 0)
    assert "source is gone" in several.get("/apps").text


def test_filters_that_are_set_can_be_taken_away_one_by_one(several: Browser) -> None:
    page = several.get("/apps?state=running&chart=redis")
    assert page.links["State: installed"].endswith("/apps?chart=redis")
    assert page.links["Chart: redis"].endswith("/apps?state=running")


@pytest.mark.parametrize("query", ["version=%3Enonsense", "sort=colour", "drift=perhaps", "behind=many", "page=x"])
def test_a_filter_that_cannot_be_meant_is_told_and_all_apps_are_one_click_away(several: Browser, query: str) -> None:
    page = several.get(f"/apps?{query}", 400)
    assert page.links["Show all apps"] == "/apps"


def test_thousands_of_apps_come_in_pages(browser: Browser, kube: KubeApi) -> None:
    for number in range(120):
        kube.put(f"app-{number:03}", spec={"chart": "other/thing", "version": "1.0.0"}, status={"phase": "Synced"})
    page = browser.get("/apps?page=3")
    assert "app-119" in page.links
    assert "app-099" not in page.links
    assert browser.running.get("/api/v1/installs?limit=10&offset=110")["total"] == 120


def test_a_csv_holds_every_row_and_no_formula(several: Browser, kube: KubeApi) -> None:
    kube.put(
        "trap", spec={"chart": "other/thing", "version": "=HYPERLINK(1)"}, status={"phase": "Failed", "reason": "@x"}
    )
    answer = several.running.ask("GET", "/apps.csv?namespace=apps")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [one["name"] for one in rows] == ["old", "relic", "theirs", "trap"]
    assert rows[0]["behind"] == "2"
    assert rows[3]["wanted_version"] == "'=HYPERLINK(1)"
    assert rows[3]["reason"] == "'@x"


def test_L7_a_cluster_that_hangs_costs_only_its_own_rows(several: Browser, kube: KubeApi) -> None:
    several.get("/apps")
    hold = Event()

    def hang(asked: Asked, reply: Reply) -> Reply:
        return Reply(reply.status, reply.body, after=hold)

    kube.faults.append(hang)
    try:
        page = several.get("/apps")
        assert "Cluster home has not answered yet" in page.text
        assert "old" in page.links
        assert page.all("div", id="live")[0]["hx-trigger"].startswith("load")
    finally:
        hold.set()


def test_what_was_sent_to_a_cluster_that_never_answered_is_told_from_the_history(
    tmp_path: Path, several: Browser, kube: KubeApi
) -> None:
    def down(asked: Asked, reply: Reply) -> Reply:
        return Reply(503, b"{}")

    kube.faults.append(down)
    config = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path, name="again"))}]
    with web(tmp_path / "room", [], clusters=config) as restarted:
        page = Browser(restarted).get("/apps")
    assert "The apps of cluster home cannot be shown" in page.text
    assert {"old", "new", "relic"} <= page.links.keys()


def test_G6_no_value_of_an_app_stands_in_the_list(browser: Browser, kube: KubeApi) -> None:
    kube.put(
        "leaky",
        spec={"chart": "other/thing", "version": "1.0.0", "values": {"password": "canary-7f3a"}},
        status={"phase": "Synced"},
    )
    assert "canary-7f3a" not in browser.get("/apps").html
    assert "canary-7f3a" not in browser.running.ask("GET", "/apps.csv").get_data(as_text=True)
    assert "canary-7f3a" not in browser.get("/apps/home/apps/leaky").html


def test_several_are_upgraded_with_one_report(several: Browser, kube: KubeApi) -> None:
    install(several, kube, "older", "redis", "1.5.0")
    page = several.get("/apps/upgrade?app=home/apps/old&app=home/apps/older&app=home/default/new&app=home/apps/theirs")
    assert "2 of 4 can go at once" in page.text
    assert "nothing newer" in page.text
    assert "does not know from which source" in page.text
    form = page.form("/apps/upgrade", having="request_id")
    fields = {**form.fields, "app": ["home/apps/old", "home/apps/older"], "why": "all of them"}
    answers = [several.running.ask("POST", "/apps/upgrade", data=fields) for _ in range(2)]
    assert all("2 of 2 were sent" in one.get_data(as_text=True) for one in answers)
    assert [kube.objects["apps", name]["spec"]["version"] for name in ("old", "older")] == ["2.0.0", "2.0.0"]
    assert len([one for one in kube.asked("PUT") if "dryRun" not in one.query]) == 2
    newest = several.running.services.store.revisions.history("home", "apps", "old")[0]
    assert (newest.action, newest.why) == ("upgrade", "all of them")
