"""Test connection over HTTP: of what is registered and what is not, by whom, how often, and what is never told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import g

from catalog_web.auth import Person
from tests.certificates import HERE, signed
from tests.repository import repository
from tests.tls_servers import secured, server_context, silent
from tests.upstream import Site
from tests.web import Web, web

TEST = "/api/v1/sources/test"
CANARY = "canary-77c1"
CHARTS = {"redis": ("2.0.0", "1.0.0"), "blog": ("0.1.0",)}


@pytest.fixture
def room(tmp_path: Path, site: Site) -> Iterator[Web]:
    """The source “shop” is configured; people may enter loopback addresses."""
    repository(CHARTS).serve(site)
    with web(tmp_path, [{"name": "shop", "url": site.url}], network_allow=["127.0.0.0/8"]) as running:
        yield running


@pytest.fixture
def closed(tmp_path: Path, site: Site) -> Iterator[Web]:
    """People may enter no loopback address."""
    with web(tmp_path) as running:
        yield running


def ask(running: Web, status: int = 200, **body: Any) -> Any:
    answer = running.send("POST", TEST, body, status)
    assert CANARY not in str(answer)
    return answer


def failed(answer: Any) -> tuple[str, str]:
    (broken,) = (one for one in answer["rungs"] if one["state"] == "fail")
    return broken["id"], broken["cause"]


def test_an_address_is_tested_before_anything_is_registered(room: Web, site: Site) -> None:
    answer = ask(room, url=site.url)
    assert [one["id"] for one in answer["rungs"]] == [
        "dns", "tcp", "proxy", "tls", "http", "kind", "auth", "read", "charts",
    ]  # fmt: skip
    assert answer["rungs"][-1]["cause"] == "Charts: 2, versions: 3."
    assert (answer["kind"], answer["certificates"], answer["trust"]) == ("index", [], None)
    assert room.get("/api/v1/sources")["total"] == 1
    assert room.services.store.catalog.names("shop") == ()


def test_a_registered_source_is_tested_by_its_name_alone(room: Web) -> None:
    assert ask(room, name="shop")["rungs"][-1]["state"] == "ok"


def test_a_name_that_nobody_registered_is_not_found(room: Web) -> None:
    assert ask(room, 404, name="nothing")["id"] == "source-not-found"


def test_a_password_that_was_typed_is_used_and_never_told(room: Web, site: Site) -> None:
    site.protect("me", CANARY)
    assert failed(ask(room, url=site.url))[0] == "auth"
    assert failed(ask(room, url=site.url, username="me", password="wrong"))[0] == "auth"
    assert ask(room, url=site.url, username="me", password=CANARY)["rungs"][-1]["state"] == "ok"


def test_a_kept_password_is_tried_with_other_settings_and_goes_to_no_other_server(room: Web, site: Site) -> None:
    site.protect("me", CANARY)
    room.send("POST", "/api/v1/sources", {"name": "own", "url": site.url, "username": "me", "password": CANARY}, 201)
    assert ask(room, name="own")["rungs"][-1]["state"] == "ok"
    assert ask(room, name="own", include=["red*"])["rungs"][-1]["cause"] == "Charts: 1, versions: 2."
    assert ask(room, 409, name="own", url="http://127.0.0.1:9/")["id"] == "conflict"
    assert room.get("/api/v1/sources/own")["settings"]["include"] == []


def test_a_certificate_that_is_shown_is_tried_by_trusting_it(room: Web, site: Site) -> None:
    server = signed("charts", names=HERE, is_authority=True, ends=1000)
    with secured(site, server_context(server)) as tls:
        refused = ask(room, url=tls.url)
        believed = ask(room, url=tls.url, ca=refused["trust"]["pem"])
    assert failed(refused)[0] == "tls"
    assert refused["certificates"][0]["names"] == ["localhost", "127.0.0.1"]
    assert refused["trust"]["fingerprint"] == refused["certificates"][0]["fingerprint"]
    assert refused["trust"]["fingerprint"] in refused["trust"]["meaning"]
    assert all(one["state"] != "fail" for one in believed["rungs"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"url": "ftp://example.org/"}, 400),
        ({"url": "http://127.0.0.1:80\\@example.com/"}, 400),
        ({"url": "https://example.org/", "interval": 1}, 400),
        ({"url": "https://example.org/", "ca": "no PEM"}, 400),
        ({"url": "https://example.org/", "unknown": 1}, 400),
        ({"url": "https://example.org/", "password_file": "/etc/passwd", "username": "u"}, 403),
        ({"url": "/etc", "kind": "directory"}, 403),
        ({}, 400),
        ({"name": "Shop!", "url": "https://example.org/"}, 400),
        ({"name": "shop", "url": "https://example.org/"}, 403),
    ],
)
def test_what_may_not_be_registered_is_not_tested_either(room: Web, body: dict[str, Any], status: int) -> None:
    assert ask(room, status, **body)["id"]


def test_where_sources_are_only_configured_nothing_else_is_tested(tmp_path: Path, site: Site) -> None:
    repository(CHARTS).serve(site)
    with web(tmp_path, [{"name": "shop", "url": site.url}], sources_only_configured=True) as running:
        assert ask(running, 403, url="https://example.org/")["id"] == "sources-only-configured"
        assert ask(running, name="shop")["rungs"][-1]["state"] == "ok"


def test_A14_whoever_may_not_register_sources_may_not_test_one_and_is_told_the_same_for_all(
    room: Web, site: Site
) -> None:
    reader = Person("reader", frozenset({"source.read", "catalog.read"}))
    room.app.before_request_funcs.setdefault(None, []).insert(0, lambda: setattr(g, "person", reader))
    answers = [ask(room, 403, url=url) for url in (site.url, "http://127.0.0.1:9/", "https://charts.invalid/")]
    assert answers[0] == answers[1] == answers[2]
    assert site.log == []


def test_A14_all_ports_of_an_address_that_may_not_be_reached_look_the_same(closed: Web, site: Site) -> None:
    with silent() as hung:
        urls = (site.url, "http://127.0.0.1:9/", hung.plain_url, "http://localhost:9/")
        answers = [ask(closed, url=url) for url in urls]
    assert [failed(one) for one in answers[:3]] == [
        ("dns", "127.0.0.1 is not at an address that may be reached from here.")
    ] * 3
    assert failed(answers[3]) == ("dns", "localhost is not at an address that may be reached from here.")
    assert answers[0] == answers[1] == answers[2]
    assert site.log == []


def test_A14_one_person_tests_ten_times_a_minute(closed: Web) -> None:
    for _ in range(10):
        ask(closed, url="http://127.0.0.1:9/")
    answer = closed.ask(
        "POST", TEST, data=b'{"url": "http://127.0.0.1:9/"}', headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.get_json()["id"]) == (429, "too-often")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_the_description_of_the_api_knows_the_test_and_its_limit(closed: Web) -> None:
    described = closed.get("/api/v1/openapi.json")["paths"][TEST]["post"]
    assert "429" in described["responses"]
