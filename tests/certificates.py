"""Certificates for tests: made anew each time, and trusted by nobody."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class SelfSigned:
    """A certificate for 127.0.0.1 and localhost that nobody else signed, with its key."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        """The certificate as PEM text."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write certificate and key as PEM; their paths."""
        certificate, key = folder / "server.crt", folder / "server.key"
        certificate.write_text(self.pem)
        key.write_text(self.key_pem())
        return certificate, key

    def key_pem(self, password: str = "") -> str:
        """The key as PEM text, encrypted with ``password`` if there is one."""
        locked = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
        pkcs8 = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, pkcs8, locked).decode()


def self_signed() -> SelfSigned:
    """A fresh one, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).add_extension(names, critical=False)
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return SelfSigned(key, builder.sign(key, hashes.SHA256()))


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
