"""What is installed from a source that demands an approval, over HTTP: asked for, decided, sent."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from catalog_web.approvals.service import Approvals
from indexer.errors import ChartroomError
from indexer.store.people_tables import approvals
from tests.integration.test_api_app_changes import charts
from tests.kube_api import Asked, KubeApi, Reply
from tests.people import READS, Asking, People
from tests.upstream import Site
from tests.web import Web, web

VALUES = "replicas: 1\n"
INSTALL = {"source": "shop", "chart": "redis", "version": "1.0.0", "namespace": "apps", "name": "cache"}
APP = "/api/v1/installs/home/apps/cache"
LIST = "/api/v1/approvals"


@dataclass(frozen=True)
class Shop:
    """A source that demands approvals, a developer, another one, and an administrator."""

    web: Web
    kube: KubeApi
    dev: Asking
    other: Asking
    admin: Asking

    def asked(self, **changes: Any) -> Any:
        """The request of the developer's install."""
        return self.dev.send("POST", "/api/v1/installs", {**INSTALL, **changes}, 202)

    def approve(self, request: Any, body: Any = None, status: int = 202) -> Any:
        """What an approval by the administrator answers."""
        return self.admin.send("POST", f"{LIST}/{request['id']}/approve", body or {}, status)

    def running(self, **changes: Any) -> None:
        """An app that an administrator installed."""
        self.admin.send("POST", "/api/v1/installs", {**INSTALL, **changes}, 201)
        self.kube.change("cache", status={"phase": "Synced", "version": "1.0.0", "lastSpecHash": "11"})

    def state(self, request: Any) -> str:
        """Of a request, as the administrator sees it."""
        return str(self.admin.get(f"{LIST}/{request['id']}")["state"])


@pytest.fixture
def shop(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Shop]:
    charts({"1.0.0": VALUES, "2.0.0": VALUES}).serve(site)
    source = {"name": "shop", "url": site.url, "approval": True}
    cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    with web(tmp_path / "room", [source], clusters=[cluster]) as running:
        running.sync()
        people = People().install(running.app)
        people.add("dev")
        people.add("other")
        people.add("reader", READS)
        yield Shop(running, kube, Asking(running, "dev"), Asking(running, "other"), Asking(running, "admin"))


# -- asking


def test_an_install_is_asked_for_and_nothing_is_sent(shop: Shop) -> None:
    request = shop.asked(values_yaml="replicas: 5 # many\n", why="for the launch")
    assert (request["state"], request["action"], request["person"]) == ("waiting", "install", "dev")
    assert (request["source"], request["chart"], request["version"]) == ("shop", "redis", "1.0.0")
    assert request["why"] == "for the launch"
    assert request["helmrequest"]["spec"]["values"] == {"replicas": 5}
    assert (request["may_decide"], request["may_withdraw"]) == (False, True)
    assert shop.kube.objects == {}
    assert shop.dev.get(f"{APP}/history", 404)["id"] == "install-not-found"


def test_what_the_checks_refuse_is_refused_before_anybody_is_asked(shop: Shop) -> None:
    refused = shop.dev.send("POST", "/api/v1/installs", {**INSTALL, "name": "Not A Name"}, 400)
    assert refused["id"] == "bad-request"
    assert shop.admin.get(LIST)["total"] == 0


def test_who_administers_the_source_asks_nobody(shop: Shop) -> None:
    shop.running()
    assert ("apps", "cache") in shop.kube.objects
    assert shop.admin.get(LIST)["total"] == 0


def test_a_source_that_demands_nothing_asks_nobody(shop: Shop) -> None:
    sources = shop.web.services.store.sources
    sources.configure([replace(sources.get("shop").source, approval=False)], datetime.now(UTC))
    shop.dev.send("POST", "/api/v1/installs", INSTALL, 201)


def test_I9_the_same_request_sent_twice_waits_once(shop: Shop) -> None:
    first, second = shop.asked(request_id="r1"), shop.asked(request_id="r1")
    assert first["id"] == second["id"]
    assert shop.admin.get(LIST)["total"] == 1
    changed = shop.dev.send(
        "POST", "/api/v1/installs", {**INSTALL, "values_yaml": "replicas: 9", "request_id": "r1"}, 409
    )
    assert changed["id"] == "conflict"


def test_each_sees_the_own_requests_and_the_administrator_all(shop: Shop) -> None:
    request = shop.asked()
    assert [one["id"] for one in shop.dev.get(f"{LIST}?mine=true")["items"]] == [request["id"]]
    assert shop.dev.get(LIST)["total"] == 0
    assert shop.other.get(f"{LIST}?mine=true")["total"] == 0
    assert [one["id"] for one in shop.admin.get(LIST)["items"]] == [request["id"]]


