"""Which certificates are believed: wherever Chartroom asks somebody over TLS, and which check it was that failed."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from catalog_web.install.cluster import Cluster
from indexer.errors import ClusterUnreachable, ConnectionFailed, FetchError, RealmUnencrypted, TlsAbsent, TlsFailed
from indexer.http import Access, Basic, Client, ClientCertificate, Limits, Tls
from indexer.model import ClusterConfig, Source
from indexer.pictures import Wanted
from indexer.pictures.reading import read as read_picture
from indexer.sources import Known
from indexer.sources.registry import open_source
from tests.certificates import HERE, Certified, chain, pair, self_signed, signed
from tests.fake_registry import Habits, fake_registry
from tests.integration.conftest import Room
from tests.kube_api import KubeApi, kube_api
from tests.repository import repository
from tests.tls_servers import Behind, TlsServer, listening, plain_only, secured, server_context, silent
from tests.upstream import Site

EXPIRED = chain(starts=-48, ends=-24)
ELSEWHERE = chain(names=("charts.example.org",))
UNKNOWN = chain()
OWN = signed("charts", names=HERE, is_authority=True)


@dataclass(frozen=True)
class Bad:
    """A certificate that is refused, what is trusted beside the system's authorities, and which check fails."""

    leaf: Certified
    above: tuple[Certified, ...]
    trusted: Certified | None
    check: str

    @property
    def access(self) -> Access:
        """Who is believed."""
        trusted = self.trusted
        return Access(tls=Tls(ca=(lambda: trusted.pem) if trusted else None))

    @contextmanager
    def before(self, site: Behind) -> Iterator[TlsServer]:
        """TLS with it before ``site``."""
        with secured(site, server_context(self.leaf, *self.above)) as server:
            yield server


BAD = {
    "expired": Bad(EXPIRED.leaf, (EXPIRED.issuer,), EXPIRED.root, "expired"),
    "self-made": Bad(OWN, (), None, "self-signed certificate"),
    "wrong-host": Bad(ELSEWHERE.leaf, (ELSEWHERE.issuer,), ELSEWHERE.root, "IP address mismatch"),
    "unknown-CA": Bad(UNKNOWN.leaf, (UNKNOWN.issuer,), None, "unable to get local issuer certificate"),
}
every_bad_one = pytest.mark.parametrize("bad", BAD.values(), ids=BAD)


def list_charts(source: Source, access: Access, spool: Path) -> None:
    with open_source(source, access, spool).list_charts(Known()):
        pass


# -- B1: refused wherever somebody is asked, naming the check


@every_bad_one
def test_B1_of_the_server_of_an_index(bad: Bad, site: Site, tmp_path: Path) -> None:
    with bad.before(site) as server, pytest.raises(TlsFailed, match=bad.check):
        list_charts(Source("shop", server.url), bad.access, tmp_path)
    assert site.log == []


@every_bad_one
def test_B1_of_the_server_of_an_archive(bad: Bad, site: Site, tmp_path: Path) -> None:
    with bad.before(site) as server:
        opened = open_source(Source("shop", site.url), bad.access, tmp_path)
        with pytest.raises(TlsFailed, match=bad.check):
            opened.fetch_archive([f"{server.url}/redis-1.0.0.tgz"], tmp_path / "archive", 1_000_000)
    assert site.log == []


@every_bad_one
def test_B1_of_the_server_of_an_icon_and_of_a_provenance_file(bad: Bad, site: Site, tmp_path: Path) -> None:
    with bad.before(site) as server:
        source = Source("shop", site.url)
        wanted = Wanted(source, f"{server.url}/logo.png")
        with pytest.raises(TlsFailed, match=bad.check):
            read_picture(wanted, tmp_path / "picture", lambda _: bad.access)
        with pytest.raises(TlsFailed, match=bad.check):
            open_source(source, bad.access, tmp_path).fetch_provenance([f"{server.url}/redis-1.0.0.tgz"])
    assert site.log == []


