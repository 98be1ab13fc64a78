"""Upgrading an app in the browser: what changes, what to decide, what would be sent, and sending it once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.charts import packed_chart
from tests.kube_api import Asked, KubeApi
from tests.pages import Browser, Page
from tests.web import web

APP = "/apps/home/apps/cache"
UPGRADE = f"{APP}/upgrade"
TEXT = f"{UPGRADE}?view=yaml"
OLD = "# how many\nreplicas: 1\nretention: 10d\nmetrics:\n  enabled: false\n"
NEW = "# how many\nreplicas: 1\nretention: 30d\nagent: true\n"


def chart(folder: Path, version: str, values: str) -> None:
    data = packed_chart({"values.yaml": values, "README.md": "# demo\n"}, version=version)
    (folder / f"demo-{version}.tgz").write_bytes(data)


@pytest.fixture
def browser(tmp_path: Path, kube: KubeApi) -> Iterator[Browser]:
    folder = tmp_path / "charts"
    folder.mkdir()
    chart(folder, "1.0.0", OLD)
    chart(folder, "2.0.0", NEW)
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    sources = [{"name": "local", "url": str(folder), "kind": "directory"}]
    with web(tmp_path / "room", sources, clusters=clusters) as running:
        running.sync("local")
        yield Browser(running)


def install(browser: Browser, kube: KubeApi, values: str, version: str = "1.0.0") -> None:
    body = {"source": "local", "chart": "demo", "version": version, "namespace": "apps", "name": "cache"}
    browser.running.send("POST", "/api/v1/installs", {**body, "values_yaml": values}, 201)
    kube.objects["apps", "cache"]["status"] = {"phase": "Synced", "version": version}


def pressed(browser: Browser, page: Page, step: str, status: int = 200, **typed: Any) -> Page:
    return browser.sent(page.form("/upgrade", having="why"), UPGRADE, status=status, step=step, **typed)


def written(kube: KubeApi) -> list[Asked]:
    """What was sent and not only tried."""
    return [one for one in kube.asked("PUT") if "dryRun" not in one.query]


def sent_values(kube: KubeApi) -> Any:
    return kube.objects["apps", "cache"]["spec"].get("values")


def test_the_app_offers_its_upgrade_by_its_version(browser: Browser, kube: KubeApi) -> None:
    install(browser, kube, "")
    page = browser.get(APP)
    assert page.links["Upgrade to 2.0.0"] == f"{UPGRADE}?version=2.0.0"
    assert page.links["Edit values"] == UPGRADE


def test_it_says_what_a_version_brings_and_what_of_mine_it_touches(browser: Browser, kube: KubeApi) -> None:
    install(browser, kube, "retention: 45d\n")
    page = browser.get(f"{TEXT}&version=2.0.0")
    assert "Upgrade cache to 2.0.0" in page.text
    assert "retention has another default — you set it" in page.text
    assert "1 of your values asks for a decision" in page.text
    assert '"10d"' in page.text
    assert '"45d"' in page.text
    assert '"30d"' in page.text


def test_nothing_is_sent_before_every_conflict_is_decided(browser: Browser, kube: KubeApi) -> None:
    install(browser, kube, "retention: 45d\nmetrics:\n  enabled: true\n")
    page = browser.get(f"{TEXT}&version=2.0.0")
    page = pressed(browser, page, "send", **{"decision:retention": "mine"})
    assert "1 value is still to be decided above." in page.text
    assert not written(kube)
    kept = pressed(browser, page, "keep-mine", **{"decision:retention": "mine"})
    assert "still to be decided" not in kept.text


def test_a_decision_for_the_new_default_takes_mine_away_and_the_rest_stays_as_it_was_written(
    browser: Browser, kube: KubeApi
) -> None:
    install(browser, kube, "replicas: 3 # enough\nretention: 45d\n")
    page = browser.get(f"{TEXT}&version=2.0.0")
    checked = pressed(browser, page, "check", **{"decision:retention": "new"})
    assert not written(kube)
    done = browser.followed(
        checked.form("/upgrade", having="why"), UPGRADE, step="send", why="newer", **{"decision:retention": "new"}
    )
    assert "#2 · 2.0.0" in done.text
    assert "“newer”" in done.text
    assert sent_values(kube) == {"replicas": 3}
    newest = browser.running.services.store.revisions.history("home", "apps", "cache")[0]
    assert newest.values_yaml == "replicas: 3 # enough\n"
    assert newest.action == "upgrade"


def test_sending_what_was_not_shown_shows_it_first(browser: Browser, kube: KubeApi) -> None:
    install(browser, kube, "")
    checked = pressed(browser, browser.get(f"{TEXT}&version=2.0.0"), "check")
    again = pressed(browser, checked, "send", values_yaml="replicas: 9\n")
    assert "You changed something since the check" in again.text
    assert kube.objects["apps", "cache"]["spec"]["version"] == "1.0.0"


def test_a_second_click_sends_nothing_twice(browser: Browser, kube: KubeApi) -> None:
    install(browser, kube, "")
    checked = pressed(browser, browser.get(f"{TEXT}&version=2.0.0"), "check")
    for _ in range(2):
        browser.followed(checked.form("/upgrade", having="why"), UPGRADE, step="send")
    assert len(written(kube)) == 1
    assert len(browser.running.services.store.revisions.history("home", "apps", "cache")) == 2


def test_what_another_one_changed_meanwhile_is_shown_and_what_was_typed_is_kept(
    browser: Browser, kube: KubeApi
) -> None:
    install(browser, kube, "replicas: 2\n")
    checked = pressed(browser, browser.get(TEXT), "check", values_yaml="replicas: 3\n")
    thing = kube.objects["apps", "cache"]
    thing["spec"]["values"] = {"replicas": 7}
    thing["metadata"] |= {"generation": 2, "resourceVersion": "900"}
    told = pressed(browser, checked, "send", status=409)
    assert "values.replicas" in told.text
    assert "7" in told.text
    assert told.form("/upgrade", having="why").fields["values_yaml"].strip() == "replicas: 3"
    checked = pressed(browser, told, "check")
    browser.followed(checked.form("/upgrade", having="why"), UPGRADE, step="send")
    assert sent_values(kube) == {"replicas": 3}


def test_values_that_cannot_be_read_stay_in_the_field_with_the_reason(browser: Browser, kube: KubeApi) -> None:
    install(browser, kube, "")
    page = pressed(browser, browser.get(TEXT), "check", values_yaml="replicas: [\n")
    assert "The values cannot be read" in page.text
    assert "replicas: [" in page.html


def test_editing_values_keeps_the_version(browser: Browser, kube: KubeApi) -> None:
    install(browser, kube, "")
    page = browser.get(TEXT)
    assert "Edit values of cache" in page.text
    checked = pressed(browser, page, "check", values_yaml="replicas: 4\n")
    browser.followed(checked.form("/upgrade", having="why"), UPGRADE, step="send")
    assert kube.objects["apps", "cache"]["spec"]["version"] == "1.0.0"
    assert sent_values(kube) == {"replicas": 4}


def test_another_version_is_chosen_without_losing_what_was_typed(browser: Browser, kube: KubeApi) -> None:
    install(browser, kube, "")
    page = pressed(browser, browser.get(TEXT), "look", version="2.0.0", values_yaml="replicas: 5\n")
    assert "Upgrade cache to 2.0.0" in page.text
    assert page.form("/upgrade", having="why").fields["values_yaml"].strip() == "replicas: 5"


def test_an_app_of_an_unknown_source_says_why_it_cannot_be_upgraded(browser: Browser, kube: KubeApi) -> None:
    kube.put("theirs", spec={"chart": "other/thing", "version": "1.0.0"}, status={"phase": "Synced"})
    page = browser.get("/apps/home/apps/theirs")
    assert "Its source is not known to Chartroom." in page.text
    assert "does not know from which source" in browser.get("/apps/home/apps/theirs/upgrade", 409).text
