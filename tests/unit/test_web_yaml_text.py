"""values.yaml as a reader sees it."""

import re
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_web.yaml_text import MAX_CHARACTERS, highlight, html, plain
from indexer.yaml_lines import MAX_LINES, Line, dotted, lines_of, read_lines

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


@settings(max_examples=300)
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
    paths = {line.number: dotted(line.path) for line in read_lines(VALUES)}
    assert (paths[5], paths[8], paths[10], paths[12]) == ("server.image.tag", "server.args[0].on", "script", "after")


def test_places_in_lists_are_counted_however_the_dashes_are_indented() -> None:
    text = "a:\n- x: 1\n  y: 2\n- x: 3\nb:\n  - - one\n    - two\n  - c: |\n      d: text\n    e: 1\nf: {}\n"
    paths = [dotted(line.path) for line in read_lines(text)]
    expected = ["a", "a[0].x", "a[0].y", "a[1].x", "b", "b[0][0]", "b[0][1]", "b[1].c", "b[1].c", "b[1].e", "f"]
    assert paths == expected


def test_a_dot_inside_a_key_is_told_from_one_between_keys() -> None:
    assert dotted(("nodeSelector", "kubernetes.io/os", "[0]", "x")) == "nodeSelector.kubernetes\\.io/os[0].x"
    assert dotted(("ingress", "nginx.io/x", "a\\b", "[x]")) == r"ingress.nginx\.io/x.a\\b.[x]"


def test_a_line_knows_its_keys_without_the_places_in_lists() -> None:
    assert list(read_lines("a:\n- b: 1\n"))[1].keys == ("a", "b")


def test_a_listing_may_begin_at_any_line() -> None:
    assert list(map(str, plain("a\nb\nc\n", 2))) == ["b", "c"]
    assert highlight("a: 1\n" * 3, 9) == []


def test_a_key_may_be_a_link_to_itself() -> None:
    line = Line(1, "a: 1", ("a",), in_block=False, value="1")
    assert str(html(line, 'values-"<')).startswith('<a class="y-k" id="values-&#34;&lt;" href="#values-%22%3C">a</a>:')


def test_F10_what_cannot_be_seen_is_marked_and_turns_nothing_round() -> None:
    shown_line = str(highlight("user: \u202eadmin\u200b\n")[0])
    assert '<bdi class="unseen" data-code="U+202E">\u202e</bdi>admin' in shown_line
    assert 'data-code="U+200B"' in shown_line
    assert "unseen" not in str(highlight("名字: 监控 \u200d\n")[0])


def test_G4_one_line_of_megabytes_is_cut() -> None:
    line = str(highlight("a: " + "b" * (2 * MAX_CHARACTERS))[0])
    assert len(line) == MAX_CHARACTERS + 1


def test_a_huge_text_is_cut_and_a_huge_line_is_left_plain() -> None:
    assert len(highlight("a: 1\n" * (MAX_LINES + 10))) == MAX_LINES
    assert str(highlight("a: " + "b" * 10_000)[0]) == "a: " + "b" * 10_000


def test_hostile_lines_take_no_more_than_their_length() -> None:
    for line in ("a:" * 900, "- " * 1000, '"\\' * 900, "a:b" * 600, " " * 2000, "'" * 1999):
        assert shown(f"{line}\n" * 20) == [line] * 20
