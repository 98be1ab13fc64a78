"""Teams on the administrators' pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages import Browser, Page
from tests.people import People, browser_of
from tests.repository import repository
from tests.upstream import Site
from tests.web import web


@pytest.fixture
def admin(tmp_path: Path, site: Site) -> Iterator[Browser]:
    repository({"redis": ("1.0.0", "2.0.0"), "nginx": ("1.0.0",), "redis-ui": ("0.1.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        People().install(running.app)
        yield browser_of(running, "admin")


def made(admin: Browser) -> Page:
    form = admin.get("/admin/teams").form(having="name")
    return admin.followed(form, "/admin/teams", name="payments", title="Payments")


def test_a_team_is_made_and_listed_with_what_it_hides(admin: Browser) -> None:
    assert "There is no team yet" in admin.get("/admin/teams").text
    page = made(admin)
    assert "Payments" in page.text and "0 of 3 charts" in page.text
    admin.followed(page.form(having="charts"), "/admin/teams/payments", charts="shop/redis*", note="use valkey")
    listed = admin.get("/admin/teams")
    assert "2 charts of 3" in listed.text


def test_a_rule_shows_what_it_would_do_before_it_is_added(admin: Browser) -> None:
    page = made(admin)
    tried = admin.sent(page.form(having="charts"), "/admin/teams/payments", charts="*/redis*", step="try")
    assert "This hides 2 charts more" in tried.text and "shop/redis, shop/redis-ui" in tried.text
    assert admin.running.services.store.teams.get("payments").rules == ()
    live = admin.get("/admin/teams/payments?kind=hide&charts=*/nginx&versions=")
    assert "This hides 1 chart more" in live.text
    nothing = admin.get("/admin/teams/payments?kind=hide&charts=harbor/nginx")
    assert "hides and shows no chart that there is now" in nothing.text


def test_a_rule_that_cannot_be_meant_keeps_what_was_typed(admin: Browser) -> None:
    page = made(admin)
    wrong = admin.sent(page.form(having="charts"), "/admin/teams/payments", 400, charts="redis", note="mine")
    assert "“redis” names no charts" in wrong.text
    assert wrong.form(having="charts").fields["note"] == "mine"
    wrong = admin.sent(page.form(having="charts"), "/admin/teams/payments", 400, charts="*/redis", versions=">banana")
    assert "The rule cannot be kept" in wrong.text


def test_people_are_written_a_line_each(admin: Browser) -> None:
    page = made(admin)
    form = page.form(having="members")
    after = admin.followed(form, "/admin/teams/payments", members="ann\r\nbob\r\n\r\nann", groups="*")
    team = admin.running.services.store.teams.get("payments")
    assert (team.members, team.groups) == (("ann", "bob"), ("*",))
    assert after.form(having="members").fields["members"] == "ann\nbob"


def test_I9_a_form_that_is_no_longer_new_is_told(admin: Browser) -> None:
    page = made(admin)
    form = page.form(having="members")
    admin.followed(form, "/admin/teams/payments", members="ann")
    stale = admin.sent(form, "/admin/teams/payments", 409, members="eve")
    assert "Somebody changed the team payments" in stale.text
    assert admin.running.services.store.teams.get("payments").members == ("ann",)


def test_a_rule_and_a_team_go(admin: Browser) -> None:
    page = made(admin)
    page = admin.followed(page.form(having="charts"), "/admin/teams/payments", charts="shop/<b>*")
    assert "&lt;b&gt;" in page.html
    page = admin.followed(page.form("/rules/"), "/admin/teams/payments")
    assert "None yet" in page.text
    assert "There is no team yet" in admin.followed(page.form("/delete"), "/admin/teams/payments").text
