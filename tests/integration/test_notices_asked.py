"""Notices as people and programs ask for them: their own, and as an administrator everybody's."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import g

from catalog_web.auth import LOCAL, Person
from catalog_web.auth.grants import Grant, Grants
from catalog_web.notices.audience import Everybody
from indexer.model import Team
from tests.pages import Browser
from tests.receiver import Receiver, receiver
from tests.web import Web, web

VIEWER = Grants((Grant("viewer"),))
ANN = Person("ann", VIEWER.actions, "local", email="ann@example.org", grants=VIEWER)
BOB = replace(ANN, name="bob", email="bob@example.org")
HOOK = {"channel": "webhook", "address": "https://hooks.example.org/T0/B0/very-secret", "events": ["version-new"]}
MAIL = {"channel": "email", "address": "ann@example.org", "events": ["source-failing"], "digest": True}


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path, network_allow=["127.0.0.0/8"], smtp={"host": "127.0.0.1", "port": 1, "tls": "none"}) as opened:
        opened.app.extensions["asks"] = LOCAL
        opened.app.before_request_funcs[None].insert(0, lambda: setattr(g, "person", opened.app.extensions["asks"]))
        yield opened


def as_person(running: Web, person: Person) -> Browser:
    """Let all that is asked from now on come from ``person``."""
    running.app.extensions["asks"] = person
    return Browser(running)


def test_a_webhook_gets_a_secret_that_is_told_once_and_its_path_is_told_to_nobody(running: Web) -> None:
    made = running.send("POST", "/api/v1/subscriptions", HOOK, status=201)
    assert made["secret"].startswith("whsec_")
    (listed,) = running.get("/api/v1/subscriptions")["items"]
    assert "secret" not in listed
    assert listed["address"] == "https://hooks.example.org/…"
    told = str([row.entry.detail for row in running.services.store.audit.all()])
    assert "very-secret" not in told
    assert made["secret"] not in told


def test_a_subscription_is_changed_and_deleted(running: Web) -> None:
    made = running.send("POST", "/api/v1/subscriptions", HOOK, status=201)
    path = f"/api/v1/subscriptions/{made['id']}"
    changed = running.send("PUT", path, {"events": ["source-well"], "sources": ["shop*"], "enabled": False})
    assert (changed["events"], changed["sources"], changed["enabled"]) == (["source-well"], ["shop*"], False)
    running.send("DELETE", path, status=204)
    running.send("DELETE", path, status=404)
    assert running.get("/api/v1/subscriptions")["total"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "ftp://example.org"}, {"address": "https://user:password@example.org/"}, {"events": []},
        {"events": ["rain"]}, {"channel": "pigeon"}, {"channel": "email", "address": "a@b.c\nBcc: d@e.f"},
        {"address": "http://127.0.0.1:80\\@example.org/"},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(running: Web, wrong: dict[str, object]) -> None:
    running.send("POST", "/api/v1/subscriptions", {**HOOK, **wrong}, status=400)
    assert running.get("/api/v1/subscriptions")["total"] == 0


def test_somebody_elses_is_not_there(running: Web) -> None:
    as_person(running, ANN)
    made = running.send("POST", "/api/v1/subscriptions", HOOK, status=201)
    test = running.send("POST", f"/api/v1/subscriptions/{made['id']}/test", status=202)
    as_person(running, BOB)
    for method, path in (("DELETE", ""), ("POST", "/test")):
        running.send(method, f"/api/v1/subscriptions/{made['id']}{path}", status=404)
    running.send("POST", f"/api/v1/deliveries/{test['id']}/send", status=404)
    assert running.get("/api/v1/subscriptions?all=true")["total"] == 0
    assert running.get("/api/v1/deliveries?all=true")["total"] == 0
    as_person(running, LOCAL)
    assert running.get("/api/v1/subscriptions?all=true")["total"] == 1


def test_who_signs_in_has_mail_sent_to_the_own_address_alone(running: Web) -> None:
    as_person(running, ANN)
    running.send("POST", "/api/v1/subscriptions", MAIL, status=201)
    running.send("POST", "/api/v1/subscriptions", {**MAIL, "address": "bob@example.org"}, status=400)
    running.send("POST", "/api/v1/subscriptions", {**HOOK, "team": "a"}, status=403)


def test_who_has_no_role_has_nothing_sent_anywhere(running: Web, hook: Receiver) -> None:
    mine = running.send("POST", "/api/v1/subscriptions", {**HOOK, "address": hook.url}, status=201)["id"]
    nobody = as_person(running, Person("local", Grants().actions, "local", grants=Grants()))
    running.send("POST", "/api/v1/subscriptions", HOOK, status=403)
    running.send("POST", f"/api/v1/subscriptions/{mine}/test", status=403)
    page = nobody.get("/account/notices")
    assert "Ask an administrator for the right to do this." in page.text
    assert not [one for one in page.forms if one.action == "/account/notices"]
    running.send("DELETE", f"/api/v1/subscriptions/{mine}", status=204)


def test_a_test_is_sent_and_what_was_given_up_is_sent_again(running: Web, hook: Receiver) -> None:
    hook.status = 500
    made = running.send("POST", "/api/v1/subscriptions", {**HOOK, "address": hook.url}, status=201)
    test = running.send("POST", f"/api/v1/subscriptions/{made['id']}/test", status=202)
    running.services.notices.work(Everybody())
    (told,) = running.get("/api/v1/deliveries")["items"]
    assert (told["id"], told["state"], told["attempts"]) == (test["id"], "due", 1)
    assert "500" in told["error"]
    assert "/hook" not in told["error"]
    running.services.store.deliveries.failed([test["id"]], "given up", None)
    assert running.get("/api/v1/deliveries?state=dead")["total"] == 1
    hook.status = 204
    running.send("POST", f"/api/v1/deliveries/{test['id']}/send", status=202)
    running.services.notices.work(Everybody())
    assert running.get("/api/v1/deliveries?state=sent")["total"] == 1


def test_the_page_of_ones_notices_leads_from_none_to_a_test_to_its_outcome(running: Web, hook: Receiver) -> None:
    browser = Browser(running)
    page = browser.get("/account/notices")
    assert "You are told of nothing yet" in page.text
    form = page.form("/account/notices", having="address")
    form.fields.update(address=hook.url, channel="webhook", events="source-failing")
    made = browser.sent(form)
    assert "whsec_" in made.text
    page = browser.get("/account/notices")
    assert "whsec_" not in page.text
    assert "A source begins to fail" in page.text
    page = browser.followed(page.form("/test"))
    assert "A test is on its way" in page.text
    running.services.notices.work(Everybody())
    assert "sent" in browser.get("/account/notices").text
    assert len(hook.got) == 1


def test_a_form_that_is_wrong_says_why_and_keeps_what_was_typed(running: Web) -> None:
    browser = Browser(running)
    form = browser.get("/account/notices").form("/account/notices", having="address")
    form.fields.update(address="nowhere", channel="webhook", events="source-failing")
    page = browser.sent(form, status=400)
    assert page.form("/account/notices", having="address").fields["address"] == "nowhere"


def test_a_form_with_an_address_inside_is_refused_in_words_of_a_webhook(running: Web) -> None:
    browser = Browser(running)
    form = browser.get("/account/notices").form("/account/notices", having="address")
    form.fields.update(address="http://169.254.1.1/x", channel="webhook", events="source-failing")
    page = browser.sent(form, status=400)
    assert "169.254.1.1 leads to an address to which no webhook may be sent" in page.text
    assert running.get("/api/v1/subscriptions")["items"] == []
    wrong = running.send("POST", "/api/v1/subscriptions", {**HOOK, "address": "http://[::1]:9/x"}, status=400)
    assert wrong["id"] == "webhook-refused"


def test_administrators_see_everybodys_and_what_was_given_up(running: Web) -> None:
    running.services.store.teams.add(Team("platform", "Platform", created=datetime.now(UTC)))
    as_person(running, ANN)
    made = running.send("POST", "/api/v1/subscriptions", HOOK, status=201)
    test = running.send("POST", f"/api/v1/subscriptions/{made['id']}/test", status=202)
    running.services.store.deliveries.failed([test["id"]], "it answers 500", None)
    browser = as_person(running, LOCAL)
    page = browser.get("/admin/notices")
    for words in ("ann", "given up", "it answers 500", "https://hooks.example.org/…"):
        assert words in page.text
    assert ">Platform</option>" in page.html
    page = browser.followed(page.form(f"/deliveries/{test['id']}/send"))
    assert "It is sent again within seconds" in page.text
