"""Which providers are believed: their certificates, their addresses, their size, their pace."""

from pathlib import Path
from typing import Any

import pytest

from catalog_web.signin.oidc.provider import Provider
from indexer.config import load
from indexer.errors import ConfigError, ProviderDown
from indexer.people_options import OidcOptions
from tests import certificates
from tests.command import write_config
from tests.oidc_provider import At, at, behind, oidc_provider
from tests.tls_servers import secured, server_context


def provider_at(issuer: str, **options: Any) -> Provider:
    return Provider(OidcOptions(issuer=issuer, client_id="chartroom", **options), ())


def test_a_provider_whose_authority_is_named_is_believed(tmp_path: Path) -> None:
    made = certificates.chain()
    authority = tmp_path / "ca.pem"
    authority.write_text(made.root.pem)
    with behind(server_context(made.leaf, made.issuer)) as (_, url):
        asked = provider_at(url, ca_file=str(authority))
        assert asked.metadata().token_endpoint == f"{url}/token"
        assert asked.keys(60)
        asked.close()


@pytest.mark.parametrize(
    ("how", "why"),
    [("unknown", "certificate"), ("expired", "expired"), ("self-made", "certificate"), ("host", "mismatch")],
)
def test_B1_an_issuer_with_a_certificate_that_is_not_in_order_is_refused(tmp_path: Path, how: str, why: str) -> None:
    made = {
        "unknown": certificates.chain,
        "expired": lambda: certificates.chain(starts=-48, ends=-24),
        "self-made": certificates.chain,
        "host": lambda: certificates.chain(names=("other.example",)),
    }[how]()
    authority = tmp_path / "ca.pem"
    authority.write_text(made.root.pem)
    known = {} if how in ("unknown", "self-made") else {"ca_file": str(authority)}
    leaf = (certificates.self_signed(),) if how == "self-made" else (made.leaf, made.issuer)
    with behind(server_context(*leaf)) as (_, url):
        asked = provider_at(url, **known)
        with pytest.raises(ProviderDown) as caught:
            asked.metadata()
        asked.close()
    assert why in caught.value.cause.lower()


def test_B1_keys_from_an_address_with_another_certificate_are_refused(tmp_path: Path) -> None:
    made, other = certificates.chain(), certificates.chain()
    authority = tmp_path / "ca.pem"
    authority.write_text(made.root.pem)
    with (
        behind(server_context(made.leaf, made.issuer)) as (provider, url),
        secured(At(provider.issuer), server_context(other.leaf, other.issuer)) as elsewhere,
    ):
        provider.behave(metadata={**at(url), "jwks_uri": f"{elsewhere.url}/jwks"})
        asked = provider_at(url, ca_file=str(authority))
        assert asked.metadata().issuer == url
        with pytest.raises(ProviderDown, match="certificate"):
            asked.keys(60)
        asked.close()


@pytest.mark.parametrize(
    "issuer",
    [
        "http://127.0.0.1:8080\\@example.com/",
        "http://example.com@127.0.0.1/",
        "https://login.example.org\\.evil.example",
        "http://login.example.org",
        "ftp://login.example.org",
        "https://login.example.org?x=1",
        "https://",
    ],
)
def test_A1_an_issuer_that_two_readers_understand_differently_is_no_issuer(tmp_path: Path, issuer: str) -> None:
    options = {"sign_in": ["oidc"], "oidc": {"issuer": issuer, "client_id": "chartroom"}}
    with pytest.raises(ConfigError, match="oidc"):
        load(write_config(tmp_path, **options), environ={})


@pytest.mark.parametrize(
    "metadata",
    [
        {"jwks_uri": "http://127.0.0.1:1\\@example.com/"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": 7},
        {"authorization_endpoint": ""},
        {"jwks_uri": "http://user@127.0.0.1/keys"},
    ],
)
def test_A1_an_address_that_the_issuer_names_must_be_one(metadata: dict[str, Any]) -> None:
    with oidc_provider() as provider:
        provider.behave(metadata=metadata)
        asked = provider_at(provider.issuer)
        with pytest.raises(ProviderDown, match="it names no usable"):
            asked.metadata()
        asked.close()


def test_a_provider_that_answers_too_much_is_cut_off() -> None:
    with oidc_provider() as provider:
        provider.behave(pad=1_000_000)
        asked = provider_at(provider.issuer)
        with pytest.raises(ProviderDown):
            asked.metadata()
        asked.close()


@pytest.mark.parametrize(
    "keys", [[], [{}], [{"kty": "oct", "k": "AAAA"}], [{"kty": "RSA", "n": "AQ", "e": "AQAB"}], [7, None, []]]
)
def test_keys_that_are_none_are_left_out(keys: list[Any]) -> None:
    with oidc_provider() as provider:
        provider.behave(more_keys=keys)
        asked = provider_at(provider.issuer)
        assert len(asked.keys(60)) == 1
        asked.close()
