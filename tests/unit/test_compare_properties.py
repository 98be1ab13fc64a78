"""Whatever two versions hold, they are compared."""

from compared import STATEFUL, compared, content
from hypothesis import given
from hypothesis import strategies as st

from indexer.model import ArchiveContent

PIECES = st.sampled_from(
    [
        *("{{", "}}", '{{- define "a" }}', '{{ include "a" . }}', "{{/*", "*/}}", "---\n", "#", "\n", ".Values.a.b"),
        *("kind: StatefulSet\n", "spec:\n", "  selector:\n", "    matchLabels:\n", "      a: b\n", "metadata:\n"),
        *("kind: CustomResourceDefinition\n", "  versions: [{name: v1, served: 5}]\n", 'index .Values "a"', STATEFUL),
    ]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40)
SCHEMAS = st.sampled_from(
    [
        *("", "{}", "[]", "null", "{", '{"type": 5}', '{"properties": []}', '{"properties": {"a": 1}}', '{"enum": {}}'),
        '{"required": [1, "a"], "type": ["string", 2], "items": [{"type": "x"}], "additionalProperties": false}',
    ]
)
FOLDERS = st.dictionaries(st.sampled_from(["templates/a.yaml", "templates/_b.tpl", "templates/N.txt"]), TEXTS)


@st.composite
def contents(draw: st.DrawFn) -> ArchiveContent:
    return content(draw(TEXTS), templates=draw(FOLDERS), crds=draw(FOLDERS), schema=draw(SCHEMAS))


@given(contents(), contents())
def test_any_two_versions_are_compared(old: ArchiveContent, new: ArchiveContent) -> None:
    assert compared(old, new).values is not None


@given(contents())
def test_a_version_does_not_differ_from_itself(one: ArchiveContent) -> None:
    found = compared(one, one)
    assert found.is_empty
    assert found.reasons == ()