def test_I2_the_request_of_somebody_else_answers_as_one_that_is_not_there(shop: Shop) -> None:
    request = shop.asked()
    for path in ("", "/report"):
        there, absent = (shop.other.get(f"{LIST}/{one}{path}", 404) for one in (request["id"], "0" * 32))
        assert there == absent
    there, absent = (shop.other.send("POST", f"{LIST}/{one}/withdraw", None, 404) for one in (request["id"], "0" * 32))
    assert there == absent
    assert shop.dev.send("POST", f"{LIST}/{request['id']}/approve", {}, 403)["id"] == "forbidden"
    assert shop.state(request) == "waiting"


# -- deciding


def test_an_approval_sends_exactly_what_was_asked_as_the_person_who_asked(shop: Shop) -> None:
    request = shop.asked(values_yaml="replicas: 5 # many\n", why="for the launch")
    made = shop.approve(request, {"reason": "fine"})
    assert (made["name"], made["version"], made["revision"]) == ("cache", "1.0.0", 1)
    assert shop.kube.objects["apps", "cache"]["spec"] == request["helmrequest"]["spec"]
    newest = shop.dev.get(f"{APP}/history")["items"][0]
    assert (newest["person"], newest["why"]) == ("dev", "for the launch")
    told = shop.dev.get(f"{LIST}/{request['id']}")
    assert (told["state"], told["decided_by"], told["reason"]) == ("done", "admin", "fine")
    assert shop.dev.get(f"{LIST}?mine=true&show=settled")["total"] == 1


def test_a_refusal_is_told_with_its_reason_and_sends_nothing(shop: Shop) -> None:
    request = shop.asked(request_id="r1")
    path = f"{LIST}/{request['id']}/refuse"
    assert shop.admin.send("POST", path, {"reason": ""}, 400)["id"] == "bad-request"
    assert shop.admin.send("POST", path, {"reason": "too old"})["state"] == "refused"
    told = shop.dev.get(f"{LIST}/{request['id']}")
    assert (told["state"], told["reason"], told["may_withdraw"]) == ("refused", "too old", False)
    again = shop.dev.send("POST", "/api/v1/installs", {**INSTALL, "request_id": "r1"}, 409)
    assert again["id"] == "request-decided"
    assert shop.kube.objects == {}


def test_who_asked_may_withdraw_and_then_nobody_can_approve(shop: Shop) -> None:
    request = shop.asked()
    assert shop.dev.send("POST", f"{LIST}/{request['id']}/withdraw")["state"] == "withdrawn"
    told = shop.approve(request, status=409)
    assert told["id"] == "request-decided" and "withdrawn" in told["cause"]
    assert shop.kube.objects == {}


