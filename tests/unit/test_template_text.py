"""Templates as a reader sees them: YAML and actions told apart, values and named templates linked."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_web.template_text import Define, Link, defines, find, highlight
from indexer.model import ArchiveFile
from indexer.yaml_lines import lines_of

TEXT = """\
{{- /* a comment
over two lines */ -}}
{{- define "demo.name" -}}{{ .Chart.Name }}{{- end }}
kind: Deployment # {{ .Values.note }}
name: {{ include "demo.name" . | quote }}
{{- if and $.Values.image.tag (eq .Values.mode "a}}b") }}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
{{- end }}
data: {{ `{{ raw }}` }}
"""


def link(path: str) -> Link | None:
    return None if path.startswith("nope") else Link(f"/v?{path}", f"default of {path}")


def template(name: str) -> Link | None:
    return Link("/t#L3", "file:3") if name == "demo.name" else None


def html(text: str) -> list[str]:
    return list(map(str, highlight(text, link, template)))


def test_prose_has_links_in_its_actions_and_no_keys() -> None:
    (line,) = map(str, highlight('Visit: {{ include "demo.name" . }}<b>', link, template, prose=True))
    assert line.startswith("Visit: ")
    assert 'href="/t#L3"' in line
    assert line.endswith("&lt;b&gt;")


def plain(text: str) -> list[str]:
    return [unescape(re.sub(r"<[^>]*>", "", line)) for line in html(text)]


def test_nothing_of_the_text_is_lost_or_moved() -> None:
    assert plain(TEXT) == TEXT.splitlines()


def test_a_value_leads_to_its_default_which_is_its_title() -> None:
    line = html(TEXT)[6]
    assert (
        '<a class="t-v" href="/v?image.repository" title="default of image.repository">.Values.image.repository</a>'
        in line
    )
    assert 'href="/v?image.tag"' in html(TEXT)[5]


def test_a_value_that_is_not_known_is_no_link() -> None:
    assert "<a" not in html("{{ .Values.nope.x }}")[0]


def test_an_include_leads_to_the_definition_and_the_definition_to_nothing() -> None:
    assert '<a class="y-s" href="/t#L3" title="file:3">&#34;demo.name&#34;</a>' in html(TEXT)[4]
    assert "<a" not in html(TEXT)[2]


def test_yaml_around_the_actions_keeps_its_colours() -> None:
    lines = html(TEXT)
    assert '<span class="y-k">kind</span>' in lines[3]
    assert '<span class="y-c"> # <span class="t-a">' in lines[3]


def test_a_comment_over_several_lines_is_one() -> None:
    assert all('class="y-c"' in line for line in html(TEXT)[:2])


def test_a_string_may_hold_the_end_of_an_action() -> None:
    assert "a}}b" in plain(TEXT)[5]
    assert html("{{ `{{ raw }}` }}x")[0].endswith("</span>x</span>")


def test_definitions_are_found_with_their_line_and_the_last_one_counts() -> None:
    files = [
        ArchiveFile("templates/_a.tpl", 'x\n{{- define "one" }}\n{{ block `two` . }}'),
        ArchiveFile("b", '{{define "one"}}'),
    ]
    assert defines(files) == {"one": Define("b", 1), "two": Define("templates/_a.tpl", 3)}


def test_a_search_goes_over_all_files_whatever_the_case() -> None:
    files = [ArchiveFile("a", "one\ntwo IMAGE\n"), ArchiveFile("b", "image")]
    found = [(one.file, one.line, one.parts) for one in find(files, "image")]
    assert found == [
        ("a", 2, (("two ", False), ("IMAGE", True), ("", False))),
        ("b", 1, (("", False), ("image", True), ("", False))),
    ]
    assert find(files, " ") == []
    assert len(find([ArchiveFile("a", "x\n" * 500)], "x")) == 200


def test_a_listing_may_begin_at_any_line() -> None:
    rest = highlight(TEXT, link, template, 7)
    assert list(map(str, rest)) == html(TEXT)[6:]


@settings(max_examples=400)
@given(
    st.lists(
        st.sampled_from(
            [
                "{{",
                "}}",
                "-",
                '"',
                "`",
                "\\",
                "\n",
                " ",
                "/*",
                "*/",
                ".Values.a",
                "a: ",
                "#",
                "<b>",
                "\r\n",
                'include "x"',
                "\u202e",
                "é",
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_whatever_the_text_is_it_comes_out_as_it_went_in(text: str) -> None:
    assert plain(text) == lines_of(text)
    assert "<b>" not in "".join(html(text))


HOSTILE = [
    "{{" * 200_000 + '"',
    "{{" + '\\"' * 200_000,
    ("{{" + '\\"' * 990 + "\n") * 400,
    "{{ `" * 100_000,
    "{{/*" + "*/ " * 100_000,
    '{{ include "' * 50_000,
    "{{ $" + ".a" * 200_000,
    "{{" + " " * 500_000,
    ("{{ " + "include " * 240 + "\n") * 200,
    "{{ define" * 100_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=[text[:12] for text in HOSTILE])
def test_G4_hostile_templates_take_time_in_proportion_to_their_length(text: str) -> None:
    highlight(text, link, template)
    defines([ArchiveFile("a", text)])
