"""The main job in a real browser: find a chart, read it, install it into a real cluster, follow it, remove it."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kubernetes import watch
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.room import Room
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

PLURAL = "helmrequests"


def fill(visitor: Visitor, name: str, *, namespace: str = "apps", cluster: str = "home", values: str = "") -> None:
    """The form of an install."""
    page = visitor.page
    for one in page.locator("input[name=cluster]").all():
        one.set_checked(one.get_attribute("value") == cluster)
    page.get_by_label("Namespace", exact=True).fill(namespace)
    page.get_by_label("Release name").fill(name)
    if values:
        visitor.type_values(values)


def install(visitor: Visitor, room: Room, name: str) -> None:
    """The whole way through the form to the page of the app."""
    goal = room.goal
    visitor.open(f"/charts/{goal.source}/{goal.chart}/{goal.version}/install")
    fill(visitor, name)
    visitor.check()
    visitor.button(f"Install {goal.chart} {goal.version}").click()
    visitor.heading(name)


def state(visitor: Visitor, headline: str) -> None:
    """Wait until the page of an app says so."""
    expect(visitor.page.locator("#live section.panel").first.get_by_role("heading")).to_have_text(headline)


# -- find and read


def test_a_chart_is_found_by_typing_and_read_before_it_is_installed(visit: Visit, room: Room) -> None:
    visitor, goal = visit(), room.goal
    page = visitor.open("/")
    box = page.get_by_role("combobox", name="Search charts")
    box.press_sequentially(goal.typed)
    suggestions = page.get_by_role("listbox", name="Suggestions")
    expect(suggestions.get_by_role("option").filter(has_text=goal.chart)).not_to_have_count(0)
    visitor.picture("suggestions")
    box.fill(goal.chart)
    box.press("Enter")
    first = page.locator("#results .card").first
    expect(first.get_by_role("heading")).to_have_text(goal.chart)
    visitor.picture("found")
    first.get_by_role("link", name=goal.chart, exact=True).click()
    visitor.heading(goal.chart)
    expect(page.locator("article.prose h1, article.prose h2").first).to_contain_text(goal.readme)
    visitor.picture("readme")
    page.get_by_role("navigation", name="Parts of the chart").get_by_role("link", name="Values").click()
    values = page.get_by_role("region", name="Default values")
    expect(values).to_contain_text(f"{goal.key}:")
    expect(values).to_contain_text(goal.comment)
    visitor.picture("values")
    page.get_by_text("Choose a version").locator("..").click()
    page.locator("details.menu a").filter(has_text=re.compile(rf"^\s*{re.escape(goal.version)}\b")).click()
    expect(page).to_have_url(re.compile(rf"/{goal.chart}/{re.escape(goal.version)}\?tab=values$"))
    visitor.sees(goal.comment)
    visitor.link("Install").click()
    visitor.heading(f"Install {goal.chart}")
    expect(page.get_by_label("Version")).to_have_value(goal.version)


def test_suggestions_are_chosen_with_the_arrows(visit: Visit, room: Room) -> None:
    visitor, goal = visit(), room.goal
    page = visitor.open("/")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search charts")
    expect(box).to_be_focused()
    page.keyboard.type(goal.chart)
    expect(page.get_by_role("option").first).to_contain_text(goal.chart)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    visitor.heading(goal.chart)


def test_filters_and_pages_are_in_the_address_and_the_way_back_works(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open("/")
    facet = page.locator(".facet").filter(has=page.get_by_role("heading", name="Source"))
    facet.get_by_role("link", name="Sample charts").click()
    expect(page).to_have_url(re.compile(r"\?source=sample$"))
    total = room.charts("sample")
    expect(page.locator(".results-head b").first).to_have_text(f"{total} charts")
    expect(page.locator("#results .card")).to_have_count(min(total, 24))
    box = page.get_by_role("combobox", name="Search charts")
    box.fill("static")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=static&source=sample$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?source=sample$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.locator("#clear")).to_have_count(0)
    box.press_sequentially("static")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Enter")
    page.locator("#clear").click()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(box).to_have_value("")
    if room.charts() > 24:
        page.get_by_role("link", name="Next").click()
        expect(page).to_have_url(re.compile(r"\?page=2$"))
        expect(page.get_by_role("link", name="Page 2", exact=True)).to_have_attribute("aria-current", "page")
        page.go_back()
        expect(page.get_by_role("link", name="Page 1", exact=True)).to_have_attribute("aria-current", "page")


# -- install


def test_what_was_shown_is_what_the_cluster_holds(visit: Visit, room: Room) -> None:
    visitor, goal = visit(), room.goal
    page = visitor.open(f"/charts/{goal.source}/{goal.chart}/{goal.version}/install")
    fill(visitor, "shown", values=f"{goal.key}: 3\nnote: '图表'\n")
    visitor.check()
    visitor.sees("This would be sent")
    visitor.sees("checks found nothing wrong")
    shown = page.locator("#helmrequest-1").inner_text()
    visitor.picture("review")
    visitor.button(f"Install {goal.chart} {goal.version}").click()
    visitor.heading("shown")
    expect(page).to_have_url(re.compile(r"/apps/home/apps/shown#main$"))
    stored = room.helmrequest("shown")
    assert stored["spec"] == {
        "chart": f"{goal.source}/{goal.chart}",
        "version": goal.version,
        "namespace": "apps",
        "releaseName": "shown",
        "values": {goal.key: 3, "note": "图表"},
    }
    meta = stored["metadata"]
    assert (meta["name"], meta["namespace"]) == ("shown", "apps")
    assert meta["labels"]["app.kubernetes.io/managed-by"] == "chartroom"
    assert all(key.startswith("chartroom.dev/") for key in meta["labels"] if key != "app.kubernetes.io/managed-by")
    assert "annotations" not in meta
    assert stored["apiVersion"] == "app.alauda.io/v1alpha1"
    for line in (f'"{goal.source}/{goal.chart}"', f'"{goal.version}"'):
        assert line.strip('"') in shown
    assert room.api("/installs/home/apps/shown")["revision"] == 1


def test_the_way_back_from_an_installed_app_shows_the_form_as_it_was_sent(visit: Visit, room: Room) -> None:
    visitor, goal = visit(), room.goal
    page = visitor.open(f"/charts/{goal.source}/{goal.chart}/{goal.version}/install")
    fill(visitor, "backwards", values="note: kept\n")
    visitor.check()
    visitor.button(f"Install {goal.chart} {goal.version}").click()
    visitor.heading("backwards")
    page.go_back()
    visitor.sees("This would be sent")
    expect(page.get_by_label("Release name")).to_have_value("backwards")
    expect(page.locator("#values_yaml")).to_have_value("note: kept\n")


def test_choosing_another_version_shows_its_defaults(visit: Visit, room: Room) -> None:
    visitor, goal = visit(), room.goal
    page = visitor.open(f"/charts/{goal.source}/{goal.chart}/{goal.version}/install")
    other = page.locator("#version option:not([selected])").first.get_attribute("value")
    visitor.type_values("note: kept\n")
    page.get_by_label("Version").select_option(other)
    expect(page.locator("#chart-defaults h2")).to_contain_text(f"{other}")
    expect(page.locator("#values_yaml")).to_have_value("note: kept\n")


def test_the_page_of_an_app_follows_captain_without_being_loaded_again(visit: Visit, room: Room) -> None:
    visitor = visit()
    install(visitor, room, "followed")
    state(visitor, "Waiting for captain")
    visitor.mark()
    visitor.picture("app-waiting")
    room.captain.accept("apps", "followed")
    state(visitor, "Being installed")
    room.captain.load("apps", "followed")
    visitor.sees("captain has the chart")
    room.captain.sync("apps", "followed", notes="Open http://argocd.example.org and sign in as admin.")
    state(visitor, "Installed")
    visitor.sees(f"captain has installed version {room.goal.version}")
    visitor.sees("Open http://argocd.example.org and sign in as admin.")
    visitor.stayed()
    visitor.picture("app-installed")
    visitor.open("/apps")
    row = visitor.page.get_by_role("row").filter(has=visitor.link("followed")).first
    expect(row).to_contain_text("installed")


def test_the_reason_of_a_failure_stays_in_sight_while_captain_tries_again(visit: Visit, room: Room) -> None:
    visitor, reason = visit(), 'chartrepos.app.alauda.io "nobody" not found'
    install(visitor, room, "failing")
    visitor.mark()
    room.captain.fail("apps", "failing", reason, chart_loaded=False)
    state(visitor, "Failed")
    visitor.sees(reason)
    visitor.picture("app-failed")
    room.captain.accept("apps", "failing")
    state(visitor, "Trying again after a failure")
    visitor.sees(reason)
    room.captain.sync("apps", "failing")
    state(visitor, "Installed")
    expect(visitor.page.locator("main")).not_to_contain_text(reason)
    visitor.stayed()


# -- remove


@contextmanager
def watched(room: Room, name: str) -> Iterator[list[Any]]:
    """Every state of a HelmRequest that the cluster tells, until it is deleted."""
    seen: list[Any] = []

    def follow() -> None:
        options = {"field_selector": f"metadata.name={name}", "timeout_seconds": 120}
        stream: Any = watch.Watch()  # type: ignore[no-untyped-call]
        ask = room.captain.objects.list_namespaced_custom_object
        for event in stream.stream(ask, "app.alauda.io", "v1alpha1", "apps", PLURAL, **options):
            seen.append(event["object"])
            if event["type"] == "DELETED":
                return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    yield seen
    thread.join(timeout=60)
    assert not thread.is_alive()


def test_an_app_is_removed_once_its_name_was_typed(visit: Visit, room: Room) -> None:
    visitor = visit()
    install(visitor, room, "leaving")
    room.captain.sync("apps", "leaving")
    with watched(room, "leaving") as seen:
        visitor.link("Uninstall").click()
        visitor.heading("Uninstall leaving")
        visitor.picture("uninstall")
        visitor.expect_complaint("status of 400")
        visitor.button("Uninstall leaving").click()
        visitor.sees("Type “leaving” to confirm.")
        assert "deletionTimestamp" not in room.helmrequest("leaving")["metadata"]
        visitor.page.get_by_label("Type “leaving” to confirm").fill("leaving")
        visitor.button("Uninstall leaving").click()
        visitor.heading("leaving")
        state(visitor, "Being removed")
        visitor.mark()
        assert "deletionTimestamp" in room.helmrequest("leaving")["metadata"]
        room.captain.uninstall("apps", "leaving")
        state(visitor, "Removed")
        visitor.stayed()
        visitor.picture("app-removed")
    deletions = [one["metadata"] for one in seen if "deletionTimestamp" in one["metadata"]]
    assert "foregroundDeletion" in deletions[0]["finalizers"]
    assert {one["deletionGracePeriodSeconds"] for one in deletions} == {0}
    assert room.captain.find("apps", "leaving") is None


# -- refusals


def test_a_name_that_is_taken_is_refused_and_what_was_typed_stays(visit: Visit, room: Room) -> None:
    visitor, goal = visit(), room.goal
    install(visitor, room, "taken")
    page = visitor.open(f"/charts/{goal.source}/{goal.chart}/{goal.version}/install")
    fill(visitor, "taken", values="kept: as typed")
    visitor.check()
    visitor.sees("There is already a HelmRequest “taken” in namespace apps")
    expect(visitor.link("Upgrade taken instead")).to_be_visible()
    expect(visitor.button(f"Install {goal.chart} {goal.version}")).to_have_count(0)
    expect(page.get_by_label("Release name")).to_have_value("taken")
    expect(page.locator("#values_yaml")).to_have_value("kept: as typed")
    visitor.picture("refused")


def test_a_release_that_another_helmrequest_owns_is_refused(visit: Visit, room: Room) -> None:
    visitor, goal = visit(), room.goal
    owner = {
        "apiVersion": "app.alauda.io/v1alpha1",
        "kind": "HelmRequest",
        "metadata": {"name": "owner", "namespace": "ops"},
        "spec": {"chart": "sample/hello-web", "version": "2.1.0", "releaseName": "owned", "namespace": "apps"},
    }
    room.create(owner)
    visitor.open(f"/charts/{goal.source}/{goal.chart}/{goal.version}/install")
    fill(visitor, "owned")
    visitor.check()
    visitor.sees("The HelmRequest “owner” in namespace ops already owns the release owned in apps.")
    expect(visitor.button(f"Install {goal.chart} {goal.version}")).to_have_count(0)


def test_without_the_right_the_cluster_is_quoted_and_the_form_stays(visit: Visit, room: Room) -> None:
    visitor, goal = visit(), room.goal
    page = visitor.open(f"/charts/{goal.source}/{goal.chart}/{goal.version}/install")
    fill(visitor, "guarded", cluster="guarded", values="kept: as typed")
    visitor.check()
    visitor.sees("stranger")
    visitor.sees('cannot get resource "helmrequests"')
    expect(visitor.button(f"Install {goal.chart} {goal.version}")).to_have_count(0)
    expect(page.get_by_label("Release name")).to_have_value("guarded")
    expect(page.locator("#values_yaml")).to_have_value("kept: as typed")
    visitor.picture("forbidden")
    visitor.expect_complaint("status of 403")
    visitor.open("/apps/guarded/apps/guarded")
    visitor.sees("The cluster cannot be asked")


def test_a_cluster_that_stops_answering_loses_nothing_and_is_asked_again(visit: Visit, room: Room) -> None:
    visitor, goal = visit(), room.goal
    page = visitor.open(f"/charts/{goal.source}/{goal.chart}/{goal.version}/install")
    fill(visitor, "shaken", cluster="shaky", values="kept: as typed")
    visitor.check()
    visitor.sees("This would be sent")
    room.relay.cut()
    try:
        visitor.expect_complaint("status of 50[234]")
        visitor.button(f"Install {goal.chart} {goal.version}").click()
        visitor.sees("1 thing speaks against it")
        expect(page.get_by_label("Release name")).to_have_value("shaken")
        expect(page.locator("#values_yaml")).to_have_value("kept: as typed")
        visitor.picture("cluster-stopped")
        visitor.open("/apps")
        visitor.sees("The apps of this cluster cannot be shown")
        expect(page.get_by_role("region", name="home")).not_to_contain_text("cannot be shown")
    finally:
        room.relay.mend()
    visitor.open(f"/charts/{goal.source}/{goal.chart}/{goal.version}/install")
    fill(visitor, "shaken", cluster="shaky")
    visitor.check()
    visitor.button(f"Install {goal.chart} {goal.version}").click()
    visitor.heading("shaken")
    state(visitor, "Waiting for captain")


def test_the_page_of_an_app_stays_while_its_cluster_does_not_answer(visit: Visit, room: Room) -> None:
    visitor, goal = visit(), room.goal
    visitor.open(f"/charts/{goal.source}/{goal.chart}/{goal.version}/install")
    fill(visitor, "patient", cluster="shaky")
    visitor.check()
    visitor.button(f"Install {goal.chart} {goal.version}").click()
    state(visitor, "Waiting for captain")
    visitor.mark()
    visitor.expect_complaint("status of 50[234]|htmx:responseError|Response Status Error")
    room.relay.cut()
    try:
        expect(visitor.page.locator("#live.is-stale")).to_be_visible()
        state(visitor, "Waiting for captain")
    finally:
        room.relay.mend()
    room.captain.sync("apps", "patient")
    state(visitor, "Installed")
    expect(visitor.page.locator("#live.is-stale")).to_have_count(0)
    visitor.stayed()