@every_bad_one
def test_B1_of_a_registry(bad: Bad, tmp_path: Path) -> None:
    with fake_registry() as registry, bad.before(registry) as server:
        source = Source("shop", f"oci://127.0.0.1:{server.port}", "oci")
        with pytest.raises(TlsFailed, match=bad.check):
            list_charts(source, bad.access, tmp_path)
    assert registry.log == []


@every_bad_one
def test_B1_of_a_token_service(bad: Bad, tmp_path: Path) -> None:
    login = Basic("ann", lambda: "secret")
    with fake_registry(Habits(auth="bearer")) as tokens, bad.before(tokens) as server:
        habits = Habits(auth="bearer", realm=f"{server.url}/token")
        access = replace(bad.access, credentials=login, credential_origins=(server.url,))
        with fake_registry(habits) as registry, pytest.raises(TlsFailed, match=bad.check):
            list_charts(Source("shop", f"oci://{registry.host}", "oci"), access, tmp_path)
    assert tokens.log == []


def test_a_token_service_without_encryption_is_told_with_its_remedy(tmp_path: Path) -> None:
    certificate = self_signed()
    login = Access(Basic("ann", lambda: "secret"), tls=Tls(ca=lambda: certificate.pem))
    with fake_registry(Habits(auth="bearer")) as registry, secured(registry, server_context(certificate)) as server:
        registry.habits = replace(registry.habits, realm=f"{registry.url}/token")
        with pytest.raises(RealmUnencrypted) as caught:
            list_charts(Source("shop", f"oci://127.0.0.1:{server.port}", "oci"), login, tmp_path)
    assert f"wants the sign-in to go to {registry.url}, without encryption" in caught.value.cause
    assert "external_url" in caught.value.remedy
    assert all("authorization" not in one.headers for one in registry.log)


@every_bad_one
def test_B1_of_an_api_server(bad: Bad, tmp_path: Path) -> None:
    with kube_api() as kube, bad.before(kube) as server:
        cluster = Cluster(ClusterConfig("home", kubeconfig=str(kubeconfig(kube, server, bad.trusted, tmp_path))))
        try:
            with pytest.raises(ClusterUnreachable, match=bad.check):
                cluster.get("apps", "cache")
        finally:
            cluster.close()
    assert kube.log == []


def kubeconfig(kube: KubeApi, server: TlsServer, trusted: Certified | None, folder: Path) -> Path:
    file = kube.kubeconfig(folder, server.url)
    if trusted is not None:
        (folder / "ca.crt").write_text(trusted.pem)
        config = json.loads(file.read_text())
        config["clusters"][0]["cluster"]["certificate-authority"] = str(folder / "ca.crt")
        file.write_text(json.dumps(config))
    return file


# -- believed where it was given


def get(client: Client, server: TlsServer) -> int:
    return client.ask(f"{server.url}/index.yaml", limit=100, deadline=10, accept=frozenset({200, 404})).status


@pytest.mark.parametrize(
    ("above", "trusted"),
    [
        ((UNKNOWN.issuer,), UNKNOWN.root),
        ((UNKNOWN.issuer,), UNKNOWN.issuer),
        ((), UNKNOWN.issuer),
        ((), UNKNOWN.leaf),
    ],
    ids=["root", "issuer", "issuer that is not sent", "the server's own"],
)
def test_it_is_believed_where_any_of_its_chain_was_given(
    site: Site, above: tuple[Certified, ...], trusted: Certified
) -> None:
    access = Access(tls=Tls(ca=lambda: trusted.pem))
    with secured(site, server_context(UNKNOWN.leaf, *above)) as server, Client(server.url, access) as client:
        assert get(client, server) == 404


@pytest.mark.parametrize("place", [0, 1, 2])
def test_B3_every_certificate_of_a_bundle_is_believed(site: Site, place: int) -> None:
    bundle = [pair("one").certificate, pair("two").certificate]
    bundle.insert(place, OWN.pem)
    access = Access(tls=Tls(ca="\n".join(bundle).strip))
    with secured(site, server_context(OWN)) as server, Client(server.url, access) as client:
        assert get(client, server) == 404


