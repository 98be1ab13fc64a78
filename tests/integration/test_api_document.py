"""The API as a whole: its description, its problems, its probes, its rights."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog_web.auth import rule_of
from indexer.search.feed import StoreFeed
from tests.web import Web, web

PARTS = ("process", "store", "search", "lag")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path) as running:
        yield running


def routes(running: Web) -> set[tuple[str, str]]:
    """Every route of the API as Flask has it, written as OpenAPI writes it."""
    found = [one for one in running.app.url_map.iter_rules() if one.endpoint.startswith("api.")]
    return {
        (re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", one.rule), method)
        for one in found
        for method in (one.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_stands_in_the_description_and_nothing_more(room: Web) -> None:
    document = room.get("/api/v1/openapi.json")
    described = {(path, method.upper()) for path, some in document["paths"].items() for method in some}
    assert described == routes(room)
    assert {path for path, _ in routes(room)} >= {"/api/v1/charts", "/api/v1/installs", "/healthz"}


def test_no_route_of_the_api_is_outside_of_it(room: Web) -> None:
    strays = [one for one in room.app.url_map.iter_rules() if one.rule.startswith("/api/")]
    assert all(one.endpoint.startswith("api.") for one in strays)


def test_the_description_refers_to_nothing_that_is_not_there(room: Web) -> None:
    document = room.get("/api/v1/openapi.json")
    assert document["openapi"].startswith("3.1")
    wanted = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert wanted <= set(document["components"]["schemas"])
    names = [one["operationId"] for some in document["paths"].values() for one in some.values()]
    assert len(names) == len(set(names))


def test_K10_every_route_asks_for_a_right(room: Web) -> None:
    for one in room.app.url_map.iter_rules():
        rule = rule_of(room.app, one.endpoint)
        assert rule is not None
        writes = (one.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        assert not (writes and one.endpoint.startswith("api.") and rule.action in ("open", "catalog.read"))


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/api/v1/absent", 404, "not-found"),
        ("GET", "/api/", 404, "not-found"),
        ("GET", "/api/v2/charts", 404, "not-found"),
        ("POST", "/api/v1/installs/home/apps/cache", 405, "method-not-allowed"),
        ("PUT", "/api/v1/installs/home/apps/cache/history", 405, "method-not-allowed"),
        ("POST", "/api/v1/charts", 405, "method-not-allowed"),
        ("POST", "/api/v1/installs/home/apps/cache/absent", 404, "not-found"),
        ("GET", "/api/v1/charts/shop/redis/absent", 404, "not-found"),
    ],
)
def test_what_leads_nowhere_is_told_as_a_problem(room: Web, method: str, path: str, status: int, error: str) -> None:
    answer = room.ask(method, path, data=b"{}", headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    problem = json.loads(answer.get_data())
    assert problem["id"] == error
    assert {"type", "title", "status", "detail", "cause", "remedy"} <= problem.keys()


def test_what_leads_nowhere_is_a_problem_however_it_is_sent(room: Web) -> None:
    answer = room.ask("POST", "/api/v1/absent", data=b"x", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_I6_a_foreign_host_name_is_refused_with_a_problem(room: Web) -> None:
    answer = room.ask("GET", "/api/v1/charts", headers={"Host": "evil.example.com"})
    assert answer.status_code == 400
    assert json.loads(answer.get_data())["id"] == "untrusted-host"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_answer_under_any_name(room: Web, path: str) -> None:
    answer = room.ask("GET", path, headers={"Host": "10.1.2.3:8080"})
    assert answer.status_code == 200


def test_a_process_that_is_about_to_end_is_alive_and_not_ready(room: Web) -> None:
    room.services.process.draining = True
    answer = room.ask("GET", "/readyz")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert json.loads(answer.get_data())["id"] == "draining"
    assert room.get("/healthz") == {"status": "ok"}


def test_a_process_that_only_syncs_needs_no_search_index(room: Web) -> None:
    room.services.process.role = "index"
    room.services.search.close()
    assert [one["id"] for one in room.get("/readyz")["parts"]] == ["process", "store"]


def test_it_is_not_ready_without_a_search_index(room: Web, tmp_path: Path) -> None:
    assert {one["id"]: one["state"] for one in room.get("/readyz")["parts"]} == dict.fromkeys(PARTS, "ok")
    (tmp_path / "data" / "search" / "current").unlink()
    told = room.get("/readyz", 503)
    assert told["id"] == "search-unavailable"
    assert {one["id"] for one in told["parts"] if one["state"] == "fail"} == {"search"}
    assert room.get("/api/v1/charts", 503)["id"] == "search-unavailable"
    assert room.get("/healthz") == {"status": "ok"}
    room.services.search.rebuild(StoreFeed(room.services.store))
    room.get("/readyz")


def test_probes_take_no_parameters(room: Web) -> None:
    assert room.get("/healthz?deep=1", 400)["id"] == "bad-query"


def test_errors_are_in_english_whatever_the_reader_speaks(room: Web) -> None:
    answer = room.ask("GET", "/api/v1/charts/a/b", headers={"Accept-Language": "zh-CN"})
    assert json.loads(answer.get_data())["cause"] == "The source “a” has no chart named “b”."
