"""Diffs of texts: right for any two texts, and quick for those that are made to be slow."""

from hypothesis import given
from hypothesis import strategies as st

from indexer.compare.lines import CONTEXT, DiffLine, Effort, Hunk, differences

ROWS = st.lists(st.sampled_from(["a", "b", "c", "", "}"]), max_size=40)


def patched(old: list[str], hunks: tuple[Hunk, ...]) -> list[str]:
    """``old`` with the diff carried out; it fails where the diff does not fit."""
    made: list[str] = []
    at = 0
    for hunk in hunks:
        made += old[at : hunk.old_line - 1]
        at = hunk.old_line - 1
        assert len(made) == hunk.new_line - 1
        for sign, text in hunk.lines:
            if sign != "+":
                assert old[at] == text
                at += 1
            if sign != "-":
                made.append(text)
    return made + old[at:]


@given(ROWS, ROWS)
def test_the_diff_makes_the_new_text_of_the_old_one(old: list[str], new: list[str]) -> None:
    hunks = differences(old, new, Effort())
    assert patched(old, hunks) == new
    assert bool(hunks) == (old != new)


@given(ROWS, ROWS, st.integers(0, 500))
def test_the_diff_is_right_also_when_the_effort_runs_out(old: list[str], new: list[str], steps: int) -> None:
    assert patched(old, differences(old, new, Effort(steps))) == new


def test_only_what_changed_is_shown_with_three_lines_around_it() -> None:
    old = [f"line {number}" for number in range(50)]
    new = [*old[:20], "changed", *old[21:45], "one more", *old[45:]]
    first, second = differences(old, new, Effort())
    assert (first.old_line, first.new_line, len(first.lines)) == (18, 18, 2 * CONTEXT + 2)
    assert [one for one in first.lines if one.sign != " "] == [DiffLine("-", "line 20"), DiffLine("+", "changed")]
    assert [one for one in second.lines if one.sign != " "] == [DiffLine("+", "one more")]


def test_a_line_of_a_megabyte_is_cut() -> None:
    (hunk,) = differences(["x" * 1_000_000], ["y"], Effort())
    assert all(len(one.text) <= 1_000 for one in hunk.lines)


def test_texts_that_are_slow_to_compare_are_compared_in_bounded_effort() -> None:
    rows = [f"line {number}" for number in range(20_000)]
    every_second = [row if number % 2 else row + "x" for number, row in enumerate(rows)]
    assert patched(rows, differences(rows, every_second, Effort())) == every_second
    few = [str(number % 90) for number in range(20_000)]
    assert patched(few, differences(few, few[7:] + few[:11], Effort())) == few[7:] + few[:11]
    assert patched(rows, differences(rows, rows[::-1], Effort())) == rows[::-1]
