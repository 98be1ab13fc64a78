"""Who sees and does what: the rules of roles, walked over every route there is."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import cast

import pytest
from werkzeug.test import TestResponse

from catalog_web import bindings
from catalog_web.auth import ACTIONS, rule_of
from catalog_web.auth.actions import UNASKED, Action
from indexer.errors import Conflict
from indexer.people import Binding, Role
from tests.people import person, signed_in
from tests.repository import repository
from tests.upstream import upstream
from tests.web import Web, web

READERS = {"viewer", "developer", "elsewhere", "owner", "admin"}
SENDERS = {"developer", "admin"}
"""Who may install into ``dev/mine``."""
SIGNED_IN = READERS | {"nobody"}
ALLOWED: dict[Action, set[str]] = {
    "catalog.read": READERS,
    "search.save": READERS,
    "source.read": READERS,
    "source.write": {"owner", "admin"},
    "source.sync": {"owner", "admin"},
    "app.read": {"viewer", "developer", "admin"},
    "app.install": SENDERS,
    "app.upgrade": SENDERS,
    "app.uninstall": SENDERS,
    "preset.write": {"developer", "elsewhere", "owner", "admin"},
    "cluster.read": {"viewer", "developer", "admin"},
    "account": SIGNED_IN,
    "approval.own": SIGNED_IN,
    "approval.read": {"owner", "admin"},
    "approval.decide": {"owner", "admin"},
    "team.read": READERS,
    "team.write": {"admin"},
    "audit.read": {"admin"},
    "people.read": {"admin"},
    "people.write": {"admin"},
    "notice.write": READERS,
    "metrics.read": {"admin"},
    "admin.read": {"admin"},
}
"""Who may do what at the source ``shop`` and in the namespace ``mine`` of the cluster ``dev``."""
NAMES = {"source": "shop", "cluster": "dev", "namespace": "mine", "name": "web", "chart": "web", "version": "1.0.0"}
CANARY = "zanzibarite"
SENDING = frozenset({"app.install", "app.upgrade", "app.uninstall"})


@dataclass(frozen=True)
class Company:
    """A Chartroom with a public and a private source, asked by each of the people."""

    web: Web
    people: dict[str, Web]

    def ask(self, who: str, method: str, path: str) -> int:
        """The status of the answer; a body is an empty object of JSON, which needs no token of a form."""
        return self.answer(who, method, path).status_code

    def answer(self, who: str, method: str, path: str) -> TestResponse:
        asked = self.people[who] if who != "anonymous" else replace(self.web, client=self.web.app.test_client())
        json = {"data": b"{}", "headers": {"Content-Type": "application/json"}}
        answer = asked.ask(method, path, **(json if method != "GET" else {}))
        answer.get_data()
        answer.close()  # a file that was sent
        return answer


def _give(running: Web, name: str, role: Role, **places: tuple[str, ...]) -> None:
    running.services.store.bindings.add(Binding(role, "user", name, "test", datetime.now(UTC), **places))


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with upstream() as shop, upstream() as vault:
        repository({"web": ("1.0.0",)}).serve(shop)
        repository({CANARY: ("1.0.0",), "web": ("2.0.0",)}).serve(vault)
        sources = [{"name": "shop", "url": shop.url}, {"name": "vault", "url": vault.url, "private": True}]
        with web(tmp_path, sources, sign_in=["local"]) as running:
            running.sync("shop")
            running.sync("vault")
            yield _with_people(running)


def _with_people(running: Web) -> Company:
    for name in sorted(SIGNED_IN):
        person(running, name, name if name in ("admin", "viewer") else "")
    _give(running, "developer", "developer", clusters=("dev",), namespaces=("mine",))
    _give(running, "elsewhere", "developer", clusters=("other",))
    _give(running, "owner", "admin", sources=("shop",), clusters=(), namespaces=())
    return Company(running, {name: signed_in(running, name) for name in sorted(SIGNED_IN)})


def _routes(company: Company) -> Iterator[tuple[str, str, Action, str]]:
    """Method, address, action and target of every route, with ``NAMES`` filled in."""
    for route in company.web.app.url_map.iter_rules():
        found = rule_of(company.web.app, route.endpoint)
        assert found is not None, f"{route} has no rule"
        values = {name: NAMES.get(name, "1") for name in route.arguments}
        path = company.web.app.url_map.bind("127.0.0.1").build(route.endpoint, values)
        for method in sorted(cast(set[str], route.methods) - {"HEAD", "OPTIONS"}):
            yield method, path, found.action, found.target.format_map(values)


def test_K10_every_action_says_which_roles_may() -> None:
    assert set(ALLOWED) | UNASKED == ACTIONS


def test_K10_every_route_refuses_whoever_lacks_its_right(company: Company) -> None:
    wrong = []
    for method, path, action, target in _routes(company):
        if action in UNASKED or (action == "metrics.read"):
            continue
        if company.ask("anonymous", method, path) not in (302, 303, 401):
            wrong.append((method, path, "anonymous"))
        for who in sorted(SIGNED_IN - _allowed(action, target)):
            if company.ask(who, method, path) not in (403, 404):
                wrong.append((method, path, who))
    assert wrong == []


def test_every_page_and_answer_is_given_to_those_who_may(company: Company) -> None:
    wrong = [
        (path, who)
        for method, path, action, target in _routes(company)
        if action not in UNASKED
        for who in sorted(_allowed(action, target))
        if method == "GET" and company.ask(who, method, path) in (401, 403)
    ]
    assert wrong == []


def _allowed(action: Action, target: str) -> set[str]:
    """Who may; where no place is named, having the right at some place is enough to be shown what is there."""
    if action == "source.write" and target in ("", "source"):
        return {"admin"}
    if action in ("app.read", "cluster.read") and not target.startswith(("app/", "cluster/")):
        return ALLOWED[action] | {"elsewhere"}
    if action in SENDING and not target.startswith(("app/", "cluster/")):
        return ALLOWED[action] | {"elsewhere"}
    return ALLOWED[action]


@pytest.mark.parametrize("who", ["viewer", "developer", "owner"])
def test_I2_a_private_source_answers_as_one_that_is_not_there(company: Company, who: str) -> None:
    for method, path, action, target in _routes(company):
        if "shop" not in target or action in UNASKED:
            continue
        there = company.answer(who, method, path.replace("shop", "vault"))
        missing = company.answer(who, method, path.replace("shop", "vaulx"))
        assert there.status_code == missing.status_code, path
        assert _unlike(there) == _unlike(missing).replace("vaulx", "vault"), path


@pytest.mark.parametrize("who", ["viewer", "developer", "owner", "nobody"])
def test_H6_I2_a_private_chart_is_named_in_no_answer(company: Company, who: str) -> None:
    told = [
        path
        for method, path, _, _ in _routes(company)
        if method == "GET" and CANARY in company.answer(who, method, path).get_data(as_text=True)
    ]
    assert told == []


@pytest.mark.parametrize("text", [CANARY, CANARY[:-1] + "x", CANARY[:7], "vault", "source:vault"])
def test_H6_a_search_tells_nothing_of_a_private_source(company: Company, text: str) -> None:
    viewer = company.people["viewer"]
    found = viewer.get(f"/api/v1/charts?q={text}")
    assert all(one["source"] != "vault" for one in found["items"])
    assert CANARY not in str(found) and "vault" not in [one["value"] for one in found["facets"]["source"]]
    assert viewer.get(f"/api/v1/charts/suggest?q={text}")["items"] == []
    assert company.people["admin"].get(f"/api/v1/charts?q={CANARY}")["total"] == 1


def test_H6_counts_and_other_sources_of_a_chart_leave_private_ones_out(company: Company) -> None:
    viewer = company.people["viewer"].get("/api/v1/charts")
    assert viewer["total"] == 1 and viewer["facets"]["source"] == [{"value": "shop", "count": 1}]
    assert viewer["items"][0]["also_in"] == []
    assert [one["name"] for one in company.people["viewer"].get("/api/v1/sources")["items"]] == ["shop"]
    assert {one["source"] for one in company.people["viewer"].get("/api/v1/changes")["items"]} == {"shop"}


def test_a_role_that_names_a_private_source_opens_it(company: Company) -> None:
    _give(company.web, "viewer", "viewer", sources=("vault",))
    assert company.people["viewer"].get(f"/api/v1/charts/vault/{CANARY}")["name"] == CANARY
    assert company.people["viewer"].get(f"/api/v1/charts?q={CANARY}")["total"] == 1


def test_a_role_is_given_and_taken_and_holds_at_once(company: Company) -> None:
    admin, nobody = company.people["admin"], company.people["nobody"]
    nobody.get("/api/v1/charts", 403)
    made = admin.send("POST", "/api/v1/bindings", {"role": "viewer", "subject_kind": "user", "subject": "nobody"}, 201)
    assert nobody.get("/api/v1/charts")["total"] == 1
    assert admin.get("/api/v1/people/nobody/access")["sources"] == ["shop"]
    admin.send("DELETE", f"/api/v1/bindings/{made['id']}", status=204)
    nobody.get("/api/v1/charts", 403)


@pytest.mark.parametrize("page", ["/sources", "/sources/shop", "/sources/shop/captain", "/sources/shop/webhook"])
def test_a_reader_is_offered_nothing_about_sources_that_would_be_refused(company: Company, page: str) -> None:
    sends = re.compile(r'<form method="post"|hx-post')
    inside = {
        who: company.answer(who, "GET", page).get_data(as_text=True).split("<main")[1] for who in ("viewer", "owner")
    }
    assert not sends.search(inside["viewer"])
    assert "You may not" in inside["viewer"] or page != "/sources"
    assert sends.search(inside["owner"])
    assert ("Make a secret" in inside["owner"]) is page.endswith("webhook")


def test_the_last_role_that_may_give_roles_is_kept(company: Company) -> None:
    admin = company.people["admin"]
    [last] = [one for one in admin.get("/api/v1/bindings")["items"] if one["subject"] == "admin"]
    assert admin.send("DELETE", f"/api/v1/bindings/{last['id']}", status=409)["id"] == "conflict"


def test_of_two_who_take_away_each_others_role_at_once_one_keeps_it(company: Company) -> None:
    kept, two = company.web.services.store.bindings, {"admin", "second"}

    def theirs() -> list[Binding]:
        return [one for one in kept.all() if one.role == "admin" and one.subject in two]

    def take(binding: Binding, together: Barrier) -> None:
        together.wait()
        with suppress(Conflict):
            bindings.remove(company.web.services, binding.id)

    for _ in range(20):
        [left] = theirs()
        kept.add(Binding("admin", "user", next(iter(two - {left.subject})), "test", datetime.now(UTC)))
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(take, theirs(), [Barrier(2)] * 2))
        assert len(theirs()) == 1


def test_whoever_lacks_a_right_is_told_whom_to_ask(tmp_path: Path) -> None:
    with web(tmp_path, [], sign_in=["local"], ask_for_access="platform@example.org") as running:
        person(running, "ann", "viewer")
        told = signed_in(running, "ann").get("/api/v1/users", 403)
        assert "platform@example.org" in told["remedy"]


def _unlike(answer: TestResponse) -> str:
    """The answer without what differs in every answer."""
    return re.sub(r"[A-Za-z0-9_=-]{16,}", "", answer.get_data(as_text=True))
