"""Test connection, below HTTP: the name, the port, the proxy, TLS. Each case against a server that behaves so."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.http import DEFAULT_ALLOW, Access, Basic, ClientCertificate, Tls, network
from tests.certificates import HERE, Certified, chain, signed
from tests.integration.diagnoses import diagnosis, failed, states
from tests.repository import repository
from tests.tls_servers import closing, deaf, proxy, secured, server_context, silent
from tests.upstream import Site, upstream

MONTH = 24 * 30


@pytest.fixture
def shop() -> Iterator[Site]:
    with upstream() as running:
        repository({"redis": ("2.0.0", "1.0.0"), "blog": ("0.1.0",)}).serve(running)
        yield running


def good(ends: float = MONTH) -> Certified:
    return signed("charts", names=HERE, is_authority=True, ends=ends)


def trusting(*certificates: Certified) -> Access:
    return Access(tls=Tls(ca=lambda: "".join(one.pem for one in certificates)))


# -- the good case


def test_a_good_repository_is_good_on_every_rung_and_its_charts_are_counted(shop: Site) -> None:
    server = good()
    with secured(shop, server_context(server)) as tls:
        found = diagnosis(tls.url, trusting(server))
    assert found.is_good
    assert states(found) == {
        "dns": "warn", "tcp": "ok", "tls": "ok", "http": "ok", "kind": "ok", "auth": "ok", "read": "ok", "charts": "ok",
    }  # fmt: skip
    assert found.rung("charts").cause_words == "2 charts in 3 versions."
    assert found.rung("charts").facts == {"charts": 2, "versions": 3, "skipped": 0}
    assert "given for this source" in found.rung("tls").cause_words
    assert "TLSv1.3" in found.rung("tls").cause_words


def test_a_test_asks_for_the_index_once_and_with_the_credentials(shop: Site) -> None:
    shop.protect("me", "hunter2")
    found = diagnosis(shop.url, Access(Basic("me", lambda: "hunter2")), username="me")
    assert found.rung("auth").cause_words == "Read as me."
    assert len(shop.log) == 1


# -- the name


def test_a_name_that_does_not_resolve_tells_who_was_asked_and_where_to_look() -> None:
    rung, cause, remedy = failed(diagnosis("https://charts.invalid/"))
    assert rung == "dns"
    assert "charts.invalid could not be resolved" in cause
    assert "/etc/resolv.conf" in remedy
    assert "coredns" in remedy


def test_a_name_that_leads_to_this_machine_is_told_as_such_where_it_may_be_dialled(shop: Site) -> None:
    found = diagnosis(shop.url.replace("127.0.0.1", "localhost"))
    assert found.rung("dns").state == "warn"
    assert "this machine itself" in found.rung("dns").cause_words


def test_a_loopback_address_is_refused_where_it_may_not(shop: Site) -> None:
    found = diagnosis(shop.url, Access(network=network(DEFAULT_ALLOW)))
    rung, cause, _ = failed(found)
    assert (rung, shop.log) == ("dns", [])
    assert "127.0.0.1" in cause


@pytest.mark.parametrize("state", ["open", "closed", "silent"])
def test_A14_of_an_address_that_may_not_be_reached_nothing_is_told(shop: Site, state: str) -> None:
    with silent() as hung:
        ports = {"open": shop.url, "closed": "http://127.0.0.1:9", "silent": hung.plain_url}
        found = diagnosis(ports[state], Access(network=network(DEFAULT_ALLOW)), disclose=False)
    rung, cause, _ = failed(found)
    assert (rung, cause) == ("dns", "127.0.0.1 is not at an address that may be reached from here.")
    assert [(one.ms, one.facts) for one in found.rungs if one.id in ("dns", "tcp")] == [(0, {}), (0, {})]


def test_A14_a_redirect_to_such_an_address_tells_as_little(shop: Site) -> None:
    shop.behave("/index.yaml", "redirect", to="http://127.0.0.2:1/index.yaml")
    mine = Access(network=network(DEFAULT_ALLOW, ["127.0.0.1/32"], ["127.0.0.1"]))
    rung, cause, _ = failed(diagnosis(shop.url, mine, disclose=False))
    assert (rung, cause) == ("http", "127.0.0.2 is not at an address that may be reached from here.")


# -- the port


def test_a_port_at_which_nothing_listens_refuses() -> None:
    rung, cause, remedy = failed(diagnosis("http://127.0.0.1:9/"))
    assert (rung, cause) == ("tcp", "127.0.0.1 refuses connections to port 9: nothing listens there.")
    assert "port" in remedy


def test_a_port_that_does_not_answer_is_told_from_one_that_refuses() -> None:
    with deaf() as server:
        rung, cause, remedy = failed(diagnosis(server.plain_url, seconds=1))
    assert rung == "tcp"
    assert "does not answer at all" in cause
    assert "firewall" in remedy


# -- the proxy


def test_the_proxy_is_the_first_rung_where_one_is_set(shop: Site) -> None:
    with proxy() as address:
        found = diagnosis(shop.url, Access(proxy=address))
    assert found.rungs[0].id == "proxy"
    assert found.is_good
    assert found.rung("tcp").state == "skipped"
    assert address in found.rung("proxy").cause_words


def test_tls_is_looked_at_through_the_proxy(shop: Site) -> None:
    with proxy() as address, secured(shop, server_context(good())) as tls:
        found = diagnosis(tls.url, Access(proxy=address))
    assert (failed(found)[0], found.rung("proxy").state) == ("tls", "ok")
    assert found.trust is not None


def test_a_proxy_that_is_not_there_is_the_proxy_s_fault() -> None:
    rung, cause, _ = failed(diagnosis("https://charts.invalid/", Access(proxy="http://127.0.0.1:9")))
    assert (rung, cause) == ("proxy", "The proxy http://127.0.0.1:9 cannot be used: it refuses the connection.")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_407_a_proxy_that_wants_to_know_who_asks(scheme: str) -> None:
    with proxy(answer=b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") as address:
        rung, cause, _ = failed(diagnosis(f"{scheme}://127.0.0.1:1/", Access(proxy=address)))
    assert rung == "proxy"
    assert "407" in cause


def test_a_proxy_that_does_not_connect_tells_its_status() -> None:
    with proxy(answer=b"HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") as address:
        rung, cause, _ = failed(diagnosis("https://127.0.0.1:1/", Access(proxy=address)))
    assert rung == "proxy"
    assert cause.endswith("it answers 403.")


def test_a_server_that_is_no_proxy_is_told_as_such() -> None:
    with proxy(answer=b"220 mail.example ESMTP\r\n\r\n") as address:
        rung, cause, _ = failed(diagnosis("https://127.0.0.1:1/", Access(proxy=address)))
    assert (rung, cause.endswith("it does not answer as a proxy does.")) == ("proxy", True)


# -- TLS


def test_a_self_signed_certificate_is_shown_and_offered_to_be_trusted(shop: Site) -> None:
    server = good()
    with secured(shop, server_context(server)) as tls:
        found = diagnosis(tls.url)
        rung, cause, remedy = failed(found)
        assert found.trust is not None
        again = diagnosis(tls.url, Access(tls=Tls(ca=lambda: found.trust.certificate.pem if found.trust else "")))
    assert rung == "tls"
    assert "self-signed" in cause
    assert (found.trust.kind, found.trust.certificate.pem) == ("self", server.pem)
    assert found.trust.certificate.fingerprint in remedy
    (shown,) = found.certificates
    assert (shown.subject, shown.issuer, shown.names) == ("charts", "charts", ("localhost", "127.0.0.1"))
    assert again.is_good


def test_of_an_unknown_authority_that_the_server_sends_the_root_is_offered(shop: Site) -> None:
    made = chain(ends=MONTH)
    with secured(shop, server_context(made.leaf, made.issuer, made.root)) as tls:
        found = diagnosis(tls.url)
    rung, cause, _ = failed(found)
    assert rung == "tls"
    assert "signed by Test Issuing, below the root Test Root" in cause
    assert found.trust is not None
    assert (found.trust.kind, found.trust.certificate.pem) == ("root", made.root.pem)
    assert [one.subject for one in found.certificates] == ["127.0.0.1", "Test Issuing", "Test Root"]


@pytest.mark.parametrize(("sent", "kind"), [(1, "issuer"), (0, "server")])
def test_where_the_root_is_not_sent_the_issuer_or_the_server_itself_is_offered(
    shop: Site, sent: int, kind: str
) -> None:
    made = chain(ends=MONTH)
    with secured(shop, server_context(made.leaf, *[made.issuer][:sent])) as tls:
        found = diagnosis(tls.url)
        assert found.trust is not None
        pem = found.trust.certificate.pem
        again = diagnosis(tls.url, Access(tls=Tls(ca=lambda: pem)))
    assert "does not send along" in failed(found)[1]
    assert (found.trust.kind, again.is_good) == (kind, True)
    assert pem == (made.issuer.pem if sent else made.leaf.pem)


def test_a_certificate_that_cannot_be_read_is_told_as_one_that_is_not_believed(shop: Site, tmp_path: Path) -> None:
    server = good()
    unknown = ssl.PEM_cert_to_DER_cert(server.pem).replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020103"))
    (tmp_path / "both.pem").write_text(ssl.DER_cert_to_PEM_cert(unknown) + server.key_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    with secured(shop, context) as tls:
        found = diagnosis(tls.url)
    assert failed(found)[0] == "tls"
    (shown,) = found.certificates
    assert (shown.subject, bool(shown.fingerprint), found.trust) == ("", True, None)


def test_certificates_in_a_wrong_order_are_put_right_before_one_is_offered(shop: Site) -> None:
    made = chain(ends=MONTH)
    with secured(shop, server_context(made.leaf, made.root, made.issuer)) as tls:
        found = diagnosis(tls.url)
    assert found.trust is not None
    assert found.trust.certificate.pem == made.root.pem


def test_an_expired_certificate_names_the_day_and_the_clock(shop: Site) -> None:
    made = chain(starts=-MONTH, ends=-24)
    with secured(shop, server_context(made.leaf, made.issuer)) as tls:
        found = diagnosis(tls.url, trusting(made.root))
    rung, cause, remedy = failed(found)
    assert rung == "tls"
    assert "expired on 20" in cause
    assert "the clock here says 20" in cause
    assert "renew" in remedy
    assert found.trust is None


def test_B5_a_certificate_that_is_not_valid_yet_names_the_clock(shop: Site) -> None:
    made = chain(starts=24, ends=MONTH)
    with secured(shop, server_context(made.leaf, made.issuer)) as tls:
        rung, cause, remedy = failed(diagnosis(tls.url, trusting(made.root)))
    assert rung == "tls"
    assert "is not valid before 20" in cause
    assert "the clock here says 20" in cause
    assert "clock" in remedy


def test_a_certificate_for_another_name_tells_which_names_it_has(shop: Site) -> None:
    made = chain(names=("charts.example.org", "10.1.2.3"), ends=MONTH)
    with secured(shop, server_context(made.leaf, made.issuer)) as tls:
        rung, cause, remedy = failed(diagnosis(tls.url, trusting(made.root)))
    assert (rung, cause) == ("tls", "The certificate is for charts.example.org, 10.1.2.3, not for 127.0.0.1.")
    assert "name that the certificate has" in remedy


def test_all_that_is_wrong_is_told_at_once_and_nothing_offered_that_would_not_help(shop: Site) -> None:
    with secured(shop, server_context(signed("old", names=HERE, starts=-48, ends=-24))) as tls:
        found = diagnosis(tls.url)
    _, cause, _ = failed(found)
    assert "self-signed" in cause
    assert "expired" in cause
    assert found.trust is None


def test_a_weak_key_is_refused_as_weak(shop: Site) -> None:
    server = signed("weak", names=HERE, weak=True, ends=MONTH)
    with secured(shop, server_context(server)) as tls:
        rung, cause, _ = failed(diagnosis(tls.url, trusting(server)))
    assert (rung, "too weak" in cause) == ("tls", True)


def test_a_certificate_that_ends_soon_is_a_warning(shop: Site) -> None:
    server = good(ends=24 * 5)
    with secured(shop, server_context(server)) as tls:
        found = diagnosis(tls.url, trusting(server))
    assert (found.is_good, found.rung("tls").state) == (True, "warn")
    assert "ends on 20" in found.rung("tls").cause_words


def test_with_the_check_turned_off_it_says_so_and_what_the_check_would_find(shop: Site) -> None:
    with secured(shop, server_context(good())) as tls:
        found = diagnosis(tls.url, Access(tls=Tls(verify=False)))
    assert (found.is_good, found.rung("tls").state) == (True, "warn")
    assert "whoever answers is believed" in found.rung("tls").cause_words
    assert "self-signed" in found.rung("tls").cause_words
    assert found.trust is not None


def test_with_the_check_turned_off_for_nothing_it_says_so(shop: Site) -> None:
    server = good()
    access = Access(tls=Tls(verify=False, ca=lambda: server.pem))
    with secured(shop, server_context(server)) as tls:
        found = diagnosis(tls.url, access)
    assert found.rung("tls").state == "warn"
    assert "is a good one" in found.rung("tls").cause_words


def test_B4_a_handshake_that_stalls_ends_within_its_time() -> None:
    with silent() as server:
        rung, cause, _ = failed(diagnosis(server.url, seconds=1))
    assert rung == "tls"
    assert "does not go on with the TLS handshake" in cause


def test_B4_plain_http_at_the_port_of_an_https_address(shop: Site) -> None:
    rung, cause, remedy = failed(diagnosis(shop.url.replace("http:", "https:")))
    assert rung == "tls"
    assert cause.endswith("speaks plain HTTP, without TLS.")
    assert "http://" in remedy


def test_tls_at_the_port_of_an_http_address(shop: Site) -> None:
    with secured(shop, server_context(good())) as tls:
        rung, cause, remedy = failed(diagnosis(tls.plain_url))
    assert rung == "http"
    assert "speaks TLS" in cause
    assert "https://" in remedy


def test_B4_a_server_that_speaks_nothing_newer_than_tls_1_1(shop: Site) -> None:
    with secured(shop, server_context(good(), oldest=True)) as tls:
        found = diagnosis(tls.url)
    rung, cause, remedy = failed(found)
    assert rung == "tls"
    assert "TLSv1.1 only" in cause
    assert "TLS 1.2" in remedy
    assert [one.subject for one in found.certificates] == ["charts"]


def test_a_server_that_hangs_up_in_the_middle_of_the_handshake() -> None:
    with closing() as server:
        rung, cause, _ = failed(diagnosis(server.url))
    assert (rung, "closes the connection" in cause) == ("tls", True)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_wants_a_client_certificate(shop: Site, newest: ssl.TLSVersion) -> None:
    server, people = good(), signed("People", is_authority=True)
    context = server_context(server, clients=people)
    context.maximum_version = newest
    me = signed("me", by=people)
    mine = ClientCertificate(lambda: me.pem, me.key_pem)
    with secured(shop, context) as tls:
        rung, cause, remedy = failed(diagnosis(tls.url, trusting(server)))
        shown = diagnosis(tls.url, Access(tls=Tls(lambda: server.pem, client=mine)))
    assert rung == "tls"
    assert "client certificate" in cause
    assert "client certificate" in remedy
    assert shown.is_good


def test_B5_a_certificate_that_was_replaced_meanwhile_is_seen_at_the_next_test(shop: Site) -> None:
    first, second = good(), good()
    with secured(shop, server_context(first)) as tls:
        before = diagnosis(tls.url, trusting(second))
        tls.show(second)
        after = diagnosis(tls.url, trusting(second))
    assert (before.is_good, after.is_good) == (False, True)


def test_credentials_over_plain_http_are_warned_of(shop: Site) -> None:
    found = diagnosis(shop.url, Access(Basic("me", lambda: "x")), username="me")
    assert (found.is_good, found.rung("tls").state) == (True, "warn")
    assert "listens in" in found.rung("tls").cause_words
