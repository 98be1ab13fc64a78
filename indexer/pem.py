"""Certificates and keys as PEM text, looked at when they are given, so that no sync fails by them later. Pure."""

import ssl

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509 import InvalidVersion, load_pem_x509_certificates

MAX_PEM = 512 * 1024
"""Characters. The authorities that a machine trusts take about 300,000."""


def check_certificates(pem: str) -> int:
    """How many certificates ``pem`` holds; every one can be used. Raises ValueError with a sentence."""
    _check_size(pem)
    if "PRIVATE KEY-----" in pem:
        raise ValueError("there is a private key in it; give the certificates alone")
    if "-----BEGIN CERTIFICATE-----" not in pem:
        raise ValueError("there is no certificate in it; PEM text has a line -----BEGIN CERTIFICATE-----")
    try:
        found = load_pem_x509_certificates(pem.encode())
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ValueError, InvalidVersion, ssl.SSLError):
        raise ValueError("one of its certificates cannot be read; copy them whole, from BEGIN to END") from None
    return len(found)


def check_key(pem: str, certificate: str = "") -> None:
    """Raise ValueError unless ``pem`` is a private key, without a password, that belongs to ``certificate``."""
    _check_size(pem)
    try:
        key = load_pem_private_key(pem.encode(), None)
    except TypeError:
        raise ValueError("the key is encrypted; give it without its password (openssl pkey -in KEY)") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("it is no private key; PEM text has a line -----BEGIN PRIVATE KEY-----") from None
    if certificate and not _is_of(certificate, _public(key.public_key())):
        raise ValueError("the key does not belong to the client certificate, which is the first one given")


def _check_size(pem: str) -> None:
    if len(pem) > MAX_PEM:
        raise ValueError(f"it is longer than {MAX_PEM:,} characters")


def _is_of(certificate: str, public: bytes) -> bool:
    try:
        return _public(load_pem_x509_certificates(certificate.encode())[0].public_key()) == public
    except UnsupportedAlgorithm:  # a kind of key that ours is none of
        return False


def _public(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
