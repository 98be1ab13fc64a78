"""The cache of archives: what is there is whole."""

import os
import time
from hashlib import sha256

import pytest

from indexer.archive import ArchiveCache

DIGEST = sha256(b"archive").hexdigest()
OTHER = sha256(b"another one").hexdigest()


def age(path, seconds=3700):
    os.utime(path, (time.time() - seconds,) * 2)


def put(cache, data=b"archive"):
    with cache.temp() as temp:
        temp.write_bytes(data)
        return cache.put(temp, sha256(data).hexdigest())


def test_an_archive_is_found_again_by_its_digest(tmp_path):
    cache = ArchiveCache(tmp_path / "archives")
    where = put(cache)
    assert cache.path(DIGEST) == where
    assert where.relative_to(tmp_path / "archives").as_posix() == f"{DIGEST[:2]}/{DIGEST}.tgz"
    assert where.read_bytes() == b"archive"


def test_another_run_finds_it_as_well(tmp_path):
    put(ArchiveCache(tmp_path))
    assert ArchiveCache(tmp_path).path(DIGEST) is not None


@pytest.mark.parametrize("again", [b"somebody's", b"another"])
def test_N5_what_somebody_else_wrote_in_its_place_is_absent_until_it_is_fetched_again(tmp_path, again):
    cache = ArchiveCache(tmp_path)
    where = put(cache)
    assert cache.path(DIGEST) == where
    times = where.stat()
    where.write_bytes(again)
    os.utime(where, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert cache.path(DIGEST) is None
    assert ArchiveCache(tmp_path).path(DIGEST) is None
    put(cache)
    assert cache.path(DIGEST) == where


def test_what_was_never_put_is_absent(tmp_path):
    assert ArchiveCache(tmp_path).path(DIGEST) is None


def test_putting_it_twice_is_putting_it_once(tmp_path):
    cache = ArchiveCache(tmp_path)
    assert put(cache) == put(cache)
    assert cache.path(DIGEST).read_bytes() == b"archive"


def test_archives_that_nobody_names_are_removed_and_removing_again_is_no_error(tmp_path):
    cache = ArchiveCache(tmp_path)
    for data in (b"archive", b"another one"):
        age(put(cache, data))
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


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", DIGEST.upper(), "sha256:" + "0" * 64, DIGEST + "\n"])
def test_foreign_text_never_becomes_a_path(tmp_path, digest):
    cache = ArchiveCache(tmp_path)
    with pytest.raises(ValueError, match="not a SHA-256"):
        cache.path(digest)


def archive(number):
    """A hundred bytes."""
    return f"{number:0100}".encode()


def digest_of(number):
    return sha256(archive(number)).hexdigest()


def put_some(cache, count):
    """Archives 0, 1, …, the first of which was used the longest time ago."""
    for number in range(count):
        age(put(cache, archive(number)), 7200 + count - number)


def kept(cache, count):
    return [number for number in range(count) if cache.path(digest_of(number)) is not None]


def test_the_archives_that_were_not_used_for_the_longest_time_leave_first(tmp_path):
    cache = ArchiveCache(tmp_path, limit=1000)
    put_some(cache, 12)
    assert cache.path(digest_of(0)) is not None  # somebody downloads it now
    assert cache.bound(tuple) == 3
    assert kept(cache, 12) == [0, 4, 5, 6, 7, 8, 9, 10, 11]


def test_no_archive_leaves_while_there_is_room(tmp_path):
    cache = ArchiveCache(tmp_path, limit=1000)
    put_some(cache, 10)
    assert cache.bound(tuple) == 0
    assert kept(cache, 10) == list(range(10))


def test_an_archive_that_is_needed_stays_however_old_it_is(tmp_path):
    cache = ArchiveCache(tmp_path, limit=1000)
    put_some(cache, 12)
    assert cache.bound(lambda: {digest_of(0), digest_of(2)}) == 3
    assert kept(cache, 12) == [0, 2, *range(5, 12)]


def test_archives_that_are_all_needed_stay_over_the_limit(tmp_path):
    cache = ArchiveCache(tmp_path, limit=150)
    put_some(cache, 3)
    assert cache.bound(lambda: {digest_of(number) for number in range(3)}) == 0


def test_nobody_is_asked_what_is_needed_while_it_is_known_that_there_is_room(tmp_path):
    cache = ArchiveCache(tmp_path, limit=10_000)
    put_some(cache, 2)
    asked = []
    for _ in range(3):
        cache.bound(lambda: asked.append("asked") or ())
    assert asked == ["asked"]


def test_what_another_process_put_is_counted_as_well(tmp_path):
    ours, theirs = ArchiveCache(tmp_path, limit=1000), ArchiveCache(tmp_path, limit=1000)
    ours.bound(tuple)
    put_some(theirs, 12)
    put(ours, archive(12))
    assert ours.bound(tuple) == 4