def test_I9_of_two_administrators_one_decides_and_the_other_one_is_told(shop: Shop) -> None:
    request = shop.asked()
    kept, start = shop.web.services.approvals, threading.Barrier(2)
    found = kept.get(request["id"], "admin", lambda _source: True)
    ends: list[str] = []

    def decide(by: str) -> None:
        start.wait()
        try:
            if by == "ann":
                kept.approve(found, by)
            else:
                kept.refuse(found, by, "no")
            ends.append(by)
        except ChartroomError as error:
            ends.append(error.id)

    both = [threading.Thread(target=decide, args=(by,)) for by in ("ann", "bea")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(ends) in (["ann", "request-decided"], ["bea", "request-decided"])
    assert (("apps", "cache") in shop.kube.objects) == ("ann" in ends)
    assert shop.state(request) == ("done" if "ann" in ends else "refused")


def test_what_was_approved_already_is_told_to_the_next_administrator(shop: Shop) -> None:
    request = shop.asked()
    shop.approve(request)
    told = shop.approve(request, status=409)
    assert "admin approved it, and it was sent" in told["cause"]
    assert len(shop.dev.get(f"{APP}/history")["items"]) == 1


def test_nobody_decides_about_what_waited_for_30_days(shop: Shop) -> None:
    request = shop.asked()
    services = shop.web.services
    later = Approvals(
        services.store, services.installs, services.catalog, now=lambda: datetime.now(UTC) + timedelta(days=30, hours=1)
    )
    found = later.get(request["id"], "dev", lambda _source: False)
    assert found.state == "expired"
    with pytest.raises(ChartroomError, match="30 days"):
        later.approve(found, "admin")
    assert later.tidy() == 1
    assert shop.state(request) == "expired"
    assert services.store.approvals.get(request["id"]).sealed == ""


# -- secrets


def test_I8_secrets_are_sealed_while_it_waits_and_forgotten_afterwards(shop: Shop) -> None:
    canary = "hunter2-canary"
    values = f"auth:\n  password: {canary}\n"
    request = shop.asked(values_yaml=values, secret_paths=["auth.password"])
    store = shop.web.services.store
    told = [shop.admin.get(f"{LIST}/{request['id']}{path}") for path in ("", "/report")]
    kept = store.approvals.get(request["id"])
    assert canary not in str([request, told, kept, repr(kept)])
    with store.database.read() as connection:
        (row,) = connection.execute(select(approvals)).all()
    assert kept.sealed and canary not in str(row)
    shop.approve(request)
    assert b64encode(values.encode()).decode() in str(shop.kube.secrets)
    assert store.approvals.get(request["id"]).sealed == ""


# -- when something changed meanwhile


def test_an_upgrade_is_asked_for_with_what_it_changes(shop: Shop) -> None:
    shop.running()
    request = shop.dev.send("PUT", APP, {"version": "2.0.0"}, 202)
    assert (request["action"], request["version"], request["state"]) == ("upgrade", "2.0.0", "waiting")
    report = shop.admin.get(f"{LIST}/{request['id']}/report")
    assert report["helmrequest"]["spec"]["version"] == "2.0.0"
    assert not report["changed"] and report["error"] is None
    assert {one["id"] for one in report["checks"]} >= {"rights", "dry-run"}
    shop.approve(request)
    assert shop.kube.objects["apps", "cache"]["spec"]["version"] == "2.0.0"


def test_an_app_that_changed_meanwhile_is_told_and_asked_about_again(shop: Shop) -> None:
    shop.running()
    request = shop.dev.send("PUT", APP, {"version": "2.0.0"}, 202)
    shop.kube.change("cache", spec={"values": {"replicas": 7}})
    told = shop.approve(request, status=409)
    assert told["id"] == "app-changed"
    again = shop.admin.get(f"{LIST}/{request['id']}")
    assert (again["state"], again["problem"]["id"]) == ("waiting", "app-changed")
    assert shop.kube.objects["apps", "cache"]["spec"]["version"] == "1.0.0"
    report = shop.admin.get(f"{LIST}/{request['id']}/report")
    assert report["changed"]
    shop.approve(request, {"resource_version": report["resource_version"]})
    assert shop.kube.objects["apps", "cache"]["spec"]["version"] == "2.0.0"
    assert shop.state(request) == "done"


def test_a_name_that_was_taken_meanwhile_lets_the_request_wait_again(shop: Shop) -> None:
    request = shop.asked()
    shop.running()
    told = shop.approve(request, status=409)
    assert told["id"] == "conflict"
    assert shop.state(request) == "waiting"


def test_a_lost_answer_leaves_it_approved_and_sending_again_sends_nothing_twice(shop: Shop) -> None:
    request = shop.asked()

    def lost(asked: Asked, reply: Reply) -> Reply | None:
        creates = asked.method == "POST" and asked.path.endswith("/helmrequests") and "dryRun" not in asked.query
        return replace(reply, cut=10) if creates or asked.path.endswith("/helmrequests/cache") else None

    shop.kube.faults.append(lost)
    assert shop.approve(request, status=503)["id"] == "cluster-unreachable"
    told = shop.admin.get(f"{LIST}/{request['id']}")
    assert (told["state"], told["decided_by"], told["problem"]["id"]) == ("approved", "admin", "cluster-unreachable")
    refused = shop.admin.send("POST", f"{LIST}/{request['id']}/refuse", {"reason": "no"}, 409)
    assert refused["id"] == "request-decided"
    shop.kube.faults.clear()
    assert shop.approve(request)["revision"] == 1
    assert shop.state(request) == "done"
    assert len(shop.dev.get(f"{APP}/history")["items"]) == 1


# -- going back


def test_going_back_to_what_was_approved_asks_nobody_and_to_anything_else_does(shop: Shop) -> None:
    shop.running()
    second = shop.dev.send("PUT", APP, {"version": "2.0.0"}, 202)
    shop.approve(second)
    third = shop.dev.send("PUT", APP, {"values_yaml": "replicas: 3"}, 202)
    shop.approve(third)
    back = f"{APP}/rollback"
    made = shop.dev.send("POST", back, {"revision": 2}, 202)
    assert made["revision"] == 4
    asked = shop.dev.send("POST", back, {"revision": 1}, 202)
    assert (asked["state"], asked["action"], asked["version"]) == ("waiting", "rollback", "1.0.0")
    shop.approve(asked)
    assert shop.kube.objects["apps", "cache"]["spec"]["version"] == "1.0.0"


def test_of_several_apps_each_is_asked_for(shop: Shop) -> None:
    shop.running()
    body = {"apps": [{"cluster": "home", "namespace": "apps", "name": "cache"}], "apply": True}
    (line,) = shop.dev.send("POST", "/api/v1/upgrades", body)["items"]
    assert line["install"] is None and line["error"]["id"] == "approval-wanted"
    assert shop.admin.get(LIST)["total"] == 1
    assert shop.kube.objects["apps", "cache"]["spec"]["version"] == "1.0.0"


def test_who_may_only_read_cannot_ask(shop: Shop) -> None:
    assert Asking(shop.web, "reader").send("POST", "/api/v1/installs", INSTALL, 403)["id"] == "forbidden"
