"""ChartRepos of others as sources: what is offered, under which name, and what cannot be taken."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.captain import chartrepo, discover
from indexer.errors import fill
from indexer.model import Source
from indexer.options import NAME
from indexer.settings import split_login


def repo(name: str, url: str = "https://charts.example.org", **parts: Any) -> chartrepo.SeenRepo:
    spec = {"type": "Chart", "url": url, **parts.pop("spec", {})}
    return chartrepo.seen({"metadata": {"name": name, "namespace": "captain", **parts}, "spec": spec})


def offered(*repos: chartrepo.SeenRepo, sources: tuple[Source, ...] = ()) -> list[discover.Offer]:
    return list(discover.offers("home", repos, sources))


def test_a_chart_repo_is_offered_with_its_own_name_and_its_secret() -> None:
    (one,) = offered(repo("open", spec={"secret": {"name": "login"}}))
    assert (one.state, one.name, one.url) == ("offered", "open", "https://charts.example.org")
    assert one.secret_ref == "home/captain/login"
    assert one.with_credentials


def test_a_secret_may_stand_in_another_namespace() -> None:
    (one,) = offered(repo("open", spec={"secret": {"name": "login", "namespace": "apps"}}))
    assert one.secret_ref == "home/apps/login"


def test_ours_are_left_out() -> None:
    assert offered(repo("shop", labels={"app.kubernetes.io/managed-by": "chartroom"})) == []


@pytest.mark.parametrize("type_", ["Git", "SVN", "Local", "git"])
def test_what_has_no_index_of_its_own_is_told_and_not_taken(type_: str) -> None:
    (one,) = offered(repo("built", spec={"type": type_}))
    assert one.state == "impossible"
    assert one.why_not is not None
    assert fill(**one.why_not)


def test_a_type_that_nobody_knows_is_a_repository_for_captain_and_so_for_us() -> None:
    assert offered(repo("odd", spec={"type": "Banana"}))[0].state == "offered"


@pytest.mark.parametrize("url", ["not a url", "", "ftp://x.example", "http://127.0.0.1:80\\@example.com/"])
def test_an_address_that_is_none_is_not_taken(url: str) -> None:
    assert offered(repo("bad", url))[0].state == "impossible"


def test_a_login_in_the_address_is_moved_out_of_it_and_shown_nowhere() -> None:
    (one,) = offered(repo("userinurl", "http://reader:s3%40cret@charts.example.org:8080/a"))
    assert one.url == "http://charts.example.org:8080/a"
    assert (one.username, one.password) == ("reader", "s3@cret")
    assert "s3" not in repr(one)


def test_what_is_registered_already_is_known_by_name_and_address() -> None:
    source = Source("open", "https://charts.example.org/")
    assert offered(repo("open"), sources=(source,))[0].state == "registered"
    elsewhere = offered(repo("open", "https://other.example.org"), sources=(source,))[0]
    assert (elsewhere.state, elsewhere.name) == ("offered", "open-home")


def test_one_that_was_taken_over_is_known_by_its_name_after_its_source_got_another_address() -> None:
    source = Source("mine", "https://new.example.org", captain_repo="open")
    assert offered(repo("open"), sources=(source,))[0].state == "registered"


@given(st.text(max_size=80), st.lists(st.sampled_from(["open", "open-home", "open-2"])))
def test_a_name_is_always_fit_and_free(name: str, taken: list[str]) -> None:
    found = discover.free_name(name, "home", taken)
    assert re.fullmatch(NAME, found)
    assert found not in taken


@given(st.text(max_size=60))
def test_no_address_breaks_the_splitting(url: str) -> None:
    plain, username, password = split_login(url)
    if username or password:
        assert f"{username}:{password}@" not in plain
