"""What a version's publisher says that changed is found in its annotation, else in its CHANGELOG."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.changelog import ANNOTATION, MAX_CHANGES, ChangeNote, Link, changelog_of, section_of

CHANGELOG = """\
# Changelog

## [Unreleased]
- not yet

## [9.3.0] - 2026-01-02
### Added
- A thing ([#12](https://x.example/12)), **bold**
  continued here
- another `thing`

### Removed
* old key

## v9.2.1 (2026-01-01)
Only a paragraph
over two lines.

And one more.

9.2.0
-----
1. in order

```
## 9.1.0
- not a heading
```

### demo-9.1.0
- of a chart by name

## <small>9.0.3 (2025-12-31)</small>

* [demo] Release 9.0.3
"""


def notes(version: str, changelog: str = CHANGELOG) -> list[tuple[str, str]]:
    return [(one.kind, one.description) for one in changelog_of(version, {}, changelog).notes]


def annotated(text: str) -> tuple[ChangeNote, ...]:
    found = changelog_of("1.0.0", {ANNOTATION: text}, CHANGELOG)
    assert found.origin in ("annotation", "")
    return found.notes


def test_an_annotation_may_be_a_list_of_texts() -> None:
    assert annotated("- Fixed a bug\n- 'Added: a thing'\n- 3\n") == (
        ChangeNote("", "Fixed a bug"),
        ChangeNote("", "Added: a thing"),
        ChangeNote("", "3"),
    )


def test_an_annotation_may_be_a_list_of_mappings_with_kinds_and_links() -> None:
    text = "- kind: Security\n  description: a CVE\n  links:\n  - {name: more, url: 'https://x.example'}\n"
    text += "  - {name: none}\n"
    text += "- kind: unheard\n  description: b\n- description:\n- [x]\n- kind: fixed\n"
    assert annotated(text) == (
        ChangeNote("security", "a CVE", (Link("more", "https://x.example"),)),
        ChangeNote("", "b"),
    )


@pytest.mark.parametrize("text", ["", "a: b", "- [", "just text", "{", "- &a [*a]", "[" * 500])
def test_an_annotation_that_is_no_list_says_nothing(text: str) -> None:
    assert changelog_of("1.0.0", {ANNOTATION: text}, "").notes == ()


def test_the_section_of_a_version_is_found_whatever_its_heading_looks_like() -> None:
    assert notes("9.3.0") == [
        ("added", "A thing (#12), bold continued here"),
        ("added", "another thing"),
        ("removed", "old key"),
    ]
    assert notes("9.2.1") == [("", "Only a paragraph over two lines."), ("", "And one more.")]
    assert notes("v9.2.0") == [("", "in order")]
    assert notes("9.1.0") == [("", "of a chart by name")]
    assert notes("9.0.3") == [("", "[demo] Release 9.0.3")]


def test_links_of_a_changelog_are_told_apart_from_its_text() -> None:
    assert changelog_of("9.3.0", {}, CHANGELOG).notes[0].links == (Link("#12", "https://x.example/12"),)


@pytest.mark.parametrize("version", ["9.3", "3.0", "9.3.0-rc.1", "9.3.00", "", "Unreleased"])
def test_a_version_that_is_not_named_has_no_section(version: str) -> None:
    assert section_of(version, CHANGELOG) == ()


def test_an_annotation_goes_before_a_changelog() -> None:
    assert changelog_of("9.3.0", {ANNOTATION: "- x\n"}, CHANGELOG).origin == "annotation"
    assert changelog_of("9.3.0", {ANNOTATION: "{}"}, CHANGELOG).origin == "changelog"


def test_what_is_too_long_is_cut_and_what_is_too_much_is_counted() -> None:
    found = changelog_of("1.0.0", {ANNOTATION: f"- {'x' * 5_000}\n" * 150}, "")
    assert len(found.notes) == MAX_CHANGES
    assert found.left_out == 50
    assert len(found.notes[0].description) == 1_000


def test_a_section_without_end_is_looked_at_for_five_thousand_lines() -> None:
    found = changelog_of("1.0.0", {}, "## 1.0.0\n" + "- a\n" * 250_000 + "## 0.9.0\n- b\n")
    assert len(found.notes) == 100
    assert found.left_out == 4_900


def test_what_cannot_be_seen_is_taken_out() -> None:
    assert annotated('- "a\u202eb\u200bc\\u001b[31m"\n')[0].description == "abc[31m"


@given(st.text(), st.sampled_from(["1.0.0", "9.3.0", "x"]))
def test_any_text_is_an_annotation_or_a_changelog(text: str, version: str) -> None:
    changelog_of(version, {ANNOTATION: text}, text)


@given(st.text(st.sampled_from("#- \n*`[]()1.=\t"), max_size=80))
def test_any_markdown_is_a_changelog(text: str) -> None:
    changelog_of("1.1.1", {}, f"# 1.1.1\n{text}")
