"""gzip, unpacked piece by piece."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.http import Gunzip, GzipBroken, GzipCut


def unpack(data: bytes, step: int = 4096) -> bytes:
    gunzip = Gunzip()
    out = b"".join(piece for at in range(0, len(data), step) for piece in gunzip.feed(data[at : at + step]))
    gunzip.finish()
    return out


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=3), st.integers(1, 500))
@settings(max_examples=60)
def test_it_unpacks_members_in_blocks_of_any_size(bodies: list[bytes], step: int) -> None:
    assert unpack(b"".join(gzip.compress(body) for body in bodies), step) == b"".join(bodies)


@given(st.binary(min_size=1, max_size=500), st.data())
@settings(max_examples=60)
def test_C5_a_cut_stream_is_never_taken_for_a_whole_one(body: bytes, data: st.DataObject) -> None:
    packed = gzip.compress(body)
    with pytest.raises(GzipCut):
        unpack(packed[: data.draw(st.integers(1, len(packed) - 1))])


def test_C6_a_bomb_comes_in_small_pieces() -> None:
    gunzip = Gunzip()
    pieces = gunzip.feed(gzip.compress(bytes(20_000_000)))
    assert all(len(next(pieces)) <= 64 * 1024 for _ in range(10))


def test_C6_members_without_end_are_refused() -> None:
    with pytest.raises(GzipBroken, match="members"):
        unpack(gzip.compress(b"") * 10_001)


@pytest.mark.parametrize(
    "data", [b"<html>", gzip.compress(b"x" * 100, mtime=0) + b"junk", gzip.compress(b"x" * 100, mtime=0)[:-1] + b"\xff"]
)
def test_junk_and_a_wrong_checksum_are_refused(data: bytes) -> None:
    with pytest.raises(GzipBroken):
        unpack(data)


def test_no_bytes_are_an_empty_body() -> None:
    assert unpack(b"") == b""
