"""How often somebody may ask for what costs much."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages import Browser
from tests.repository import repository
from tests.upstream import Site
from tests.web import HOST, Web, web

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
LIMITS = {"search": 3, "compare": 2, "archive": 2}


@pytest.fixture
def shop(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository({"redis": ("7.0.0", "6.0.0")}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}], rate_limits=LIMITS) as running:
        running.sync()
        yield running


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/v1/charts?q=redis", 3),
        ("/api/v1/charts/suggest?q=re", 3),
        ("/api/chartsvc/v1/charts/search?q=redis", 3),
        ("/api/v1/charts/shop/redis/compare?from=6.0.0&to=7.0.0", 2),
        ("/charts/shop/redis-7.0.0.tgz", 2),
    ],
)
def test_a_program_is_told_when_to_come_back(shop: Web, path: str, limit: int) -> None:
    for _ in range(limit):
        with shop.ask("GET", path, environ_overrides=ELSEWHERE) as answer:
            assert answer.status_code == 200
    refused = shop.ask("GET", path, environ_overrides=ELSEWHERE)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    problem = json.loads(refused.get_data())
    assert problem["id"] == "asked-too-often"
    assert problem["cause"] == f"At most {limit} requests of this kind are answered a minute for one person."
    shop.check("GET", path, refused)


@pytest.mark.parametrize(
    "path", ["/", "/suggest?q=re", "/charts/shop/redis?tab=compare", "/charts/shop/redis/7.0.0/changed"]
)
def test_a_person_is_told_on_a_page(shop: Web, path: str) -> None:
    answers = [shop.client.get(path, headers={"Host": HOST}, environ_overrides=ELSEWHERE) for _ in range(5)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert "Too much at once" in answers[-1].get_data(as_text=True)


def test_what_one_used_up_another_still_has(shop: Web) -> None:
    for _ in range(5):
        shop.ask("GET", "/api/v1/charts", environ_overrides=ELSEWHERE)
    other = shop.ask("GET", "/api/v1/charts", environ_overrides={"REMOTE_ADDR": "192.0.2.8"})
    assert other.status_code == 200
    assert shop.ask("GET", "/sources", environ_overrides=ELSEWHERE).status_code == 200


def test_who_sits_at_the_machine_itself_asks_as_often_as_she_likes(shop: Web) -> None:
    for _ in range(10):
        Browser(shop).get("/?q=redis")
