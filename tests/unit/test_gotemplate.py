"""Templates worked out with what is known: as Helm writes them, with marks where only a cluster would know."""

import re
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.gotemplate import (
    MAYBE,
    MAYBE_END,
    UNKNOWN,
    UNKNOWN_TEXT,
    Evaluator,
    Exhausted,
    Library,
    TemplateFault,
)
from indexer.gotemplate.functions import FUNCTIONS

VALUES = {
    "name": "demo",
    "image": {"repository": "a/b", "tag": 1.1, "empty": ""},
    "list": ["x", "y"],
    "map": {"b": 2, "a": 1},
    "yes": True,
    "no": False,
    "none": None,
    "number": 7,
    "big": 20200101,
}
ROOT = {"Values": VALUES, "Chart": {"AppVersion": "1.2.3"}, "Capabilities": UNKNOWN}


def write(text, steps=100_000, **files):
    others = [(f"templates/{name}.tpl", one) for name, one in files.items()]
    return Evaluator(Library([*others, ("templates/a.yaml", text)]), steps).render("templates/a.yaml", ROOT)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a: {{ .Values.name }}", "a: demo"),
        ("{{ .Values.image.repository }}:{{ .Values.image.tag }}", "a/b:1.1"),
        ("{{ .Values.none }}{{ .Values.gone }}{{ .Values.gone.deeper }}", ""),
        ("{{ .Values.big }} {{ .Values.yes }} {{ 1.50 }} {{ -3 }} {{ 0x10 }} {{ 'a' }}", "20200101 true 1.5 -3 16 97"),
        ("{{ $.Chart.AppVersion }}", "1.2.3"),
        ("a\n  {{- /* gone */ -}}\n  b", "ab"),
        ("a {{- `  b ` -}} c", "a  b c"),
        ("x {{- 3 }}", "x3"),
        ("x {{-3}}", "x -3"),
        ('{{ "a\\tb\\"\\u00e9\\x41\\101" }}', 'a\tb"éAA'),
        ("{{ if .Values.yes }}a{{ else }}b{{ end }}", "a"),
        ("{{ if .Values.no }}a{{ else if .Values.number }}b{{ else }}c{{ end }}", "b"),
        ("{{ if not .Values.no }}a{{ end }}{{ if and .Values.yes .Values.image.empty }}b{{ end }}", "a"),
        ("{{ with .Values.image }}{{ .repository }}{{ $.Values.name }}{{ end }}", "a/bdemo"),
        ("{{ with .Values.none }}a{{ else }}{{ .Values.name }}{{ end }}", "demo"),
        ("{{ range .Values.list }}[{{ . }}]{{ end }}", "[x][y]"),
        ("{{ range $i, $one := .Values.list }}{{ $i }}{{ $one }}{{ end }}", "0x1y"),
        ("{{ range $key, $one := .Values.map }}{{ $key }}={{ $one }};{{ end }}", "a=1;b=2;"),
        ("{{ range .Values.none }}a{{ else }}b{{ end }}{{ range 3 }}{{ . }}{{ end }}", "b012"),
        ("{{ range .Values.list }}{{ if eq . \"y\" }}{{ break }}{{ end }}{{ . }}{{ end }}", "x"),
        ("{{ range .Values.list }}{{ if eq . \"x\" }}{{ continue }}{{ end }}{{ . }}{{ end }}", "y"),
        ("{{ $a := 1 }}{{ if .Values.yes }}{{ $a = 2 }}{{ end }}{{ $a }}", "2"),
        ("{{ $a := 1 }}{{ if .Values.yes }}{{ $a := 2 }}{{ end }}{{ $a }}", "1"),
        ("{{ (.Values.map).a }}{{ (dict \"k\" (dict \"x\" 5)).k.x }}", "15"),
        ('{{ define "n" }}<{{ . }}>{{ end }}{{ template "n" .Values.name }}{{ include "n" 1 | upper }}', "<demo><1>"),
        ('{{ block "n" .Values.name }}<{{ . }}>{{ end }}', "<demo>"),
        ("{{ tpl \"{{ .Values.name }}-x\" . }}{{ tpl \"plain\" . }}", "demo-xplain"),
        ("{{ fail \"no\" }}", UNKNOWN_TEXT),
    ],
)  # fmt: skip
def test_it_writes_what_go_writes(text, written):
    assert write(text) == written


