"""Requests for approvals on pages: what who asks sees, and what an administrator decides about."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.test_api_app_changes import charts
from tests.kube_api import KubeApi
from tests.pages import Browser, Page
from tests.people import Asking, People, browser_of
from tests.upstream import Site
from tests.web import Web, web

FORM = "/charts/shop/redis/1.0.0/install"
INSTALL = {"source": "shop", "chart": "redis", "version": "1.0.0", "namespace": "apps", "name": "cache"}
APP = "/apps/home/apps/cache"


@dataclass(frozen=True)
class Room:
    """A source that demands approvals, with somebody who asks and somebody who decides."""

    web: Web
    kube: KubeApi
    dev: Browser
    admin: Browser

    def asked(self, **changes: str) -> Page:
        """The page of the request that the developer's install made."""
        form = self.dev.get(FORM).form(having="request_id")
        typed = {"name": "cache", "namespace": "apps", **changes}
        checked = self.dev.sent(form, FORM, step="check", **typed)
        return self.dev.followed(checked.form(having="request_id"), FORM, step="send", **typed)

    def request(self) -> str:
        """The id of the one request."""
        (found,) = Asking(self.web, "admin").get("/api/v1/approvals")["items"]
        return str(found["id"])

    def running(self) -> None:
        """An app that an administrator installed."""
        Asking(self.web, "admin").send("POST", "/api/v1/installs", INSTALL, 201)
        self.kube.change("cache", status={"phase": "Synced", "version": "1.0.0", "lastSpecHash": "11"})


@pytest.fixture
def room(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Room]:
    charts({"1.0.0": "replicas: 1\n", "2.0.0": "replicas: 2\n"}).serve(site)
    source = {"name": "shop", "url": site.url, "approval": True}
    cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    with web(tmp_path / "room", [source], clusters=[cluster]) as running:
        running.sync()
        people = People().install(running.app)
        people.add("dev")
        people.add("other")
        yield Room(running, kube, browser_of(running, "dev"), browser_of(running, "admin"))


def test_the_form_says_before_the_button_that_somebody_decides(room: Room) -> None:
    form = room.dev.get(FORM).form(having="request_id")
    checked = room.dev.sent(form, FORM, step="check", name="cache", namespace="apps")
    assert "decides about it first" in checked.text
    assert "Ask to install redis 1.0.0" in checked.text
    decider = room.admin.get(FORM).form(having="request_id")
    assert "Ask to install" not in room.admin.sent(decider, FORM, step="check", name="cache", namespace="apps").text


def test_the_request_tells_what_happens_next_and_stands_above_the_apps(room: Room) -> None:
    page = room.asked(why="for the launch")
    assert "Install redis 1.0.0 as cache" in page.text
    assert "An administrator of the source “shop” decides about it" in page.text
    assert "for the launch" in page.text
    assert room.kube.objects == {}
    apps = room.dev.get("/apps")
    assert "waits for a decision" in apps.text and apps.links["All my requests"] == "/apps/requests"
    assert "Install redis 1.0.0 as cache" in room.dev.get("/apps/requests").text
    assert "My requests" not in room.admin.get("/apps").text


def test_who_asked_withdraws_it(room: Room) -> None:
    page = room.asked()
    after = room.dev.followed(page.form("withdraw"), "/apps/requests/x")
    assert "withdrawn" in after.text
    assert room.admin.get("/admin/requests").text.count("cache") == 0


def test_I2_a_request_has_pages_for_who_asked_and_for_who_decides_alone(room: Room) -> None:
    room.asked()
    request, other = room.request(), browser_of(room.web, "other")
    for one in (request, "0" * 32):
        assert "There is no request here" in other.get(f"/apps/requests/{one}", 404).text
    assert "There is no request here" in room.admin.get(f"/apps/requests/{request}", 404).text
    room.dev.get(f"/admin/requests/{request}", 403)


