"""Certificates and keys are looked at when they are given."""

import ssl

import pytest

from indexer.pem import MAX_PEM, check_certificates, check_key
from tests.certificates import pair

ONE = pair("one").certificate


def altered(was: str, becomes: str) -> str:
    """The certificate with some of its bytes changed."""
    return ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(ONE).replace(bytes.fromhex(was), bytes.fromhex(becomes)))


@pytest.mark.parametrize(("pem", "count"), [(ONE, 1), (ONE + pair("two").certificate + pair("three").certificate, 3)])
def test_B3_every_certificate_of_a_bundle_is_taken(pem: str, count: int) -> None:
    assert check_certificates(pem) == count
    assert check_certificates(f"# made by somebody\n{pem}\nand the end") == count


@pytest.mark.parametrize(
    ("pem", "told"),
    [
        ("junk", "there is no certificate in it"),
        (pair("one").key, "a private key"),
        (ONE + pair("one").key, "a private key"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read"),
        (ONE.replace("-----END CERTIFICATE-----", ""), "cannot be read"),
        (ONE + ONE[: len(ONE) // 2], "cannot be read"),
        ("A" * 10_000_000, f"longer than {MAX_PEM:,}"),
        (altered("a003020102", "a003020103"), "cannot be read"),
        (ONE * 5000, f"longer than {MAX_PEM:,}"),
    ],
)
def test_B3_what_is_no_certificate_is_refused(pem: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        check_certificates(pem)
    assert len(str(caught.value)) < 200


def test_a_key_is_taken_with_its_own_certificate_alone() -> None:
    check_key(pair("one").key)
    check_key(pair("one").key, ONE + pair("two").certificate)
    with pytest.raises(ValueError, match="does not belong to the client certificate"):
        check_key(pair("two").key, ONE)
    with pytest.raises(ValueError, match="does not belong to the client certificate"):
        check_key(pair("one").key, altered("06072a8648ce3d0201", "06072a8648ce3d0202"))


@pytest.mark.parametrize(
    ("pem", "told"),
    [
        ("canary", "no private key"),
        (ONE, "no private key"),
        ("-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----", "no private key"),
        (pair("one").encrypted_key, "encrypted"),
        ("A" * 10_000_000, "longer than"),
    ],
)
def test_B3_what_is_no_key_is_refused_without_showing_it(pem: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        check_key(pem)
    assert "canary" not in str(caught.value)
