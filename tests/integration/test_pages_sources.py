"""The pages about sources: how each fares, what can be done, and what may not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.model import Progress
from tests.pages import Browser
from tests.repository import repository
from tests.upstream import Site
from tests.web import web


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Browser]:
    with web(tmp_path / "room") as running:
        yield Browser(running)


@pytest.fixture
def shop(tmp_path: Path, site: Site) -> Iterator[Browser]:
    repository({"redis": ("7.0.0", "6.0.0"), "nginx": ("1.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "title": "The shop", "url": site.url}]) as running:
        running.sync()
        yield Browser(running)


def added(room: Browser, url: str = "https://charts.example.org/stable", **fields: str) -> Browser:
    room.followed(room.get("/sources/new").form(having="url"), "/sources/new", name="stable", url=url, **fields)
    return room


def test_the_list_shows_state_charts_and_times(shop: Browser) -> None:
    page = shop.get("/sources")
    assert page.links["The shop"] == "/sources/shop"
    for part in ("ok", "Charts", "2", "Sync now", "minutes"):
        assert part in page.text


def test_a_failing_source_says_why_and_what_to_do_and_what_still_holds(shop: Browser, site: Site) -> None:
    site.behave("/index.yaml", "status", status=503)
    shop.running.sync()
    for path in ("/sources", "/sources/shop"):
        text = shop.get(path).text
        assert "503" in text
        assert "has trouble of its own" in text
    assert "The last good catalog with 2 charts keeps being served." in shop.get("/sources/shop").text


def test_an_error_is_told_in_the_language_of_the_reader(shop: Browser, site: Site) -> None:
    site.behave("/index.yaml", "status", status=503)
    shop.running.sync()
    assert "该服务器或其前面的代理自身出了问题" in Browser(shop.running, "zh").get("/sources/shop").text


def test_what_was_answered_instead_of_an_index_is_told_in_the_language_of_the_reader(shop: Browser, site: Site) -> None:
    site.put("/index.yaml", "<!DOCTYPE html><html><head><title>Sign in</title></head></html>")
    shop.running.sync()
    assert "it is an HTML page with the title “Sign in”" in shop.get("/sources/shop").text
    assert "它是标题为“Sign in”的 HTML 页面" in Browser(shop.running, "zh").get("/sources/shop").text


def test_the_page_shows_the_ledger_as_a_table_and_as_a_picture(shop: Browser, site: Site) -> None:
    shop.running.sync()
    page = shop.get("/sources/shop")
    assert [one["class"] for one in page.all("rect") if "class" in one] == ["same", "ok"]
    assert "versions: 3 added" in page.text
    assert page.all("svg", role="img")[0]["aria-label"].startswith("The last 2 syncs")


def test_a_running_sync_shows_how_far_it_is_and_looks_again_soon(shop: Browser) -> None:
    store = shop.running.services.store
    with store.source_lock("shop"):
        store.sources.progress("shop", Progress(datetime.now(UTC), "archives", 3, 8))
        page = shop.get("/sources/shop")
    assert "Syncing: reading archives" in page.text
    assert page.all("progress", value="3", max="8")
    assert page.all("div", id="live")[0]["hx-trigger"] == "every 1s"


def test_while_a_sync_runs_none_is_asked_for_and_a_bar_says_that_it_moves(shop: Browser) -> None:
    store = shop.running.services.store
    assert "disabled" not in shop.get("/sources/shop").all("button", id="sync")[0]
    with store.source_lock("shop"):
        store.sources.progress("shop", Progress(datetime.now(UTC), "fetching"))
        page = shop.get("/sources/shop")
    assert page.all("button", id="sync")[0]["class"] == "button"
    assert "disabled" in page.all("button", id="sync")[0]
    assert "value" not in page.all("progress")[0]


def test_what_was_done_is_told_once_and_not_by_the_address(shop: Browser) -> None:
    answer = shop.send(shop.get("/sources/shop").form("/sync"))
    assert answer.headers["Location"] == "/sources/shop"
    assert "The sync begins in a moment." not in shop.get("/sources/shop", **{"HX-Target": "live"}).text
    assert "The sync begins in a moment." in shop.get("/sources/shop").text
    assert "The sync begins in a moment." not in shop.get("/sources/shop").text
    assert "The sync begins in a moment." not in shop.get("/sources/shop?notice=sync-asked").text


@pytest.mark.parametrize("cookie", ["nosuch", "<b>", ""])
def test_a_notice_that_is_none_of_ours_is_not_told(shop: Browser, cookie: str) -> None:
    shop.running.client.set_cookie("chartroom_notice", cookie, domain="127.0.0.1")
    assert shop.get("/sources").all("p", class_="toast") == []


def test_sync_now_makes_it_due_and_the_page_looks_again_soon(shop: Browser) -> None:
    page = shop.followed(shop.get("/sources/shop").form("/sync"))
    assert "The sync begins in a moment." in page.text
    assert page.all("div", id="live")[0]["hx-trigger"] == "every 2s"
    assert [one.name for one in shop.running.services.store.sources.due(datetime.now(UTC))] == ["shop"]


def test_held_removals_are_told_and_can_be_accepted(tmp_path: Path, site: Site) -> None:
    repository({f"chart-{number}": ("1.0.0",) for number in range(20)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        repository({"chart-1": ("1.0.0",)}).serve(site)
        running.sync()
        browser = Browser(running)
        page = browser.get("/sources/shop")
        assert "19 of 20 charts would vanish" in page.text
        assert "least ten minutes later" in page.text
        assert "held" in browser.get("/sources").text
        assert "20 个 Chart 中有 19 个会消失" in Browser(running, "zh").get("/sources/shop").text
        confirm = browser.get(page.links["Accept removals…"])
        assert "19 of 20 charts" in confirm.text
        form = confirm.form(having="typed")
        wrong = browser.sent(form, "/sources/shop/accept", status=400, typed="sho")
        assert "Type “shop” to confirm." in wrong.text
        assert "Accepted" in browser.followed(form, "/sources/shop/accept", typed="shop").text
        running.sync()
        assert browser.get("/").text.count("What chart-") == 1


def test_problems_are_listed_with_what_was_done(tmp_path: Path, site: Site) -> None:
    index = repository({"good": ("1.0.0",), "odd": ("not-a-version",)})
    index.serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        text = Browser(running).get("/sources/shop").text
        chinese = Browser(running, "zh").get("/sources/shop").text
    assert "odd not-a-version" in text
    assert "kept as it is" in text
    assert "This is no semantic version" in text
    assert "这不是语义化版本" in chinese
    assert "This is no semantic version" not in chinese


def test_archives_that_cannot_be_had_are_told_beside_the_state_and_lead_to_their_charts(
    tmp_path: Path, site: Site
) -> None:
    repository({"redis": ("7.0.0",), "nginx": ("1.0.0",)}).serve(site)
    site.behave("/redis-7.0.0.tgz", "status", status=404)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        page = Browser(running).get("/sources/shop")
    assert "1 archive could not be had" in page.text
    assert page.links["redis 7.0.0"] == "/charts/shop/redis/7.0.0"
    assert "no archive" in page.text
    assert "Chartroom tries again by itself" in page.text
    assert "kept as it is" not in page.text


def test_one_sync_makes_no_picture(shop: Browser) -> None:
    assert shop.get("/sources/shop").all("svg", role="img") == []


def test_a_source_is_added_changed_and_removed(room: Browser) -> None:
    page = added(room, title="Stable <b>").get("/sources/stable")
    assert "Stable <b>" in page.text
    form = room.get("/sources/stable/edit").form(having="url")
    assert form.fields["url"] == "https://charts.example.org/stable"
    changed = room.followed(form, "/sources/stable/edit", title="Better", interval="2h")
    assert "Better" in changed.text
    assert "2 hours" in changed.text
    wrong = room.sent(
        room.get("/sources/stable/remove").form(having="typed"), "/sources/stable/remove", status=400, typed="x"
    )
    assert "Type “stable” to confirm." in wrong.text
    gone = room.followed(
        room.get("/sources/stable/remove").form(having="typed"), "/sources/stable/remove", typed="stable"
    )
    assert "The source and its charts were removed." in gone.text
    room.get("/sources/stable", status=404)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "Not A Name"}, "Use 1 to 63 lower-case letters"),
        ({"name": "new"}, "“new”, “test” and “import” are taken"),
        ({"url": "ftp://x"}, "cannot be used"),
        ({"url": "/etc"}, "beginning with https://, http:// or oci://"),
        ({"interval": "soon"}, "Write a number with s, m, h or d"),
        ({"interval": "1s"}, "at least 10s"),
        ({"url": "https://a@b@charts.example.org"}, "cannot be used"),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_nothing_typed_is_lost(
    room: Browser, fields: dict[str, str], told: str
) -> None:
    typed = {"name": "stable", "url": "https://charts.example.org", "interval": "30m", "title": "Kept", **fields}
    page = room.sent(room.get("/sources/new").form(having="url"), "/sources/new", status=400, **typed)
    assert told in page.text
    assert page.form(having="url").fields.items() >= typed.items()
    assert room.running.services.catalog.sources() == ()


def test_a_name_that_is_taken_is_told(room: Browser) -> None:
    form = added(room).get("/sources/new").form(having="url")
    page = room.sent(form, "/sources/new", status=409, name="stable", url="https://other.example.org")
    assert "already a source named “stable”" in page.text


def test_a_declared_source_is_read_only_and_says_so(shop: Browser) -> None:
    page = shop.get("/sources/shop")
    assert "declared in the configuration file" in page.text
    assert "Edit" not in page.links
    assert "Remove" not in page.links
    form = shop.get("/sources/shop/edit").form(having="url")
    shop.sent(form, "/sources/shop/edit", status=403, url="https://other.example.org")
    remove = shop.get("/").form("/language")
    remove.action = "/sources/shop/remove"
    shop.sent(remove, status=403, typed="shop")


def test_where_sources_are_fixed_none_can_be_added(tmp_path: Path) -> None:
    with web(tmp_path / "room", sources_only_configured=True) as running:
        browser = Browser(running)
        assert "Register a repository" not in browser.get("/sources").links
        form = browser.get("/sources/new").form(having="url")
        browser.sent(form, "/sources/new", status=403, name="stable", url="https://charts.example.org")


def test_no_page_shows_a_password_or_where_it_lies(tmp_path: Path, site: Site) -> None:
    secret = tmp_path / "password"
    secret.write_text("hunter2")
    source = {"name": "shop", "url": site.url, "username": "ada", "password_file": str(secret)}
    with web(tmp_path / "room", [source]) as running:
        html = Browser(running).get("/sources/shop").html
    assert "ada" in html
    assert "hunter2" not in html
    assert str(secret) not in html


def test_a_source_that_is_not_there_is_told(room: Browser) -> None:
    assert "There is no source named “nosuch”." in room.get("/sources/nosuch", status=404).text


def test_the_form_takes_no_file_of_the_server(room: Browser) -> None:
    assert not [name for name in room.get("/sources/new").form(having="url").fields if name.endswith("_file")]
