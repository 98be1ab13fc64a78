"""Test connection on the pages: before a source is saved and after, and trusting what a server shows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certificates import chain, self_signed
from tests.fake_harbor import LISTING, FakeHarbor, fake_harbor
from tests.pages import Browser, Form, Page
from tests.repository import archive, repository
from tests.tls_servers import TlsServer, secured, server_context
from tests.upstream import Site
from tests.web import web

HERE = ["127.0.0.0/8"]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Browser]:
    with web(tmp_path / "room", network_allow=HERE) as running:
        yield Browser(running)


@pytest.fixture
def shop(site: Site) -> Site:
    repository({"redis": ("1.0.0",), "nginx": ("1.0.0",)}).serve(site)
    return site


@pytest.fixture
def harbor() -> Iterator[FakeHarbor]:
    with fake_harbor() as running:
        running.robot("robot$catalog", "hunter2", {"*": LISTING})
        running.project("team-a", public=False)
        running.push("team-a/app", archive("app", "1.0.0"))
        yield running


@pytest.fixture
def unknown(shop: Site) -> Iterator[TlsServer]:
    """A server that nobody knows."""
    with secured(shop, server_context(self_signed())) as server:
        yield server


def form(room: Browser, path: str = "/sources/new") -> Form:
    return room.get(path).form(having="url")


def tried(room: Browser, status: int = 200, path: str = "/sources/new", **typed: str) -> Page:
    return room.sent(form(room, path), path, status, step="test", **typed)


def rungs(page: Page) -> dict[str, int]:
    """How many rungs of the ladder are in which state."""
    states = ("ok", "warn", "fail", "skipped")
    return {state: count for state in states if (count := len(page.all("li", class_=state)))}


def offered(page: Page) -> str:
    """The certificate that a button offers to trust."""
    (button,) = [one for one in page.all("button") if one.get("name") == "trust"]
    return button["value"]


def test_a_test_shows_the_way_to_the_charts_and_saves_nothing(room: Browser, shop: Site) -> None:
    page = tried(room, url=shop.url, title="Kept")
    assert "Charts: 2" in page.text
    assert "fail" not in rungs(page)
    assert page.form(having="url").fields["title"] == "Kept"
    assert room.running.services.catalog.sources() == ()


def test_a_test_tries_what_was_typed_and_shows_no_secret(room: Browser, harbor: FakeHarbor) -> None:
    page = tried(room, url=harbor.url, sign_in="password", username="robot$catalog", password="hunter2")
    assert "Charts: 1" in page.text
    assert "hunter2" not in page.html
    assert "type them again" in page.text
    page = tried(room, url=harbor.url, sign_in="password", username="robot$catalog", password="wrong")
    assert rungs(page)["fail"] == 1


def test_where_the_way_ends_the_page_says_why_and_what_to_do(room: Browser, site: Site) -> None:
    site.put("/index.yaml", "<!doctype html><title>Sign in</title>", content_type="text/html")
    page = tried(room, url=site.url)
    assert rungs(page)["fail"] == 1
    assert "Sign in" in page.text


def test_a_name_is_suggested_by_a_test(room: Browser, shop: Site) -> None:
    page = tried(room, url=f"{shop.url}/charts/team-a")
    assert page.form(having="url").fields["name"] == "team-a"


def test_a_mistake_is_told_before_anything_is_tried(room: Browser, shop: Site) -> None:
    page = tried(room, 400, url=shop.url, versions=">>1")
    assert "1 field needs another look" in page.text
    assert shop.asked("/index.yaml") == []


def test_where_only_a_part_of_the_page_is_exchanged_a_mistake_comes_as_a_whole_answer(room: Browser) -> None:
    fields = {**form(room).fields, "url": "", "step": "test"}
    headers = {"Host": "127.0.0.1", "Origin": "http://127.0.0.1", "HX-Request": "true"}
    answer = room.running.client.post("/sources/new", data=fields, headers=headers)
    assert answer.status_code == 200
    assert "Nothing was tried yet" in answer.get_data(as_text=True)


def test_what_the_server_shows_is_trusted_with_one_click(room: Browser, unknown: TlsServer) -> None:
    page = tried(room, url=unknown.url)
    assert "What the server shows" in page.text
    page = room.sent(page.form(having="url"), "/sources/new", trust=offered(page))
    assert "Charts: 2" in page.text
    assert page.form(having="url").fields["ca"] == offered_before(page)
    room.followed(page.form(having="url"), "/sources/new", name="shop")
    room.running.sync("shop")
    assert "Up to date" in room.get("/sources/shop").text


def offered_before(page: Page) -> str:
    """The certificate in the field: one, whole."""
    text = page.form(having="url").fields["ca"]
    assert text.count("-----BEGIN CERTIFICATE-----") == text.count("-----END CERTIFICATE-----") == 1
    return text


def test_trusting_adds_to_what_was_pasted_before(room: Browser, unknown: TlsServer) -> None:
    other = chain().root.pem
    page = tried(room, url=unknown.url, ca=other)
    page = room.sent(page.form(having="url"), "/sources/new", trust=offered(page), ca=other)
    assert page.form(having="url").fields["ca"].count("BEGIN CERTIFICATE") == 2


def test_a_certificate_is_trusted_though_the_secret_has_to_be_typed_again(room: Browser, unknown: TlsServer) -> None:
    typed = {"url": unknown.url, "sign_in": "password", "username": "ada"}
    page = tried(room, **typed, password="hunter2")
    page = room.sent(page.form(having="url"), "/sources/new", trust=offered(page), password="")
    assert "type them again" in page.text
    assert "BEGIN CERTIFICATE" in page.form(having="url").fields["ca"]


def test_an_authority_that_is_sent_along_is_offered_rather_than_the_servers_own(room: Browser, shop: Site) -> None:
    made = chain()
    with secured(shop, server_context(made.leaf, made.issuer, made.root)) as server:
        page = tried(room, url=server.url)
    assert "Trust this authority" in page.text
    assert offered(page).strip() == made.root.pem.strip()


def test_a_new_source_is_not_tested_with_what_another_of_its_name_has(room: Browser, harbor: FakeHarbor) -> None:
    typed = {"url": harbor.url, "sign_in": "password", "username": "robot$catalog", "password": "hunter2"}
    room.followed(form(room), "/sources/new", name="hub", **typed)
    page = tried(room, 400, **{**typed, "name": "hub", "password": ""})
    assert "Type the password." in page.text


def test_an_edit_is_tested_with_what_is_stored(room: Browser, harbor: FakeHarbor) -> None:
    typed = {"url": harbor.url, "sign_in": "password", "username": "robot$catalog", "password": "hunter2"}
    room.followed(form(room), "/sources/new", name="hub", **typed)
    page = tried(room, path="/sources/hub/edit", projects="team-*")
    assert "Charts: 1" in page.text
    assert room.running.services.store.sources.get("hub").source.projects == ()


# -- on the page of a source


def test_a_source_is_tested_on_its_page(room: Browser, shop: Site) -> None:
    room.followed(form(room), "/sources/new", url=shop.url, name="shop")
    page = room.sent(room.get("/sources/shop").form("/test"), "/sources/shop")
    assert "Charts: 2" in page.text
    assert page.all("section", id="ladder", class_="tested")
    assert not room.get("/sources/shop").all("section", class_="tested")


def test_a_certificate_is_trusted_on_the_page_without_losing_a_setting(room: Browser, unknown: TlsServer) -> None:
    typed = {"url": unknown.url, "name": "shop", "title": "The shop", "sign_in": "password", "username": "ada"}
    room.followed(form(room), "/sources/new", **typed, password="hunter2")
    page = room.sent(room.get("/sources/shop").form("/test"), "/sources/shop")
    after = room.followed(page.form("/trust"), "/sources/shop", trust=offered(page))
    source = room.running.services.store.sources.get("shop").source
    assert "The source was changed" in after.text
    assert source.ca.count("BEGIN CERTIFICATE") == 1
    assert (source.title, source.username, source.stored_secrets) == ("The shop", "ada", ("password",))


def test_a_declared_source_is_told_where_to_name_the_certificate(tmp_path: Path, unknown: TlsServer) -> None:
    with web(tmp_path / "room", [{"name": "shop", "url": unknown.url}]) as running:
        room = Browser(running)
        page = room.sent(room.get("/sources/shop").form("/test"), "/sources/shop")
        assert "ca_file" in page.text
        assert not [one for one in page.forms if "/trust" in one.action]
        forged = room.get("/").form("/language")
        forged.action = "/sources/shop/trust"
        room.send(forged, trust="x")
        assert running.services.store.sources.get("shop").source.ca == ""


def test_somebody_who_tests_too_often_is_asked_to_wait(room: Browser, shop: Site) -> None:
    for _ in range(10):
        tried(room, url=shop.url)
    page = tried(room, 429, url=shop.url)
    assert "Wait" in page.text