# -- B2


def test_B2_with_the_check_turned_off_anything_is_believed_and_only_there(site: Site) -> None:
    with secured(site, server_context(OWN)) as server, Client(server.url, Access(tls=Tls(verify=False))) as careless:
        assert get(careless, server) == 404
        with Client(server.url) as careful, pytest.raises(TlsFailed):
            get(careful, server)
        assert get(careless, server) == 404


def test_B2_two_sources_of_one_host_are_each_read_by_their_own_setting(room: Room, site: Site) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    with secured(site, server_context(OWN)) as server:
        room.add(server.url, "careless", insecure_skip_verify=True)
        room.add(server.url, "careful")
        for _ in range(2):
            assert room.sync("careless").attempt.outcome != "failed"
            assert room.sync("careful").attempt.outcome == "failed"
    assert (room.versions("careless"), room.versions("careful")) == ({"redis": ["1.0.0"]}, {})


# -- B4


def test_B4_a_handshake_that_stalls_fails_within_the_time_for_connecting() -> None:
    refused = pytest.raises(ConnectionFailed, match="in time")
    with silent() as server, Client(server.url, limits=Limits(connect=0.3)) as client, refused:
        client.ask(server.url, limit=100, deadline=60)


def test_B4_a_server_that_speaks_plain_http_fails_in_clear_text(site: Site) -> None:
    url = site.url.replace("http:", "https:")
    with Client(url) as client, pytest.raises(TlsAbsent, match="answers without TLS") as refused:
        client.ask(url, limit=100, deadline=10)
    assert "Is it http://?" in refused.value.remedy


def test_B4_plain_http_is_told_from_a_firewall_where_nothing_is_answered_to_a_handshake() -> None:
    limits = Limits(connect=0.5)
    with plain_only() as server, Client(server.url, limits=limits) as client, pytest.raises(TlsAbsent):
        client.ask(server.url, limit=100, deadline=10)


def test_B4_a_server_that_speaks_tls_1_1_only_is_refused(site: Site) -> None:
    believing = Access(tls=Tls(ca=lambda: OWN.pem))
    refused = pytest.raises(TlsFailed, match="protocol")
    with secured(site, server_context(OWN, oldest=True)) as server, Client(server.url, believing) as client, refused:
        get(client, server)
    assert site.log == []


# -- B5


def test_B5_a_certificate_that_is_replaced_meanwhile_counts_at_the_next_request(site: Site) -> None:
    first, second = chain(), signed("charts", names=HERE, is_authority=True)
    given = {"ca": second.pem}
    access = Access(tls=Tls(ca=lambda: given["ca"]))
    with secured(site, server_context(first.leaf, first.issuer)) as server:
        with Client(server.url, access) as client, pytest.raises(TlsFailed):
            get(client, server)
        server.show(second)
        with Client(server.url, access) as client:
            assert get(client, server) == 404
            server.show(first.leaf, first.issuer)
            given["ca"] = first.root.pem
        with Client(server.url, access) as client:
            assert get(client, server) == 404


def test_B5_the_same_client_goes_on_when_the_server_gets_a_new_certificate_of_the_same_authority(site: Site) -> None:
    made = chain()
    renewed = signed("127.0.0.1", by=made.issuer, names=HERE)
    access = Access(tls=Tls(ca=lambda: made.root.pem))
    with secured(site, server_context(made.leaf, made.issuer)) as server, Client(server.url, access) as client:
        assert get(client, server) == 404
        server.show(renewed, made.issuer)
        site.behave("/index.yaml", "hang_up")  # so that the connection is not used again
        with pytest.raises(ConnectionFailed):
            get(client, server)
        site.behave("/index.yaml", None)
        assert get(client, server) == 404


# -- a client certificate


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
