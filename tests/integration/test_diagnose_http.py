"""Test connection, from HTTP up: what servers answer in place of an index. Each case against a server that does so."""

from collections.abc import Iterator
from typing import Any

import pytest

from indexer.http import Access, Basic, Bearer
from tests.integration.diagnoses import diagnosis, failed, states
from tests.repository import repository
from tests.upstream import Site, upstream

INDEX = "/index.yaml"
ME = Access(Basic("me", lambda: "hunter2"))
HTML = "text/html; charset=utf-8"
SIGN_IN = '<html><head><title>Sign in</title></head><form><input type="password" name="p"></form></html>'


@pytest.fixture
def shop() -> Iterator[Site]:
    with upstream() as running:
        repository({"redis": ("2.0.0", "1.0.0"), "blog": ("0.1.0",)}).serve(running)
        yield running


def behave(site: Site, mode: str, **options: Any) -> None:
    site.behave(INDEX, mode, **options)


# -- http: the server has trouble, or sends elsewhere


@pytest.mark.parametrize("status", [500, 502, 503])
def test_5xx_is_the_server_s_own_trouble(shop: Site, status: int) -> None:
    behave(shop, "status", status=status)
    rung, cause, remedy = failed(diagnosis(shop.url))
    assert rung == "http"
    assert f"answered {status}" in cause
    assert "trouble of its own" in remedy


def test_429_asks_to_come_back_later(shop: Site) -> None:
    behave(shop, "status", status=429, headers={"Retry-After": "60"})
    rung, cause, remedy = failed(diagnosis(shop.url))
    assert rung == "http"
    assert "come back later (429)" in cause
    assert "waits" in remedy


def test_a_redirect_loop_is_told_as_one(shop: Site) -> None:
    behave(shop, "redirect", to=INDEX)
    rung, cause, _ = failed(diagnosis(shop.url))
    assert rung == "http"
    assert "more than 5 times" in cause


def test_a_redirect_to_something_else_than_http_is_refused(shop: Site) -> None:
    behave(shop, "redirect", to="file:///etc/passwd")
    assert failed(diagnosis(shop.url))[0] == "http"


def test_a_server_that_takes_the_request_and_never_answers(shop: Site) -> None:
    behave(shop, "silent")
    rung, cause, _ = failed(diagnosis(shop.url, seconds=1))
    assert rung == "http"
    assert "did not answer" in cause


def test_a_server_that_speaks_something_else_than_http(shop: Site) -> None:
    behave(shop, "raw", sent=b"SSH-2.0-OpenSSH_9.2\r\n")
    rung, cause, _ = failed(diagnosis(shop.url))
    assert rung == "http"
    assert "not HTTP/1" in cause


def test_a_server_that_hangs_up(shop: Site) -> None:
    behave(shop, "hang_up")
    rung, cause, _ = failed(diagnosis(shop.url))
    assert (rung, "closed without an answer" in cause) == ("http", True)


# -- kind: something else is there


def test_404_points_at_the_path(shop: Site) -> None:
    rung, cause, remedy = failed(diagnosis(f"{shop.url}/stable"))
    assert (rung, cause) == ("kind", f"The server answers that there is nothing at {shop.url}/stable/index.yaml (404).")
    assert "path" in remedy


def test_html_names_the_title_of_the_page(shop: Site) -> None:
    shop.put(INDEX, "<html><title>Welcome to our &#x202e; wiki</title></html>", content_type=HTML)
    rung, cause, remedy = failed(diagnosis(shop.url))
    assert rung == "kind"
    assert cause.startswith("A web page answers there: “Welcome to our")
    assert "index.yaml" in remedy


def test_an_empty_answer_is_told_as_empty(shop: Site) -> None:
    shop.put(INDEX, b"")
    rung, cause, _ = failed(diagnosis(shop.url))
    assert (rung, cause) == ("kind", "The server answers with nothing at all.")


@pytest.mark.parametrize(
    "body",
    [
        '{"error": "unknown repository"}',
        '{"errors": [{"code": "NAME_UNKNOWN", "message": "unknown repository"}]}',
        '{"error": {"code": 7, "message": "unknown repository"}}',
        '{"message": "unknown repository"}',
    ],
)
def test_200_with_an_error_body_repeats_what_it_says(shop: Site, body: str) -> None:
    shop.put(INDEX, body, content_type="application/json")
    rung, cause, _ = failed(diagnosis(shop.url))
    assert (rung, cause) == ("kind", "The server answers 200, and an error in place of an index: “unknown repository”.")


@pytest.mark.parametrize("body", ['{{"error": "no repository for {0}"}}', "<title>No repository for {0}</title>"])
def test_what_a_server_repeats_of_a_secret_is_not_told(shop: Site, body: str) -> None:
    shop.put(INDEX, body.format("hunter2"), content_type=HTML if "<" in body else "application/json")
    found = diagnosis(shop.url, ME, username="me")
    assert failed(found)[0] == "kind"
    assert "hunter2" not in repr([(one.cause_words, one.remedy_words) for one in found.rungs])


@pytest.mark.parametrize("status", [200, 401, 404, 500])
def test_a_token_in_the_address_is_never_told(shop: Site, status: int) -> None:
    shop.put(INDEX, "<title>hunter2</title>", content_type=HTML, status=status)
    found = diagnosis(f"{shop.url}/?token=hunter2")
    failed(found)
    assert "hunter2" not in repr([(one.cause_words, one.remedy_words, one.facts) for one in found.rungs])


