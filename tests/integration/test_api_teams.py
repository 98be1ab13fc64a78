"""Teams over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from indexer.model import Team
from tests.people import READS, Asking, People, signed_in, token_of
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

LIST = "/api/v1/teams"
TEAM = f"{LIST}/payments"


@pytest.fixture
def shop(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository({"redis": ("1.0.0", "2.0.0"), "nginx": ("1.0.0",), "redis-ui": ("0.1.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        People().install(running.app).add("dev", READS)
        yield running


def made(shop: Web, **changes: Any) -> Any:
    body = {"name": "payments", "title": "Payments", "members": ["ann", "ann"], "groups": ["pay"]}
    return shop.send("POST", LIST, {**body, **changes}, 201)


def test_a_team_is_made_changed_and_deleted(shop: Web) -> None:
    team = made(shop)
    assert (team["title"], team["members"], team["groups"], team["rules"]) == ("Payments", ["ann"], ["pay"], [])
    changed = shop.send("PUT", TEAM, {"title": "Pay", "members": ["bob"], "revision": team["revision"]})
    assert (changed["title"], changed["members"], changed["groups"]) == ("Pay", ["bob"], [])
    assert shop.get(TEAM) == changed
    assert [one["name"] for one in shop.get(LIST)["items"]] == ["payments"]
    shop.send("DELETE", TEAM, status=204)
    assert shop.get(TEAM, 404)["id"] == "team-not-found"


def test_I9_a_stale_change_is_told_and_writes_nothing_over(shop: Web) -> None:
    team = made(shop)
    shop.send("PUT", TEAM, {"title": "First", "revision": team["revision"]})
    assert shop.send("PUT", TEAM, {"title": "Second", "revision": team["revision"]}, 409)["id"] == "team-changed"
    assert shop.get(TEAM)["title"] == "First"


@pytest.mark.parametrize("name", ["", "Pay", "pay ments", "-pay", "../x", "x" * 64, "p\u202e"])
def test_a_name_that_cannot_stand_in_an_address_is_refused(shop: Web, name: str) -> None:
    assert shop.send("POST", LIST, {"name": name}, 400)["id"] == "bad-request"


def test_a_rule_is_added_once_and_taken_away(shop: Web) -> None:
    made(shop)
    body = {"kind": "hide", "source": "shop", "chart": "redis*", "versions": "<2", "note": "too old"}
    rule = shop.send("POST", f"{TEAM}/rules", body, 201)
    assert {**body, "person": "admin"}.items() <= rule.items()
    assert shop.send("POST", f"{TEAM}/rules", body, 201) == rule
    assert shop.get(TEAM)["rules"] == [rule]
    shop.send("DELETE", f"{TEAM}/rules/{rule['id']}", status=204)
    assert shop.get(TEAM)["rules"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "forbid"},
        {"chart": "re[dis"},
        {"chart": ""},
        {"source": "a b"},
        {"versions": ">=banana"},
        {"kind": "ceiling", "versions": ""},
        {"kind": "ceiling", "versions": ">=1"},
        {"owner": "me"},
        {"note": "x" * 501},
    ],
)
def test_I1_a_rule_that_cannot_be_meant_is_refused(shop: Web, changes: dict[str, Any]) -> None:
    made(shop)
    assert shop.send("POST", f"{TEAM}/rules", {"kind": "hide", **changes}, 400)["id"] == "bad-request"
    assert shop.get(TEAM)["rules"] == []


def test_what_rules_do_is_counted_before_and_after(shop: Web) -> None:
    made(shop)
    draft = {"kind": "hide", "chart": "redis*"}
    told = shop.send("POST", f"{TEAM}/effect", draft)
    assert (told["charts"], told["hidden"], told["newly_hidden"], told["newly_shown"]) == (3, 2, 2, 0)
    assert told["examples"] == ["shop/redis", "shop/redis-ui"]
    assert shop.get(f"{TEAM}/effect")["hidden"] == 0
    shop.send("POST", f"{TEAM}/rules", {**draft, "versions": "<2"}, 201)
    assert shop.get(f"{TEAM}/effect") == {
        "charts": 3, "hidden": 1, "examples": ["shop/redis-ui"], "newly_hidden": 0, "newly_shown": 0,
    }  # fmt: skip


def test_who_does_not_administer_may_not_look_at_teams(shop: Web) -> None:
    made(shop)
    assert Asking(shop, "dev").get(LIST, 403)["id"] == "forbidden"
    assert Asking(shop, "dev").send("POST", LIST, {"name": "mine"}, 403)["id"] == "forbidden"


def test_a_team_is_told_to_its_members_and_is_not_there_for_others(tmp_path: Path) -> None:
    with web(tmp_path / "company", sign_in=["local"]) as company:
        stranger = signed_in(company, "eve", "developer")
        missing = stranger.get(TEAM, 404)
        company.services.store.teams.add(Team("payments", members=("ann",), groups=("pay",), created=datetime.now(UTC)))
        for known in (signed_in(company, "ann", "viewer"), signed_in(company, "bob", "viewer", groups=["pay"])):
            assert known.get(TEAM)["members"] == ["ann"]
        assert stranger.get(TEAM, 404) == missing


def test_whoever_may_change_teams_is_told_of_all_of_them_also_by_a_token_that_only_reads(tmp_path: Path) -> None:
    with web(tmp_path / "company", sign_in=["local"]) as company:
        company.services.store.teams.add(Team("payments", members=("ann",), created=datetime.now(UTC)))
        assert signed_in(company, "boss", "admin").get(TEAM)["name"] == "payments"
        assert company.get(TEAM, headers=token_of(company, "boss", "read"))["name"] == "payments"
