"""Signing in at a real provider, which runs in a process of its own and can misbehave."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.oidc_provider import Running, oidc_provider, through_provider
from tests.pages import Browser, Page
from tests.web import HOST, Web, web

LEADERS = [{"role": "viewer", "groups": ["staff"]}]


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    with oidc_provider() as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path, provider: Running) -> Iterator[Web]:
    provider.behave(user="ada")
    with web(tmp_path, sign_in=["oidc", "local"], oidc=provider.options, roles=LEADERS) as opened:
        yield opened


def sign_in(shop: Web, wanted: str = "/") -> TestResponse:
    """The answer to a whole sign-in."""
    begun = shop.ask("GET", f"/sign-in/oidc?{urlencode({'next': wanted})}")
    assert begun.status_code == 303, begun.get_data(as_text=True)
    return shop.ask("GET", through_provider(begun.location))


def refused(shop: Web) -> str:
    """Why a whole sign-in is refused; nobody is signed in by it."""
    answer = sign_in(shop)
    assert answer.status_code in (400, 401, 403, 409, 503)
    assert shop.ask("GET", "/account").status_code == 303
    return Page(answer).text


def test_somebody_of_the_provider_signs_in_and_comes_to_the_page_that_was_wanted(shop: Web) -> None:
    answer = sign_in(shop, "/apps?q=redis")
    assert (answer.status_code, answer.location) == (303, "/apps?q=redis")
    page = Browser(shop).get("/account")
    assert "ada@example.org" in page.text
    assert "staff" in page.text


def test_groups_are_those_of_the_last_sign_in(shop: Web, provider: Running) -> None:
    sign_in(shop)
    Browser(shop).get("/")
    provider.behave(user="ada", claims={"groups": ["visitors"]})
    sign_in(shop)
    Browser(shop).get("/", status=403)


def test_the_session_cookie_is_for_the_browser_alone(shop: Web) -> None:
    cookies = [one for one in sign_in(shop).headers.getlist("Set-Cookie") if one.startswith("chartroom_session")]
    assert len(cookies) == 1
    assert "HttpOnly" in cookies[0]
    assert "SameSite=Lax" in cookies[0]
    assert "Path=/" in cookies[0]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"sign": "none"}, "signed in a way that is not accepted: none"),
        ({"sign": "HS256"}, "signed in a way that is not accepted: HS256"),
        ({"sign": "stranger"}, "its signature is wrong"),
        ({"header": {"jwk": {"kty": "RSA"}}}, "its header asks for what is not accepted: jwk"),
        ({"header": {"jku": "https://evil.example/keys"}}, "its header asks for what is not accepted: jku"),
        ({"header": {"x5u": "https://evil.example/cert"}}, "its header asks for what is not accepted: x5u"),
        ({"header": {"crit": ["exp"]}}, "its header asks for what is not accepted: crit"),
        ({"drop": ["iat"]}, "does not say when it was made"),
        ({"drop": ["exp"]}, "does not say when it was made"),
        ({"claims": {"exp": True}}, "does not say when it was made"),
        ({"claims": {"groups": ["g" * 200] * 200}}, "larger than 16 KiB"),
        ({"id_token": "a.b"}, "not a signed token"),
        ({"id_token": "a" * 90_000}, "cannot be asked"),
        ({"id_token": 7}, "there is none"),
    ],
)
def test_K1_a_token_that_is_not_signed_as_it_must_be_is_refused(
    shop: Web, provider: Running, said: dict[str, Any], why: str
) -> None:
    provider.behave(user="ada", **said)
    assert why in refused(shop)


@pytest.mark.parametrize("way", ["RS384", "PS256", "ES256", "Ed25519"])
def test_a_token_may_be_signed_with_any_of_the_public_key_ways(shop: Web, provider: Running, way: str) -> None:
    provider.behave(user="ada", sign=way)
    assert sign_in(shop).status_code == 303


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"claims": {"aud": "other"}}, "meant for another program"),
        ({"claims": {"aud": ["chartroom", "other"]}}, "given to another program"),
        ({"claims": {"azp": "other"}}, "given to another program"),
        ({"claims": {"iss": "https://other.example"}}, "comes from another issuer"),
        ({"claims": {"groups": "admin"}}, "the claim groups is no list of texts"),
        ({"claims": {"groups": [1]}}, "the claim groups is no list of texts"),
        ({"claims": {"sub": ""}}, "the claim sub is missing"),
        ({"drop": ["preferred_username"]}, "the claim preferred_username is missing"),
        ({"claims": {"preferred_username": "a/b"}}, "the claim preferred_username is missing, or no name"),
        ({"claims": {"exp": 1}}, "it has ended"),
        ({"clock": 200}, "not valid yet"),
        ({"claims": {"nonce": "x"}}, "answers another question"),
    ],
)
def test_K2_a_token_that_is_meant_for_others_is_refused(
    shop: Web, provider: Running, said: dict[str, Any], why: str
) -> None:
    provider.behave(user="ada", **said)
    assert why in refused(shop)


def test_K2_without_the_claim_there_are_no_groups(shop: Web, provider: Running) -> None:
    provider.behave(user="ada", drop=["groups", "email"])
    assert sign_in(shop).status_code == 303
    Browser(shop).get("/", status=403)


def test_K2_an_issuer_that_differs_by_a_slash_is_another_one(shop: Web, provider: Running) -> None:
    provider.behave(user="ada", metadata={"issuer": f"{provider.issuer}/"})
    page = Page(shop.ask("GET", "/sign-in/oidc"))
    assert f"it calls itself {provider.issuer}/" in page.text
    assert page.status == 503


def test_K2_the_same_name_of_somebody_else_is_another_person(shop: Web, provider: Running) -> None:
    assert sign_in(shop).status_code == 303
    other = replace(shop, client=shop.app.test_client())
    provider.behave(user="ada", claims={"sub": "another"})
    assert "already another account" in refused(other)


def test_K3_what_comes_back_counts_once_and_in_the_browser_that_began(shop: Web) -> None:
    back = through_provider(shop.ask("GET", "/sign-in/oidc").location)
    stranger = replace(shop, client=shop.app.test_client())
    assert stranger.ask("GET", back).status_code == 400
    assert shop.ask("GET", back).status_code == 303
    again = shop.ask("GET", back)
    assert again.status_code == 400
    assert "used already" in Page(again).text


@pytest.mark.parametrize("state", ["", "x", "a" * 43, "é" * 43, "a" * 100_0])
def test_K3_a_wrong_state_is_refused_and_the_second_attempt_works(shop: Web, state: str) -> None:
    back = through_provider(shop.ask("GET", "/sign-in/oidc").location)
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert shop.ask("GET", f"/sign-in/oidc/callback?{urlencode({'code': code, 'state': state})}").status_code == 400
    assert shop.ask("GET", f"/sign-in/oidc/callback?code={code}").status_code == 400
    assert sign_in(shop).status_code == 303


def test_answers_that_nobody_asked_for_do_not_fill_the_audit_log(shop: Web, provider: Running) -> None:
    before = shop.services.store.audit.count()
    assert shop.ask("GET", "/sign-in/oidc/callback?code=x&state=" + "a" * 43).status_code == 400
    assert shop.services.store.audit.count() == before
    provider.behave(user="ada", claims={"aud": "another"})
    refused(shop)
    assert shop.services.store.audit.count() == before + 1


def test_K3_a_sign_in_may_end_at_another_replica(shop: Web, tmp_path: Path, provider: Running) -> None:
    options = {"database_url": shop.services.config.database_url} if shop.services.config.database_url else {}
    back = through_provider(shop.ask("GET", "/sign-in/oidc").location)
    with web(tmp_path, sign_in=["oidc", "local"], oidc=provider.options, roles=LEADERS, **options) as other:
        there = replace(other, client=other.app.test_client())
        mine = shop.client.get_cookie("chartroom_sign_in", HOST)
        assert mine is not None
        there.client.set_cookie("chartroom_sign_in", mine.value, domain=HOST)
        assert there.ask("GET", back).status_code == 303
        assert there.ask("GET", "/account").status_code == 200


def test_K3_two_tabs_of_a_browser_may_sign_in_at_once(shop: Web) -> None:
    first, second = (through_provider(shop.ask("GET", "/sign-in/oidc").location) for _ in range(2))
    assert shop.ask("GET", first).status_code == 303
    assert shop.ask("GET", second).status_code == 303


def test_K3_an_answer_of_another_issuer_is_refused(shop: Web, provider: Running) -> None:
    provider.behave(user="ada", back={"iss": "https://other.example"})
    assert "begun in another browser" in refused(shop)


def test_K4_a_provider_that_is_down_is_told_and_the_other_ways_stay(shop: Web, provider: Running) -> None:
    provider.behave(user="ada", down=True)
    page = Page(shop.ask("GET", "/sign-in/oidc"))
    shop.app.extensions["chartroom_provider"]._failed = None  # as if some seconds had passed
    assert page.status == 503
    assert f"The sign-in server {provider.issuer} cannot be asked" in page.text
    assert page.form("/sign-in", having="password")
    provider.behave(user="ada")
    assert sign_in(shop).status_code == 303


def test_K4_keys_may_change_and_are_fetched_once_more(shop: Web, provider: Running) -> None:
    assert sign_in(shop).status_code == 303
    before = provider.asked().count("/jwks")
    provider.behave(user="ada", rotate=True)
    shop.app.extensions["chartroom_provider"]._keys_asked -= 60  # as if a minute had passed
    assert sign_in(shop).status_code == 303
    for _ in range(3):
        provider.behave(user="ada", header={"kid": "made-up"})
        assert "a key that the provider does not name" in refused_again(shop)
    assert provider.asked().count("/jwks") - before <= 2


def refused_again(shop: Web) -> str:
    return Page(sign_in(shop)).text


@pytest.mark.parametrize("seconds", [-11, 11, 50])
def test_K4_a_clock_may_be_wrong_by_a_minute(shop: Web, provider: Running, seconds: int) -> None:
    provider.behave(user="ada", clock=seconds)
    assert sign_in(shop).status_code == 303


def test_K5_whoever_is_disabled_here_is_out_at_once_with_all_tokens(shop: Web) -> None:
    sign_in(shop)
    shop.services.store.users.set_disabled("ada", True)
    assert shop.ask("GET", "/account").status_code == 303
    assert "is disabled" in refused(shop)


def test_the_provider_may_let_nobody_in(shop: Web, provider: Running) -> None:
    provider.behave(user="ada", deny=True)
    page = refused(shop)
    assert "The sign-in server refused: access_denied" in page
    assert "<b>" not in page


def test_a_wrong_secret_is_told_without_the_secret(tmp_path: Path, provider: Running) -> None:
    provider.behave(user="ada")
    options = {**provider.options, "client_secret": "wrong-canary"}
    with web(tmp_path, sign_in=["oidc"], oidc=options) as opened:
        page = refused(opened)
    assert "invalid_client" in page
    assert "canary" not in page


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil.example", "https:evil.example", "/a\r\nSet-Cookie: x=y"])
def test_I7_after_the_sign_in_it_goes_to_no_other_host(shop: Web, wanted: str) -> None:
    assert sign_in(shop, wanted).location == "/"


def test_it_works_below_a_path_and_behind_tls(tmp_path: Path, provider: Running) -> None:
    provider.behave(user="ada")
    public = "https://tools.example.org/charts"
    with web(tmp_path, sign_in=["oidc"], oidc=provider.options, roles=LEADERS, public_url=public) as opened:
        over = {"base_url": "https://tools.example.org/", "headers": {"Host": "tools.example.org"}}
        begun = opened.client.get("/charts/sign-in/oidc?next=/charts/apps", **over)
        asked = parse_qs(urlsplit(begun.location).query)
        assert asked["redirect_uri"] == [f"{public}/sign-in/oidc/callback"]
        done = opened.client.get(through_provider(begun.location), **over)
        assert done.location == "/charts/apps"
        cookie = next(one for one in done.headers.getlist("Set-Cookie") if "chartroom_session" in one)
        assert re.search(r"; Secure(;|$)", cookie)
        assert "Path=/charts/" in cookie
        assert opened.client.get("/charts/account", **over).status_code == 200


def test_signing_out_ends_the_session_and_offers_to_end_the_providers(shop: Web, provider: Running) -> None:
    sign_in(shop)
    browser = Browser(shop)
    page = browser.followed(browser.get("/account").form("/sign-out"))
    assert "You are signed out" in page.text
    away = shop.ask("GET", page.links["Sign out of 127.0.0.1 as well"])
    assert away.location.startswith(f"{provider.issuer}/logout?")
    assert shop.ask("GET", "/account").status_code == 303
