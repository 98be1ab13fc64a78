"""An app's history in the browser: who changed what, any two compared, and the way back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kube_api import Asked, KubeApi, Reply, refusal
from tests.pages import Browser, Page
from tests.repository import repository
from tests.upstream import Site
from tests.web import web

APP = "/apps/home/apps/cache"
WANTED = {"source": "shop", "chart": "redis", "version": "7.0.0", "namespace": "apps", "name": "cache"}


@pytest.fixture
def browser(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Browser]:
    repository({"redis": ("7.0.0", "8.0.0")}).serve(site)
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}], clusters=clusters) as running:
        running.sync()
        running.send("POST", "/api/v1/installs", {**WANTED, "values_yaml": "replicas: 2\n"}, 201)
        captain_says(kube, phase="Synced", version="7.0.0")
        yield Browser(running)


def captain_says(kube: KubeApi, **status: Any) -> None:
    thing = kube.objects["apps", "cache"]
    thing["metadata"]["finalizers"] = ["captain.cpaas.io"]
    thing["status"] = status


def edit(browser: Browser, values: str, **typed: str) -> Page:
    path = f"{APP}/upgrade"
    checked = browser.sent(
        browser.get(f"{path}?view=yaml").form("/upgrade", having="why"), path, step="check", values_yaml=values
    )
    return browser.followed(checked.form("/upgrade", having="why"), path, step="send", **typed)


def others_change(kube: KubeApi, **values: Any) -> None:
    thing = kube.objects["apps", "cache"]
    thing["spec"]["values"] = values
    thing["metadata"]["generation"] += 1
    thing["metadata"]["resourceVersion"] += "9"


def test_the_rail_says_who_changed_what_and_why(browser: Browser) -> None:
    page = edit(browser, "replicas: 3\n", why="more of them")
    assert "#2 · 7.0.0" in page.text
    assert "“more of them”" in page.text
    assert "replicas 2 →is now 3" in page.text
    assert "What #2 changed" in page.text
    assert "- replicas: 2" in page.text
    assert "+ replicas: 3" in page.text


def test_an_earlier_revision_can_be_looked_at(browser: Browser) -> None:
    edit(browser, "replicas: 3\n")
    page = browser.get(f"{APP}?revision=1")
    assert "What #1 asked for" in page.text
    assert page.links["Roll back to #1…"] == f"{APP}/rollback/1"


def test_what_others_change_becomes_a_revision_that_was_seen(browser: Browser, kube: KubeApi) -> None:
    others_change(kube, replicas=9)
    page = browser.get(APP)
    assert "seen, not by Chartroom" in page.text
    assert "replicas 2 →is now 9" in page.text
    assert "Somebody else changed it since Chartroom sent it" in page.text


def test_any_two_are_compared_and_the_cluster_with_either(browser: Browser, kube: KubeApi) -> None:
    edit(browser, "replicas: 3\n")
    page = browser.get(f"{APP}/history?from=2&to=1")
    assert "- replicas: 3" in page.text
    assert "+ replicas: 2" in page.text
    assert "Both ask for the same." in browser.get(f"{APP}/history?from=2&to=now").text
    assert browser.get(f"{APP}/history?from=77", 404).status == 404


def test_a_roll_back_shows_what_it_changes_and_then_sends_it_once(browser: Browser, kube: KubeApi) -> None:
    edit(browser, "replicas: 3\n")
    path = f"{APP}/rollback/1"
    page = browser.get(path)
    assert "- replicas: 3" in page.text
    assert "+ replicas: 2" in page.text
    for _ in range(2):
        done = browser.followed(page.form(having="why"), path, why="was better")
    assert "#3 · 7.0.0" in done.text
    assert "back to #1" in done.text
    assert "“was better”" in done.text
    assert kube.objects["apps", "cache"]["spec"]["values"] == {"replicas": 2}
    assert len(browser.running.services.store.revisions.history("home", "apps", "cache")) == 3


def test_a_roll_back_over_what_others_changed_meanwhile_is_not_sent(browser: Browser, kube: KubeApi) -> None:
    edit(browser, "replicas: 3\n")
    page = browser.get(f"{APP}/rollback/1")
    others_change(kube, replicas=9)
    told = browser.sent(page.form(having="why"), f"{APP}/rollback/1", status=409)
    assert "It was not sent" in told.text
    assert kube.objects["apps", "cache"]["spec"]["values"] == {"replicas": 9}


def test_a_removed_app_is_installed_again_from_its_history(browser: Browser, kube: KubeApi) -> None:
    del kube.objects["apps", "cache"]
    page = browser.get(APP)
    path = page.links["Install #1 again…"]
    browser.followed(browser.get(path).form(having="why"), path)
    assert kube.objects["apps", "cache"]["spec"]["values"] == {"replicas": 2}


def test_there_is_no_way_back_to_a_revision_that_is_not_there(browser: Browser) -> None:
    assert "has no revision 5" in browser.get(f"{APP}/rollback/5", 404).text


def test_the_history_is_told_while_the_cluster_is_away(browser: Browser, kube: KubeApi) -> None:
    edit(browser, "replicas: 3\n")

    def down(asked: Asked, reply: Reply) -> Reply:
        return refusal(500, "InternalError", "not today")

    kube.faults.append(down)
    page = Browser(browser.running).get(f"{APP}/history?from=1&to=2")
    assert "The cluster cannot be asked" in page.text
    assert "+ replicas: 3" in page.text


def test_captains_switches_are_buttons(browser: Browser, kube: KubeApi) -> None:
    path = f"{APP}/annotate"
    form = browser.get(APP).form("/annotate")
    browser.followed(form, APP, step="set:captain-no-sync")
    assert kube.objects["apps", "cache"]["metadata"]["annotations"] == {"captain-no-sync": "true"}
    browser.followed(browser.get(APP).form("/annotate"), APP, step="drop:captain-no-sync")
    assert "captain-no-sync" not in kube.objects["apps", "cache"]["metadata"]["annotations"]
    assert browser.sent(form, path, status=400, step="set:somebody-elses").status == 400


def test_what_somebody_else_made_is_taken_into_the_history(browser: Browser, kube: KubeApi) -> None:
    kube.put("theirs", spec={"chart": "shop/redis", "version": "7.0.0"}, status={"phase": "Synced", "version": "7.0.0"})
    place = "/apps/home/apps/theirs"
    page = browser.get(place)
    assert "Keep its history here" in page.text
    adopted = browser.followed(page.form("/adopt"), place)
    assert "#1 · 7.0.0" in adopted.text
    assert adopted.links["Upgrade to 8.0.0"] == f"{place}/upgrade?version=8.0.0"


def test_captains_own_clusters_are_told_apart_from_ours(browser: Browser, kube: KubeApi) -> None:
    kube.put(
        "edge", spec={"chart": "shop/redis", "version": "7.0.0", "clusterName": "moon"}, status={"phase": "Synced"}
    )
    assert "In captain’s cluster moon" in browser.get("/apps/home/apps/edge").text


def test_values_whose_secret_is_gone_are_asked_for_and_shown_nowhere(browser: Browser, kube: KubeApi) -> None:
    body = {
        **WANTED,
        "name": "sealed",
        "values_yaml": "auth:\n  password: canary-1f\n",
        "secret_paths": ["auth.password"],
    }
    browser.running.send("POST", "/api/v1/installs", body, 201)
    del kube.objects["apps", "sealed"]
    kube.secrets.clear()
    path = "/apps/home/apps/sealed/rollback/1"
    page = browser.get(path)
    assert page.all("input", type="password")[0]["name"] == "secret.auth.password"
    told = browser.sent(page.form(having="why"), path, status=409)
    assert "auth.password" in told.text
    done = browser.followed(told.form(having="why"), path, **{"secret.auth.password": "canary-2e"})
    assert len(kube.secrets) == 1
    assert "canary" not in page.html + told.html + done.html
