"""Certificates and keys for tests, made when they are needed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Pair:
    """A self-signed certificate with its key, as PEM text."""

    certificate: str
    key: str
    encrypted_key: str


@lru_cache
def pair(name: str = "client") -> Pair:
    """The pair of that name; the same one each time."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM).decode()
    form = PrivateFormat.PKCS8
    return Pair(
        certificate=pem,
        key=key.private_bytes(Encoding.PEM, form, NoEncryption()).decode(),
        encrypted_key=key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"pw")).decode(),
    )
