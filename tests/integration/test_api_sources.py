"""Sources over HTTP: registered, changed, synced, accepted, and what may not be done from afar."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from indexer.model import Progress
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

CHARTS = {"redis": ("1.0.0",), "blog": ("0.1.0",)}


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path, network_allow=["127.0.0.0/8"]) as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository(CHARTS).serve(site)
    with web(tmp_path, [{"name": "shop", "url": site.url, "title": "The shop"}]) as running:
        yield running


def add(running: Web, status: int = 201, **body: Any) -> Any:
    body = {"name": "shop", "url": "https://charts.example.org/stable", **body}
    return running.send("POST", "/api/v1/sources", {key: value for key, value in body.items() if value != ""}, status)


def test_a_new_source_is_registered_and_due_at_once(empty: Web) -> None:
    made = add(empty, title="Fresh", interval="2h", content="all")
    assert made["state"] == "never"
    assert made["kind"] == "index"
    assert (made["title"], made["interval"], made["configured"]) == ("Fresh", 7200, False)
    assert made["next_due"] is not None
    assert empty.get("/api/v1/sources") == {"total": 1, "items": [made]}
    assert empty.get("/api/v1/sources/shop") == made


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"name": "Upper"}, "bad-request"),
        ({"name": "../x"}, "bad-request"),
        ({"name": "a" * 64}, "bad-request"),
        ({"url": ""}, "bad-request"),
        ({"interval": 1}, "bad-request"),
        ({"interval": "soon"}, "bad-request"),
        ({"kind": "museum"}, "bad-request"),
        ({"kind": "oci"}, "bad-request"),
        ({"is_admin": True}, "bad-request"),
        ({"configured": True}, "bad-request"),
        ({"url": "http://user:canary@evil@example.org/"}, "bad-url"),
        ({"url": "http://127.0.0.1:80\\@example.com/"}, "bad-url"),
        ({"url": "ftp://example.org/"}, "bad-url"),
    ],
)
def test_I1_a_source_that_is_not_right_is_refused_with_a_sentence(empty: Web, body: dict[str, Any], error: str) -> None:
    problem = add(empty, 400, **body)
    assert problem["id"] == error
    assert "canary" not in str(problem)
    assert empty.get("/api/v1/sources")["total"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"url": "/etc"},
        {"url": "charts"},
        {"url": "/etc", "kind": "directory"},
        {"username": "u", "password_file": "/etc/passwd"},
    ],
)
def test_nobody_on_the_network_names_files_of_the_server(empty: Web, body: dict[str, Any]) -> None:
    assert add(empty, 403, **body)["id"] == "server-file"
    assert empty.get("/api/v1/sources")["total"] == 0


def test_an_address_without_its_scheme_is_told_how_it_begins(empty: Web) -> None:
    """What people copy from a browser; without a scheme it may as well be a folder."""
    assert "begins with https://" in add(empty, 403, url="harbor.example.org")["remedy"]


def test_a_name_is_given_once(empty: Web) -> None:
    add(empty)
    assert add(empty, 409)["id"] == "conflict"


def test_editing_one_setting_loses_no_other(empty: Web) -> None:
    add(empty, title="Old", interval=60, include=["nginx-*"], username="u", password="canary")
    changed = empty.send("PUT", "/api/v1/sources/shop", {"enabled": False})
    assert (changed["url"], changed["title"], changed["interval"]) == ("https://charts.example.org/stable", "Old", 60)
    assert (changed["settings"]["include"], changed["secrets"]) == (["nginx-*"], ["password"])
    assert changed["state"] == "disabled"


def test_null_puts_an_option_back_to_its_default(empty: Web) -> None:
    add(empty, title="Old", interval=60, include=["nginx-*"])
    changed = empty.send("PUT", "/api/v1/sources/shop", {"interval": None, "include": None})
    assert (changed["interval"], changed["settings"]["include"], changed["title"]) == (1800, [], "Old")


def test_a_source_is_taken_away_with_its_charts(empty: Web, site: Site) -> None:
    repository(CHARTS).serve(site)
    add(empty, name="shop", url=site.url)
    empty.sync()
    assert empty.get("/api/v1/charts")["total"] == 2
    empty.send("DELETE", "/api/v1/sources/shop", status=204)
    empty.services.catalog.follow()
    assert empty.get("/api/v1/charts")["total"] == 0
    assert empty.send("DELETE", "/api/v1/sources/shop", status=404)["id"] == "source-not-found"


def test_a_password_goes_to_no_other_host(empty: Web, tmp_path: Path) -> None:
    from catalog_web.registration import add_source

    (tmp_path / "password").write_text("canary-7f3a")
    values = {"name": "inner", "url": "https://inner.example.org/a", "username": "u", "password_file": "password"}
    add_source(empty.services, values, operator=True, base=tmp_path)
    path = "/api/v1/sources/inner"
    assert empty.send("PUT", path, {"url": "https://evil.example.com/a"}, 409)["id"] == "conflict"
    empty.send("PUT", path, {"url": "https://inner.example.org/b"})
    kept = empty.services.store.sources.get("inner").source
    assert (kept.username, kept.password_file) == ("u", str(tmp_path / "password"))
    told = empty.ask("GET", path).get_data(as_text=True)
    assert "canary" not in told
    assert "password" not in told


def test_a_source_of_the_configuration_is_read_only(shop: Web) -> None:
    assert shop.get("/api/v1/sources/shop")["configured"] is True
    assert shop.send("PUT", "/api/v1/sources/shop", {"url": "https://x.example"}, 403)["id"] == "source-read-only"
    assert shop.send("DELETE", "/api/v1/sources/shop", status=403)["id"] == "source-read-only"


def test_where_only_the_configuration_declares_sources_nobody_else_does(tmp_path: Path) -> None:
    with web(tmp_path, sources_only_configured=True) as running:
        problem = add(running, 403)
    assert problem["id"] == "sources-only-configured"


# -- syncs


def test_sync_now_makes_a_source_due(shop: Web) -> None:
    shop.sync()
    before = shop.get("/api/v1/sources/shop")
    after = shop.send("POST", "/api/v1/sources/shop/sync", {}, 202)
    assert after["next_due"] < before["next_due"]
    assert shop.send("POST", "/api/v1/sources/absent/sync", {}, 404)["id"] == "source-not-found"


def test_a_disabled_source_is_not_synced(empty: Web) -> None:
    add(empty, enabled=False)
    assert empty.send("POST", "/api/v1/sources/shop/sync", {}, 409)["id"] == "source-disabled"


def test_a_source_tells_how_its_syncs_fare(shop: Web, site: Site) -> None:
    assert shop.get("/api/v1/sources/shop")["state"] == "never"
    shop.sync()
    state = shop.get("/api/v1/sources/shop")
    assert (state["state"], state["charts"], state["versions"]) == ("ok", 2, 2)
    assert state["last_attempt"]["outcome"] == "changed"
    assert (state["running"], state["progress"]) == (False, None)
    site.behave("/index.yaml", "status", status=500)
    shop.sync()
    state = shop.get("/api/v1/sources/shop")
    assert (state["state"], state["charts"]) == ("failing", 2)
    assert state["last_attempt"]["error"]["id"] == "server-failed"
    assert state["last_attempt"]["error"]["remedy"]
    assert (state["failures"], state["failing_since"]) == (1, state["last_attempt"]["started"])
    assert state["due_reason"] == "back-off"
    assert state["last_change"]["outcome"] == "changed"


def test_a_running_sync_tells_how_much_it_has_of_all(shop: Web) -> None:
    store = shop.services.store
    with store.source_lock("shop"):
        store.sources.progress("shop", Progress(datetime.now(UTC), "fetching", bytes=10, of_bytes=30))
        progress = shop.get("/api/v1/sources/shop")["progress"]
    assert (progress["bytes"], progress["of_bytes"], progress["total"]) == (10, 30, 0)


def test_the_ledger_is_read_newest_first(shop: Web, site: Site) -> None:
    for _ in range(3):
        shop.sync()
    page = shop.get("/api/v1/sources/shop/attempts?limit=2")
    assert page["total"] == 3
    assert [one["outcome"] for one in page["items"]] == ["unchanged", "unchanged"]
    assert shop.get("/api/v1/sources/shop/attempts?offset=2")["items"][0]["outcome"] == "changed"
    assert shop.get("/api/v1/sources/absent/attempts", 404)["id"] == "source-not-found"


def test_D13_held_removals_are_told_and_carried_out_when_accepted(shop: Web, site: Site) -> None:
    many = {f"chart-{number}": ("1.0.0",) for number in range(20)}
    repository(many).serve(site)
    shop.sync()
    repository({"chart-0": ("1.0.0",)}).serve(site)
    shop.sync()
    state = shop.get("/api/v1/sources/shop")
    assert (state["state"], state["charts"]) == ("held", 20)
    assert (state["held"]["removed"], state["held"]["of"]) == (19, 20)
    shop.send("POST", "/api/v1/sources/shop/accept", {})
    shop.sync()
    assert shop.get("/api/v1/sources/shop")["charts"] == 1
    assert shop.send("POST", "/api/v1/sources/shop/accept", {}, 409)["id"] == "conflict"


# -- how a write must come


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_I5_a_write_that_is_not_called_json_is_refused(empty: Web, content_type: str) -> None:
    body = b'{"name": "shop", "url": "https://charts.example.org"}'
    answer = empty.ask("POST", "/api/v1/sources", data=body, headers={"Content-Type": content_type})
    assert answer.status_code in (403, 415)
    assert answer.mimetype == "application/problem+json"
    assert empty.get("/api/v1/sources")["total"] == 0


def test_I5_a_write_from_a_foreign_page_is_refused(empty: Web) -> None:
    headers = {"Origin": "https://evil.example.com"}
    body = {"name": "shop", "url": "https://charts.example.org"}
    assert empty.send("POST", "/api/v1/sources", body, 403, headers=headers)["id"] == "forged-request"
    own = {"Origin": "http://127.0.0.1"}
    empty.send("POST", "/api/v1/sources", body, 201, headers=own)


def test_I4_a_body_beyond_the_limit_is_refused_unread(empty: Web) -> None:
    body = {"name": "shop", "url": "https://charts.example.org", "title": "x" * 2_000_000}
    assert empty.send("POST", "/api/v1/sources", body, 413)["id"] == "request-entity-too-large"


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"name": NaN}', b"\xff\xfe", b'{"name":"a","name":"b"}', b"null"])
def test_I3_a_body_that_is_no_proper_json_is_a_400(empty: Web, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    for method, path in (("POST", "/api/v1/sources"), ("POST", "/api/v1/sources/x/sync"), ("POST", "/api/v1/installs")):
        answer = empty.ask(method, path, data=body, headers=headers)
        assert answer.status_code == 400
        empty.check(method, path, answer)


def test_a_token_in_the_query_of_an_address_is_not_shown(empty: Web) -> None:
    made = add(empty, name="shop", url="https://charts.example.org/stable?token=canary")
    assert made["url"] == "https://charts.example.org/stable"
    assert "canary" not in json.dumps(empty.get("/api/v1/sources"))
