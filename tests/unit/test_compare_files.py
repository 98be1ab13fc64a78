"""Templates and CRDs of two versions as diffs."""

from collections.abc import Mapping

import pytest
from compared import files as made
from hypothesis import given
from hypothesis import strategies as st

from indexer.compare.files import MAX_FILES, MAX_LINES, MAX_SHOWN, compare_files
from indexer.compare.lines import Effort
from indexer.compare.result import FilesComparison

BODY = "".join(f"line {number}\n" for number in range(10))


def files(old: Mapping[str, str], new: Mapping[str, str]) -> FilesComparison:
    return compare_files(made(old), made(new), Effort())


def told(old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str, str, str, int, int]]:
    return [(one.kind, one.old_path, one.path, one.added, one.removed) for one in files(old, new).changes]


def test_files_come_go_and_change() -> None:
    old = {"a.yaml": "x\n", "b.yaml": "x\ny\n", "c.yaml": "same\n"}
    assert told(old, {"b.yaml": "x\nz\n", "c.yaml": "same\n", "d.yaml": "new\nfile\n"}) == [
        ("removed", "", "a.yaml", 0, 1),
        ("changed", "", "b.yaml", 1, 1),
        ("added", "", "d.yaml", 2, 0),
    ]


def test_a_file_that_was_moved_is_told_as_renamed_with_what_changed_in_it() -> None:
    assert told({"a.yaml": BODY}, {"server/a.yaml": BODY}) == [("renamed", "a.yaml", "server/a.yaml", 0, 0)]
    assert told({"a.yaml": BODY}, {"b.yaml": BODY.replace("line 3", "other")}) == [
        ("renamed", "a.yaml", "b.yaml", 1, 1)
    ]


def test_files_that_are_alike_by_chance_are_not_renamed() -> None:
    assert [kind for kind, *_ in told({"a.yaml": "x\ny\n"}, {"b.yaml": "x\ny\nz\n"})] == ["removed", "added"]
    twice = {"b.yaml": BODY, "c.yaml": BODY}
    assert [kind for kind, *_ in told({"a.yaml": BODY}, twice)] == ["removed", "added", "added"]


def test_a_file_whose_line_ends_alone_changed_is_told_without_a_difference() -> None:
    assert told({"a": "x\r\ny\r\n"}, {"a": "x\ny\n"}) == [("changed", "", "a", 0, 0)]


@pytest.mark.parametrize("text", ["line\n" * (MAX_LINES + 1), "x" * (2 * 1024 * 1024 + 1)])
def test_a_file_that_is_too_large_is_named_and_not_compared(text: str) -> None:
    (one,) = files({"a": text}, {"a": text + "more\n"}).changes
    assert one.cut
    assert one.hunks == ()


def test_no_more_is_shown_than_a_page_can_hold() -> None:
    old = {f"{number}.yaml": f"{number}\n" * 200 for number in range(MAX_FILES + 20)}
    new = {path: text.replace("\n", "x\n") for path, text in old.items()}
    found = files(old, new)
    assert (len(found.changes), found.left_out) == (MAX_FILES, 20)
    shown = sum(len(hunk.lines) for one in found.changes for hunk in one.hunks)
    assert 0 < shown <= MAX_SHOWN
    assert found.changes[-1].cut


TEXTS = st.sampled_from(["", "x\n", BODY, BODY.replace("line 3", "other"), BODY * 2])
FOLDERS = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), TEXTS)
SWAPPED = {"added": "removed", "removed": "added"}


@given(FOLDERS, FOLDERS)
def test_what_is_added_one_way_is_removed_the_other_way(old: Mapping[str, str], new: Mapping[str, str]) -> None:
    forth = {(one.kind, one.old_path or one.path, one.path) for one in files(old, new).changes}
    back = {(SWAPPED.get(one.kind, one.kind), one.path, one.old_path or one.path) for one in files(new, old).changes}
    assert forth == back
    assert files(old, old).changes == ()
