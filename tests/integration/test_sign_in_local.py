"""Signing in by name and password, sessions and tokens, as a browser and a program meet them."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog_web.signin import one_time, passwords, sessions, throttle
from catalog_web.signin.keys import digest
from indexer.errors import TooManyTries
from indexer.store.people_tables import throttles as throttles_table
from indexer.store.throttles import Throttles
from tests.pages import Browser, Page
from tests.people import PASSWORD, person, signed_in, token_of
from tests.web import HOST, Web, web


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path, sign_in=["local"]) as opened:
        yield opened


def another(shop: Web) -> Web:
    """Another browser."""
    return replace(shop, client=shop.app.test_client())


def sign_in(shop: Web, name: str = "ada", password: str = PASSWORD, wanted: str = "/") -> Page:
    """What the sign-in form answers, or the page that it leads to."""
    browser = Browser(shop)
    form = browser.get("/sign-in").form("/sign-in", having="password")
    answer = browser.send(form, name=name, password=password, next=wanted)
    return browser.get(answer.location) if answer.status_code == 303 else Page(answer)


# -- who is let in


def test_a_page_before_signing_in_leads_only_where_one_may_go(tmp_path: Path) -> None:
    with web(tmp_path, sign_in=["local"], clusters=[{"name": "home", "kubeconfig": "nowhere"}]) as shop:
        assert "Clusters" not in Browser(shop).get("/sign-in").links
        assert "Clusters" in Browser(signed_in(shop, "ada", "viewer")).get("/").links


def test_nobody_sees_a_page_before_signing_in(shop: Web) -> None:
    answer = shop.ask("GET", "/apps?q=a")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/apps?q%3Da"


def test_a_program_is_told_to_prove_who_it_is(shop: Web) -> None:
    answer = shop.ask("GET", "/api/v1/sources")
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["id"] == "sign-in-needed"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Chartroom"'


def test_a_part_of_a_page_sends_its_page_to_sign_in(shop: Web) -> None:
    told = {"HX-Request": "true", "HX-Current-URL": f"http://{HOST}/apps?q=a"}
    answer = shop.ask("GET", "/apps", headers=told)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/apps?q%3Da"


def test_whoever_knows_the_password_comes_to_the_page_that_was_wanted(shop: Web) -> None:
    person(shop, "ada", "viewer", password=PASSWORD)
    page = sign_in(shop, wanted="/sources")
    assert "ada" in page.links
    assert "Sources" in page.text


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("", ""), ("ada", "x" * 5000)])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(shop: Web, name: str, password: str) -> None:
    person(shop, "ada", "viewer", password=PASSWORD)
    page = sign_in(shop, name, password)
    assert page.status == 401
    assert "The name or the password is wrong." in page.text
    assert shop.ask("GET", "/account").status_code == 303


@pytest.mark.parametrize("name", ["ada", "nobody", "without"])
def test_an_unknown_name_costs_as_much_work_as_a_wrong_password(
    shop: Web, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(shop, "ada", "viewer", password=PASSWORD)
    person(shop, "without", "viewer")
    looked, is_right = [], passwords.is_right

    def spy(kept: str, sent: str) -> bool:
        looked.append(sent)
        return is_right(kept, sent)

    monkeypatch.setattr(passwords, "is_right", spy)
    assert sign_in(shop, name, "a wrong password").status == 401
    assert looked == ["a wrong password"]


def test_an_account_without_a_password_is_opened_by_none(shop: Web) -> None:
    person(shop, "ada", "viewer")
    assert sign_in(shop, password="").status == 401


def test_a_person_without_a_role_sees_the_own_account_alone(shop: Web) -> None:
    browser = Browser(signed_in(shop, "ada"))
    browser.get("/", status=403)
    assert "You have no role here yet" in browser.get("/account").text


def test_without_a_sign_in_no_page_tells_of_accounts(tmp_path: Path) -> None:
    with web(tmp_path) as opened:
        page = Browser(opened).get("/")
        assert "Sign out" not in page.text
        assert "People" not in Browser(opened).get("/admin").text
        assert opened.ask("GET", "/sign-in").status_code == 303
        assert opened.ask("GET", "/account").status_code == 303


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "/\\evil.example", "https:evil.example", "/\r\nX: y", "javascript:1"]
)
def test_I7_after_the_sign_in_it_goes_to_no_other_host(shop: Web, wanted: str) -> None:
    person(shop, "ada", "viewer", password=PASSWORD)
    browser = Browser(shop)
    form = browser.get("/sign-in").form("/sign-in", having="password")
    assert browser.send(form, name="ada", password=PASSWORD, next=wanted).location == "/"


# -- who tries too often


def failed_often(shop: Web, name: str = "ada", address: str = HOST) -> str:
    """Count so many failures that the next try has to wait for a quarter of an hour; returns their key."""
    key = throttle.account_key(name, address, known=True)
    for _ in range(20):
        shop.services.store.throttles.attempt(key, datetime.now(UTC), timedelta(hours=1), lambda _: 0)
    return key


def test_a_few_wrong_passwords_make_the_next_try_wait(shop: Web) -> None:
    person(shop, "ada", "admin", password=PASSWORD)
    pages = [sign_in(shop, password="wrong") for _ in range(12)]
    assert any("That was tried too often." in one.text for one in pages if one.status == 429)


def test_the_right_password_helps_nobody_who_has_to_wait(shop: Web) -> None:
    person(shop, "ada", "admin", password=PASSWORD)
    failed_often(shop)
    browser = Browser(shop)
    form = browser.get("/sign-in").form("/sign-in", having="password")
    answer = browser.send(form, name="ada", password=PASSWORD)
    assert answer.status_code == 429
    assert 60 < int(answer.headers["Retry-After"]) <= 900


def test_failures_from_one_address_keep_nobody_out_elsewhere(tmp_path: Path) -> None:
    with web(tmp_path, sign_in=["local"], trusted_proxies=["127.0.0.1/32"]) as opened:
        person(opened, "ada", "viewer", password=PASSWORD)
        failed_often(opened)
        opened.client.environ_base["HTTP_X_FORWARDED_FOR"] = "192.0.2.7"
        assert sign_in(opened).status == 200


def test_a_right_password_lets_the_failures_before_it_be_forgotten(shop: Web) -> None:
    person(shop, "ada", "viewer", password=PASSWORD)
    for _ in range(3):
        sign_in(shop, password="wrong")
    assert sign_in(shop).status == 200
    key = throttle.account_key("ada", HOST, known=True)
    counted = shop.services.store.throttles.attempt(key, datetime.now(UTC), timedelta(hours=1), lambda one: one.count)
    assert counted == 0


def test_a_company_behind_one_address_signs_in_as_often_as_it_likes(shop: Web) -> None:
    for number in range(50):
        name = f"person-{number % 5}"
        person(shop, name, "viewer", password=PASSWORD)
        assert sign_in(another(shop), name).status == 200, number


def test_failures_from_an_address_make_all_wait_who_sign_in_there(shop: Web) -> None:
    person(shop, "ada", "viewer", password=PASSWORD)
    for number in range(40):
        assert sign_in(another(shop), f"made-up-{number}", "wrong").status == 401
    assert sign_in(another(shop)).status == 429


def test_a_right_password_of_the_own_takes_back_no_failures_at_others(shop: Web) -> None:
    person(shop, "eve", "viewer", password=PASSWORD)
    for number in range(40):
        throttle.attempt_sign_in(shop.services.store.throttles, f"name-{number}", HOST, known=True)
    throttle.succeeded(shop.services.store.throttles, "eve", HOST)
    throttle.attempt_sign_in(shop.services.store.throttles, "name-40", HOST, known=True)
    with pytest.raises(TooManyTries):
        throttle.attempt_sign_in(shop.services.store.throttles, "name-41", HOST, known=True)


def test_K6_a_hundred_thousand_made_up_names_push_no_administrators_counter_out(shop: Web) -> None:
    throttles, now, hour = Throttles(shop.services.store.database, most=100), datetime.now(UTC), timedelta(hours=1)
    mine = failed_often(shop)
    for number in range(1000):
        throttles.attempt(f"made-up/{number}", now, hour, lambda _: 0)
    with shop.services.store.database.read() as connection:
        assert len(connection.execute(select(throttles_table)).all()) <= 100
    assert throttles.attempt(mine, now, hour, lambda counter: counter.count) == 20


def test_K6_made_up_names_share_a_few_counters(shop: Web) -> None:
    keys = {throttle.account_key(f"made-up-{number}", HOST, known=False) for number in range(100_000)}
    assert len(keys) <= 4096


# -- sessions


@pytest.mark.parametrize(
    "cookie", ["", "x", "a" * 43, "a" * 42 + "é", "a" * 1_000_000, "\x01\x02", '"', "=;=;", "a" * 42 + "!"]
)
def test_K8_an_odd_cookie_is_nobodys(shop: Web, cookie: str) -> None:
    headers = {"Cookie": f"chartroom_session={cookie}; =nameless; chartroom_session=other"}
    assert shop.ask("GET", "/account", headers=headers).status_code == 303
    assert shop.ask("GET", "/sign-in", headers=headers).status_code == 200
    assert shop.ask("GET", "/api/v1/sources", headers=headers).status_code == 401


def test_K7_signing_out_ends_the_session_also_for_whoever_kept_the_cookie(shop: Web) -> None:
    mine = signed_in(shop, "ada", "viewer")
    thief = another(shop)
    cookie = mine.client.get_cookie("chartroom_session", HOST)
    assert cookie is not None
    thief.client.set_cookie("chartroom_session", cookie.value, domain=HOST)
    assert thief.ask("GET", "/account").status_code == 200
    browser = Browser(mine)
    browser.send(browser.get("/account").form("/sign-out"))
    assert thief.ask("GET", "/account").status_code == 303


@pytest.mark.parametrize("how", ["everywhere", "password", "disabled"])
def test_K7_everything_of_a_person_ends_at_once_on_every_replica(shop: Web, tmp_path: Path, how: str) -> None:
    person(shop, "ada", "viewer", password=PASSWORD)
    mine, second, token = signed_in(shop, "ada"), signed_in(shop, "ada"), token_of(shop, "ada")
    database = shop.services.config.database_url
    with web(tmp_path, sign_in=["local"], **({"database_url": database} if database else {})) as other:
        replica = replace(other, client=other.app.test_client())
        cookie = second.client.get_cookie("chartroom_session", HOST)
        assert cookie is not None
        replica.client.set_cookie("chartroom_session", cookie.value, domain=HOST)
        assert replica.ask("GET", "/account").status_code == 200
        assert other.ask("GET", "/api/v1/sources", headers=token).status_code == 200
        browser = Browser(mine)
        page = browser.get("/account")
        if how == "everywhere":
            browser.send(page.form("/account/sessions/end"))
        elif how == "password":
            new = "another long password"
            browser.followed(page.form("/password"), present=PASSWORD, password=new, again=new)
        else:
            shop.services.store.users.set_disabled("ada", True)
        assert replica.ask("GET", "/account").status_code == 303
        assert second.ask("GET", "/account").status_code == 303
        assert other.ask("GET", "/api/v1/sources", headers=token).status_code == 401
        assert mine.ask("GET", "/account").status_code == (200 if how == "password" else 303)


def test_one_browser_can_be_signed_out_from_another_one(shop: Web) -> None:
    mine, lost = signed_in(shop, "ada", "viewer"), signed_in(shop, "ada")
    browser = Browser(mine)
    ends = [
        one.action for one in browser.get("/account").forms if one.action.endswith("/end") and "sessions/" in one.action
    ]
    own = shop.services.store.sessions.of("ada")
    assert len(own) == 2
    for action in ends:
        form = next(one for one in browser.get("/account").forms if one.action == action)
        if lost.ask("GET", "/account").status_code == 200 and action != "/account/sessions/end":
            browser.send(form)
            break
    assert len(shop.services.store.sessions.of("ada")) == 1


def test_nobody_ends_the_session_of_somebody_else(shop: Web) -> None:
    signed_in(shop, "bob", "viewer")
    theirs = shop.services.store.sessions.of("bob")[0].sign_in
    browser = Browser(signed_in(shop, "ada", "viewer"))
    form = browser.get("/account").form("/account/sessions/end")
    form.action = f"/account/sessions/{theirs}/end"
    assert browser.send(form).status_code == 404
    assert shop.services.store.sessions.of("bob")


def test_a_session_ends_when_it_is_not_used_and_at_its_longest(shop: Web) -> None:
    now = datetime.now(UTC)
    user = person(shop, "ada", "viewer")
    signed_in(shop, "ada")
    session = shop.services.store.sessions.of("ada")[0]
    assert sessions.is_alive(session, user, now + timedelta(minutes=59), 3600)
    assert not sessions.is_alive(session, user, now + timedelta(minutes=61), 3600)
    busy = replace(session, seen=now + timedelta(hours=13))
    assert not sessions.is_alive(busy, user, now + timedelta(hours=13), 3600)


def test_a_cookie_is_renewed_in_use_and_its_predecessor_serves_what_was_under_way(shop: Web) -> None:
    mine = signed_in(shop, "ada", "viewer")
    old = mine.client.get_cookie("chartroom_session", HOST)
    assert old is not None
    _age(shop, old.value, timedelta(minutes=16))
    answer = mine.ask("GET", "/account")
    assert "chartroom_session=" in answer.headers["Set-Cookie"]
    parallel = another(shop)
    parallel.client.set_cookie("chartroom_session", old.value, domain=HOST)
    late = parallel.ask("GET", "/account")
    assert late.status_code == 200
    assert "chartroom_session" not in "".join(late.headers.getlist("Set-Cookie"))
    assert mine.ask("GET", "/account").status_code == 200
    assert len(shop.services.store.sessions.of("ada")) == 1


def _age(shop: Web, key: str, by: timedelta) -> None:
    found = shop.services.store.sessions.find(digest(key))
    assert found is not None
    session = found[0]
    shop.services.store.sessions.end(session.person, session.sign_in)
    shop.services.store.sessions.begin(replace(session, renewed=session.renewed - by))


def test_the_store_holds_nothing_that_signs_anybody_in(shop: Web, tmp_path: Path) -> None:
    mine = signed_in(shop, "ada", "viewer")
    cookie = mine.client.get_cookie("chartroom_session", HOST)
    assert cookie is not None
    session = shop.services.store.sessions.of("ada")[0]
    assert cookie.value not in repr(session)
    assert session.id == digest(cookie.value)


def test_a_page_of_a_person_is_kept_by_nobody(shop: Web) -> None:
    answer = signed_in(shop, "ada", "viewer").ask("GET", "/account")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_probe_is_answered_without_asking_who_asks(shop: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = signed_in(shop, "ada", "viewer")
    shop.services.store.close()
    assert mine.ask("GET", "/healthz").status_code == 200


def test_who_came_in_by_a_way_that_was_switched_off_is_out(shop: Web, tmp_path: Path) -> None:
    mine, token = signed_in(shop, "ada", "viewer"), token_of(shop, "ada")
    cookie = mine.client.get_cookie("chartroom_session", HOST)
    assert cookie is not None
    database = shop.services.config.database_url
    shared = {"database_url": database} if database else {}
    with web(tmp_path, sign_in=["proxy"], trusted_proxies=["10.0.0.0/8"], **shared) as later:
        later.client.set_cookie("chartroom_session", cookie.value, domain=HOST)
        assert later.ask("GET", "/account").status_code == 303
        assert later.ask("GET", "/api/v1/sources", headers=token).status_code == 401


# -- passwords


def test_a_password_is_changed_by_whoever_knows_the_present_one(shop: Web) -> None:
    person(shop, "ada", "viewer", password=PASSWORD)
    browser = Browser(signed_in(shop, "ada"))
    form = browser.get("/account").form("/password")
    new = "another long password"
    assert (
        "The name or the password is wrong" in browser.sent(form, status=409, present="x", password=new, again=new).text
    )
    assert "not the same" in browser.sent(form, status=400, present=PASSWORD, password=new, again="x").text
    assert "at least 12" in browser.sent(form, status=400, present=PASSWORD, password="short", again="short").text
    assert "The password was set." in browser.followed(form, present=PASSWORD, password=new, again=new).text
    assert sign_in(another(shop), password=new).status == 200


def test_a_hash_of_older_parameters_is_replaced_at_the_next_sign_in(shop: Web) -> None:
    from argon2 import PasswordHasher

    person(shop, "ada", "viewer")
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    shop.services.store.users.set_password("ada", old)
    assert sign_in(shop).status == 200
    assert "m=19456" in shop.services.store.users.get("ada").password
    assert sign_in(another(shop)).status == 200


# -- keys that work once


def test_the_sign_in_page_leads_to_the_first_administrator_as_long_as_there_is_none(shop: Web) -> None:
    page = Browser(shop).get("/sign-in")
    assert "There is no administrator yet" in page.text and "look into its log" in page.text
    assert page.links["Make the first administrator"] == "/sign-in/first"
    person(shop, "ada", "viewer")
    assert "There is no administrator yet" in Browser(shop).get("/sign-in").text
    person(shop, "grace", "admin")
    assert "There is no administrator yet" not in Browser(shop).get("/sign-in").text


def test_the_first_administrator_is_made_once_with_the_key_that_the_server_printed(shop: Web) -> None:
    key = one_time.first_key(shop.services)
    browser = Browser(shop)
    form = browser.get("/sign-in/first").form("/sign-in/first")
    given = {"name": "ada", "password": PASSWORD, "again": PASSWORD}
    assert "was used already" in browser.sent(form, status=400, key="wrong", **given).text
    assert browser.followed(form, key=key, **given).status == 200
    assert "Admin" in browser.get("/").links
    assert shop.services.store.users.get("ada").last_sign_in is not None
    assert [one.person for one in shop.services.store.bindings.all()] == ["ada"]
    assert one_time.first_key(shop.services) == ""
    other = Browser(another(shop))
    form = other.get("/sign-in/first").form("/sign-in/first")
    assert other.send(form, key=key, name="eve", password=PASSWORD, again=PASSWORD).status_code == 400


def test_a_key_of_another_replica_makes_no_second_administrator(shop: Web) -> None:
    first, second = one_time.first_key(shop.services), one_time.first_key(shop.services)
    one_time_of = {"password": PASSWORD, "again": PASSWORD}
    browser = Browser(shop)
    browser.followed(browser.get("/sign-in/first").form("/sign-in/first"), key=first, name="ada", **one_time_of)
    other = Browser(another(shop))
    form = other.get("/sign-in/first").form("/sign-in/first")
    assert other.send(form, key=second, name="eve", **one_time_of).status_code == 400


def test_an_administrator_gives_a_key_that_sets_a_password_once(shop: Web) -> None:
    admin = Browser(signed_in(shop, "ada", "admin"))
    page = admin.sent(admin.get("/admin/people").form("/admin/people", having="kind"), name="bob", role="viewer")
    key = next(word for word in page.text.split() if len(word) == 43)
    bob = Browser(another(shop))
    form = bob.get("/sign-in/password").form("/sign-in/password")
    page = bob.followed(form, key=key, password=PASSWORD, again=PASSWORD)
    assert "bob" in page.links
    assert shop.services.store.users.get("bob").last_sign_in is not None
    again = Browser(another(shop))
    form = again.get("/sign-in/password").form("/sign-in/password")
    assert again.send(form, key=key, password=PASSWORD, again=PASSWORD).status_code == 400


@pytest.mark.parametrize("page", ["/sign-in/password", "/sign-in/first"])
def test_whoever_tries_keys_too_often_has_no_further_password_looked_at(shop: Web, page: str) -> None:
    """A password is hashed for each, which costs a core and 19 MiB, and nobody is signed in here."""
    browser = Browser(shop)
    form = browser.get(page).form(page)
    short = {"name": "eve", "key": "made-up", "password": "short", "again": "short"}
    answers = [browser.send(form, **short).status_code for _ in range(22)]
    assert answers == [400] * 20 + [429] * 2


# -- administering


def test_an_administrator_finds_disables_and_enables_accounts(shop: Web) -> None:
    admin, bob = Browser(signed_in(shop, "ada", "admin")), signed_in(shop, "bob", "viewer")
    assert "bob" in admin.get("/admin/people?q=BO").links
    assert "bob" not in admin.get("/admin/people?q=100%25").links
    assert "viewer: reads the catalog" in admin.get(admin.get("/admin/people/bob").links["What may this person?"]).text
    page = admin.followed(admin.get("/admin/people/bob").form("/disable"))
    assert "The account is disabled" in page.text
    assert bob.ask("GET", "/account").status_code == 303
    assert "open again" in admin.followed(page.form("/enable")).text
    assert bob.ask("GET", "/account").status_code == 303


def test_nobody_disables_the_own_account(shop: Web) -> None:
    admin = Browser(signed_in(shop, "ada", "admin"))
    page = admin.sent(admin.get("/admin/people/ada").form("/disable"), status=409)
    assert "Nobody can disable the own account" in page.text


def test_who_is_no_administrator_sees_no_people(shop: Web) -> None:
    bob = signed_in(shop, "bob", "viewer")
    Browser(bob).get("/admin/people", status=403)
    bob.get("/api/v1/users", 403)


@pytest.mark.parametrize("name", ["", " ", "a/b", "operator", "a,b", "x" * 257, "a\nb", "*"])
def test_an_account_has_a_name_that_can_be_one(shop: Web, name: str) -> None:
    signed_in(shop, "ada", "admin").send("POST", "/api/v1/users", {"name": name}, status=400)


def test_accounts_are_administered_over_the_api(shop: Web) -> None:
    admin = signed_in(shop, "ada", "admin")
    made = admin.send("POST", "/api/v1/users", {"name": "ci", "kind": "service", "role": "viewer"}, status=201)
    assert made["kind"] == "service"
    admin.send("POST", "/api/v1/users", {"name": "ci"}, status=409)
    assert [one["name"] for one in admin.get("/api/v1/users?q=c")["items"]] == ["ci"]
    token = admin.send("POST", "/api/v1/users/ci/tokens", {"name": "pipeline", "scopes": ["read"]}, status=201)
    headers = {"Authorization": f"Bearer {token['token']}"}
    assert another(shop).get("/api/v1/session", headers=headers)["name"] == "ci"
    assert token["token"] not in str(admin.get("/api/v1/users/ci/tokens"))
    assert admin.send("POST", "/api/v1/users/ci/disable")["disabled"] is True
    assert another(shop).ask("GET", "/api/v1/session", headers=headers).status_code == 401
    admin.send("POST", "/api/v1/users/ci/password-key", status=409)


def test_an_administrator_makes_no_token_of_a_person(shop: Web) -> None:
    admin = signed_in(shop, "ada", "admin")
    person(shop, "bob", "viewer")
    admin.send("POST", "/api/v1/users/bob/tokens", {"name": "x", "scopes": ["read"]}, status=409)


# -- tokens


def test_a_token_is_shown_once_and_works_until_it_is_revoked(shop: Web) -> None:
    browser = Browser(signed_in(shop, "ada", "viewer"))
    page = browser.sent(browser.get("/account").form("/account/tokens", having="scope"), name="laptop", scope="read")
    token = next(word for word in page.text.split() if word.startswith("chartroom_"))
    headers = {"Authorization": f"Bearer {token}"}
    assert another(shop).get("/api/v1/session", headers=headers)["way"] == "token"
    page = browser.get("/account")
    assert token not in page.html
    assert HOST in page.text
    browser.followed(page.form("/revoke"))
    assert another(shop).ask("GET", "/api/v1/session", headers=headers).status_code == 401


def test_a_token_opens_the_api_and_no_more_than_its_scope(shop: Web) -> None:
    headers = token_of(shop, "ada", "read", role="admin")
    assert shop.ask("GET", "/api/v1/sources", headers=headers).status_code == 200
    assert shop.ask("POST", "/api/v1/sources", json={"name": "a"}, headers=headers).status_code == 403


def test_a_token_never_opens_more_than_its_person_may(shop: Web) -> None:
    headers = token_of(shop, "bob", "admin", role="viewer")
    assert shop.ask("GET", "/api/v1/sources", headers=headers).status_code == 200
    assert shop.ask("GET", "/api/v1/users", headers=headers).status_code == 403


@pytest.mark.parametrize("scope", ["admin", "account"])
def test_a_token_makes_no_further_token(shop: Web, scope: str) -> None:
    headers = token_of(shop, "ada", scope, role="admin")
    made = shop.ask("POST", "/api/v1/tokens", json={"name": "a", "scopes": ["admin"]}, headers=headers)
    assert made.status_code == 403
    form = {"name": "a", "scope": "admin", "days": "30"}
    assert shop.ask("POST", "/account/tokens", data=form, headers=headers).status_code == 403
    assert len(shop.services.store.tokens.of("ada")) == 1


def test_with_a_token_no_cookie_is_looked_at(shop: Web) -> None:
    mine = signed_in(shop, "ada", "admin")
    wrong = {"Authorization": "Bearer chartroom_" + "a" * 43}
    assert mine.ask("GET", "/api/v1/sources", headers=wrong).status_code == 401
    assert mine.ask("POST", "/account/sessions/end", headers=wrong, data={}).status_code == 303
    assert mine.ask("GET", "/account").status_code == 200


@pytest.mark.parametrize(
    "told", ["Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Digest a", "Bearer " + "a" * 9000, "\xff"]
)
def test_an_odd_authorization_is_nobodys(shop: Web, told: str) -> None:
    answer = shop.ask("GET", "/api/v1/sources", headers={"Authorization": told})
    assert answer.status_code == 401


def test_helm_may_send_a_token_as_its_password(shop: Web) -> None:
    token = token_of(shop, "ada", "read", role="viewer")["Authorization"].partition(" ")[2]
    basic = base64.b64encode(f"anything:{token}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    assert shop.ask("GET", "/helm/nosuch/index.yaml", headers=headers).status_code == 404
    unknown = shop.ask("GET", "/helm/nosuch/index.yaml")
    assert unknown.status_code == 401
    assert unknown.headers["WWW-Authenticate"].startswith("Basic ")
    assert shop.ask("GET", "/api/v1/sources", headers=headers).status_code == 401


def test_a_token_ends(shop: Web) -> None:
    from catalog_web.signin import tokens

    user = person(shop, "ada", "viewer")
    token, _ = tokens.make(user, "test", ["read"], 30)
    now = datetime.now(UTC)
    assert tokens.is_alive(token, user, now + timedelta(days=29), 0)
    assert not tokens.is_alive(token, user, now + timedelta(days=31), 0)


def test_K5_tokens_of_a_providers_people_end_when_they_no_longer_sign_in(shop: Web) -> None:
    from catalog_web.signin import tokens

    now = datetime.now(UTC)
    user = replace(person(shop, "ada", "viewer"), kind="oidc", last_sign_in=now)
    token, _ = tokens.make(user, "test", ["read"], None)
    assert tokens.is_alive(token, user, now + timedelta(days=6), 7 * 86400)
    assert not tokens.is_alive(token, user, now + timedelta(days=8), 7 * 86400)