@pytest.mark.parametrize(
    ("call", "written"),
    [
        ('.Values.image.empty | default .Chart.AppVersion', "1.2.3"),
        ('default "x" .Values.name', "demo"),
        ('coalesce .Values.none "" "z"', "z"),
        ('ternary "a" "b" .Values.yes', "a"),
        ('printf "%s/%v:%d %q 100%%" "r" .Values.name 3 "q"', 'r/demo:3 "q" 100%'),
        ('print "a" 1 2 "b"', "a1 2b"),
        ('cat "a" 1', "a 1"),
        ('quote .Values.name', '"demo"'),
        ('squote "a"', "'a'"),
        ('"abc" | trunc 2', "ab"),
        ('"abc" | trunc -2', "bc"),
        ('trimPrefix "v" "v1" | trimSuffix "1"', ""),
        ('" a " | trim | nindent 2', "\n  a"),
        ('"a\\nb" | indent 1', " a\n b"),
        ('replace "." "-" "1.2"', "1-2"),
        ('join "," .Values.list', "x,y"),
        ('lower "A" | title', "A"),
        ('substr 0 2 "abc"', "ab"),
        ('repeat 2 "ab"', "abab"),
        ('add 1 2 3 | mul 2 | sub 1', "-11"),
        ('div 7 2', "3"),
        ('mod -7 2', "-1"),
        ('max 1 5 3', "5"),
        ('int "12"', "12"),
        ('len .Values.list', "2"),
        ('index .Values.list 1', "y"),
        ('index .Values "map" "a"', "1"),
        ('first .Values.list', "x"),
        ('last .Values.list', "y"),
        ('has "x" .Values.list', "true"),
        ('hasKey .Values "gone"', "false"),
        ('get .Values.map "b"', "2"),
        ('dig "image" "repository" "none" .Values', "a/b"),
        ('dig "image" "gone" "none" .Values', "none"),
        ('keys .Values.map | join "."', "a.b"),
        ('without .Values.list "x" | join "."', "y"),
        ('uniq (list "a" "b" "a") | join "."', "a.b"),
        ('append .Values.list "z" | len', "3"),
        ('until 3 | join ""', "012"),
        ('semverCompare ">=1.2-0" "1.30.1"', "true"),
        ('contains "em" .Values.name', "true"),
        ('kindIs "map" .Values.map', "true"),
        ('kindIs "string" .Values.map', "false"),
        ('ne .Values.name "x"', "true"),
        ('eq "a" "b" "a"', "true"),
        ('lt 1 2', "true"),
        ('toYaml .Values.map', "a: 1\nb: 2"),
        ('toYaml .Values.list', '- x\n- "y"'),
        ('toYaml (dict "a" (list (dict "b" "c d" "e" nil)))', 'a:\n- b: "c d"\n  e: null'),
        ('toJson .Values.map', '{"a":1,"b":2}'),
        ('(fromYaml "a: {b: 3}").a.b', "3"),
        ('(fromJson "{\\"a\\": 4}").a', "4"),
        ('(merge (dict "a" "" "b" 1) (dict "a" 2 "b" 3)) | toJson', '{"a":2,"b":1}'),
        ('(mergeOverwrite (dict "a" 1) (dict "a" 2)) | toJson', '{"a":2}'),
        ('(set (dict "a" 1) "b" 2) | toJson', '{"a":1,"b":2}'),
        ('(omit .Values.map "a") | toJson', '{"b":2}'),
        ('(pick .Values.map "a") | toJson', '{"a":1}'),
        ('required "must" .Values.name', "demo"),
        ('splitList "/" "a/b" | last', "b"),
        ('(split "/" "a/b")._1', "b"),
    ],
)  # fmt: skip
def test_functions_do_what_sprig_and_helm_do(call, written):
    assert write("{{ " + call + " }}") == written


