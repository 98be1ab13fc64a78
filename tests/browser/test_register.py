"""A new admin without documentation: from an empty catalog to the first chart of a private Harbor."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.room import serving
from tests.browser.visitor import NARROW, Visitor
from tests.certificates import self_signed
from tests.fake_harbor import LISTING, PULLING, fake_harbor
from tests.repository import archive
from tests.tls_servers import secured, server_context

pytestmark = pytest.mark.browser

ROBOT, SECRET = "robot$catalog", "hunter2-of-the-robot"


@dataclass(frozen=True)
class Start:
    """A Chartroom without any source, and a Harbor behind a certificate that nobody knows."""

    url: str
    harbor: str
    fingerprint: str


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:
        harbor = stack.enter_context(fake_harbor())
        harbor.robot(ROBOT, SECRET, {"*": LISTING})
        harbor.robot("robot$weak", SECRET, {"*": PULLING})
        harbor.project("team-a", public=False)
        harbor.push("team-a/web/hello", archive("hello", "1.2.0"))
        certificate = self_signed()
        tls = stack.enter_context(secured(harbor, server_context(certificate)))
        url = stack.enter_context(serving(tmp_path / "chartroom", [], []))
        digest = certificate.certificate.fingerprint(certificate.certificate.signature_hash_algorithm)  # type: ignore[arg-type]
        yield Start(url, tls.url, ":".join(f"{one:02X}" for one in digest))


def rung(page: Page, name: str) -> str:
    """What the ladder says on a rung."""
    return page.locator("#ladder .ladder > li").filter(has=page.get_by_text(name, exact=True)).inner_text()


def filled(visitor: Visitor, start: Start, robot: str = ROBOT) -> Page:
    """The form as somebody fills it in who knows the address and the robot's secret."""
    page = visitor.open("/")
    visitor.sees("There is no source yet")
    visitor.picture("empty-catalog")
    page.get_by_role("link", name="Sources").first.click()
    visitor.picture("empty-sources")
    visitor.link("Register a repository").click()
    page.get_by_label("Address").fill(start.harbor)
    page.get_by_role("radio", name="User or robot").check()
    page.get_by_label("User name").fill(robot)
    page.get_by_label("Password or secret").fill(SECRET)
    return page


def test_a_harbor_behind_a_self_signed_certificate_is_registered_without_documentation(
    visit: Visit, start: Start
) -> None:
    visitor = visit(url=start.url)
    page = filled(visitor, start)
    visitor.mark()
    visitor.button("Test connection").click()
    trust = visitor.button("Trust this certificate")
    expect(trust).to_be_visible()
    assert "self-signed" in rung(page, "TLS")
    visitor.sees(start.fingerprint)
    visitor.fits()
    visitor.picture("ladder-self-signed")
    trust.click()
    expect(page.locator("#ladder li.fail")).to_have_count(0)
    expect(page.locator("#ladder .ladder > li").last).to_contain_text("1")
    assert "Harbor" in rung(page, "Kind")
    visitor.stayed()
    visitor.picture("ladder-good")
    expect(page.get_by_label("Password or secret")).to_have_value(SECRET)
    page.get_by_label("Name (optional)").fill("hub")
    visitor.button("Save and sync").click()
    visitor.heading("hub")
    page.get_by_role("link", name="team-a").click()
    visitor.sees("Up to date")
    expect(page.locator("aside dl")).to_contain_text("1 chart, 1 version")
    visitor.picture("harbor-project")
    visitor.open("/").get_by_role("link", name="hello").first.click()
    visitor.heading("hello")


def test_a_robot_that_may_not_list_is_told_which_rights_it_lacks(visit: Visit, start: Start) -> None:
    visitor = visit(url=start.url, width=NARROW, scheme="dark")
    page = filled(visitor, start, "robot$weak")
    visitor.button("Test connection").click()
    visitor.button("Trust this certificate").click()
    expect(page.locator("#ladder li.fail")).to_have_count(1)
    visitor.sees("repository:list")
    visitor.fits()
    visitor.picture("ladder-rights")


def test_without_scripts_secrets_are_typed_again_and_all_else_is_kept(visit: Visit, start: Start) -> None:
    visitor = visit(url=start.url, javascript=False)
    page = filled(visitor, start)
    visitor.button("Test connection").click()
    visitor.button("Trust this certificate").click()
    visitor.sees("type them again")
    expect(page.get_by_label("User name")).to_have_value(ROBOT)
    expect(page.get_by_label("Password or secret")).to_have_value("")
    assert SECRET not in page.content()
    page.get_by_label("Password or secret").fill(SECRET)
    page.get_by_label("Name (optional)").fill("plain")
    visitor.button("Save and sync").click()
    visitor.heading("plain")
