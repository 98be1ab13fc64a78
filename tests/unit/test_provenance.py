"""Provenance files: "verified" is said of nothing but an archive that a key of the keyring signed."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysequoia import Cert, SignatureMode, Tsk, encrypt, sign

from indexer.config import load
from indexer.errors import ConfigError, fill
from indexer.keyring import Keyring, KeyringUnusable, key_names, load_keyring, read_keyring
from indexer.model import Signature
from indexer.provenance import check, is_provenance
from tests.command import write_config
from tests.signing import ALICE, keyring, provenance

ARCHIVE = b"an archive"
DIGEST = sha256(ARCHIVE).hexdigest()
NAME = "redis-2.0.0.tgz"
KEY = Tsk.generate(ALICE)
CERT = KEY.extract_certificate()
OTHER = Tsk.generate("Mallory <mallory@example.net>")
RING = Keyring((OTHER.extract_certificate(), CERT))
GOOD = provenance(KEY, {NAME: ARCHIVE}).decode()


def checked(
    text: str = GOOD, ring: Keyring | None = RING, digest: str = DIGEST, names: tuple[str, ...] = (NAME,)
) -> Signature:
    return check(text, names, digest, ring)


def reason(one: Signature) -> str:
    return fill(one.fault["text"], one.fault["params"]) if one.fault else ""


def test_an_archive_that_a_key_of_the_keyring_signed_is_verified() -> None:
    assert checked() == Signature("verified", ALICE, CERT.fingerprint)


def test_without_a_keyring_a_signature_is_only_there() -> None:
    assert checked(ring=None) == Signature("present")


def test_a_signature_by_a_key_that_nobody_named_is_not_valid_and_the_key_is_told() -> None:
    told = checked(ring=Keyring((OTHER.extract_certificate(),)))
    assert told.state == "bad"
    assert "which is not in the keyring" in reason(told)
    assert any(key[-16:].upper() in reason(told) for key in key_names(CERT))


@pytest.mark.parametrize("old, new", [("redis", "nginx"), (DIGEST, "0" * 64), ("2.0.0", "2.0.1")])
def test_a_text_that_was_changed_after_it_was_signed_is_not_valid(old: str, new: str) -> None:
    told = checked(GOOD.replace(old, new))
    assert (told.state, told.signer) == ("bad", "")
    assert "does not fit the text" in reason(told)


def test_a_provenance_of_another_archive_is_not_valid() -> None:
    told = checked(digest="f" * 64)
    assert told.state == "bad"
    assert f"of another archive, of the digest {DIGEST}" in reason(told)
    assert "nothing of this archive" in reason(checked(names=("other-1.0.0.tgz",)))


def test_what_stands_outside_of_the_signed_text_counts_for_nothing() -> None:
    forged = f"files:\n  {NAME}: sha256:{'e' * 64}\n"
    for text in (GOOD + forged, GOOD + "\n...\n" + forged):
        assert checked(text, digest="e" * 64).state == "bad"
    unsigned = provenance(OTHER, {NAME: b"evil"}).decode()
    assert checked(unsigned + GOOD, Keyring((CERT,)), digest=sha256(b"evil").hexdigest()).state == "bad"


def test_a_key_that_was_revoked_or_has_expired_is_not_taken() -> None:
    revoked = Cert.from_bytes(bytes(CERT) + bytes(CERT.revoke(KEY.certifier())))
    told = checked(ring=Keyring((revoked,)))
    assert (told.state, "was revoked" in reason(told)) == ("bad", True)
    expired = CERT.set_expiration(datetime.now(UTC) - timedelta(seconds=1), KEY.certifier())
    told = checked(ring=Keyring((expired,)))
    assert (told.state, "has expired" in reason(told)) == ("bad", True)


def test_other_openpgp_messages_are_no_provenance() -> None:
    body = GOOD.partition("\n\n")[2].partition("-----BEGIN PGP SIG")[0].encode()
    detached = sign(KEY.signer(), body, mode=SignatureMode.DETACHED)
    inline = sign(KEY.signer(), body)
    secret = encrypt(recipients=[CERT], bytes=body)
    for text in (detached, inline, secret, b"<html>not found</html>", b"", b"404"):
        assert not is_provenance(text.decode())
    assert is_provenance(GOOD)
    assert is_provenance("\ufeff\n" + GOOD)


def test_a_damaged_provenance_is_told_as_such() -> None:
    told = checked("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nhello\n")
    assert (told.state, "damaged" in reason(told)) == ("bad", True)


def test_digests_are_read_as_helm_and_people_write_them() -> None:
    for line in (
        f"  {NAME}: sha256:{DIGEST.upper()}",
        f'  "{NAME}": "sha256:{DIGEST}"',
        f"\t'{NAME}': 'sha256:{DIGEST}'  ",
    ):
        text = sign(KEY.signer(), f"name: redis\n\n...\nfiles:\n{line}\n".encode(), mode=SignatureMode.CLEAR).decode()
        assert checked(text).state == "verified"


@given(st.integers(0, len(GOOD) - 1), st.text(max_size=3))
def test_no_spoilt_text_is_verified_of_anything_else(at: int, put: str) -> None:
    spoilt = GOOD[:at] + put + GOOD[at + 1 :]
    assert checked(spoilt, digest="a" * 64).state == "bad"


# -- keyrings


@pytest.mark.parametrize("armored", [False, True])
def test_a_keyring_holds_several_keys_in_either_form(tmp_path: Path, armored: bool) -> None:
    file = keyring(tmp_path, CERT, OTHER.extract_certificate(), armored=armored)
    ring = load_keyring(str(file))
    assert {one.fingerprint for one in ring.certs} == {CERT.fingerprint, OTHER.extract_certificate().fingerprint}
    assert checked(ring=ring).state == "verified"


def test_a_keyring_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = keyring(tmp_path, OTHER.extract_certificate())
    assert checked(ring=load_keyring(str(file))).state == "bad"
    keyring(tmp_path, OTHER.extract_certificate(), CERT)
    assert checked(ring=load_keyring(str(file))).state == "verified"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "holds no OpenPGP public key"),
        (b"junk", "something else than OpenPGP public keys"),
        (GOOD.encode(), "something else than OpenPGP public keys"),
        (bytes(CERT)[:100], "something else than OpenPGP public keys"),
        (bytes(KEY), "holds a secret key"),
        (str(KEY).encode(), "holds a secret key"),
        (b"\0\0\0\x20\x01\x01\0\x02KBXf\0\0\0\0", "gpg --export"),
    ],
    ids=["nothing", "junk", "a message", "cut", "a secret key", "an armored secret key", "a keybox"],
)
def test_what_is_no_keyring_is_refused_with_the_reason(data: bytes, told: str) -> None:
    with pytest.raises(KeyringUnusable, match=told):
        read_keyring(data, "keyring.gpg")


def test_a_start_with_an_unusable_keyring_says_so(tmp_path: Path) -> None:
    (tmp_path / "junk").write_text("junk")
    source = {"name": "shop", "url": "https://charts.example.org"}
    for options, sources in (
        ({"keyring": "nosuch"}, []),
        ({"keyring": "junk"}, []),
        ({}, [{**source, "keyring_file": "junk"}]),
        ({}, [{**source, "keyring_file": "nosuch"}]),
    ):
        with pytest.raises(ConfigError, match="keyring"):
            load(write_config(tmp_path, sources, **options), environ={})
    keyring(tmp_path, CERT)
    config = load(
        write_config(tmp_path, [{**source, "keyring_file": "keyring.gpg"}], keyring="keyring.gpg"), environ={}
    )
    assert config.keyring == config.sources[0].keyring_file == str(tmp_path / "keyring.gpg")