@pytest.mark.parametrize(
    "call",
    ['lookup "v1" "Secret" "" ""', '.Files.Get "a"', '.Capabilities.KubeVersion.Minor', 'randAlphaNum 5', 'now',
     'regexMatch "(a+)+$" "aaaa"', '"x" | sha256sum', 'index .Values.list 9', 'div 1 0', 'noSuchFunction 1',
     'atoi .Capabilities.KubeVersion.Minor', 'until 100000', 'repeat 100000000 "x"', 'include "gone" .', '$gone'],
)  # fmt: skip
def test_what_is_not_known_is_a_mark(call):
    root = write("{{ " + call + " }}") if ".Files" not in call else UNKNOWN_TEXT
    assert root == UNKNOWN_TEXT


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{{ if .Capabilities.APIVersions.Has \"v1\" }}a{{ else }}b{{ end }}", "<a><b>"),
        ("{{ with .Capabilities.KubeVersion }}a{{ end }}", "<a>"),
        ("{{ range .Capabilities.APIVersions }}a{{ else }}b{{ end }}", "<a><b>"),
        ("{{ $a := 1 }}{{ if .Capabilities.x }}{{ $a = 2 }}{{ end }}{{ $a }}", f"<>{UNKNOWN_TEXT}"),
        ("{{ $d := dict }}{{ if .Capabilities.x }}{{ $_ := set $d \"k\" 1 }}{{ end }}{{ $d.k }}", f"<>{UNKNOWN_TEXT}"),
        ("{{ if and .Capabilities.x .Values.no }}a{{ end }}", ""),
        ("{{ if or .Capabilities.x .Values.yes }}a{{ end }}", "a"),
        ("{{ if and .Capabilities.x .Values.yes }}a{{ end }}", "<a>"),
        ("{{ if eq .Capabilities.x \"1\" }}a{{ end }}", "<a>"),
        ("{{ .Capabilities.x | default \"a\" }}", UNKNOWN_TEXT),
        ("{{ printf \"%s-a\" .Capabilities.x }}", f"{UNKNOWN_TEXT}-a"),
        ('{{ define "n" }}{{ if .Capabilities.x }}abc{{ end }}{{ end }}{{ include "n" . | trunc 3 }}', UNKNOWN_TEXT),
        ("{{ define \"n\" }}{{ if .Capabilities.x }}a{{ end }}{{ end }}{{ include \"n\" . | nindent 1 }}", "\n <a>"),
    ],
)  # fmt: skip
def test_where_a_condition_is_not_known_every_branch_is_taken_between_marks(text, written):
    assert write(text).replace(MAYBE, "<").replace(MAYBE_END, ">") == written


def test_of_two_definitions_the_later_file_counts():
    files = {"a": '{{ define "n" }}one{{ end }}', "b": '{{ define "n" }}two{{ end }}'}
    assert write('{{ include "n" . }}', **files) == "two"


def test_a_definition_that_cannot_be_read_costs_only_what_asks_for_it():
    files = {"a": '{{ define "good" }}a{{ end }}{{ define "bad" }}{{ if }}{{ end }}'}
    assert write('{{ include "good" . }}{{ include "bad" . }}', **files) == f"a{UNKNOWN_TEXT}"


def test_it_tells_what_a_file_mentions_itself_and_through_what_it_includes():
    files = [
        ("h.tpl", '{{ define "pod" }}{{ include "img" . }}{{ end }}{{ define "img" }}image: x{{ end }}'),
        ("a.yaml", 'spec: {{ include "pod" . }}'),
        ("b.yaml", 'data: {{ include "loop" . }}{{ define "loop" }}{{ include "loop" . }}{{ end }}'),
    ]
    library = Library(files)
    assert library.mentions("a.yaml", re.compile("image"))
    assert not library.mentions("b.yaml", re.compile("image"))


