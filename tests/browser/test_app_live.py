"""The page of an app in a real browser: it follows captain by itself, and a closer look comes after it."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import axe
from tests.browser.conftest import Visit
from tests.browser.room import Room

pytestmark = pytest.mark.browser

REASON = 'charts.app.alauda.io "nothere.open" not found'


def ask(room: Room, name: str, **spec: Any) -> str:
    """A HelmRequest made by somebody else; returns the address of its page."""
    meta = {"name": name, "namespace": "apps"}
    whole = {"chart": "open/nothere", "version": "1.0.0", **spec}
    thing = {"apiVersion": "app.alauda.io/v1alpha1", "kind": "HelmRequest", "metadata": meta, "spec": whole}
    room.plane.apply(json.dumps(thing))
    return f"/apps/home/apps/{name}"


def test_a_failure_appears_by_itself_in_plain_words_and_goes_when_it_is_over(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open(ask(room, "looked-after"))
    visitor.mark()
    expect(page.locator("#status").get_by_role("heading")).to_contain_text("Waiting")
    room.captain.fail("apps", "looked-after", REASON, chart_loaded=False)
    expect(page.locator("#status")).to_contain_text("captain does not know the chart nothere")
    expect(page.get_by_role("button", name="Let captain read the repository now")).to_be_visible()
    visitor.picture("app-failed")
    assert axe(page) == []
    room.captain.sync("apps", "looked-after")
    expect(page.locator("#status").get_by_role("heading")).to_have_text("Installed")
    expect(page.locator("#closer")).to_contain_text("What it is made of")
    visitor.stayed()


def test_without_javascript_the_closer_look_is_a_page_of_its_own(visit: Visit, room: Room) -> None:
    visitor = visit(javascript=False)
    page = visitor.open(ask(room, "quiet"))
    page.get_by_role("link", name="What it is made of, and how each part is").click()
    visitor.heading("quiet")
    visitor.sees("captain has not made a release yet.")
    visitor.fits()


def test_on_a_narrow_screen_nothing_of_a_failure_is_cut_off(visit: Visit, room: Room) -> None:
    address = ask(room, "narrow")
    room.captain.fail("apps", "narrow", f"{REASON} {'x' * 300}", chart_loaded=False)
    visitor = visit(width=390)
    page = visitor.open(address)
    page.get_by_text("What captain said, in its own words").click()
    visitor.picture("app-failed-narrow")
    assert axe(page) == []
    visitor.fits()
