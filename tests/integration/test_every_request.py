"""What holds for a request to any route: every test here goes through all of them by itself."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.kube_api import KubeApi, kube_api
from tests.pages import Browser
from tests.repository import repository
from tests.routes import Route, every_route
from tests.upstream import upstream
from tests.web import HOST, Web, web

PARTS = {
    "source": "shop", "name": "redis", "version": "7.0.0", "chart": "redis", "file": "redis-7.0.0", "cluster": "home",
    "namespace": "apps", "repo": "shop", "digest": "0000000000", "path": "chartroom.css", "sources/name": "shop",
}  # fmt: skip
STRAYS = {"is_admin": True, "owner": "me", "id": 1, "created": "2026-01-01"}
MALFORMED = {
    "deep": b"[" * 200_000,
    "NaN": b'{"name": NaN}',
    "a name twice": b'{"name": "a", "name": "b"}',
    "half a surrogate": rb'{"name": "\ud800"}',
    "a list": b"[]",
    "a number": b"1",
    "no JSON": b"name=a",
    "not UTF-8": b'{"name": "\xff"}',
}
EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A source, a chart, an app on a cluster."""
    folder = tmp_path_factory.mktemp("every")
    with upstream() as site, kube_api() as kube:
        kube.put("redis", spec={"chart": "shop/redis", "version": "7.0.0"})
        repository({"redis": ("7.0.0",)}).serve(site)
        with opened(folder, kube, site.url) as running:
            yield running


def opened(folder: Path, kube: KubeApi, url: str) -> Any:
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(folder))}]
    return synced(web(folder / "room", [{"name": "shop", "url": url}], clusters=clusters))


class synced:  # noqa: N801 -- a context manager
    """The application after its source was read."""

    def __init__(self, opening: Any) -> None:
        self.opening = opening

    def __enter__(self) -> Web:
        running: Web = self.opening.__enter__()
        running.sync()
        return running

    def __exit__(self, *error: object) -> None:
        self.opening.__exit__(*error)


def routes(running: Web) -> list[Route]:
    return list(every_route(running.app, PARTS))


def forms(running: Web) -> list[Route]:
    return [one for one in routes(running) if one.writes and not one.takes_json and not one.path.endswith(".json")]


def operations(running: Web) -> list[Route]:
    """What a program writes by; hooks take what others send, whatever is in it."""
    return [one for one in routes(running) if one.writes and one.takes_json and not one.rule.program]


def send_json(running: Web, route: Route, body: bytes, **headers: str) -> TestResponse:
    return running.ask(route.method, route.path, data=body, headers={"Content-Type": "application/json", **headers})


def send_form(running: Web, route: Route, fields: dict[str, Any]) -> TestResponse:
    """As the page that holds the form sends it, its token included."""
    token = Browser(running).get("/").form("/language").fields["csrf_token"]
    headers = {"Host": HOST, "Origin": f"http://{HOST}"}
    return running.client.post(route.path, data={"csrf_token": token, **fields}, headers=headers)


def test_I1_a_field_that_no_operation_has_is_refused_by_every_one(shop: Web) -> None:
    for route in operations(shop):
        for name, value in STRAYS.items():
            answer = send_json(shop, route, json.dumps({name: value}).encode())
            assert answer.status_code == 400, route.name
            assert name in json.loads(answer.get_data())["cause"], route.name


def test_I1_a_field_that_no_form_has_is_looked_at_by_none_and_kept_nowhere(shop: Web) -> None:
    fields = {name: f"stray-{value}-51fa" for name, value in STRAYS.items()}
    for route in forms(shop):
        answer = send_form(shop, route, fields)
        assert answer.status_code < 500 or answer.status_code == 503, route.name
        assert b"-51fa" not in answer.get_data(), route.name
    for file in shop.services.config.data_dir.rglob("*"):
        assert not file.is_file() or b"-51fa" not in file.read_bytes(), file


@pytest.mark.parametrize("name", MALFORMED)
def test_I3_malformed_json_is_refused_by_every_operation(shop: Web, name: str) -> None:
    for route in operations(shop):
        answer = send_json(shop, route, MALFORMED[name])
        assert answer.status_code == 400, route.name
        assert json.loads(answer.get_data())["id"] == "bad-request", route.name


@pytest.mark.parametrize("length", [50_000_000, 8 * 1024 * 1024])
def test_I4_a_body_beyond_the_limit_is_refused_by_every_route_that_writes(shop: Web, length: int) -> None:
    for route in routes(shop):
        if route.writes:
            kind = "application/json" if route.takes_json else "application/x-www-form-urlencoded"
            told = {"CONTENT_LENGTH": str(length), "CONTENT_TYPE": kind}
            answer = shop.ask(route.method, route.path, input_stream=io.BytesIO(b"a=1"), environ_overrides=told)
            assert answer.status_code in (413, *((401,) if route.rule.program else ())), route.name


def test_I4_a_form_of_more_parts_than_any_has_is_refused_by_every_form(shop: Web) -> None:
    boundary = "x"
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    body = (part * 1001 + f"--{boundary}--\r\n").encode()
    for route in forms(shop):
        kind = f"multipart/form-data; boundary={boundary}"
        assert shop.ask("POST", route.path, data=body, content_type=kind).status_code == 413, route.name


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": EVIL}, {"Origin": "null"}],
    ids=["cross-site", "a foreign origin", "no origin"],
)
def test_I5_a_write_from_a_foreign_page_is_refused_by_every_route(shop: Web, headers: dict[str, str]) -> None:
    for route in routes(shop):
        if route.writes and not route.rule.program:
            answer = send_json(shop, route, b"{}", **headers)
            assert answer.status_code == 403, route.name
            assert b"does not come from a page of Chartroom" in answer.get_data(), route.name


