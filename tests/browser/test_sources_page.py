"""What the pages of sources tell while a source is synced, and when it fails."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.room import Room, wait_for
from tests.repository import repository

pytestmark = pytest.mark.browser


def add_source(room: Room, name: str, charts: dict[str, tuple[str, ...]]) -> None:
    """A small repository over HTTP, added and synced."""
    made = repository(charts)
    room.site.put(f"/{name}/index.yaml", made.index)
    for file, data in made.archives.items():
        room.site.put(f"/{name}/{file}", data)
    room.post("/sources", {"name": name, "url": f"{room.site.url}/{name}"})
    wait_for(lambda: room.charts(name) == len(charts), f"the first sync of {name}")


def test_a_sync_asked_for_is_followed_to_its_end_without_loading_the_page_again(visit: Visit, room: Room) -> None:
    add_source(room, "slow", {f"chart-{number}": ("1.0.0",) for number in range(20)})
    room.site.put("/slow/index.yaml", repository({f"chart-{number}": ("1.0.0",) for number in range(21)}).index)
    room.site.behave("/slow/index.yaml", "slow", bytes_at_a_time=200, every=0.1)
    visitor = visit()
    page = visitor.open("/sources/slow")
    visitor.sees("Up to date")
    visitor.button("Sync now").click()
    visitor.mark()
    visitor.sees("Syncing: fetching the index")
    expect(visitor.button("Syncing")).to_be_disabled()
    expect(page.locator(".toast")).to_have_count(0)
    visitor.picture("syncing")
    visitor.sees("Up to date")
    expect(page.locator("aside dl")).to_contain_text("21 charts")
    expect(visitor.button("Sync now")).to_be_enabled()
    visitor.stayed()


def test_a_source_that_fails_says_why_and_what_to_do(visit: Visit, room: Room) -> None:
    visitor = visit()
    visitor.open("/sources")
    row = visitor.page.get_by_role("row").filter(has=visitor.link("A broken one"))
    expect(row).to_contain_text("failing")
    expect(row).to_contain_text(re.compile("HTML|web page"))
    visitor.open("/sources/broken")
    expect(visitor.page.locator("#live")).to_contain_text(re.compile("The last sync failed|Failing for"))
    expect(visitor.page.locator("#live .state p").nth(1)).not_to_be_empty()


def test_a_source_that_begins_to_fail_keeps_its_charts_and_recovers(visit: Visit, room: Room) -> None:
    add_source(room, "moody", {"redis": ("1.0.0",)})
    visitor = visit()
    visitor.open("/sources/moody")
    room.site.behave("/moody/index.yaml", "status", status=503)
    visitor.button("Sync now").click()
    visitor.mark()
    visitor.sees("The last sync failed")
    visitor.sees("503")
    visitor.sees("The last good catalog with 1 chart keeps being served.")
    visitor.stayed()
    visitor.picture("source-failing")
    room.site.behave("/moody/index.yaml", None)
    visitor.button("Sync now").click()
    visitor.mark()
    visitor.sees("Nothing had changed.")
    visitor.stayed()


def test_a_source_is_added_with_a_form_and_its_first_sync_is_seen(visit: Visit, room: Room) -> None:
    made = repository({"nginx": ("1.0.0", "1.1.0")})
    room.site.put("/added/index.yaml", made.index)
    visitor = visit()
    page = visitor.open("/sources")
    visitor.link("Register a repository").click()
    page.get_by_label("Name (optional)").fill("added")
    visitor.expect_complaint("status of 400")
    visitor.button("Save and sync").click()
    visitor.sees("Give the address of the repository")
    expect(page.get_by_label("Name (optional)")).to_have_value("added")
    page.get_by_label("Address").fill(f"{room.site.url}/added")
    visitor.button("Save and sync").click()
    visitor.sees("Up to date")
    expect(page.locator("aside dl")).to_contain_text("1 chart, 2 versions")


def test_a_test_of_a_source_is_shown_on_its_page_and_stays_while_the_page_looks_for_news(
    visit: Visit, room: Room
) -> None:
    add_source(room, "tested", {"redis": ("1.0.0",)})
    visitor = visit()
    page = visitor.open("/sources/tested")
    visitor.mark()
    visitor.button("Test connection").click()
    ladder = page.get_by_role("region", name="Connection")
    expect(ladder.get_by_role("listitem").filter(has_text="Charts")).to_contain_text("Charts: 1")
    visitor.button("Sync now").click()
    visitor.sees("Nothing had changed.")
    visitor.fits()


def test_a_sign_in_is_chosen_with_the_keyboard_and_only_its_fields_are_shown(visit: Visit, room: Room) -> None:
    page = visit().open("/sources/new")
    expect(page.get_by_label("User name")).to_be_hidden()
    page.get_by_role("radio", name="Anonymous").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="User or robot")).to_be_checked()
    expect(page.get_by_label("User name")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("User name")).to_be_hidden()
    expect(page.get_by_label("Token", exact=True).last).to_be_visible()


def test_a_folded_part_is_opened_with_the_keyboard(visit: Visit, room: Room) -> None:
    page = visit().open("/sources/new")
    expect(page.get_by_label("Proxy")).to_be_hidden()
    page.locator("#connection > summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Proxy")).to_be_visible()


def test_the_secret_of_a_webhook_is_copied_and_gone_after_a_reload(visit: Visit, room: Room) -> None:
    add_source(room, "hooked", {"redis": ("1.0.0",)})
    visitor = visit()
    page = visitor.open("/sources/hooked/webhook")
    visitor.button("Make a secret").click()
    visitor.sees("The new secret, shown this once")
    secret = page.locator("#hook-secret").inner_text()
    assert secret.startswith("Bearer ")
    visitor.picture("webhook-secret")
    visitor.open("/sources/hooked/webhook")
    visitor.sees("A secret is stored and never shown.")
    assert secret not in page.content()


def test_a_source_is_published_to_captain_and_taken_back(visit: Visit, room: Room) -> None:
    add_source(room, "given", {"redis": ("1.0.0",)})
    visitor = visit()
    page = visitor.open("/sources/given/captain")
    home = page.get_by_role("region", name="captain on home")
    home.get_by_role("button", name="Publish to home").click()
    visitor.sees("captain was told")
    expect(home).to_contain_text("captain has not looked yet")
    assert "given" in room.plane.kubectl("get", "chartrepos.v1beta1.app.alauda.io", "-n", "captain")
    visitor.picture("captain-published")
    home.get_by_role("link", name="Unpublish…").click()
    visitor.sees("captain then deletes its Charts of this repository")
    page.get_by_label("Type “given” to confirm").fill("given")
    visitor.button("Unpublish given").click()
    visitor.sees("captain is told to forget it.")


def test_what_captain_knows_is_offered_below_the_sources_and_registered(visit: Visit, room: Room) -> None:
    made = repository({"nginx": ("1.0.0",)})
    room.site.put("/theirs/index.yaml", made.index)
    room.chart_repo("theirs", f"{room.site.url}/theirs")
    visitor = visit()
    page = visitor.open("/sources")
    row = page.locator("#found-home").get_by_role("row").filter(has_text="theirs")
    row.get_by_role("button", name="Register").click()
    visitor.heading("theirs")
    visitor.sees("Up to date")
