"""The certificates that a server shows, as people read them, and which of them could be trusted. Pure."""

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from indexer.errors import N_, Phrase, phrase
from indexer.parse.text import shown

MOST = 10
"""Certificates that are looked at; real chains have two to four."""
_NAMES = 50
_LONGEST = 200
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate; what cannot be read of it is empty."""

    subject: str
    """Its common name, or the whole distinguished name where it has none."""
    issuer: str
    names: tuple[str, ...]
    """DNS names and addresses that it is for."""
    starts: datetime | None
    ends: datetime | None
    """Aware, UTC."""
    fingerprint: str
    """SHA-256, as ``AB:CD:…``."""
    pem: str
    is_authority: bool
    is_self_signed: bool


TrustKind = Literal["self", "root", "issuer", "server"]


@dataclass(frozen=True, slots=True)
class Trust:
    """A certificate that, if it is trusted, makes the server believed.

    ``self``: the server's own, which it signed itself. ``root``: of the authority that the server sends along.
    ``issuer``: of an authority below a root that is not sent. ``server``: the server's own, as nothing else is sent.
    """

    kind: TrustKind
    certificate: Certificate

    @property
    def meaning(self) -> Phrase:
        """What trusting it means, as a sentence."""
        return phrase(_MEANINGS[self.kind], subject=self.certificate.subject, fingerprint=self.certificate.fingerprint)


_MEANINGS: dict[TrustKind, str] = {
    "self": N_("Trusts this one certificate, {fingerprint}. Another one of the server will have to be trusted anew."),
    "root": N_("Trusts the authority {subject}, {fingerprint}, for this source: every certificate that it signs."),
    "issuer": N_(
        "The server does not send the root of its chain, so this trusts the issuing authority {subject}, "
        "{fingerprint}, for this source: every certificate that it signs."
    ),
    "server": N_(
        "The server sends none of the authorities above it, so this trusts its own certificate alone, {fingerprint}. "
        "Another one of the server will have to be trusted anew."
    ),
}


def read_chain(chain: Sequence[bytes]) -> tuple[Certificate, ...]:
    """The certificates of ``chain`` (DER)."""
    return tuple(map(_read, chain[:MOST]))


def offered(chain: Sequence[bytes]) -> Trust | None:
    """The highest certificate of ``chain`` (DER, the server's own first) that can be trusted for the server's."""
    read = [(one, _parsed(one)) for one in chain[:MOST]]
    path = _path([(data, parsed) for data, parsed in read if parsed is not None])
    if not path:
        return None
    top = _read(path[-1])
    if len(path) == 1:
        return Trust("self" if top.is_self_signed else "server", top)
    return Trust("root" if top.is_self_signed else "issuer", top)


def _path(chain: list[tuple[bytes, x509.Certificate]]) -> list[bytes]:
    """From the server's certificate up as far as each is signed by the next, in whatever order they were sent."""
    if not chain:
        return []
    path = [chain[0]]
    while not _is_signed_by(path[-1][1], path[-1][1]):
        above = next((one for one in chain[1:] if one not in path and _is_signed_by(path[-1][1], one[1])), None)
        if above is None:
            break
        path.append(above)
    return [data for data, _ in path]


def _read(data: bytes) -> Certificate:
    parsed = _parsed(data)
    fingerprint = ":".join(f"{one:02X}" for one in sha256(data).digest())
    pem = ssl.DER_cert_to_PEM_cert(data)
    if parsed is None:
        return Certificate("", "", (), None, None, fingerprint, pem, is_authority=False, is_self_signed=False)
    return Certificate(
        subject=_tolerant(lambda: _name(parsed.subject), ""),
        issuer=_tolerant(lambda: _name(parsed.issuer), ""),
        names=_tolerant(lambda: _names(parsed), ()),
        starts=_tolerant(lambda: parsed.not_valid_before_utc, None),
        ends=_tolerant(lambda: parsed.not_valid_after_utc, None),
        fingerprint=fingerprint,
        pem=pem,
        is_authority=_tolerant(lambda: _is_authority(parsed), False),
        is_self_signed=_is_signed_by(parsed, parsed),
    )


def _parsed(data: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(data)
    except (ValueError, x509.InvalidVersion):
        return None


def _tolerant(read: Callable[[], Value], otherwise: Value) -> Value:
    """A certificate is foreign: each field may be unreadable by itself."""
    try:
        return read()
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return otherwise


def _name(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return shown(str(common[0].value) if common else name.rfc4514_string(), _LONGEST)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    told = (*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress)))
    return tuple(shown(one, _LONGEST) for one in told[:_NAMES])


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
