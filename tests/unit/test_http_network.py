"""Which addresses may be dialled (A3–A5, A7)."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import AddressRefused
from indexer.http import DEFAULT_ALLOW, LOOPBACK, network
from indexer.http.network import is_special
from indexer.http.transport import dialled

USUAL = network(DEFAULT_ALLOW)
PUBLIC = network(())


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_public_addresses_may_be_dialled(address: str) -> None:
    assert PUBLIC.permits("example.org", address)
    assert not is_special(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
        "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "ff02::1", "fd00:ec2::254",
    ],
)  # fmt: skip
def test_A3_loopback_link_local_metadata_and_the_like_are_refused(address: str) -> None:
    assert not PUBLIC.permits("example.org", address)
    assert not USUAL.permits("example.org", address)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "::ffff:168.63.129.16"],
)
def test_A3_metadata_addresses_are_open_only_where_they_are_allowed_by_themselves(address: str) -> None:
    wide = network(("0.0.0.0/0", "::/0"), LOOPBACK, ["example.org"])
    assert not wide.permits("example.org", address)
    assert is_special(address)
    assert network((address.removeprefix("::ffff:"),)).permits("example.org", address)


@pytest.mark.parametrize("address", ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1"])
def test_A3_private_addresses_are_a_matter_of_configuration(address: str) -> None:
    assert USUAL.permits("harbor.corp", address)
    assert not PUBLIC.permits("harbor.corp", address)


@pytest.mark.parametrize(
    "address",
    [
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::", "::127.0.0.1",
        "192.0.0.192", "fec0::1", "3fff::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1", "200::7f00:1", "4000::1",
    ],
)  # fmt: skip
def test_A4_addresses_that_hide_another_one_are_refused(address: str) -> None:
    assert not USUAL.permits("example.org", address)
    assert is_special(address)


def test_A4_a_hidden_private_address_does_not_open_the_way_through_nat64() -> None:
    assert not USUAL.permits("example.org", "64:ff9b::a01:203")
    assert network((*DEFAULT_ALLOW, "64:ff9b::/96")).permits("example.org", "64:ff9b::a01:203")


def test_loopback_is_open_to_the_own_host_alone() -> None:
    mine = network(DEFAULT_ALLOW, LOOPBACK, ["registry.test"])
    assert mine.permits("registry.test", "127.0.0.1")
    assert not mine.permits("evil.registry.test", "127.0.0.1")
    assert not mine.permits("registry.test", "169.254.169.254")


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_all_its_spellings(address: object) -> None:
    assert USUAL.permits("x", str(address)) == USUAL.permits("x", f"::ffff:{address}")


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "017700000001", "0"])
def test_A7_numbers_that_resolvers_take_for_loopback_lead_nowhere(host: str) -> None:
    with pytest.raises((AddressRefused, OSError)):
        dialled(host, 80, USUAL)


def test_A5_a_name_with_an_allowed_and_a_refused_address_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 80)) for one in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: told)
    with pytest.raises(AddressRefused, match=r"example\.org leads to 10\.0\.0\.1"):
        dialled("example.org", 80, PUBLIC)
    assert dialled("example.org", 80, USUAL) == told
