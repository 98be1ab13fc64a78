"""values.yaml as a reader sees it."""

import re
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_web.yaml_text import find, highlight
from indexer.yaml_lines import MAX_LINES, lines_of, read_lines

VALUES = """\
# how many
replicas: 1 # of them
server:
  image:
    tag: "1.2 # not a comment"
  args:
    - name: first
      on: true
script: |
  echo: this is text
  # this as well
after: null
"""


def shown(text: str) -> list[str]:
    return [unescape(re.sub(r"<[^>]*>", "", str(line))) for line in highlight(text)]


def test_nothing_of_the_text_is_lost_or_moved() -> None:
    assert shown(VALUES) == VALUES.splitlines()


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200))
def test_G4_whatever_the_text_is_it_comes_out_as_it_went_in(text: str) -> None:
    assert shown(text) == lines_of(text)
    assert "<script" not in "".join(map(str, highlight(f"{text}<script>{text}")))


def test_keys_values_and_comments_are_told_apart() -> None:
    lines = list(map(str, highlight(VALUES)))
    assert '<span class="y-k">replicas</span>' in lines[1]
    assert '<span class="y-n"> 1</span><span class="y-c"> # of them</span>' in lines[1]
    assert "not a comment&#34;</span>" in lines[4]
    assert '<span class="y-s">  # this as well</span>' in lines[10]


def test_each_line_knows_the_keys_above_it() -> None:
    paths = {line.number: ".".join(line.path) for line in read_lines(VALUES)}
    assert (paths[5], paths[8], paths[10], paths[12]) == ("server.image.tag", "server.args.on", "script", "after")


def test_a_search_finds_text_and_paths_whatever_the_case() -> None:
    assert [one.number for one in find(VALUES, "COMMENT")] == [5]
    assert [(one.number, one.path) for one in find(VALUES, "image.tag")] == [(5, "server.image.tag")]
    assert find(VALUES, "  ") == []


def test_a_hit_tells_which_part_was_searched_for() -> None:
    assert find(VALUES, "plic")[0].parts == (("re", False), ("plic", True), ("as: 1 # of them", False))


def test_a_huge_text_is_cut_and_a_huge_line_is_left_plain() -> None:
    assert len(highlight("a: 1\n" * (MAX_LINES + 10))) == MAX_LINES
    assert str(highlight("a: " + "b" * 10_000)[0]) == "a: " + "b" * 10_000


def test_hostile_lines_take_no_more_than_their_length() -> None:
    for line in ("a:" * 900, "- " * 1000, '"\\' * 900, "a:b" * 600, " " * 2000, "'" * 1999):
        assert shown(f"{line}\n" * 20) == [line] * 20
