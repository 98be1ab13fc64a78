"""What is done with archives that processes died of."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from indexer.archive.quarantine import MOST_DEATHS, Quarantine
from indexer.errors import ArchiveQuarantined

DIGEST, OTHER = "ab" * 32, "cd" * 32
DYING = """
import os, signal, sys
from pathlib import Path
from indexer.archive.quarantine import Quarantine
with Quarantine(Path(sys.argv[1])).reading(sys.argv[2]):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def die_of(folder: Path, digest: str) -> None:
    """A process reads it, and is killed meanwhile."""
    subprocess.run([sys.executable, "-c", DYING, str(folder), digest], check=False)


def is_read(folder: Path, digest: str) -> bool:
    try:
        with Quarantine(folder).reading(digest):
            return True
    except ArchiveQuarantined:
        return False


def test_M6_what_two_processes_died_of_is_read_no_more_and_all_else_is(tmp_path: Path) -> None:
    for _ in range(MOST_DEATHS):
        die_of(tmp_path, DIGEST)
    assert not is_read(tmp_path, DIGEST)
    assert is_read(tmp_path, OTHER)


def test_M6_what_was_read_after_a_death_was_not_its_cause(tmp_path: Path) -> None:
    die_of(tmp_path, DIGEST)
    assert is_read(tmp_path, DIGEST)
    die_of(tmp_path, DIGEST)
    assert is_read(tmp_path, DIGEST)


def test_M6_what_processes_died_of_is_tried_again_after_a_week(tmp_path: Path) -> None:
    for _ in range(MOST_DEATHS):
        die_of(tmp_path, DIGEST)
    week_ago = time.time() - 8 * 86400
    for mark in tmp_path.iterdir():
        os.utime(mark, (week_ago, week_ago))
    assert is_read(tmp_path, DIGEST)


def test_what_is_being_read_elsewhere_is_no_death_and_what_is_refused_none_either(tmp_path: Path) -> None:
    with Quarantine(tmp_path).reading(DIGEST), Quarantine(tmp_path).reading(DIGEST):
        assert is_read(tmp_path, DIGEST)
    for _ in range(MOST_DEATHS):
        with pytest.raises(ValueError), Quarantine(tmp_path).reading(DIGEST):
            raise ValueError
    assert is_read(tmp_path, DIGEST)
    assert list(tmp_path.iterdir()) == []
