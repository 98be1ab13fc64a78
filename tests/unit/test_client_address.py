"""Where a request comes from, and by what the browser came."""

import pytest
from flask import Flask

from catalog_web.client_address import client_address, from_proxy, install, is_https

PROXIES = ("10.0.0.0/8", "fd00::/8")


def asked(peer: str, **headers: str) -> Flask:
    app = Flask(__name__)
    install(app, PROXIES)
    app.config["context"] = {"environ_base": {"REMOTE_ADDR": peer}, "headers": headers}
    return app


@pytest.mark.parametrize(
    ("peer", "told", "address"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.9, 10.0.0.2", "198.51.100.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.9, nonsense, 10.0.0.2", "10.0.0.2"),
        ("::ffff:10.0.0.1", "[2001:db8::7]", "2001:db8::7"),
        ("fd00::1", "::ffff:198.51.100.9", "198.51.100.9"),
        ("", "198.51.100.9", ""),
        ("10.0.0.1", "198.51.100.9," * 10_000, "10.0.0.1"),
    ],
)
def test_the_address_is_the_rightmost_that_is_no_proxy_of_ours(peer: str, told: str, address: str) -> None:
    app = asked(peer, **({"X-Forwarded-For": told} if told else {}))
    with app.test_request_context("/", **app.config["context"]):
        assert client_address() == address


@pytest.mark.parametrize(
    ("peer", "told", "public_url", "https"),
    [
        ("10.0.0.1", "https", "", True),
        ("10.0.0.1", "HTTP", "", False),
        ("10.0.0.1", "http, https", "", True),
        ("192.0.2.1", "https", "", False),
        ("192.0.2.1", "http", "https://charts.example.org", True),
        ("10.0.0.1", "https", "http://charts.example.org", False),
    ],
)
def test_I6_the_scheme_is_the_configurations_else_a_trusted_proxys(
    peer: str, told: str, public_url: str, https: bool
) -> None:
    app = asked(peer, **{"X-Forwarded-Proto": told})
    with app.test_request_context("/", **app.config["context"]):
        assert is_https(public_url) is https


def test_without_trusted_proxies_nobody_is_believed() -> None:
    app = Flask(__name__)
    install(app, ())
    with app.test_request_context(
        "/", environ_base={"REMOTE_ADDR": "127.0.0.1"}, headers={"X-Forwarded-For": "1.1.1.1"}
    ):
        assert not from_proxy()
        assert client_address() == "127.0.0.1"