def test_wrong_content_says_what_is_wrong_with_it(shop: Site) -> None:
    shop.put(INDEX, b"- just\n- a list\n")
    rung, cause, _ = failed(diagnosis(shop.url))
    assert rung == "kind"
    assert "is not a Helm repository index" in cause


# -- auth


def test_401_without_credentials_asks_for_some(shop: Site) -> None:
    shop.protect("me", "hunter2")
    rung, cause, remedy = failed(diagnosis(shop.url))
    assert rung == "auth"
    assert "no credentials" in cause
    assert "user name and password" in remedy


def test_401_with_wrong_credentials_says_that_they_are_not_taken(shop: Site) -> None:
    shop.protect("me", "another")
    found = diagnosis(shop.url, ME, username="me")
    rung, cause, remedy = failed(found)
    assert rung == "auth"
    assert "does not take these credentials (401)" in cause
    assert "robot" in remedy
    assert "hunter2" not in repr(found)


def test_403_says_that_the_account_is_known_and_may_not(shop: Site) -> None:
    behave(shop, "status", status=403)
    rung, cause, remedy = failed(diagnosis(shop.url, ME, username="me"))
    assert rung == "auth"
    assert "may not read there (403)" in cause
    assert "right to read" in remedy


def test_a_redirect_to_a_sign_in_page_names_where_it_leads(shop: Site) -> None:
    with upstream() as sso:
        sso.put("/login", SIGN_IN, content_type=HTML)
        behave(shop, "redirect", to=f"{sso.url}/login?back=secret-state")
        rung, cause, remedy = failed(diagnosis(shop.url))
    assert (rung, cause) == ("auth", f"The server sends Chartroom to {sso.url}/login, a page for people to sign in.")
    assert "fills in no pages" in remedy


def test_a_sign_in_page_in_place_of_the_index_is_one_as_well(shop: Site) -> None:
    shop.put(INDEX, SIGN_IN, content_type=HTML)
    rung, cause, _ = failed(diagnosis(shop.url))
    assert (rung, cause) == ("auth", f"A page for people to sign in answers at {shop.url}/index.yaml.")


def test_a_secret_that_cannot_be_read_is_told_before_anything_is_asked(shop: Site) -> None:
    from functools import partial

    from indexer.secret_file import read_secret

    access = Access(Bearer(partial(read_secret, "/nowhere/token")))
    rung, cause, _ = failed(diagnosis(shop.url, access))
    assert (rung, "/nowhere/token" in cause, shop.log) == ("auth", True, [])


# -- read: it begins well


def test_a_truncated_answer_is_told_as_cut_off(shop: Site) -> None:
    behave(shop, "cut", at=100)
    found = diagnosis(shop.url)
    rung, cause, _ = failed(found)
    assert (rung, found.rung("kind").state) == ("read", "ok")
    assert "cut off" in cause


def test_an_answer_whose_end_nothing_proves_is_refused_as_in_a_sync(shop: Site) -> None:
    body = repository({"redis": ("1.0.0",)}).index.partition("generated:")[0]
    shop.put(INDEX, body)
    behave(shop, "no_length")
    rung, cause, _ = failed(diagnosis(shop.url))
    assert (rung, "where it ends" in cause) == ("read", True)


def test_an_answer_that_is_too_large_names_the_limit(shop: Site) -> None:
    found = diagnosis(shop.url, max_index_bytes=50)
    rung, cause, remedy = failed(found)
    assert rung == "read"
    assert "limit of 50 bytes" in cause
    assert "max_index_bytes" in remedy


def test_what_a_test_has_no_time_for_is_a_warning_and_no_failure(shop: Site) -> None:
    shop.put(INDEX, "# so much\n" * 20_000)
    behave(shop, "slow", bytes_at_a_time=1, every=0.1, after=150_000)
    found = diagnosis(shop.url, seconds=2)
    assert (found.is_good, found.rung("read").state) == (True, "warn")
    assert "the time of a test is up" in found.rung("read").cause_words


# -- charts


def test_an_index_without_charts_is_a_warning(shop: Site) -> None:
    shop.put(INDEX, "apiVersion: v1\nentries: {}\n")
    found = diagnosis(shop.url)
    assert (found.is_good, found.rung("charts").state) == (True, "warn")
    assert found.rung("charts").cause_words == "The index lists no chart."


def test_filters_that_leave_nothing_are_a_warning(shop: Site) -> None:
    found = diagnosis(shop.url, include=("nothing-*",))
    assert (found.is_good, found.rung("charts").state) == (True, "warn")
    assert "leave out all charts that are there, 2" in found.rung("charts").cause_words


def test_entries_that_cannot_be_read_are_counted(shop: Site) -> None:
    shop.put(INDEX, repository({"redis": ("1.0.0",)}).index.replace("entries:\n", "entries:\n  bad:\n  - 3\n"))
    found = diagnosis(shop.url)
    assert (found.is_good, found.rung("charts").state) == (True, "warn")
    assert "1 more entries cannot be read" in found.rung("charts").cause_words


def test_an_address_that_may_not_be_used_ends_it_at_once() -> None:
    rung, cause, _ = failed(diagnosis("http://127.0.0.1:1\\@example.com/"))
    assert (rung, "cannot be used" in cause) == ("dns", True)


def test_a_folder_has_no_way_to_it(tmp_path: Any) -> None:
    found = diagnosis(str(tmp_path), kind="directory")
    assert states(found) == {"kind": "ok", "read": "ok", "charts": "warn"}


def test_a_folder_that_is_not_there_fails_at_reading(tmp_path: Any) -> None:
    assert failed(diagnosis(str(tmp_path / "nowhere"), kind="directory"))[0] == "read"
