"""What stands in a chart: values, schema, questions, README, changelog, notes, templates, images, provenance."""

import json
import re
from contextlib import suppress
from html import unescape
from typing import Any

from catalog_web.markdown import render_readme
from catalog_web.notes_text import parts
from catalog_web.schema_tree import properties, read_schema
from catalog_web.template_text import defines, highlight
from catalog_web.values.form import form_of
from catalog_web.values.validation.check import validate
from indexer.changelog import changelog_of, section_of
from indexer.errors import EntryError
from indexer.gotemplate import Evaluator, Exhausted, Library, TemplateFault
from indexer.image_reference import read_reference
from indexer.model import ArchiveFile
from indexer.parse import load_values
from indexer.provenance import check, is_provenance
from indexer.yaml_lines import lines_of
from tests.fuzz.mutation import damaged_object, damaged_text, either, mapped, several
from tests.fuzz.repositories import YAML_WORDS
from tests.fuzz.targets import target
from tests.unit.readme_checks import assert_harmless
from tests.unit.values_charts import chart

VALUES = """\
# How many
replicas: 1
image: {repository: a/b, tag: "1.10"}
list: &l [1, two, {three: 3}]
again: *l
text: |
  one
  two
password: ~
"""
WORDS = tuple(one.decode("utf-8", "replace") for one in YAML_WORDS)
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"type": "string", "pattern": "^a+$"}},
    "required": ["replicas"],
    "properties": {
        "replicas": {"type": ["integer", "null"], "minimum": 0, "default": 1, "title": "How many"},
        "image": {"$ref": "#/definitions/a"},
        "list": {"type": "array", "items": {"oneOf": [{"type": "string"}, {"$ref": "#"}]}, "uniqueItems": True},
        "mode": {"enum": ["a", "b", 3], "description": "which"},
        "map": {"patternProperties": {"^x": {"type": "boolean"}}, "additionalProperties": {"type": "number"}},
    },
    "allOf": [{"if": {"properties": {"mode": {"const": "a"}}}, "then": {"required": ["map"]}}],
}
BOMBS = (
    {"properties": {"text": {"pattern": "^(a+)+$"}}},
    {"properties": {"list": {"uniqueItems": True}}},
    {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
    {"definitions": {"x": {"allOf": [{"$ref": "#/definitions/x"}]}}, "$ref": "#/definitions/x"},
    {"$ref": "http://127.0.0.1:1/x.json"},
    {"$ref": "file:///etc/passwd"},
)
SCHEMA_WORDS = ('{"$ref": "#"}', '"$ref": "#/properties/list",', '"allOf": [', "}", "]", "[" * 100, '"type": 5', "NaN")
QUESTIONS = """\
questions:
- variable: image.tag
  label: Tag
  type: enum
  options: [a, b]
  default: a
  group: General
  show_if: "replicas=1&&persistence.enabled=true"
- variable: persistence.enabled
  type: boolean
  show_subquestion_if: true
  subquestions:
  - {variable: persistence.size, type: string, default: 1Gi, min_length: 1, valid_chars: "[0-9]*"}
"""
README = """\
# Demo

[link](https://x.example "t") ![pic](icon.png) <b onclick=x>bold</b> `code` ~~gone~~

| a | b |
|---|---|
| 1 | [x]: 2 |

> [!NOTE]
> quoted <details><summary>s</summary>x</details>

```yaml
a: 1
```
<https://auto.example> &amp; &#106;avascript: <!-- c -->
"""
README_WORDS = (
    "<script>", "</script>", "<svg onload=x>", "<math><mtext>", "<style>", "<iframe srcdoc=x>", "javascript:x", "<div>",
    "data:text/html,x", "<a href='java\nscript:x'>", "<img src=x onerror=x>", "<template>", "<noscript>", "]]>",
    "<![CDATA[", "<!--", "-->", "&colon;", "\t", "\\", "[a](", "](", "<b>" * 60, "> " * 60, "*" * 60, "_" * 60,
    "`" * 40, "[" * 60, "| " * 60, "id=readme-x", "\x00", "\x1b[31m",
)  # fmt: skip
CHANGES = "## [1.2.0] - 2026-01-01\n### Added\n- a thing ([#1](https://x.example/1))\n\n## 1.1.0\n* fixed it\n"
ANNOTATED = "- kind: added\n  description: a thing\n  links:\n  - {name: i, url: 'https://x.example'}\n- plain\n"
NOTES = (
    "Thank you.\n\n1. Get it:\n  export POD=$(kubectl get pods -o jsonpath='{.items[0]}')\n  echo http://x.example/\n"
)
TEMPLATE = """\
{{- define "demo.name" -}}{{ .Chart.Name | trunc 63 | trimSuffix "-" }}{{- end }}
{{- if and .Values.yes (not (empty .Values.list)) }}
kind: {{ include "demo.name" . | quote }}
{{- range $i, $one := .Values.list }}
- {{ $i }}: {{ printf "%s-%d" $one 3 }}
{{- end }}{{ else if eq 1 2 }}b{{ with .Values.image }}{{ .repository }}{{ end }}{{ end }}
{{ tpl .Values.text . }}{{ toYaml .Values | nindent 4 }}{{ regexReplaceAll "a+" "aa" "b" }}
"""
TEMPLATE_WORDS = (
    "{{", "}}", "{{-", "-}}", "{{ end }}", "{{ else }}", "{{ range .Values.list }}", '{{ include "demo.name" . }}',
    '{{ define "x" }}', '{{ template "x" . }}', "{{/*", "*/}}", "`", '"', "$x", ":=", "|",
    "repeat 999999999", "$.Values", '{{ tpl "{{ . }}" . }}', "{{ . | toYaml | indent 9999 }}", "(" * 80,
    "untilStep 0 999999999 1",
    "until 99999999", "printf \"%9999999d\" 1", "{{ while }}", "{{ break }}", "genCA", "lookup",
    ".Files.Get", "randAlphaNum 99999999",
)  # fmt: skip
PROVIDED = {
    "Values": {"yes": True, "list": ["a", "b"], "image": {"repository": "a"}, "text": "{{ .Chart.Name }}"},
    "Chart": {"Name": "demo"},
}
STEPS = 20_000
SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: a\n\n...\nfiles:\n  a-1.tgz: sha256:00\n"


YAML_KEY = 1_000
"""YAML 1.1 (7.3, simple keys) takes a key of up to 1,024 characters before its colon; JSON knows no such limit."""


@target("values", damaged_text(VALUES, "{}", "a: [1]", words=WORDS))
def values(text: str) -> None:
    """Read as JSON would have it, the same again, or refused in words."""
    try:
        found = load_values(text)
    except EntryError as refused:
        assert refused.cause
        return
    written = json.dumps(found, allow_nan=True)
    written.encode()
    assert written == json.dumps(load_values(text), allow_nan=True)
    with suppress(ValueError):
        if _longest_key(found) < YAML_KEY:
            assert load_values(json.dumps(found, allow_nan=False)) == found


def _longest_key(value: Any) -> int:
    """Characters of the longest key anywhere in ``value``, as JSON."""
    own = max((len(json.dumps(key)) for key in value), default=0) if isinstance(value, dict) else 0
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max([own, *map(_longest_key, parts)])


@target(
    "schema",
    either(mapped(json.dumps, damaged_object(SCHEMA, *BOMBS)), damaged_text(json.dumps(SCHEMA), words=SCHEMA_WORDS)),
)
def schema(text: str) -> None:
    """Laid out within bounds, whatever refers to what; the same in the form."""
    tree = read_schema(text)
    if tree.root is not None:
        assert sum(1 for _ in properties(tree.root)) < 20_000
    assert tree == read_schema(text)
    assert form_of(chart(VALUES, text)).fields is not None


@target("schema-check", damaged_object(SCHEMA, *BOMBS), seconds=5.0)
def schema_check(found: object) -> None:
    """Values are held against it in a process that is ended in time."""
    given = {"text": "a" * 40 + "!", "list": [{"a": one} for one in range(300)], "replicas": 1, "mode": "a"}
    outcome = validate(chart("", found), given, text=json.dumps(given))
    assert len(outcome.problems) < 1000


@target("questions", damaged_text(QUESTIONS, words=WORDS))
def questions(text: str) -> None:
    """Asked as a form, or told why not."""
    form = form_of(chart(VALUES, SCHEMA, questions=text))
    assert form == form_of(chart(VALUES, SCHEMA, questions=text))


@target("readme", damaged_text(README, words=README_WORDS), seconds=4.0)
def readme(text: str) -> None:
    """Nothing runs, loads, submits or restyles."""
    assert_harmless(render_readme(text).html)


@target("changelog", several(damaged_text(CHANGES), damaged_text(ANNOTATED, words=WORDS)))
def changes(texts: tuple[str, str]) -> None:
    """Few notes, each short."""
    told, annotated = texts
    found = changelog_of("1.2.0", {"artifacthub.io/changes": annotated}, told)
    assert len(found.notes) <= 1000
    assert found == changelog_of("1.2.0", {"artifacthub.io/changes": annotated}, told)
    section_of("1.2.0", told)


@target("notes", damaged_text(NOTES))
def notes(text: str) -> None:
    """What is shown is what was said."""
    shown = "".join(one.text for one in parts(text))
    assert set(shown.split()) <= set(text.split()) | set(" ".join(text.splitlines()).split()) | set(shown.split())


@target("template", damaged_text(TEMPLATE, words=TEMPLATE_WORDS), seconds=3.0, mebibytes=128)
def template(text: str) -> None:
    """Worked out within steps, or refused."""
    evaluator = Evaluator(Library([("templates/a.yaml", text)]), STEPS)
    with suppress(TemplateFault, Exhausted):
        written = evaluator.render("templates/a.yaml", PROVIDED)
        assert isinstance(written, str)


@target("template-text", damaged_text(TEMPLATE, words=TEMPLATE_WORDS))
def template_text(text: str) -> None:
    """Every character is shown, and none of them as markup."""
    defines([ArchiveFile("templates/a.yaml", text)])
    shown = [unescape(re.sub(r"<[^>]*>", "", str(one))) for one in highlight(text, lambda _: None, lambda _: None)]
    assert shown == list(lines_of(text.replace("\0", "\ufffd")))


@target("image", damaged_text("docker.io/library/nginx:1.2@sha256:" + "a" * 64, "ghcr.io:443/a/b", "nginx"))
def image(text: str) -> None:
    """Read, and written the same."""
    found = read_reference(text)
    if found is not None:
        assert read_reference(found.text) == found


@target("provenance", damaged_text(SIGNED))
def provenance(text: str) -> None:
    """No keyring, no proof."""
    is_provenance(text)
    assert check(text, ["a-1.tgz"], "0" * 64, None).state == "present"
