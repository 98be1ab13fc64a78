"""The cache of archives: what is there is whole."""

import os
import time

import pytest

from indexer.archive import ArchiveCache

DIGEST = "ab" + "0" * 62
OTHER = "cd" + "0" * 62


def age(path, seconds=3700):
    os.utime(path, (time.time() - seconds,) * 2)


def put(cache, data=b"archive", digest=DIGEST):
    with cache.temp() as temp:
        temp.write_bytes(data)
        return cache.put(temp, digest)


def test_an_archive_is_found_again_by_its_digest(tmp_path):
    cache = ArchiveCache(tmp_path / "archives")
    where = put(cache)
    assert cache.path(DIGEST) == where
    assert where.relative_to(tmp_path / "archives").as_posix() == f"ab/{DIGEST}.tgz"
    assert where.read_bytes() == b"archive"


def test_another_run_finds_it_as_well(tmp_path):
    put(ArchiveCache(tmp_path))
    assert ArchiveCache(tmp_path).path(DIGEST) is not None


def test_what_was_never_put_is_absent(tmp_path):
    assert ArchiveCache(tmp_path).path(DIGEST) is None


def test_putting_it_twice_is_putting_it_once(tmp_path):
    cache = ArchiveCache(tmp_path)
    assert put(cache) == put(cache)
    assert cache.path(DIGEST).read_bytes() == b"archive"


def test_archives_that_nobody_names_are_removed_and_removing_again_is_no_error(tmp_path):
    cache = ArchiveCache(tmp_path)
    for digest in (DIGEST, OTHER):
        age(put(cache, digest=digest))
    assert cache.keep({OTHER}) == 1
    assert cache.keep({OTHER}) == 0
    assert cache.path(DIGEST) is None
    assert cache.path(OTHER) is not None


def test_an_archive_put_just_now_stays_though_nobody_names_it_yet(tmp_path):
    cache = ArchiveCache(tmp_path)
    age(put(cache))
    put(cache)
    assert cache.keep(()) == 0
    assert cache.path(DIGEST) is not None


def test_a_download_that_fails_leaves_nothing(tmp_path):
    cache = ArchiveCache(tmp_path)
    with pytest.raises(ConnectionError), cache.temp() as temp:
        temp.write_bytes(b"half")
        raise ConnectionError
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_left_over_downloads_go_at_the_start_and_running_ones_stay(tmp_path):
    ArchiveCache(tmp_path)
    old, young = tmp_path / "tmp" / "old.part", tmp_path / "tmp" / "young.part"
    old.write_bytes(b"x")
    young.write_bytes(b"x")
    two_hours_ago = time.time() - 7200
    os.utime(old, (two_hours_ago, two_hours_ago))
    ArchiveCache(tmp_path)
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "AB" + "0" * 62, "sha256:" + "0" * 64, DIGEST + "\n"])
def test_foreign_text_never_becomes_a_path(tmp_path, digest):
    cache = ArchiveCache(tmp_path)
    with pytest.raises(ValueError, match="not a SHA-256"):
        cache.path(digest)
