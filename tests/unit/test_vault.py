"""The vault: what is sealed opens with its key, and with no other."""

import stat
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import SecretKeyUnusable
from indexer.vault import CannotOpen, Vault, parse_keys

OLD, NEW = b"\xff" * 32, bytes(range(32))


def vault(folder: Path, *keys: bytes) -> Vault:
    return Vault(keys, folder / "secret.key")


@given(text=st.text())
def test_what_was_sealed_opens_as_it_was(text: str) -> None:
    one = Vault((OLD,), Path("/nowhere/secret.key"))
    assert one.open(one.seal(text)) == text
    assert one.seal(text) != one.seal(text)


def test_the_first_key_seals_and_all_of_them_open(tmp_path: Path) -> None:
    sealed = vault(tmp_path, OLD).seal("canary")
    both = vault(tmp_path, NEW, OLD)
    assert both.open(sealed) == "canary"
    assert (both.is_current(sealed), both.is_current(both.seal("canary")), both.spare_keys()) == (False, True, 1)
    assert vault(tmp_path, NEW).open(both.seal("canary")) == "canary"


def test_what_a_key_has_signed_is_told_from_what_it_has_not(tmp_path: Path) -> None:
    signature = vault(tmp_path, OLD).sign("row 7")
    assert vault(tmp_path, NEW, OLD).is_signed("row 7", signature)
    assert not vault(tmp_path, NEW).is_signed("row 7", signature)
    for text, said in (("row 8", signature), ("row 7", ""), ("row 7", "é"), ("row 7", signature[:-1])):
        assert not vault(tmp_path, OLD).is_signed(text, said)


@pytest.mark.parametrize("sealed", ["", "plain text", "gAAAAA"])
def test_M7_what_no_key_opens_is_told_apart(tmp_path: Path, sealed: str) -> None:
    for one in (vault(tmp_path, NEW), vault(tmp_path)):
        with pytest.raises(CannotOpen):
            one.open(sealed or vault(tmp_path, OLD).seal("canary"))


def test_without_a_key_one_is_made_that_only_its_owner_reads(tmp_path: Path) -> None:
    one = vault(tmp_path)
    assert not one.own_file.exists()
    sealed = one.seal("canary")
    assert stat.S_IMODE(one.own_file.stat().st_mode) == 0o600
    assert vault(tmp_path).open(sealed) == "canary"
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


def test_a_key_that_another_process_made_meanwhile_is_taken(tmp_path: Path) -> None:
    one, other = vault(tmp_path), vault(tmp_path)
    assert other.open(one.seal("canary")) == "canary"
    assert one.open(other.seal("canary")) == "canary"


def test_the_key_that_was_made_opens_still_after_one_was_configured(tmp_path: Path) -> None:
    sealed = vault(tmp_path).seal("canary")
    later = vault(tmp_path, NEW)
    assert (later.open(sealed), later.is_current(sealed), later.spare_keys()) == ("canary", False, 1)


def test_M7_a_damaged_key_file_is_named_and_stays(tmp_path: Path) -> None:
    one = vault(tmp_path)
    one.own_file.write_text("half a k")
    for ask in (lambda: one.seal("canary"), lambda: one.open("x"), one.spare_keys):
        with pytest.raises(SecretKeyUnusable, match=r"secret\.key"):
            ask()
    assert one.own_file.read_text() == "half a k"


def test_a_folder_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(SecretKeyUnusable, match="no such file"):
        vault(tmp_path / "absent").seal("canary")


def test_keys_are_32_bytes_in_either_base64() -> None:
    text = f" {b64encode(OLD).decode()}\n{urlsafe_b64encode(OLD).decode().rstrip('=')}\t{b64encode(NEW).decode()} "
    assert parse_keys(text) == (OLD, OLD, NEW)
    assert parse_keys(" \n") == ()


@pytest.mark.parametrize("word", ["canary", "A" * 44, "!" * 43, "é" * 43, b64encode(OLD[:31]).decode()])
def test_M7_what_is_no_key_is_refused_without_showing_it(word: str) -> None:
    with pytest.raises(ValueError, match="key 2 is not 32 bytes") as caught:
        parse_keys(f"{b64encode(NEW).decode()} {word}")
    assert word not in str(caught.value)