@pytest.mark.parametrize(
    "text",
    ["{{", "{{ if }}", "{{ end }}", "{{ if .a }}", "{{ else }}", "{{ a", "{{ ~ }}", "{{ (.a }}", "{{ .a ) }}",
     "{{ define }}{{ end }}", "{{ if 1 }}{{ else }}{{ else }}{{ end }}", "{{ | a }}", "{{ 1" + "0" * 90 + " }}",
     "{{/* never closed", "{{ 'ab }}", '{{ "a }}', "{{ $a := }}", "{{ , }}"],
)  # fmt: skip
def test_what_go_refuses_is_a_fault(text):
    with pytest.raises(TemplateFault):
        write(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ range until 1000 }}{{ range until 1000 }}a{{ end }}{{ end }}",
        '{{ define "n" }}{{ include "n" . }}{{ include "n" . }}{{ end }}{{ include "n" . }}',
        '{{ $s := "ab" }}{{ range until 1000 }}{{ $s = print $s $s }}{{ end }}{{ $s }}',
        '{{ $l := list "a" }}{{ range until 1000 }}{{ $l = concat $l $l }}{{ end }}{{ join "," $l }}',
        '{{ $s := repeat 900000 "x" }}{{ range until 1000 }}{{ $s }}{{ end }}',
        '{{ $s := repeat 900000 "x" }}{{ $l := list $s $s $s $s }}{{ range until 999 }}{{ toYaml $l }}{{ end }}',
        '{{ tpl (repeat 60000 "{{ 1 }}") . }}{{ range until 1000 }}{{ tpl (repeat 9000 "{{ 1 }}") $ }}{{ end }}',
    ],
)  # fmt: skip
def test_work_without_end_is_ended_within_bounds(text):
    tracemalloc.start()
    try:
        with pytest.raises(Exhausted):
            write(text, steps=50_000)
        assert tracemalloc.get_traced_memory()[1] < 48 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    [
        "{{ if 1 }}" * 5000 + "{{ end }}" * 5000,
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ 1 }}" * 30_000,
        "{{ list " + "1 " * 6000 + "}}",
    ],
)
def test_what_is_nested_or_long_beyond_reason_is_a_fault(text):
    with pytest.raises(TemplateFault):
        write(text)


def test_a_map_that_holds_itself_ends():
    text = '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toYaml $d }}{{ toJson $d }}{{ $d }}{{ (deepCopy $d) }}'
    assert set(write(text)) == {UNKNOWN_TEXT}


def test_marks_in_foreign_text_are_no_marks():
    assert write(f"a{MAYBE}b{UNKNOWN_TEXT}") == "a\ufffdb\ufffd"


_WORDS = st.sampled_from(
    ["{{", "}}", "{{-", "-}}", " ", "if ", "else", "end", "range ", "with ", "define ", "include ", "template ", '"n"',
     ".", ".Values", ".list", ".map", "$", "$a", ":=", "=", "|", "(", ")", ",", "1", "'x'", "`r`", "default ",
     "printf ", "dict ", "list ", "toYaml ", "merge ", "set ", "tpl ", "index ", "\n", "image: ", "/*", "*/", "eq "]
)  # fmt: skip


@given(st.lists(_WORDS, max_size=40).map("".join))
def test_no_template_makes_it_raise_anything_else(text):
    with suppress(TemplateFault, Exhausted):
        write(text, steps=5_000)


_CALLS = st.sampled_from(sorted(FUNCTIONS))
_ARGUMENTS = st.sampled_from(
    [".Values.list", ".Values.map", ".Values.none", ".Values", '"a"', '""', "1", "-1", "0.5", "true", "nil",
     ".Capabilities", "(dict)", "(list)", '"%s%d%"', "9223372036854775807", '(list (dict "a" 1))',
     "(print .Capabilities)"]
)  # fmt: skip


@given(_CALLS, st.lists(_ARGUMENTS, max_size=4))
def test_no_function_raises_for_arguments_that_it_does_not_take(name, arguments):
    write("{{ " + " ".join([name, *arguments]) + " }}{{ if (" + " ".join([name, *arguments]) + ") }}a{{ end }}")
