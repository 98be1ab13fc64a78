"""I8: what people and programs prove themselves with, looked for in every answer, the log and the data folder."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from catalog_web.signin import cookies
from indexer.config import load
from tests.command import chartroom, write_config
from tests.integration.test_every_request import PARTS
from tests.pages import Browser
from tests.people import PASSWORD, person, signed_in
from tests.repository import repository
from tests.routes import every_route
from tests.upstream import Site
from tests.web import HOST, Web, web

CLIENT, SMTP, SOURCE, HOOK, WRONG, ADDRESS = (
    f"canary-{name}-51fa" for name in ("client", "smtp", "source", "hook", "wrong", "address")
)
KEY = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmE="


@dataclass
class Told:
    """Everything that was said, and what none of it may hold."""

    secrets: set[str] = field(default_factory=lambda: {CLIENT, SMTP, SOURCE, HOOK, WRONG, ADDRESS, KEY, PASSWORD})
    texts: dict[str, str] = field(default_factory=dict)

    def add(self, what: str, text: str) -> None:
        self.texts[what] = text

    def check(self) -> None:
        found = [(what, one) for what, text in self.texts.items() for one in self.secrets if one in text]
        assert found == []


@pytest.fixture
def shop(tmp_path: Path, site: Site) -> Iterator[Web]:
    """With every option that holds a secret."""
    repository({"redis": ("7.0.0",)}).serve(site)
    (tmp_path / "smtp").write_text(SMTP)
    site.protect("reader", SOURCE)
    options: dict[str, Any] = {
        "sign_in": ["local", "oidc"],
        "oidc": {"issuer": "https://127.0.0.1:1", "client_id": "chartroom", "client_secret": CLIENT},
        "smtp": {"host": "127.0.0.1", "username": "u", "password_file": str(tmp_path / "smtp"), "sender": "a@b.c"},
        "secret_key": KEY,
        "network_allow": ["127.0.0.0/8"],
    }
    with web(tmp_path / "room", **options) as running:
        yield running


def signs_in(shop: Web, told: Told) -> None:
    """With the wrong password, then the right one."""
    person(shop, "ann", "admin", password=PASSWORD)
    browser = Browser(shop)
    form = browser.get("/sign-in").form("/sign-in", having="password")
    told.add("a refused sign-in", browser.send(form, name="ann", password=WRONG).get_data(as_text=True))
    assert browser.send(form, name="ann", password=PASSWORD).status_code == 303
    cookie = shop.client.get_cookie(cookies.NAME, domain=HOST)
    assert cookie is not None
    told.secrets.add(cookie.value)


def makes_secrets(ann: Web, site: Site, told: Told) -> None:
    """Each is shown once, to her who made it."""
    token = ann.send("POST", "/api/v1/tokens", {"name": "ci", "scopes": ["read"]}, 201)
    ann.send("POST", "/api/v1/users", {"name": "bob", "role": "viewer"}, 201)
    key = ann.send("POST", "/api/v1/users/bob/password-key", {}, 201)
    hook = {"channel": "webhook", "address": f"{site.url}/{ADDRESS}", "events": ["version-new"]}
    made = ann.send("POST", "/api/v1/subscriptions", hook, 201)
    url = site.url.replace("http://", f"http://reader:{SOURCE}@")
    ann.send("POST", "/api/v1/sources", {"name": "shop", "url": url, "hook_secret": HOOK}, 201)
    shown = {one for answer in (token, key, made) for one in _strings(answer) if len(one) >= 40 and " " not in one}
    assert len(shown) == 3, (token, key, made)
    told.secrets |= shown


def _strings(answer: Any) -> Iterator[str]:
    for value in answer.values():
        if isinstance(value, dict):
            yield from _strings(value)
        elif isinstance(value, str):
            yield value


def test_I8_what_somebody_proves_herself_with_is_in_no_answer_no_log_and_no_file(
    shop: Web, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told()
    with caplog.at_level(logging.DEBUG):
        signs_in(shop, told)
        ann = signed_in(shop, "ann")
        told.secrets.add(str(ann.client.get_cookie(cookies.NAME, domain=HOST).value))  # type: ignore[union-attr]
        makes_secrets(ann, site, told)
        shop.sync()
        for route in every_route(shop.app, PARTS):
            if not route.writes:
                with ann.ask("GET", route.path) as answer:
                    assert answer.status_code != 500, route.path
                    told.add(route.path, f"{answer.headers}\n{answer.get_data().decode(errors='replace')}")
    told.add("the log", caplog.text)
    told.add("the configuration", repr(shop.services.config))
    for file in shop.services.config.data_dir.rglob("*"):
        if file.is_file():
            told.add(str(file), file.read_bytes().decode(errors="replace"))
    assert len(told.secrets) >= 12
    assert '"added": 1' in told.texts["/api/v1/sources/shop/attempts"]
    told.check()


def test_I8_the_database_s_password_is_in_no_message(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://chartroom:{SOURCE}@127.0.0.1:1/chartroom"
    config = write_config(tmp_path, database_url=url)
    assert SOURCE not in repr(load(config, environ={}))
    for verb in (("doctor",), ("sync",), ("search", "redis"), ("user", "list")):
        done = chartroom(config, *verb)
        assert done.returncode != 0
        assert SOURCE not in done.stdout + done.stderr
