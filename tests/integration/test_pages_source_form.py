"""The form of a source: everything a repository needs can be said, and no secret comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog_web import registration
from indexer.model import Source
from tests.certificates import pair
from tests.pages import Browser, Form
from tests.web import web

URL = "https://charts.example.org/stable"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Browser]:
    with web(tmp_path / "room") as running:
        yield Browser(running)


def new(room: Browser) -> Form:
    return room.get("/sources/new").form(having="url")


def edit(room: Browser, name: str = "stable") -> Form:
    return room.get(f"/sources/{name}/edit").form(having="url")


def source(room: Browser, name: str = "stable") -> Source:
    return room.running.services.store.sources.get(name).source


def stored(room: Browser, field: str, name: str = "stable") -> str | None:
    return room.running.services.store.secrets.get(name, field)  # type: ignore[arg-type]


def unticked(form: Form, *names: str) -> Form:
    return Form(form.action, form.method, form.multipart, {k: v for k, v in form.fields.items() if k not in names})


def private(room: Browser) -> Browser:
    room.followed(new(room), "/sources/new", url=URL, sign_in="password", username="ada", password="hunter2")
    return room


def test_an_address_is_all_that_has_to_be_given(room: Browser) -> None:
    room.followed(new(room), "/sources/new", url="charts.example.org/stable")
    made = source(room)
    assert (made.url, made.kind_given, made.interval) == (URL, False, 1800)


def test_the_link_of_another_page_fills_in_the_address(room: Browser) -> None:
    assert room.get("/sources/new?url=https://harbor.example.org").form(having="url").fields["url"] == (
        "https://harbor.example.org"
    )


def test_every_setting_can_be_typed(room: Browser) -> None:
    form = unticked(new(room), "prereleases", "enabled")
    room.followed(
        form,
        "/sources/new",
        url="oci://registry.example.org/charts",
        name="hub",
        title="Hub",
        description="Of team B.",
        repositories="web\ndb-*",
        include="web-*, api",
        exclude="*-dev",
        versions=">=1 <3",
        content="none",
        proxy="http://proxy.example.org:3128",
        timeout="90s",
        interval="2h",
        credential_origins="https://blobs.example.org",
        max_index="8",
        captain_repo="legacy-hub",
        insecure_skip_verify="on",
    )
    made = source(room, "hub")
    assert made.kind == "oci"
    assert made.repositories == ("web", "db-*")
    assert (made.include, made.exclude, made.versions) == (("web-*", "api"), ("*-dev",), ">=1 <3")
    assert (made.prereleases, made.enabled, made.insecure_skip_verify) == (False, False, True)
    assert (made.timeout, made.interval, made.max_index_bytes) == (90, 7200, 8 * 1024 * 1024)
    assert made.credential_origins == ("https://blobs.example.org",)
    assert (made.title, made.description, made.captain_repo) == ("Hub", "Of team B.", "legacy-hub")
    assert made.proxy == "http://proxy.example.org:3128"
    again = room.get("/sources/hub/edit").form(having="url")
    room.followed(again, "/sources/hub/edit")
    assert source(room, "hub") == made


def test_a_password_is_kept_where_none_is_typed_and_never_shown(room: Browser) -> None:
    page = private(room).get("/sources/stable/edit")
    assert "hunter2" not in page.html
    assert "One is stored and never shown." in page.text
    assert page.form(having="url").fields["password"] == ""
    room.followed(page.form(having="url"), "/sources/stable/edit", title="Better")
    assert stored(room, "password") == "hunter2"
    assert source(room).title == "Better"
    assert "a password is stored" in room.get("/sources/stable").text


def test_a_password_is_replaced_by_typing_and_forgotten_by_signing_in_otherwise(room: Browser) -> None:
    private(room)
    room.followed(edit(room), "/sources/stable/edit", password="new one")
    assert stored(room, "password") == "new one"
    room.followed(edit(room), "/sources/stable/edit", sign_in="token", token="s3cret-token")
    assert (stored(room, "password"), stored(room, "token"), source(room).username) == (None, "s3cret-token", "")
    room.followed(edit(room), "/sources/stable/edit", sign_in="none")
    assert source(room).stored_secrets == ()


def test_a_login_in_the_address_is_moved_to_where_it_belongs(room: Browser) -> None:
    page = room.followed(new(room), "/sources/new", url="https://ada:hunter2@charts.example.org/stable")
    assert "hunter2" not in page.html
    assert (source(room).url, source(room).username, stored(room, "password")) == (URL, "ada", "hunter2")


def test_a_form_that_is_refused_shows_no_secret_and_says_to_type_it_again(room: Browser) -> None:
    page = room.sent(
        new(room),
        "/sources/new",
        400,
        url=URL,
        interval="soon",
        sign_in="password",
        username="ada",
        password="hunter2",
        client_key="hunter2",
    )
    assert "hunter2" not in page.html
    assert "type them again" in page.text
    assert page.form(having="url").fields["username"] == "ada"


def test_a_way_to_sign_in_that_was_chosen_has_to_be_filled_in(room: Browser) -> None:
    page = room.sent(new(room), "/sources/new", 400, url=URL, sign_in="password", username="ada")
    assert page.links["Password or secret"] == "#password"
    assert "Type the password." in page.text
    assert page.all("input", id="password", **{"aria-invalid": "true"})


def test_a_mistake_opens_the_part_that_it_is_in(room: Browser) -> None:
    page = room.get("/sources/new")
    assert not [one for one in page.all("details") if "open" in one]
    page = room.sent(new(room), "/sources/new", 400, url=URL, versions=">>1", include="[x")
    assert [one["id"] for one in page.all("details") if "open" in one] == ["reading"]
    assert page.all("input", id="versions", **{"aria-invalid": "true"})
    assert page.all("textarea", id="include", **{"aria-invalid": "true"})


def test_a_client_certificate_needs_its_key_and_forgets_it_when_it_goes(room: Browser) -> None:
    made = pair()
    page = room.sent(new(room), "/sources/new", 400, url=URL, client_cert=made.certificate)
    assert "A certificate and its key belong together" in page.text
    room.followed(new(room), "/sources/new", url=URL, client_cert=made.certificate, client_key=made.key)
    assert source(room).stored_secrets == ("client_key",)
    assert made.key.strip() not in room.get("/sources/stable/edit").html
    assert "a client certificate with its key" in room.get("/sources/stable").text
    room.followed(edit(room), "/sources/stable/edit", client_cert="")
    assert source(room).stored_secrets == ()


def test_a_pasted_authority_is_kept_and_told(room: Browser) -> None:
    made = pair()
    room.followed(new(room), "/sources/new", url=URL, ca=made.certificate.replace("\n", "\r\n"))
    assert source(room).ca == made.certificate.strip()
    assert "public authorities and 1 certificate" in room.get("/sources/stable").text
    page = room.sent(edit(room), "/sources/stable/edit", 400, ca="no certificate")
    assert page.all("textarea", id="ca", **{"aria-invalid": "true"})


def test_credentials_do_not_go_along_to_another_server(room: Browser) -> None:
    private(room)
    page = room.sent(edit(room), "/sources/stable/edit", 409, url="https://other.example.org")
    assert "go nowhere else by themselves" in page.text
    room.followed(edit(room), "/sources/stable/edit", url="https://other.example.org", password="for the other")
    assert source(room).url == "https://other.example.org"


def test_the_query_of_an_address_may_hold_a_token_so_it_stays_and_is_not_shown(room: Browser) -> None:
    room.followed(new(room), "/sources/new", url=f"{URL}?sas=hunter2")
    for path in ("/sources", "/sources/stable", "/sources/stable/edit"):
        assert "hunter2" not in room.get(path).html
    room.followed(edit(room), "/sources/stable/edit", title="Better")
    assert source(room).url == f"{URL}?sas=hunter2"
    room.followed(edit(room), "/sources/stable/edit", url=f"{URL}/other")
    assert source(room).url == f"{URL}/other"


def test_an_address_that_is_closed_is_told_at_its_field(room: Browser) -> None:
    page = room.sent(new(room), "/sources/new", 400, url="http://169.254.169.254/latest")
    assert page.all("input", id="url", **{"aria-invalid": "true"})


def test_skipping_verification_warns_for_as_long_as_it_is_so(room: Browser) -> None:
    room.followed(new(room), "/sources/new", url=URL, insecure_skip_verify="on")
    for path in ("/sources/stable", "/sources/stable/webhook", "/sources/stable/captain"):
        assert "The server is believed without proof" in room.get(path).text
    assert "not verified" in room.get("/sources").text
    room.followed(unticked(edit(room), "insecure_skip_verify"), "/sources/stable/edit")
    assert "The server is believed without proof" not in room.get("/sources/stable").text


def test_what_the_server_keeps_in_files_stays_when_other_things_are_edited(room: Browser, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2")
    values = {"name": "stable", "url": URL, "username": "ada", "password_file": str(tmp_path / "password")}
    registration.add_source(room.running.services, values, operator=True, base=tmp_path)
    room.followed(edit(room), "/sources/stable/edit", title="Better")
    assert source(room).password_file == str(tmp_path / "password")
    assert str(tmp_path) not in room.get("/sources/stable/edit").html


def test_a_source_that_is_declared_cannot_be_saved_here(tmp_path: Path) -> None:
    with web(tmp_path / "room", [{"name": "stable", "url": URL}]) as running:
        room = Browser(running)
        form = edit(room)
        assert all("disabled" in one for one in room.get("/sources/stable/edit").all("button", class_="accent"))
        page = room.sent(form, "/sources/stable/edit", 403, title="Better")
    assert "declared in the configuration file" in page.text
