"""Which certificates the client believes, against a server with one of its own."""

import socket
import ssl
from contextlib import suppress
from pathlib import Path

import pytest

from indexer.errors import FetchError, TlsFailed
from indexer.http import Access, Client, ClientCertificate, Tls
from tests.certificates import chain, pair
from tests.fake_registry import fake_registry
from tests.tls_servers import TlsServer, listening, server_context


def test_a_certificate_that_nobody_else_signed_is_refused_and_named(tmp_path: Path) -> None:
    refused = pytest.raises(TlsFailed, match="self-signed certificate")
    with fake_registry(tls=tmp_path) as server, Client(server.url) as client, refused:
        client.ask(f"{server.url}/v2/", limit=100, deadline=10)


def test_it_is_believed_where_it_was_given(tmp_path: Path) -> None:
    with fake_registry(tls=tmp_path) as server:
        access = Access(tls=Tls(ca=(tmp_path / "server.crt").read_text))
        with Client(server.url, access) as client:
            assert client.ask(f"{server.url}/v2/", limit=100, deadline=10).status == 200


def test_B2_with_the_check_turned_off_anything_is_believed_and_only_there(tmp_path: Path) -> None:
    with fake_registry(tls=tmp_path) as server, Client(server.url, Access(tls=Tls(verify=False))) as careless:
        assert careless.ask(f"{server.url}/v2/", limit=100, deadline=10).status == 200
        with Client(server.url) as careful, pytest.raises(TlsFailed):
            careful.ask(f"{server.url}/v2/", limit=100, deadline=10)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_B3_every_certificate_of_a_bundle_is_believed(tmp_path: Path, place: int) -> None:
    bundle = [pair("one").certificate, pair("two").certificate]
    with fake_registry(tls=tmp_path) as server:
        bundle.insert(place, (tmp_path / "server.crt").read_text())
        with Client(server.url, Access(tls=Tls(ca="\n".join(bundle).strip))) as client:
            assert client.ask(f"{server.url}/v2/", limit=100, deadline=10).status == 200


def test_a_proxy_is_shown_no_client_certificate() -> None:
    made, shown = chain(), list[object]()
    context = server_context(made.leaf, made.issuer, clients=made.root)
    context.verify_mode = ssl.CERT_OPTIONAL

    def serve(server: TlsServer, client: socket.socket) -> None:
        with server.context.wrap_socket(client, server_side=True) as proxy:
            shown.append(proxy.getpeercert())
            proxy.recv(1000)

    mine = ClientCertificate((made.leaf.pem + made.issuer.pem).strip, made.leaf.key_pem)
    with listening(serve, context) as proxy:
        access = Access(tls=Tls(made.root.pem.strip, client=mine), proxy=proxy.url)
        with Client("https://127.0.0.1:1", access) as client, suppress(FetchError):
            client.ask("https://127.0.0.1:1/", limit=100, deadline=5)
    assert shown == [None]