def test_an_administrator_sees_what_would_change_and_approves_it(room: Room) -> None:
    room.running()
    Asking(room.web, "dev").send("PUT", f"/api/v1/installs{APP[5:]}", {"version": "2.0.0", "why": "new"}, 202)
    listed = room.admin.get("/admin/requests")
    page = room.admin.get(listed.links["Upgrade cache to redis 2.0.0"])
    assert "+ version:" in page.text and "- version:" in page.text
    assert "The cluster would accept this HelmRequest" in page.html
    assert "decides about it first" not in page.text
    assert "1.0.0 runs now" in page.text and "All that changes in the chart" in page.text
    after = room.admin.followed(page.form("approve"), "/admin/requests/x", reason="fine")
    assert "The request was approved and sent" in after.text
    assert room.kube.objects["apps", "cache"]["spec"]["version"] == "2.0.0"
    told = room.dev.get("/apps/requests").links["Upgrade cache to redis 2.0.0"]
    assert "admin approved it, and it was sent" in room.dev.get(told).text
    assert "Upgrade cache" in room.admin.get("/admin/requests?show=settled").text


def test_a_refusal_needs_a_reason_which_who_asked_reads(room: Room) -> None:
    room.asked()
    request = room.request()
    page = room.admin.get(f"/admin/requests/{request}")
    action = f"/admin/requests/{request}/refuse"
    form = page.form("approve")
    form.action = action
    again = room.admin.sent(form, action, 400)
    assert "A refusal needs a reason" in again.text
    room.admin.followed(form, action, reason="<b>too old</b>")
    told = room.dev.get(f"/apps/requests/{request}")
    assert "admin refused it" in told.text and "&lt;b&gt;too old" in told.html


def test_an_app_that_changed_meanwhile_is_shown_as_it_is_now_and_asked_about_again(room: Room) -> None:
    room.running()
    Asking(room.web, "dev").send("PUT", f"/api/v1/installs{APP[5:]}", {"version": "2.0.0"}, 202)
    request = room.request()
    page = room.admin.get(f"/admin/requests/{request}")
    assert "Something changed since it was asked" not in page.text
    room.kube.change("cache", spec={"values": {"replicas": 7}})
    again = room.admin.sent(page.form("approve"), "/admin/requests/x", 409)
    assert "Something changed since it was asked" in again.text and "replicas: 7" in again.html
    room.admin.followed(again.form("approve"), "/admin/requests/x")
    assert room.kube.objects["apps", "cache"]["spec"]["version"] == "2.0.0"


def test_I2_the_app_says_that_a_change_of_it_waits_to_who_asked_and_to_who_decides_alone(room: Room) -> None:
    room.running()
    assert "waits for an approval" not in room.dev.get(APP).text
    Asking(room.web, "dev").send("PUT", f"/api/v1/installs{APP[5:]}", {"version": "2.0.0"}, 202)
    for browser, there in ((room.dev, "/apps/requests/"), (room.admin, "/admin/requests/")):
        page = browser.get(APP)
        assert "A change of this app waits for an approval Upgrade cache to redis 2.0.0" in page.text
        assert "Asked by dev, " in page.text
        assert page.links["To the request"] == f"{there}{room.request()}"
        assert "Upgrade cache to redis 2.0.0" in browser.get(page.links["To the request"]).text
    assert "waits for an approval" not in browser_of(room.web, "other").get(APP).text
    Asking(room.web, "admin").send("POST", f"/api/v1/approvals/{room.request()}/refuse", {"reason": "no"})
    assert "waits for an approval" not in room.dev.get(APP).text


def test_an_upgrade_and_a_roll_back_lead_to_the_request(room: Room) -> None:
    room.running()
    form = room.dev.get(f"{APP}/upgrade?version=2.0.0").form(having="request_id")
    checked = room.dev.sent(form, f"{APP}/upgrade", step="check")
    page = room.dev.followed(checked.form(having="seen"), f"{APP}/upgrade", step="send")
    assert "Upgrade cache to redis 2.0.0" in page.text and "waits for a decision" in page.text
    back = room.dev.get(f"{APP}/rollback/1")
    page = room.dev.followed(back.form(having="request_id"), f"{APP}/rollback/1")
    assert "Roll cache back to redis 1.0.0" in page.text


def test_several_upgrades_report_what_was_asked_for(room: Room) -> None:
    room.running()
    form = room.dev.get("/apps/upgrade?app=home/apps/cache").form(having="request_id")
    page = room.dev.sent(form, "/apps/upgrade")
    assert "asked for" in page.text and "Your request cache" in page.links


def test_nothing_asked_says_what_requests_are(room: Room) -> None:
    assert "You have asked for nothing" in room.dev.get("/apps/requests").text
    assert "Nothing waits for you" in room.admin.get("/admin/requests").text
    assert "Nothing was decided yet" in room.admin.get("/admin/requests?show=settled").text
