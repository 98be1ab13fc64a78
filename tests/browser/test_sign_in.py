"""Signing in, in a real browser, at a real provider: let in, refused, signed out; also below a path and behind TLS."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import certificates
from tests.browser.accessibility import axe
from tests.browser.room import sample_repository, serving
from tests.browser.visitor import NARROW, Visitor
from tests.command import chartroom
from tests.oidc_provider import Running, oidc_provider
from tests.parts.servers import free_ports
from tests.tls_servers import secured, server_context

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple"
ROLES = [{"role": "viewer", "groups": ["staff"]}, {"role": "admin", "users": ["grace"]}]


@dataclass(frozen=True, slots=True)
class Door:
    """A Chartroom that asks who one is."""

    url: str
    provider: Running
    config: Path


@dataclass(frozen=True, slots=True)
class _At:
    url: str


@contextmanager
def door(folder: Path, *, tls: bool) -> Iterator[Door]:
    """One that runs; ``tls``: below a path, behind a server that speaks TLS."""
    with ExitStack() as stack:
        provider = stack.enter_context(oidc_provider())
        (port,) = free_ports(1)
        url = f"http://127.0.0.1:{port}"
        if tls:
            made = certificates.chain()
            before = stack.enter_context(secured(_At(url), server_context(made.leaf, made.issuer)))
            url = f"{before.url}/tools/charts"
        options = {"sign_in": ["oidc", "local"], "oidc": {**provider.options, "title": "the company"}, "roles": ROLES}
        options |= {"listen": f"127.0.0.1:{port}", "public_url": url, "ask_for_access": "help@example.org"}
        stack.enter_context(serving(folder, [sample_repository(folder / "sample")], [], **options))
        yield Door(url, provider, folder / "chartroom.yaml")


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "below-a-path-behind-tls"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with door(tmp_path_factory.mktemp("sign-in"), tls=request.param) as opened:
        yield opened


Come = Callable[..., Visitor]


@pytest.fixture
def come(shop: Door, browser: Browser) -> Iterator[Come]:
    """Opens windows; each is looked over when the test ends."""
    with ExitStack() as stack:

        def window(**look: object) -> Visitor:
            visitor = Visitor(browser, shop.url + "/", beside=[shop.provider.issuer], any_certificate=True, **look)  # type: ignore[arg-type]
            stack.callback(visitor.leave)
            return visitor

        yield window


def by_provider(visitor: Visitor, user: str) -> None:
    """Sign in at the provider's own page."""
    visitor.link("Sign in with the company").click()
    visitor.page.get_by_label("User").fill(user)
    visitor.button("Allow").click()


def test_somebody_of_the_provider_comes_to_the_page_that_was_wanted_and_signs_out(shop: Door, come: Come) -> None:
    shop.provider.behave()
    visitor = come()
    visitor.open(f"{shop.url}/sources")
    visitor.heading("Sign in")
    visitor.picture("sign-in")
    visitor.fits()
    assert axe(visitor.page) == []
    by_provider(visitor, "ada")
    visitor.heading("Sources")
    expect(visitor.link("Ada")).to_be_visible()
    visitor.link("Ada").click()
    visitor.sees("ada@example.org")
    visitor.picture("account")
    assert axe(visitor.page) == []
    visitor.button("Sign out").first.click()
    visitor.sees("You are signed out.")
    visitor.open(f"{shop.url}/sources")
    visitor.heading("Sign in")


def test_whom_the_provider_lets_in_without_a_role_is_told_whom_to_ask(shop: Door, come: Come) -> None:
    shop.provider.behave(claims={"groups": []})
    visitor = come()
    visitor.expect_complaint("403")
    visitor.open(f"{shop.url}/account")
    by_provider(visitor, "eve")
    visitor.sees("You have no role here yet")
    visitor.sees("help@example.org")
    visitor.open(f"{shop.url}/sources")
    visitor.heading("Not allowed")


def test_a_token_that_cannot_be_believed_is_refused_and_the_next_one_let_in(shop: Door, come: Come) -> None:
    shop.provider.behave(claims={"aud": "somebody-else"})
    visitor = come()
    visitor.expect_complaint("401")
    visitor.open(f"{shop.url}/")
    by_provider(visitor, "ada")
    visitor.sees("What the sign-in server says cannot be believed")
    visitor.picture("sign-in-refused")
    shop.provider.behave()
    by_provider(visitor, "ada")
    expect(visitor.link("Ada")).to_be_visible()


def test_while_the_provider_is_down_one_signs_in_with_a_password(shop: Door, come: Come) -> None:
    added = chartroom(shop.config, "user", "add", "grace").stdout if not_there(shop) else ""
    key = (added or chartroom(shop.config, "user", "password", "grace").stdout).split()[-1]
    visitor = come(width=NARROW, scheme="dark")
    visitor.expect_complaint("401")
    visitor.open(f"{shop.url}/sign-in")
    visitor.link("Set a password with a one-time key").click()
    visitor.page.get_by_label("One-time key").fill(key)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.get_by_label("Password again").fill(PASSWORD)
    visitor.picture("set-password")
    visitor.button("Set a password").click()
    visitor.sees("The password was set.")
    visitor.open(f"{shop.url}/account")
    visitor.page.get_by_label("Name", exact=True).fill("laptop")
    visitor.button("Make a token").click()
    visitor.sees("it is not shown again")
    visitor.fits()
    visitor.picture("account")
    visitor.button("Sign out").first.click()
    visitor.page.get_by_label("Name").fill("grace")
    visitor.page.get_by_label("Password", exact=True).fill("wrong")
    visitor.button("Sign in").click()
    visitor.sees("The name or the password is wrong.")
    visitor.fits()
    visitor.picture("wrong-password")
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.button("Sign in").click()
    visitor.open(f"{shop.url}/admin/people")
    visitor.fits()
    visitor.picture("people")
    assert axe(visitor.page) == []
    visitor.link("grace").last.click()
    visitor.fits()
    visitor.picture("person")


def not_there(shop: Door) -> bool:
    return "grace" not in chartroom(shop.config, "user", "list").stdout
