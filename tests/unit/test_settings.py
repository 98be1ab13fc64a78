"""The options of a source: each is checked when it is given, and all mistakes are told at once."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import ConfigError
from indexer.model import Source
from indexer.settings import SourceOptions, as_found, make_source, options_of, split_login
from tests.certificates import pair

URL = "https://charts.example.org/stable"


def made(base: Path = Path("/srv"), stored: tuple[Any, ...] = (), **values: Any) -> Source:
    return make_source(base, {"name": "shop", "url": URL, **values}, stored)


def mistakes(stored: tuple[Any, ...] = (), **values: Any) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        made(stored=stored, **values)
    assert "canary" not in caught.value.cause
    return caught.value.mistakes


def test_every_setting_of_a_source_has_its_option() -> None:
    own = {"kind_given", "secret_ref", "stored_secrets", "configured", "operator", "parent", "project"}
    assert {one.name for one in fields(Source)} - own == set(SourceOptions.model_fields) - {"secret"}


def test_what_a_source_is_made_of_is_given_back_as_options() -> None:
    everything: dict[str, Any] = {
        "title": "Läden 店", "description": "d", "kind": "harbor", "enabled": False, "username": "robot$ci",
        "password_file": "/p", "ca": pair().certificate, "insecure_skip_verify": True, "hook_secret_file": "/h",
        "credential_origins": ("https://cdn.example.org:8443",), "proxy": "http://proxy.example.org:3128",
        "interval": 77, "timeout": 5, "max_index_bytes": 9, "include": ("a*",), "exclude": ("b",), "versions": "1.x",
        "prereleases": False, "projects": ("p-*",), "repositories": ("r/*",), "content": "none", "captain_repo": "c",
        "client_cert_file": "/cc", "client_key_file": "/ck", "keyring_file": "/kr",
    }  # fmt: skip
    source = made(**everything)
    assert make_source(Path("/elsewhere"), options_of(source)) == source
    assert {name: getattr(source, name) for name in everything} == everything
    referring = made(secret="dev/captain/shop")
    assert make_source(Path("/elsewhere"), options_of(referring)) == referring


@pytest.mark.parametrize(
    ("url", "kind", "given", "is_given"),
    [
        (URL, None, "index", False),
        (URL, "index", "index", True),
        (URL, "harbor", "harbor", True),
        ("oci://registry.example.org/charts", None, "oci", True),
        ("OCI://registry.example.org", "oci", "oci", True),
        ("charts", None, "directory", True),
    ],
)
def test_the_kind_follows_from_the_address_as_far_as_it_can(url: str, kind: Any, given: str, is_given: bool) -> None:
    source = made(url=url, kind=kind)
    assert (source.kind, source.kind_given) == (given, is_given)


def test_a_kind_that_was_found_out_stays_until_somebody_says_another() -> None:
    found = Source("shop", URL, "harbor", kind_given=False)
    assert as_found(made(title="new"), found).kind == "harbor"
    assert as_found(made(kind="index"), found).kind == "index"
    assert as_found(made(url="https://other.example.org"), found).kind == "index"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"url": "ftp://example.org"}, "url: write an address with http://, https:// or oci://"),
        ({"url": "https://u:canary@example.org"}, "url: no user name or password in the address"),
        ({"url": "https://example.org:99999"}, "url: its port is not between"),
        ({"url": "http://127.0.0.1:80\\@example.com/"}, "url: "),
        ({"url": "oci://registry.example.org/a?token=canary"}, "url: an oci:// address has no query"),
        ({"username": "a:b"}, "username: a user name has no colon"),
        ({"proxy": "http://u:canary@proxy.example.org:3128"}, "proxy: a proxy that asks for a password"),
        ({"proxy": "socks5://proxy.example.org"}, "proxy: write a proxy as http://HOST:PORT"),
        ({"proxy": "http://0x7f.1:3128"}, "proxy: its host is a number"),
        ({"credential_origins": ["https://cdn.example.org/path"]}, "credential_origins.0: write an origin as"),
        ({"credential_origins": ["cdn.example.org"]}, "credential_origins.0: write an origin as"),
        ({"credential_origins": ["http://cdn.example.org"]}, "credential_origins: what is read over https"),
        ({"include": ["ok", "[a-"]}, "include.1: “[a-” has a [ without its ]"),
        ({"include": ["!nginx"]}, "include.0: a glob does not begin with !"),
        ({"exclude": [""]}, "exclude.0: a glob has 1 to 255 characters"),
        ({"exclude": ["a b"]}, "exclude.0: a glob has"),
        ({"include": ["x"] * 201}, "include: it has more than 200 entries"),
        ({"include": "nginx"}, "include: it must be a list"),
        ({"versions": ">= banana"}, "versions: “>= banana” is no range of versions"),
        ({"interval": "5s"}, "interval: it must be at least 10"),
        ({"interval": "9999d"}, "interval: it must be at most"),
        ({"timeout": 0}, "timeout: it must be at least 1"),
        ({"max_index_bytes": 2**40}, "max_index_bytes: it must be at most"),
        ({"secret": "shop"}, "secret: write it as CLUSTER/NAMESPACE/NAME"),
        ({"ca": "junk"}, "ca: there is no certificate in it"),
        ({"client_cert": pair().key}, "client_cert: there is a private key in it"),
        ({"kind": "oci"}, "kind oci does not go with this address; it is written oci://HOST/PATH"),
        ({"kind": "directory"}, "kind directory does not go with this address"),
        ({"kind": "harbor", "url": "/srv/charts"}, "kind harbor does not go with this address"),
        ({"kind": "index", "projects": ["a"]}, "projects are those of a harbor"),
        ({"kind": "index", "repositories": ["a"]}, "repositories are those of an oci registry or a harbor"),
        ({"url": "/srv/charts", "proxy": "direct"}, "a folder has no proxy"),
        ({"username": "u"}, "username and password_file belong together"),
        ({"password_file": "p"}, "username and password_file belong together"),
        ({"username": "u", "password_file": "p", "token_file": "t"}, "a token stands instead of user name and"),
        ({"client_cert_file": "c"}, "client_cert_file and client_key_file belong together"),
        ({"secret": "a/b/c", "token_file": "t"}, "secret stands for all credentials"),
        ({"ca": pair().certificate, "ca_file": "c"}, "give ca or ca_file, not both"),
        ({"title": "\0"}, "title: it has control characters"),
        ({"description": "a\n\u202eb"}, "description: it has control characters, or such as turn the direction"),
        ({"colour": "red"}, "colour: there is no such option"),
        ({"password": "canary"}, "password: there is no such option"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_option(values: dict[str, Any], told: str) -> None:
    assert any(told in one for one in mistakes(**values))


def test_all_mistakes_are_told_at_once() -> None:
    assert len(mistakes(versions="banana", proxy="x", include=["["], ca="junk", username="u")) == 5


@pytest.mark.parametrize(
    ("stored", "values"),
    [
        (("password",), {"username": "u"}),
        (("token",), {}),
        (("client_key",), {"client_cert": pair().certificate}),
        (("hook",), {"secret": "dev/captain/shop"}),
    ],
)
def test_a_secret_that_is_kept_counts_like_one_in_a_file(stored: tuple[Any, ...], values: dict[str, Any]) -> None:
    assert made(stored=stored, **values).name == "shop"


def test_an_origin_is_compared_as_it_is_meant() -> None:
    assert made(credential_origins=["https://CDN.example.org/"]).credential_origins == ("https://cdn.example.org",)


@pytest.mark.parametrize(
    "url",
    [
        "https://" + "a" * 1_000_000,
        "https://" + "@" * 100_000,
        "https://" + "%" * 100_000,
        "https://" + "a" * 64 + ".example.org",
        "https://xn--" + "a" * 60 + ".example.org",
    ],
)
def test_A15_an_address_beyond_all_measure_is_refused_before_it_is_parsed(url: str) -> None:
    assert split_login(url) == (url, "", "")
    (told,) = mistakes(url=url)
    assert len(told) < 200


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://u:p@example.org/a", ("https://example.org/a", "u", "p")),
        (" https://robot%24ci:p%40ss@example.org:8443/a?b=c ", ("https://example.org:8443/a?b=c", "robot$ci", "p@ss")),
        ("oci://u:p@example.org/a", ("oci://example.org/a", "u", "p")),
        ("https://token@example.org", ("https://example.org", "token", "")),
        ("https://example.org/@scope/a", ("https://example.org/@scope/a", "", "")),
        ("https://a@b@example.org", ("https://a@b@example.org", "", "")),
        ("https://u:p\\@example.org", ("https://u:p\\@example.org", "", "")),
        ("/srv/a@b", ("/srv/a@b", "", "")),
    ],
)
def test_A12_a_login_is_taken_out_of_an_address(url: str, parts: tuple[str, str, str]) -> None:
    assert split_login(url) == parts
