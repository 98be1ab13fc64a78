"""Where the bytes of a picture come from."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import BadUrl
from indexer.model import Source
from indexer.pictures.kinds import media_type
from indexer.pictures.memory import LONGEST, Memory, Outcome
from indexer.pictures.reading import address_of, in_address, in_folder
from indexer.pictures.wanted import ICON, README, PictureRefused, Wanted
from indexer.signing import Signer
from tests.pictures import raster, svg

PNG = raster(size=(2, 2))


def test_F7_only_a_small_file_inside_the_folder_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "charts"
    (folder / "icons").mkdir(parents=True)
    (folder / "icons" / "a.png").write_bytes(PNG)
    (folder / "big.png").write_bytes(PNG + b"\0" * ICON.most_bytes)
    (tmp_path / "secret.png").write_bytes(PNG)
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    assert in_folder(folder, "icons/a.png", ICON.most_bytes) == PNG
    for path in ("", "../secret.png", str(tmp_path / "secret.png"), "link.png", "big.png", "icons", "a\0b", "nosuch"):
        with pytest.raises(PictureRefused):
            in_folder(folder, path, ICON.most_bytes)


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("data:image/png;base64,aGVsbG8=", b"hello"),
        ("data:image/png;charset=x;BASE64,aGVs%0AbG8%3D", b"hello"),
        ("data:image/svg+xml,%3Csvg%3E", b"<svg>"),
        ("data:,", b""),
    ],
)
def test_an_address_that_holds_its_bytes_gives_them(address: str, body: bytes) -> None:
    assert in_address(address, 100) == body


@pytest.mark.parametrize(
    "address", ["data:image/png;base64", "data:;base64,a", "data:," + "x" * 101, "data:," + "x" * 999]
)
def test_F8_an_address_that_holds_no_bytes_or_too_many_is_refused(address: str) -> None:
    with pytest.raises(PictureRefused):
        in_address(address, 100)


@given(st.text())
def test_whatever_stands_behind_data_it_is_bounded(text: str) -> None:
    try:
        assert len(in_address(f"data:{text}", 20)) <= 20
    except PictureRefused:
        return


def test_a_relative_address_is_meant_as_those_of_archives_are() -> None:
    index = Source("shop", "https://charts.example.org/stable?token=x")
    assert address_of(index, "logo.png") == "https://charts.example.org/stable/logo.png?token=x"
    assert address_of(index, "https://example.com/logo.png") == "https://example.com/logo.png"
    with pytest.raises(BadUrl):
        address_of(Source("reg", "oci://charts.example.org/stable", kind="oci"), "logo.png")


def test_each_source_has_pictures_of_its_own() -> None:
    address = "https://example.com/logo.png"
    wanted = [Wanted(Source(name, "https://charts.example.org"), address) for name in ("a", "b")]
    assert len({*(one.key for one in wanted), Wanted(wanted[0].source, address, README).key}) == 3


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (PNG, "image/png"),
        (raster("JPEG"), "image/jpeg"),
        (svg(), "image/svg+xml"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- by hand -->\n<svg>', "image/svg+xml"),
        *(
            (one, None)
            for one in (b"", b"<html><svg>", b"<!DOCTYPE svg><svg>", b"<svgx>", b"MZ", b"GIF89a", b"x" + PNG)
        ),
    ],
)
def test_F8_the_type_that_is_sent_follows_from_the_first_bytes(start: bytes, kind: str | None) -> None:
    assert media_type(start) == kind


def test_an_outcome_that_cannot_be_read_counts_as_never_tried(tmp_path: Path) -> None:
    memory = Memory(tmp_path, Signer(b"key"))
    memory.put("ab" * 32, Outcome().had("x", 60))
    assert memory.get("ab" * 32).picture == "x"
    for spoilt in (b"", b"[]", b"\xff", b'{"other": 1}'):
        (tmp_path / "addresses" / "ab" / ("ab" * 32)).write_bytes(spoilt)
        assert memory.get("ab" * 32) == Outcome()


def test_an_outcome_is_due_after_its_time_and_when_the_clock_was_put_back() -> None:
    assert Outcome().is_due
    assert not Outcome().had("x", 60).is_due
    assert not Outcome().failed().is_due
    assert Outcome("x", 0, 1e12).is_due
    assert Outcome().had("x", LONGEST - 1).failed().picture == "x"
