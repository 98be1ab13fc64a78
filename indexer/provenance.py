"""Helm's provenance files: who signed an archive, and whether that is believed. Pure.

A ``.prov`` is a text of two YAML documents, Chart.yaml and the digests of files, signed in the clear by OpenPGP (RFC
9580, 7); the format is told at https://helm.sh/docs/topics/provenance. Only what the signature proves is looked at:
what stands before or behind the signed text counts for nothing.
"""

import re
from collections.abc import Collection
from datetime import UTC, datetime

from pysequoia import Cert, verify

from indexer.errors import N_, Phrase, phrase
from indexer.keyring import Keyring
from indexer.model import Signature
from indexer.parse.text import label, shown

_HEAD = "-----BEGIN PGP SIGNED MESSAGE-----"
_END_OF_CHART = "\n...\n"
_SUM = re.compile(r"""^[ \t]+["']?([^\s"':]+)["']?:[ \t]+["']?sha256:([0-9A-Fa-f]{64})["']?[ \t]*$""", re.MULTILINE)
_KEY_ID = 16
_EXPIRED = N_("the key {key} has expired")


def is_provenance(text: str) -> bool:
    """Whether ``text`` is a signed text at all; servers answer all sorts of pages for what they do not have."""
    return text.lstrip("\ufeff \t\r\n").startswith(_HEAD)


def check(text: str, names: Collection[str], digest: str, keyring: Keyring | None) -> Signature:
    """What the provenance ``text`` proves of the archive with that SHA-256, which goes by one of the file ``names``."""
    if keyring is None:
        return Signature("present")
    asked: list[str] = []

    def certs(keys: list[str]) -> list[Cert]:
        asked.extend(key.lower() for key in keys)
        return list(keyring.certs)

    try:
        verified = verify(bytes=text.encode("utf-8", "replace"), store=certs)
    except Exception:
        return Signature("bad", fault=_why(asked, keyring))
    owners = [one for signature in verified.valid_sigs if (one := keyring.owner(signature.certificate.lower()))]
    signer = next((one for one in owners if not _has_expired(one)), None)
    if signer is None:
        return Signature("bad", fault=phrase(_EXPIRED, key=_shown_key(asked)))
    fault = _digest_fault((verified.bytes or b"").decode("utf-8", "replace"), names, digest)
    name = label(str(signer.user_ids[0])) if signer.user_ids else ""
    return Signature("bad" if fault else "verified", shown(name, 200), signer.fingerprint.lower(), fault)


def _why(asked: list[str], keyring: Keyring) -> Phrase:
    """Why no signature was taken. ``asked``: the keys that were looked for."""
    if not asked:
        return phrase(N_("the provenance file is damaged"))
    owners = [one for key in asked if (one := keyring.owner(key))]
    if not owners:
        return phrase(N_("it was made with the key {key}, which is not in the keyring"), key=_shown_key(asked))
    if all(map(_has_expired, owners)):
        return phrase(_EXPIRED, key=_shown_key(asked))
    if all(one.is_revoked for one in owners):
        return phrase(N_("the key {key} was revoked"), key=_shown_key(asked))
    return phrase(
        N_("it does not fit the text that it signs, or is of a sort that is not trusted any more (key {key})"),
        key=_shown_key(asked),
    )


def _shown_key(asked: list[str]) -> str:
    """The key id, as GnuPG shows it."""
    return asked[0][-_KEY_ID:].upper() if asked else "?"


def _has_expired(cert: Cert) -> bool:
    """As Helm does, a key that has expired by now is not taken, whenever it signed."""
    return cert.expiration is not None and cert.expiration <= datetime.now(UTC)


def _digest_fault(signed: str, names: Collection[str], digest: str) -> Phrase | None:
    _, end, sums = signed.replace("\r\n", "\n").partition(_END_OF_CHART)
    told = {name: value.lower() for name, value in _SUM.findall(sums)} if end else {}
    mine = next((told[name] for name in names if name in told), None)
    if mine is None:
        return phrase(N_("it says nothing of this archive"))
    if mine != digest:
        return phrase(N_("it is of another archive, of the digest {digest}"), digest=mine)
    return None