def test_I5_a_form_without_its_token_is_refused_by_every_route(shop: Web) -> None:
    for route in forms(shop):
        answer = shop.ask("POST", route.path, data={"typed": "shop"})
        assert answer.status_code == 403, route.name


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_I5_what_a_foreign_page_may_send_unasked_is_no_json_to_any_operation(shop: Web, kind: str) -> None:
    for route in operations(shop):
        answer = shop.ask(route.method, route.path, data=b'{"a": 1}', headers={"Content-Type": kind} if kind else {})
        assert answer.status_code in (403, 415), route.name


@pytest.mark.parametrize("host", ["evil.example", "a b", "x/../y", "127.0.0.1.evil.example", "127.0.0.1@evil.example",
                                  "evil.example@127.0.0.1", "evil.example\\@127.0.0.1", "127.0.0.1/x", "127.0.0.1?x",
                                  "127.0.0.1#x", "127.0.0.1:evil", "[::1]x"])  # fmt: skip
def test_I6_a_foreign_name_is_refused_by_every_route(shop: Web, host: str) -> None:
    for route in routes(shop):
        answer = shop.client.open(route.path, method=route.method, headers={"Host": host})
        if not route.rule.any_host:
            assert answer.status_code == 400, route.name
        answer.close()


def test_I6_what_a_stranger_says_of_a_proxy_stands_in_no_answer(shop: Web) -> None:
    told = {
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Port": "666", "Forwarded": "host=evil.example;proto=https", "X-Original-URL": "/evil",
        "X-Rewrite-URL": "/evil", "X-Host": "evil.example",
    }  # fmt: skip
    for route in routes(shop):
        if not route.writes:
            with shop.ask("GET", route.path, headers=told) as answer:
                assert b"evil" not in answer.get_data(), route.name
                assert "evil" not in str(answer.headers), route.name


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PATCH", "QWERTY"])
def test_a_method_that_no_route_has_is_refused(shop: Web, method: str) -> None:
    for path in ("/", "/sources", "/api/v1/charts", "/helm/shop/index.yaml"):
        assert shop.ask(method, path).status_code == 405


def test_an_address_that_only_takes_a_form_leads_to_the_page_above_when_it_is_read(shop: Web) -> None:
    known = shop.app.url_map.bind(HOST)
    for route in forms(shop):
        if not known.test(route.path, "GET"):
            answer = shop.ask("GET", route.path)
            assert answer.status_code == 303, route.name
            assert urlsplit(route.path).path.startswith(answer.location), route.name
            assert shop.ask("GET", answer.location).status_code != 405, route.name


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("/account/tokens", "/account"),
        ("/account/sessions/1/end", "/account"),
        ("/admin/people/ann/tokens", "/admin/people/ann"),
        ("/admin/teams/a%3Fb/rules", "/admin/teams/a%3Fb"),
        ("/language", "/"),
    ],
)
def test_a_page_that_answered_to_a_form_is_loaded_again(shop: Web, path: str, above: str) -> None:
    answer = shop.ask("GET", path)
    assert (answer.status_code, answer.location) == (303, above)
    assert shop.ask("HEAD", path).location == above


def test_K9_what_a_person_may_see_is_kept_by_no_cache_that_others_share(shop: Web) -> None:
    for route in routes(shop):
        if not route.writes and route.endpoint != "static":
            with shop.ask("GET", route.path) as answer:
                kept = answer.headers["Cache-Control"]
                assert "public" not in kept, route.name
                assert "no-store" in kept or "private" in kept, route.name
                assert {"Cookie", "Authorization"} <= {one.strip() for one in answer.headers["Vary"].split(",")}


def test_every_answer_says_what_a_browser_may_do_with_it(shop: Web) -> None:
    for route in routes(shop):
        with shop.ask(route.method, route.path) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff", route.name
            assert "unsafe" not in answer.headers["Content-Security-Policy"], route.name
            assert "Server" not in answer.headers
            assert answer.status_code != 500, route.name
            assert "Strict-Transport-Security" not in answer.headers


def test_behind_tls_a_browser_is_told_to_come_by_tls_alone(tmp_path: Path) -> None:
    with web(tmp_path / "room", public_url="https://charts.example.org") as running:
        for path in ("/", "/nosuch", "/api/v1/charts", "/static/0/chartroom.css"):
            with running.client.get(path, headers={"Host": "charts.example.org"}) as answer:
                assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


NEXT = [
    "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example", "evil",
    "javascript:alert(1)", "/%0d%0aSet-Cookie:a=b", "/\r\nSet-Cookie: a=b", " //evil.example", "\t//evil.example", "",
    "/\t/evil.example", "///evil.example", "/%2f/evil.example@x", "http:///evil.example", "data:text/html,x", "/a\n",
]  # fmt: skip


@pytest.mark.parametrize("wanted", NEXT)
def test_I7_no_address_that_is_sent_along_leads_to_another_server(shop: Web, wanted: str) -> None:
    form = Browser(shop).get("/").form("/language")
    answer = Browser(shop).send(form, language="en", next=wanted)
    target = answer.headers["Location"]
    assert target.startswith("/")
    assert not target.startswith(("//", "/\\"))
    assert "\r" not in target
    assert "\n" not in target
    assert "Set-Cookie: a" not in str(answer.headers)
