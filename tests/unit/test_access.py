"""How a source is reached follows from what it was registered with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from indexer.access import Accesses, is_loopback
from indexer.errors import CredentialsUnreadable
from indexer.http import Access, Basic, Bearer
from indexer.model import SecretField, Source

CANARY = "canary-7f3a"


class Kept:
    """Secrets of the store."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts

    def get(self, source: str, field: SecretField) -> str | None:
        return self.texts.get(f"{source}_{field}")


class Clusters:
    """Secrets of a cluster."""

    def __init__(self, **texts: str) -> None:
        self.texts = {name.replace("_", "."): text for name, text in texts.items()}

    def read(self, cluster: str, namespace: str, name: str) -> Mapping[str, str]:
        assert (cluster, namespace, name) == ("dev", "captain", "shop")
        return self.texts


def access(kept: Kept | None = None, clusters: Clusters | None = None, **settings: Any) -> Access:
    source = Source("shop", settings.pop("url", "https://charts.example.org/stable"), **settings)
    return Accesses(kept or Kept(), clusters).of(source)


def authorization(got: Access) -> str:
    assert got.credentials is not None
    return got.credentials.authorization()


def test_nobody_in_particular_asks_where_nothing_is_given() -> None:
    got = access()
    assert (got.credentials, got.tls.ca, got.tls.client, got.tls.verify, got.proxy) == (None, None, None, True, "")


def test_a_folder_is_not_asked_over_the_network() -> None:
    assert access(url="/srv/charts", kind="directory") == Access()


def test_the_password_comes_from_a_file_or_from_the_store(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{CANARY}\n")
    from_file = access(username="robot$ci", password_file=str(file))
    stored = access(Kept(shop_password=CANARY), username="robot$ci", stored_secrets=("password",))
    assert isinstance(from_file.credentials, Basic)
    assert authorization(from_file) == authorization(stored)
    assert CANARY not in repr((from_file, stored))


def test_a_token_comes_from_a_file_or_from_the_store(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(CANARY)
    for got in (access(token_file=str(file)), access(Kept(shop_token=CANARY), stored_secrets=("token",))):
        assert isinstance(got.credentials, Bearer)
        assert authorization(got) == f"Bearer {CANARY}"
        assert CANARY not in repr(got)


def test_a_project_is_read_with_what_is_kept_for_its_harbor() -> None:
    source = Source("h.p", "https://h.example", "harbor", username="u", parent="h", stored_secrets=("password",))
    got = Accesses(Kept(h_password=CANARY)).of(source)
    assert isinstance(got.credentials, Basic)
    assert got.credentials.password() == CANARY


@pytest.mark.parametrize("settings", [{}, {"stored_secrets": ("password",)}, {"password_file": "/nowhere/p"}])
def test_a_password_that_is_not_there_is_told_when_it_is_needed(settings: dict[str, Any]) -> None:
    got = access(username="u", **settings)
    with pytest.raises(CredentialsUnreadable):
        authorization(got)


def test_a_secret_of_a_cluster_gives_what_it_holds() -> None:
    basic = access(clusters=Clusters(username="u", password=CANARY), secret_ref="dev/captain/shop")
    assert authorization(basic).startswith("Basic ")
    assert authorization(access(clusters=Clusters(token=CANARY), secret_ref="dev/captain/shop")) == f"Bearer {CANARY}"
    tls = access(clusters=Clusters(tls_crt="C", tls_key="K", ca_crt="A"), secret_ref="dev/captain/shop").tls
    assert tls.client is not None
    assert tls.ca is not None
    assert (tls.client.certificate(), tls.client.key(), tls.ca()) == ("C", "K", "A")


def test_a_secret_of_a_cluster_needs_a_cluster() -> None:
    with pytest.raises(CredentialsUnreadable, match="the Secret dev/captain/shop: no cluster is configured"):
        access(secret_ref="dev/captain/shop")


def test_certificates_are_pasted_or_in_files(tmp_path: Path) -> None:
    for name in ("ca", "cert", "key"):
        (tmp_path / name).write_text(name.upper())
    files = {"ca_file": "ca", "client_cert_file": "cert", "client_key_file": "key"}
    in_files = access(**{name: str(tmp_path / file) for name, file in files.items()})
    pasted = access(Kept(shop_client_key="KEY"), ca="CA", client_cert="CERT", stored_secrets=("client_key",))
    for tls in (in_files.tls, pasted.tls):
        assert tls.ca is not None
        assert tls.client is not None
        assert (tls.ca(), tls.client.certificate(), tls.client.key()) == ("CA", "CERT", "KEY")
    assert not access(insecure_skip_verify=True).tls.verify


# -- where it may go


def test_A3_a_source_that_a_person_entered_reaches_no_loopback_address() -> None:
    got = access(url="https://charts.example.org").network
    assert got.permits("charts.example.org", "10.1.2.3")
    assert not got.permits("charts.example.org", "127.0.0.1")
    assert not got.permits("charts.example.org", "169.254.169.254")


@pytest.mark.parametrize("who", [{"operator": True}, {"configured": True}])
def test_A3_a_source_of_the_operator_reaches_loopback_by_the_names_that_were_given(who: dict[str, Any]) -> None:
    origins = {"credential_origins": ("https://cdn.example.org:8443",), "proxy": "http://proxy.example.org:3128"}
    got = access(**who, **origins).network
    for host in ("charts.example.org", "cdn.example.org", "proxy.example.org"):
        assert got.permits(host, "127.0.0.1")
        assert not got.permits(host, "169.254.169.254")
    assert not got.permits("elsewhere.example.org", "127.0.0.1")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/charts", "oci://localhost:5000/charts", "http://[::1]:1/"])
def test_a_loopback_source_of_the_operator_reaches_loopback_by_any_name(url: str) -> None:
    assert access(url=url, operator=True).network.permits("archives.example.org", "127.0.0.1")
    assert not access(url=url).network.permits("127.0.0.1", "127.0.0.1")


def test_networks_that_are_allowed_are_open_to_everybody() -> None:
    got = Accesses(Kept(), allow=["127.0.0.0/8"]).of(Source("shop", "https://charts.example.org"))
    assert got.network.permits("charts.example.org", "127.0.0.1")
    assert not got.network.permits("charts.example.org", "10.0.0.1")


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("localhost.", True),
        ("a.localhost", True),
        ("localhost.example.org", False),
        ("128.0.0.1", False),
        ("charts.example.org", False),
    ],
)
def test_a_loopback_name_is_one_by_itself(host: str, is_one: bool) -> None:
    assert is_loopback(host) is is_one
