"""Upgrading with conflicts, rolling back and uninstalling in a real browser, on a real cluster."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe
from tests.browser.conftest import Visit
from tests.browser.room import Room
from tests.browser.visitor import NARROW, Visitor

pytestmark = pytest.mark.browser

OLD, NEW = "1.1.0", "2.1.0"
VALUES = "title: Ours # and nobody else's\nreplicas: 5\n"


def install(room: Room, name: str, values: str = VALUES) -> str:
    """An app of an older version that captain has installed; returns the address of its page."""
    place = {"cluster": "home", "namespace": "apps", "name": name}
    room.post("/installs", {"source": "sample", "chart": "hello-web", "version": OLD, "values_yaml": values, **place})
    room.captain.sync("apps", name)
    return f"/apps/home/apps/{name}"


def decide(page: Page) -> None:
    """The title goes where it belongs now; ours stays for the replicas."""
    page.locator("input[name='decision:title'][value=new]").check()
    page.locator("input[name='decision:replicas'][value=mine]").check()


def check_and_send(visitor: Visitor, button: str) -> None:
    visitor.button("Check").last.click()
    expect(visitor.button(button)).to_be_visible()
    visitor.button(button).click()


def test_an_upgrade_with_conflicts_a_roll_back_and_the_end(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open(install(room, "changing"))
    visitor.sees("What 2.1.0 brings")
    expect(page.locator("#brings")).to_contain_text("you set it")
    visitor.picture("app-behind")
    assert axe(page) == []
    visitor.link("Upgrade to 2.1.0").click()
    visitor.heading("Upgrade changing to 2.1.0")
    visitor.sees("2 of your values ask for a decision")
    decide(page)
    visitor.picture("app-upgrade")
    assert axe(page) == []
    page.get_by_label("Why?").fill("the new page")
    visitor.button("Check").last.click()
    expect(visitor.button("Upgrade to 2.1.0")).to_be_visible()
    visitor.picture("app-upgrade-checked")
    assert axe(page) == []
    visitor.button("Upgrade to 2.1.0").click()
    visitor.heading("changing")
    assert room.helmrequest("changing")["spec"]["version"] == NEW
    assert room.helmrequest("changing")["spec"]["values"] == {"page": {"title": "Ours"}, "replicas": 5}
    room.captain.sync("apps", "changing")
    expect(page.locator("#status").get_by_role("heading")).to_have_text("Installed")
    visitor.sees("“the new page”")
    roll_back(visitor, room)
    uninstall(visitor, room)


def roll_back(visitor: Visitor, room: Room) -> None:
    page = visitor.page
    visitor.link("Roll back to #1…").click()
    visitor.heading("Roll back changing to #1")
    visitor.sees("title: Ours")
    visitor.picture("app-rollback")
    assert axe(page) == []
    visitor.button("Roll back to #1").click()
    visitor.heading("changing")
    assert room.helmrequest("changing")["spec"]["version"] == OLD
    assert room.helmrequest("changing")["spec"]["values"] == {"title": "Ours", "replicas": 5}
    room.captain.sync("apps", "changing")
    expect(page.locator("#status").get_by_role("heading")).to_have_text("Installed")


def uninstall(visitor: Visitor, room: Room) -> None:
    page = visitor.page
    visitor.link("Uninstall").click()
    visitor.heading("Uninstall changing")
    visitor.picture("app-uninstall")
    assert axe(page) == []
    page.get_by_label("Type “changing” to confirm").fill("changing")
    visitor.button("Uninstall changing").click()
    expect(page.locator("#status").get_by_role("heading")).to_have_text("Being removed")
    room.captain.uninstall("apps", "changing")
    expect(page.locator("#status").get_by_role("heading")).to_have_text("Removed")
    expect(visitor.link("Install #1 again…").or_(visitor.link("Install #3 again…"))).to_be_visible()


def test_without_javascript_all_of_it_works_too(visit: Visit, room: Room) -> None:
    visitor = visit(javascript=False)
    page = visitor.open(f"{install(room, 'plain')}/upgrade?version={NEW}")
    decide(page)
    check_and_send(visitor, "Upgrade to 2.1.0")
    visitor.heading("plain")
    assert room.helmrequest("plain")["spec"]["version"] == NEW
    visitor.link("Roll back to #1…").click()
    visitor.button("Roll back to #1").click()
    visitor.heading("plain")
    visitor.sees("back to #1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_narrow_screen_nothing_is_cut_off(visit: Visit, room: Room, scheme: str) -> None:
    address = install(room, f"narrow-{scheme}")
    visitor = visit(width=NARROW, scheme=scheme)
    for name, path in (
        ("app", address),
        ("upgrade", f"{address}/upgrade?version={NEW}"),
        ("history", f"{address}/history"),
        ("rollback", f"{address}/rollback/1"),
        ("uninstall", f"{address}/uninstall"),
        ("apps", "/apps"),
        ("several", f"/apps/upgrade?app=home/apps/narrow-{scheme}"),
    ):
        page = visitor.open(path)
        visitor.picture(f"{name}-narrow")
        assert axe(page) == [], path
        visitor.fits()


def test_what_is_ticked_stays_ticked_when_the_list_looks_again(visit: Visit, room: Room) -> None:
    install(room, "ticked")
    visitor = visit()
    page = visitor.open("/apps?q=ticked&cluster=home")
    page.get_by_label("Choose ticked").check()
    room.captain.fail("apps", "ticked", "no longer")
    expect(page.locator("#results")).to_contain_text("no longer", timeout=30_000)
    expect(page.get_by_label("Choose ticked")).to_be_checked()
    visitor.button("Upgrade the chosen ones…").click()
    visitor.heading("Upgrade several apps")
    visitor.sees("2 values to decide")
    visitor.picture("apps-several")
    assert axe(page) == []
