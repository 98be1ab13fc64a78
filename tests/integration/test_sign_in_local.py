"""Signing in by name and password, sessions and tokens, as a browser and a program meet them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages import Browser
from tests.people import signed_in, token_of
from tests.web import Web, web


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path, sign_in=["local"]) as opened:
        yield opened


def test_nobody_sees_a_page_before_signing_in(shop: Web) -> None:
    answer = shop.ask("GET", "/apps?q=a")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/apps?q%3Da"


def test_a_program_is_told_to_prove_who_it_is(shop: Web) -> None:
    answer = shop.ask("GET", "/api/v1/sources")
    assert answer.status_code == 401
    assert answer.json["id"] == "sign-in-needed"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Chartroom"'


def test_a_person_with_a_role_sees_the_catalog(shop: Web) -> None:
    assert "ada" in Browser(signed_in(shop, "ada", "viewer")).get("/").links


def test_a_person_without_a_role_sees_the_own_account_alone(shop: Web) -> None:
    browser = Browser(signed_in(shop, "ada"))
    browser.get("/", status=403)
    assert "You have no role here yet" in browser.get("/account").text


def test_a_token_opens_the_api_and_no_more_than_its_scope(shop: Web) -> None:
    headers = token_of(shop, "ada", "read", role="admin")
    assert shop.ask("GET", "/api/v1/sources", headers=headers).status_code == 200
    assert shop.ask("POST", "/api/v1/sources", json={"name": "a"}, headers=headers).status_code == 403
