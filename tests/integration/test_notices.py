"""Notices out: who is told of what, once, signed, in spite of all faults of who is told."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from catalog_web.notices.audience import ByRights, Everybody
from catalog_web.notices.wanted import Wish
from catalog_web.signin.audience import viewer_of
from indexer.errors import WebhookRefused
from indexer.model import Revision, Source
from indexer.notices import Delivery, Event, Subscription
from indexer.people import User
from indexer.store.people_tables import deliveries, subscriptions
from indexer.vault import Vault
from tests.certificates import self_signed
from tests.mail import MailServer, mail_server
from tests.receiver import Receiver, receiver
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

ALL = Everybody()
NOW = datetime.now(UTC)
LOOPBACK = ["127.0.0.0/8"]
ROLES = [{"role": "viewer", "everyone": True}, {"role": "admin", "users": ["root"]}]
EVENTS = ("version-new", "version-repushed", "source-failing", "source-well", "install-outcome")


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def running(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository({"redis": ("1.0.0", "1.1.0")}).serve(site)
    with web(tmp_path, [{"name": "shop", "url": site.url}], network_allow=LOOPBACK, roles=ROLES) as opened:
        opened.services.notices.follow(ALL)  # whatever was before is nobody's news
        yield opened


def subscribe(running: Web, address: str, **options: Any) -> tuple[Subscription, str]:
    wish = Wish(
        owner_kind=options.pop("owner_kind", "person"), owner=options.pop("owner", "local"),
        channel=options.pop("channel", "webhook"), address=address, events=options.pop("events", EVENTS), **options,
    )  # fmt: skip
    return running.services.notices.subscribe(wish)


def work(running: Web) -> None:
    running.services.notices.work(ALL)


def queue(running: Web) -> list[Delivery]:
    return list(running.services.store.deliveries.of(None, None, 100))


def make_due(running: Web) -> None:
    """Let the time until the next try pass."""
    with running.services.store.database.write("notices") as connection:
        connection.execute(update(deliveries).where(deliveries.c.state == "due").values(next_try=NOW))


# -- what is told


def test_a_sync_is_told_once_with_all_its_new_versions_and_signed(running: Web, hook: Receiver) -> None:
    _, secret = subscribe(running, hook.url)
    running.sync()
    work(running)
    work(running)
    (got,) = hook.got
    body = json.loads(got.body)
    assert (body["event"], body["source"], body["count"], body["more"]) == ("version-new", "shop", 2, 0)
    assert {one["version"] for one in body["versions"]} == {"1.0.0", "1.1.0"}
    assert got.headers["x-chartroom-delivery"] == body["id"]
    at = got.headers["x-chartroom-signature"].removeprefix("t=").partition(",")[0]
    told = hmac.new(secret.encode(), f"{at}.".encode() + got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-chartroom-signature"] == f"t={at},v1={told}"
    assert abs(int(at) - time.time()) < 60


def test_a_webhook_whose_key_is_lost_holds_up_no_other(running: Web, hook: Receiver, tmp_path: Path) -> None:
    lost, fine = (subscribe(running, hook.url)[0] for _ in range(2))
    sealed = Vault([b"l" * 32], tmp_path / "none").seal("{}")
    with running.services.store.database.write("notices") as connection:
        connection.execute(update(subscriptions).where(subscriptions.c.id == lost.id).values(sealed=sealed))
    made = [running.services.notices.test(one) for one in (lost, fine)]
    work(running)
    assert [one.headers["x-chartroom-delivery"] for one in hook.got] == [made[1].id]
    assert "sealed with a key" in running.services.store.deliveries.get(made[0].id).error


def test_who_is_new_is_not_told_of_what_was_before(running: Web, hook: Receiver) -> None:
    running.sync()
    work(running)
    subscribe(running, hook.url)
    work(running)
    assert hook.got == []


def test_versions_that_were_pushed_again_are_told_as_that(running: Web, site: Site, hook: Receiver) -> None:
    running.sync()
    work(running)
    subscribe(running, hook.url, events=("version-repushed",))
    repository({"redis": ("1.0.0", "1.1.0")}, salt="again").serve(site)
    running.services.syncer.sync("shop", full=True)
    work(running)
    assert [json.loads(one.body)["event"] for one in hook.got] == ["version-repushed"]


def test_a_source_that_begins_to_fail_is_told_once_and_once_when_it_is_well(
    running: Web, site: Site, hook: Receiver
) -> None:
    subscribe(running, hook.url, events=("source-failing", "source-well"))
    site.behave("/index.yaml", "status", status=500)
    for _ in range(3):
        running.services.syncer.sync("shop")
        work(running)
    site.behave("/index.yaml", None)
    for _ in range(2):
        running.services.syncer.sync("shop")
        work(running)
    told = [json.loads(one.body) for one in hook.got]
    assert [one["event"] for one in told] == ["source-failing", "source-well"]
    assert told[0]["error"]["remedy"]


def test_that_a_folder_cannot_be_read_is_told_without_where_it_lies(tmp_path: Path, hook: Receiver) -> None:
    folder = tmp_path / "canary-folder"
    folder.mkdir()
    sources = [{"name": "shop", "kind": "directory", "url": str(folder)}]
    with web(tmp_path / "room", sources, network_allow=LOOPBACK) as running:
        subscribe(running, hook.url, events=("source-failing",))
        work(running)
        folder.rmdir()
        running.sync()
        work(running)
    [told] = [one.body.decode() for one in hook.got]
    assert "source-failing" in told
    assert "canary-folder" not in told


def test_how_an_install_ended_is_told_to_whoever_installed(running: Web, hook: Receiver) -> None:
    subscribe(running, hook.url, events=("install-outcome",))
    revision = Revision(
        number=0, cluster="dev", namespace="team-a", name="web", action="install", source="shop", chart="redis",
        version="1.0.0", chart_digest="ab" * 32, values_yaml="", manifest={}, request_id="r1", person="local",
        at=NOW, uid="u1",
    )  # fmt: skip
    running.services.store.revisions.start(revision)
    running.services.store.revisions.settle("r1", "failed", "the image cannot be pulled", datetime.now(UTC))
    work(running)
    work(running)
    (got,) = hook.got
    body = json.loads(got.body)
    assert body["app"] == {"cluster": "dev", "namespace": "team-a", "name": "web"}
    assert (body["outcome"], body["reason"]) == ("failed", "the image cannot be pulled")


def test_only_the_sources_and_events_that_are_wanted_are_told(running: Web, hook: Receiver) -> None:
    subscribe(running, hook.url, sources=("other*",))
    subscribe(running, hook.url, events=("source-failing",))
    running.sync()
    work(running)
    assert hook.got == []


# -- who may know


def account(running: Web, name: str, **facts: Any) -> None:
    running.services.store.users.add(User(name, "local", NOW, **facts))


def by_rights(running: Web) -> ByRights:
    """As the accounts of this room say it."""
    return ByRights(running.services.store, partial(viewer_of, running.services))


def test_a_private_source_is_told_of_to_nobody_who_may_not_see_it(running: Web, hook: Receiver) -> None:
    account(running, "ann")
    account(running, "root")
    running.services.store.sources.add(Source("hidden", "https://hidden.example.org", private=True), NOW)
    subscribe(running, hook.url + "/ann", owner="ann")
    subscribe(running, hook.url + "/root", owner="root")
    audience = by_rights(running)
    event = Event("k1", "version-new", NOW, "hidden", versions=(("redis", "1.0.0"),))
    told = [
        one.owner for one in running.services.store.subscriptions.all() if audience.narrowed(one, event) is not None
    ]
    assert told == ["root"]
    running.services.notices.tell(event)
    running.services.notices.send_due(audience)
    assert [one.path for one in hook.got] == ["/hook/root"]


def test_an_account_that_was_closed_is_told_nothing_any_more(running: Web, hook: Receiver) -> None:
    account(running, "ann")
    subscribe(running, hook.url, owner="ann")
    running.sync()
    running.services.notices.follow(by_rights(running))
    running.services.store.users.set_disabled("ann", True)
    running.services.notices.send_due(by_rights(running))
    assert hook.got == []
    assert queue(running) == []


def test_an_approval_is_wanted_from_those_who_decide_and_decided_for_who_asked(running: Web, hook: Receiver) -> None:
    for name in ("ann", "bob", "root"):
        account(running, name)
        subscribe(running, f"{hook.url}/{name}", owner=name, events=("approval-wanted", "approval-decided"))
    audience, facts = by_rights(running), {"app": {"cluster": "dev", "namespace": "a", "name": "web"}}
    wanted = Event("approval/1/waiting", "approval-wanted", NOW, "shop", "ann", "approval.decide", facts=facts)
    running.services.notices.tell(wanted)
    running.services.notices.tell(replace(wanted, key="approval/1/refused", kind="approval-decided", right=""))
    for _ in range(2):
        running.services.notices.send_due(audience)
    told = sorted((one.path.rpartition("/")[2], one.headers["x-chartroom-event"]) for one in hook.got)
    assert told == [("ann", "approval-decided"), ("ann", "approval-wanted"), ("root", "approval-wanted")]


# -- what goes wrong


def test_a_hook_that_fails_is_tried_again_with_the_same_id_and_tells_of_nothing_twice(
    running: Web, hook: Receiver
) -> None:
    subscribe(running, hook.url)
    hook.status = 500
    running.sync()
    work(running)
    (waiting,) = queue(running)
    assert (waiting.state, waiting.attempts) == ("due", 1)
    assert "500" in waiting.error
    work(running)
    assert len(hook.got) == 1, "it waits before it tries again"
    hook.status = 200
    make_due(running)
    work(running)
    make_due(running)
    work(running)
    assert [one.headers["x-chartroom-delivery"] for one in hook.got] == [waiting.id] * 2
    assert queue(running)[0].state == "sent"


def test_what_nobody_takes_for_a_day_is_dead_and_can_be_sent_again(running: Web, hook: Receiver) -> None:
    subscribe(running, hook.url)
    hook.status = 503
    running.sync()
    running.services.notices.follow(ALL)
    with running.services.store.database.write("notices") as connection:
        connection.execute(update(deliveries).values(at=NOW - timedelta(hours=24)))
    running.services.notices.send_due(ALL)
    (dead,) = queue(running)
    assert (dead.state, dead.next_try) == ("dead", None)
    hook.status = 200
    running.services.store.deliveries.again(dead.id, datetime.now(UTC))
    work(running)
    assert queue(running)[0].state == "sent"


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://169.254.1.1/"])
def test_J5_an_inner_address_is_refused_when_it_is_named(tmp_path: Path, hook: Receiver, address: str) -> None:
    with web(tmp_path) as running, pytest.raises(WebhookRefused, match="no webhook may be sent"):
        subscribe(running, address.format(port=urlsplit(hook.url).port))


def test_a_name_that_leads_nowhere_yet_is_taken(running: Web) -> None:
    assert subscribe(running, "https://hooks.invalid/x")[0].address == "https://hooks.invalid/…"


def test_J5_an_inner_address_is_refused_when_it_is_dialled_and_given_up_at_once(tmp_path: Path, hook: Receiver) -> None:
    with web(tmp_path, network_allow=LOOPBACK) as running:
        subscription, _ = subscribe(running, hook.url)
    with web(tmp_path) as running:
        running.services.notices.test(subscription)
        work(running)
        (refused,) = queue(running)
    assert hook.got == []
    assert refused.state == "dead"
    assert "no webhook may be sent" in refused.error and "source" not in refused.error


def test_J5_a_redirect_is_not_followed(running: Web, hook: Receiver) -> None:
    subscription, _ = subscribe(running, hook.url)
    hook.status, hook.headers = 307, {"Location": hook.url + "/elsewhere"}
    running.services.notices.test(subscription)
    work(running)
    assert [one.path for one in hook.got] == ["/hook"]
    assert queue(running)[0].state == "due"


def test_J5_a_tarpit_delays_no_sync_no_page_and_nobody_elses_notice(running: Web, hook: Receiver) -> None:
    with receiver() as pit:
        pit.tarpit = True
        for number in range(3):
            subscribe(running, f"{pit.url}/{number}")
        subscribe(running, hook.url)
        running.sync()
        running.get("/api/v1/charts")
        work(running)
    assert len(hook.got) == 1
    states = sorted((one.state, one.attempts) for one in queue(running))
    assert states == [("due", 1)] * 3 + [("sent", 1)]


def test_a_long_queue_of_one_subscription_keeps_no_other_waiting(running: Web, hook: Receiver) -> None:
    with receiver() as dead:
        dead.status = 500
        queued, _ = subscribe(running, f"{dead.url}/dead")
        for _ in range(100):
            running.services.notices.test(queued)
        running.services.notices.test(subscribe(running, hook.url)[0])
        work(running)
        assert len(dead.got) == 1
    assert len(hook.got) == 1


def test_a_webhook_is_told_in_the_order_of_what_happened(running: Web, hook: Receiver) -> None:
    subscription, _ = subscribe(running, hook.url)
    asked = [running.services.notices.test(subscription).id for _ in range(3)]
    for _ in asked:
        work(running)
    assert [one.headers["x-chartroom-delivery"] for one in hook.got] == asked


def test_a_secret_that_no_key_opens_keeps_no_other_notice_back(running: Web, hook: Receiver) -> None:
    locked, _ = subscribe(running, f"{hook.url}/locked")
    with running.services.store.database.write("notices") as connection:
        connection.execute(update(subscriptions).where(subscriptions.c.id == locked.id).values(sealed="of another key"))
    running.services.notices.test(locked)
    running.services.notices.test(subscribe(running, hook.url)[0])
    work(running)
    assert [one.path for one in hook.got] == ["/hook"]
    assert sorted((one.state, one.attempts) for one in queue(running)) == [("due", 1), ("sent", 1)]


def test_what_a_process_queued_another_one_sends(running: Web, hook: Receiver, tmp_path: Path) -> None:
    subscribe(running, hook.url)
    running.sync()
    running.services.notices.follow(ALL)
    with web(tmp_path, network_allow=LOOPBACK) as other:
        other.services.notices.work(ALL)
    assert len(hook.got) == 1


# -- e-mail


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


def smtp(mail: MailServer, **options: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": mail.port, "tls": "none", "sender": "charts@example.org", **options}


def test_an_email_tells_what_happened_in_the_persons_language(tmp_path: Path, site: Site, mail: MailServer) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    with web(tmp_path, [{"name": "shop", "url": site.url}], smtp=smtp(mail)) as running:
        running.services.notices.follow(ALL)
        subscribe(running, "ann@example.org", channel="email")
        running.sync()
        work(running)
    (got,) = mail.got
    assert (got.sender, got.recipients) == ("charts@example.org", ("ann@example.org",))
    assert got.message["Subject"] == "shop: 1 new versions"
    assert "redis 1.0.0" in got.text


def test_a_digest_is_one_message_an_hour_with_all_that_waited(tmp_path: Path, mail: MailServer) -> None:
    with web(tmp_path, smtp=smtp(mail)) as running:
        subscription, _ = subscribe(running, "ann@example.org", channel="email", digest=True)
        for number in range(3):
            running.services.notices.tell(Event(f"k{number}", "source-well", NOW, f"shop{number}"))
        work(running)
        running.services.notices.tell(Event("k9", "source-well", NOW, "shop9"))
        work(running)
        assert len(mail.got) == 1
        assert all(f"shop{number}" in mail.got[0].text for number in range(3))
        running.services.store.subscriptions.note_sent(subscription.id, NOW - timedelta(hours=2))
        make_due(running)
        work(running)
    assert ["shop9" in one.text for one in mail.got] == [False, True]


def test_starttls_is_verified(tmp_path: Path) -> None:
    certified = self_signed()
    (tmp_path / "keys").mkdir()
    with mail_server(certified, tmp_path / "keys") as mail:
        ca = tmp_path / "ca.pem"
        ca.write_text(certified.pem)
        trusting = smtp(mail, tls="starttls", ca_file=str(ca))
        for name, options in (("strict", smtp(mail, tls="starttls")), ("trusting", trusting)):
            with web(tmp_path / name, smtp=options) as running:
                subscription, _ = subscribe(running, "ann@example.org", channel="email")
                running.services.notices.test(subscription)
                work(running)
                (told,) = queue(running)
                assert (told.state, "certificate" in told.error) == (
                    ("due", True) if name == "strict" else ("sent", False)
                )
    assert [one.over_tls for one in mail.got] == [True]


def test_a_mail_server_without_the_starttls_that_is_asked_for_gets_nothing(tmp_path: Path, mail: MailServer) -> None:
    with web(tmp_path, smtp=smtp(mail, tls="starttls")) as running:
        subscription, _ = subscribe(running, "ann@example.org", channel="email")
        running.services.notices.test(subscription)
        work(running)
        assert "STARTTLS" in queue(running)[0].error
    assert mail.got == []


def test_what_a_mail_server_refuses_waits_with_the_reason(tmp_path: Path, mail: MailServer) -> None:
    mail.refuses = 550
    with web(tmp_path, smtp=smtp(mail)) as running:
        subscription, _ = subscribe(running, "ann@example.org", channel="email")
        running.services.notices.test(subscription)
        work(running)
        assert "recipient" in queue(running)[0].error
