"""Certificates for tests: made anew each time, and trusted by nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

HERE = ("127.0.0.1", "localhost")
"""What a server on loopback is called."""
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Certified:
    """A certificate with its key."""

    key: Key
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        """The certificate as PEM text."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def key_pem(self, password: str = "") -> str:
        """The key as PEM text, encrypted with ``password`` if there is one."""
        locked = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
        pkcs8 = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, pkcs8, locked).decode()

    def write(self, folder: Path, *chain: "Certified") -> tuple[Path, Path]:
        """Write certificate (with those of ``chain`` behind it) and key as PEM; their paths."""
        certificate, key = folder / "server.crt", folder / "server.key"
        certificate.write_text("".join(one.pem for one in (self, *chain)))
        key.write_text(self.key_pem())
        return certificate, key


class SelfSigned(Certified):
    """A certificate for 127.0.0.1 and localhost that nobody else signed, with its key."""


@dataclass(frozen=True)
class Chain:
    """A server's certificate and who stands behind it."""

    leaf: Certified
    issuer: Certified
    root: Certified


def self_signed() -> SelfSigned:
    """A fresh one, good for a day."""
    made = signed("localhost", names=HERE, is_authority=True)
    return SelfSigned(made.key, made.certificate)


def chain(*, names: Sequence[str] = HERE, starts: float = -1, ends: float = 24) -> Chain:
    """A certificate for ``names``, signed by an issuer that a root signed; valid between two moments, in hours."""
    root = signed("Test Root", is_authority=True)
    issuer = signed("Test Issuing", by=root, is_authority=True)
    return Chain(signed(names[0], by=issuer, names=names, starts=starts, ends=ends), issuer, root)


def signed(
    subject: str,
    *,
    by: Certified | None = None,
    names: Sequence[str] = (),
    is_authority: bool = False,
    starts: float = -1,
    ends: float = 24,
    weak: bool = False,
) -> Certified:
    """A certificate signed ``by`` another one, or by itself; valid between two moments, in hours from now.

    ``weak``: its key is shorter than OpenSSL takes for safe.
    """
    key: Key = rsa.generate_private_key(65537, 1024) if weak else ec.generate_private_key(ec.SECP256R1())
    name, now = _name(subject), datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).public_key(key.public_key())
    builder = builder.issuer_name(by.certificate.subject if by else name).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now + timedelta(hours=starts)).not_valid_after(now + timedelta(hours=ends))
    builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_general_name, names))), critical=False)
    return Certified(key, builder.sign(by.key if by else key, hashes.SHA256()))


def _name(subject: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclass(frozen=True)
class Pair:
    """A certificate with its key, as PEM text."""

    certificate: str
    key: str
    encrypted_key: str


@lru_cache
def pair(name: str = "client") -> Pair:
    """The pair that goes by ``name``: the same one each time, and another for each name."""
    made = self_signed()
    return Pair(made.pem, made.key_pem(), made.key_pem("password"))
