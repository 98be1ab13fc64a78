"""The list of sources and the page of one: projects of a Harbor, progress, webhooks, what fails since when."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from indexer.model import Progress
from indexer.store.tables import sources as sources_table
from tests.certificates import self_signed
from tests.fake_harbor import LISTING, FakeHarbor, fake_harbor
from tests.pages import Browser, Form, Page
from tests.repository import archive, repository
from tests.tls_servers import secured, server_context
from tests.upstream import Site
from tests.web import Web, web


@pytest.fixture
def harbor() -> Iterator[FakeHarbor]:
    with fake_harbor() as running:
        running.robot("robot$catalog", "secret", {"*": LISTING})
        for project in ("library", "team-a"):
            running.project(project, public=False)
            running.push(f"{project}/{project}-app", archive(f"{project}-app", "1.0.0"))
        yield running


@pytest.fixture
def hub(tmp_path: Path, harbor: FakeHarbor) -> Iterator[Browser]:
    (tmp_path / "secret").write_text("secret")
    login = {"username": "robot$catalog", "password_file": str(tmp_path / "secret")}
    with web(tmp_path / "room", [{"name": "hub", "title": "Hub", "url": harbor.url, **login}]) as running:
        for name in ("hub", "hub.library", "hub.team-a"):
            running.sync(name)
        yield Browser(running)


def failing_since(running: Web, name: str, days: int, failures: int) -> None:
    """As if its failures had begun so many days ago."""
    since = datetime.now(UTC) - timedelta(days=days, hours=1)
    with running.services.store.database.write() as connection:
        changed = update(sources_table).where(sources_table.c.name == name)
        connection.execute(changed.values(failing_since=since, failures=failures))


def test_a_harbor_shows_its_projects_and_each_leads_back_to_it(hub: Browser) -> None:
    page = hub.get("/sources/hub")
    assert (page.links["library"], page.links["team-a"]) == ("/sources/hub.library", "/sources/hub.team-a")
    assert "2 charts, 2 projects" in page.text
    assert "projects: 2 added" in page.text
    child = hub.get("/sources/hub.team-a")
    assert child.links["hub"] == "/sources/hub"
    assert "project team-a" in child.text
    assert "Edit" not in child.links


def test_a_project_cannot_be_edited_by_itself_and_says_where_it_is(hub: Browser) -> None:
    page = hub.get("/sources/hub.team-a/edit")
    assert "is a project of “hub” and has its settings" in page.text
    assert all("disabled" in one for one in page.all("button", class_="accent"))


def test_removing_a_harbor_names_the_projects_that_go_with_it(tmp_path: Path, harbor: FakeHarbor) -> None:
    with web(tmp_path / "room", network_allow=["127.0.0.0/8"]) as running:
        room = Browser(running)
        typed = {"url": harbor.url, "sign_in": "password", "username": "robot$catalog", "password": "secret"}
        room.followed(room.get("/sources/new").form(having="url"), "/sources/new", name="hub", **typed)
        for name in ("hub", "hub.library", "hub.team-a"):
            running.sync(name)
        page = room.get("/sources/hub/remove")
        assert "2 projects" in page.text
        assert "2 charts" in page.text
        room.followed(page.form(having="typed"), "/sources/hub/remove", typed="hub")
        assert running.services.catalog.sources() == ()


def test_a_certificate_of_a_project_is_trusted_at_its_harbor(tmp_path: Path, harbor: FakeHarbor) -> None:
    with (
        web(tmp_path / "room", network_allow=["127.0.0.0/8"]) as running,
        secured(harbor, server_context(self_signed())) as tls,
    ):
        room = Browser(running)
        typed = {"url": tls.url, "sign_in": "password", "username": "robot$catalog", "password": "secret"}
        skipped = {"insecure_skip_verify": "on"}
        room.followed(room.get("/sources/new").form(having="url"), "/sources/new", name="hub", **typed, **skipped)
        running.sync("hub")
        form = room.get("/sources/hub/edit").form(having="url")
        del form.fields["insecure_skip_verify"]
        room.followed(form, "/sources/hub/edit")
        page = room.sent(room.get("/sources/hub.team-a").form("/test"), "/sources/hub.team-a")
        (button,) = [one for one in page.all("button") if one.get("name") == "trust"]
        room.followed(page.form("/trust"), "/sources/hub.team-a", trust=button["value"])
        for name in ("hub", "hub.team-a"):
            assert "BEGIN CERTIFICATE" in running.services.store.sources.get(name).source.ca


def test_a_project_has_no_webhook_of_its_own_and_leads_to_the_one_that_counts(hub: Browser) -> None:
    page = hub.get("/sources/hub.team-a/webhook")
    assert page.links["Webhook of hub"] == "/sources/hub/webhook"
    assert not [
        one for one in page.all("button") if one.get("class") == "button accent" and "sync" not in one.get("id", "")
    ]


def test_projects_lie_folded_in_the_list_until_somebody_unfolds_them(hub: Browser) -> None:
    page = hub.get("/sources")
    assert "library" not in page.links
    page = hub.get(page.links["2 projects"])
    assert page.links["library"] == "/sources/hub.library"
    assert "library" not in hub.get(page.links["2 projects"]).links


def test_a_project_that_fails_is_shown_though_the_others_are_folded(hub: Browser, harbor: FakeHarbor) -> None:
    harbor.robot("robot$catalog", "secret", {"library": LISTING})
    hub.running.services.syncer.sync("hub.team-a")
    page = hub.get("/sources")
    assert "1 fails" in page.text
    assert page.links["team-a"] == "/sources/hub.team-a"
    assert "library" not in page.links


def test_how_long_a_source_has_been_failing_stands_out(tmp_path: Path, site: Site) -> None:
    site.behave("/index.yaml", "status", status=503)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}, {"name": "aaa", "url": site.url}]) as running:
        running.services.syncer.sync("shop")
        failing_since(running, "shop", days=3, failures=14)
        browser = Browser(running)
        listing, page = browser.get("/sources"), browser.get("/sources/shop")
    assert "failing for 3 days" in listing.text
    assert listing.text.index("shop") < listing.text.index("aaa")
    assert "Failing for 3 days" in page.text
    assert "14 attempts in a row have failed." in page.text
    assert "It is tried again:" in page.text
    assert "it waits longer after 14 failures in a row" in page.text


def test_the_list_is_filtered_by_state_and_by_words(tmp_path: Path, site: Site) -> None:
    site.behave("/bad/index.yaml", "status", status=503)
    sources = [{"name": "bad", "url": f"{site.url}/bad"}, {"name": "other", "title": "Another", "url": site.url}]
    with web(tmp_path / "room", sources) as running:
        running.services.syncer.sync("bad")
        browser = Browser(running)
        page = browser.get("/sources")
        assert page.links["failing 1"] == "/sources?state=failing"
        assert "Another" not in browser.get("/sources?state=failing").links
        assert "bad" not in browser.get("/sources?find=anoth").links
        assert "No source is like that." in browser.get("/sources?find=nothing").text


def test_two_hundred_sources_make_one_page(tmp_path: Path) -> None:
    many = [{"name": f"source-{n}", "url": f"https://charts-{n}.example.org"} for n in range(200)]
    with web(tmp_path / "room", many) as running:
        page = Browser(running).get("/sources")
    assert "all 200" in page.text
    assert "/sources/source-199" in page.links.values()


def test_an_empty_list_shows_how_each_kind_is_written(tmp_path: Path) -> None:
    with web(tmp_path / "room") as running:
        page = Browser(running).get("/sources")
    for example in ("https://harbor.example.org", "oci://registry.example.org/charts", "index.yaml"):
        assert example in page.text
    assert page.links["Register a repository"] == "/sources/new"


def test_progress_tells_charts_and_bytes(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        store = running.services.store
        with store.source_lock("shop"):
            store.sources.progress("shop", Progress(datetime.now(UTC), "archives", 3, 8, 2048, 4096))
            for path in ("/sources/shop", "/sources"):
                assert "3 of 8 · 2 KiB of 4 KiB" in Browser(running).get(path).text
            store.sources.progress("shop", Progress(datetime.now(UTC), "fetching", 0, 0, 1024, 4096))
            page = Browser(running).get("/sources/shop")
    assert page.all("progress", value="1024", max="4096")


def test_the_secret_of_a_webhook_is_shown_once(tmp_path: Path, site: Site) -> None:
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        browser = Browser(running)
        page = browser.get("/sources/shop/webhook")
        assert "There is no secret yet" in page.text
        assert "http://127.0.0.1/hooks/harbor" in page.text
        made = browser.sent(webhook_form(page), "/sources/shop/webhook")
        secret = running.services.store.secrets.get("shop", "hook")
        assert secret
        assert made.text.count(secret) == 2
        later = browser.get("/sources/shop/webhook")
    assert secret not in later.html
    assert "A secret is stored and never shown." in later.text


def webhook_form(page: Page) -> Form:
    """The form that leads to the page itself."""
    return next(one for one in page.forms if not one.action and one.method == "post")


def test_public_url_is_where_webhooks_are_sent_to(tmp_path: Path, site: Site) -> None:
    with web(
        tmp_path / "room", [{"name": "shop", "url": site.url}], public_url="https://charts.example.org/room"
    ) as one:
        answer = one.ask("GET", "/room/sources/shop/webhook", headers={"Host": "charts.example.org"})
    assert "https://charts.example.org/room/hooks/harbor" in answer.get_data(as_text=True)


def test_the_last_change_is_told_however_often_nothing_changed_since(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("1.0.0", "2.0.0")}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        for _ in range(3):
            running.sync()
        page = Browser(running).get("/sources/shop")
    assert "Last change" in page.text
    assert "versions: 2 added" in page.text
    assert "as its interval says" in page.text


def test_a_change_of_the_catalog_is_seen_by_the_page_that_is_open(hub: Browser) -> None:
    before = hub.get("/sources/hub").all("div", id="live")[0]["data-version"]
    hub.running.services.store.sources.request("hub.library", datetime.now(UTC))
    assert hub.get("/sources/hub").all("div", id="live")[0]["data-version"] != before
