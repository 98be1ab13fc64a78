"""A proxy before Chartroom says who asks."""

import http.client
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.command import command_line, environment, write_config
from tests.pages import Browser
from tests.people import person, token_of
from tests.web import Web, web

ROLES = [{"role": "viewer", "groups": ["staff"]}]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path, sign_in=["proxy"], trusted_proxies=["10.0.0.0/8"], roles=ROLES) as opened:
        yield opened


def asking(shop: Web, peer: str = "10.0.0.1", **headers: str) -> Web:
    """A browser behind a proxy that says this."""
    client = shop.app.test_client()
    told = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    client.environ_base.update({"REMOTE_ADDR": peer, **told})
    return replace(shop, client=client)


def test_whom_a_trusted_proxy_names_is_signed_in(shop: Web) -> None:
    ada = asking(shop, x_forwarded_user="ada", x_forwarded_groups="staff, other", x_forwarded_email="ada@example.org")
    page = Browser(ada).get("/account")
    assert "ada@example.org" in page.text
    assert "staff, other" in page.text
    assert "Sign out everywhere" in page.text
    Browser(ada).get("/")


def test_the_first_requests_may_come_at_once(shop: Web) -> None:
    browsers = [asking(shop, x_forwarded_user="ada", x_forwarded_groups="staff") for _ in range(8)]
    start = Barrier(len(browsers))

    def ask(one: Web) -> int:
        start.wait(10)
        return one.ask("GET", "/api/v1/sources").status_code

    with ThreadPoolExecutor(len(browsers)) as pool:
        assert set(pool.map(ask, browsers)) == {200}


def test_from_anywhere_else_the_headers_say_nothing(shop: Web) -> None:
    eve = asking(shop, "192.0.2.1", x_forwarded_user="ada", x_forwarded_groups="staff", x_forwarded_for="10.0.0.1")
    assert eve.ask("GET", "/").status_code == 303
    assert shop.services.store.users.find("ada") is None


@pytest.mark.parametrize("name", ["", " ", "a,b", "a/b", "operator", "x" * 300])
def test_what_is_no_name_is_nobody(shop: Web, name: str) -> None:
    nobody = asking(shop, x_forwarded_user=name, x_forwarded_groups="staff")
    assert nobody.ask("GET", "/").status_code == 303
    assert "it named nobody who may come in here" in Browser(nobody).get("/sign-in").text


def test_groups_are_those_of_this_request(shop: Web) -> None:
    Browser(asking(shop, x_forwarded_user="ada", x_forwarded_groups="staff")).get("/")
    Browser(asking(shop, x_forwarded_user="ada")).get("/", status=403)


def test_K5_whoever_is_disabled_here_is_out_whatever_the_proxy_says(shop: Web) -> None:
    ada = asking(shop, x_forwarded_user="ada", x_forwarded_groups="staff")
    Browser(ada).get("/")
    token = token_of(shop, "ada")
    assert shop.ask("GET", "/api/v1/sources", headers=token).status_code == 200
    shop.services.store.users.set_disabled("ada", True)
    assert ada.ask("GET", "/").status_code == 303
    assert shop.ask("GET", "/api/v1/sources", headers=token).status_code == 401


def test_an_account_of_another_kind_is_not_taken_over(shop: Web) -> None:
    person(shop, "ada", "admin")
    assert asking(shop, x_forwarded_user="ada").ask("GET", "/").status_code == 303


@pytest.mark.parametrize("proxies", [[], ["10.0.0.1/8"]])
def test_the_configuration_must_say_which_proxies(tmp_path: Path, proxies: Sequence[str]) -> None:
    from indexer.errors import ConfigError

    options: dict[str, Any] = {"sign_in": ["proxy"], "trusted_proxies": proxies}
    with pytest.raises(ConfigError, match="trusted_proxies"), web(tmp_path, **options):
        pass


def test_a_header_that_only_looks_like_the_proxys_is_not_believed(tmp_path: Path) -> None:
    """On the wire, through the server that is really used: in WSGI both spellings have one name."""
    config = write_config(tmp_path, sign_in=["proxy"], trusted_proxies=["127.0.0.1/32"], roles=ROLES)
    with running(config) as url:
        assert status(url, {"X-Forwarded-User": "ada", "X-Forwarded-Groups": "staff"}) == 200
        assert status(url, {"X_Forwarded_User": "ada", "X_Forwarded_Groups": "staff"}) == 401
        assert status(url, {"X-Forwarded-User": "bob", "X_Forwarded_Groups": "staff"}) == 403
        assert status(url, {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}) == 401


@contextmanager
def running(config: Path) -> Iterator[str]:
    command = command_line(config, "web")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


def status(url: str, headers: Mapping[str, str]) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request("GET", "/api/v1/sources", headers=dict(headers))
    answer = connection.getresponse().status
    connection.close()
    return answer
