"""Values, texts and schemas of every kind, for tests that hold for all of them."""

import json
from typing import Any

from hypothesis import strategies as st

from catalog_web.values import writing

KEYS = st.sampled_from(
    ["a", "b", "image", "tag", "on", "x.y", "n", "kubernetes.io/os", "ä", "[0]", "'", "#k", "12", "~", "password"]
)
_ODD = [
    "yes",
    "010",
    "1.0",
    "null",
    "0o10",
    "1_000",
    "12:30",
    "2020-01-01",
    "a: b",
    "# no",
    "a #b",
    "<<",
    "&a",
    "*a",
    "!x",
]
_ODD += [
    "",
    "x",
    "nginx",
    "ü€😀",
    "'\"\\",
    "{x}",
    "---",
    "%",
    "a\nb",
    "a\nb\n",
    "a\n\n\n",
    "\n",
    " lead",
    "trail ",
    "\t",
]
_ODD += ["\x07", "\u2028", " \n a\n"]
TEXTS = st.sampled_from(_ODD) | st.text(max_size=8, alphabet=st.characters(exclude_categories=["Cs"]))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
ANY = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3), max_leaves=12
)
VALUES = st.dictionaries(KEYS, ANY, max_size=5)


@st.composite
def texts(draw: st.DrawFn, values: st.SearchStrategy[dict[str, Any]] = VALUES) -> str:
    """A YAML text as people write it: with comments, blank lines, brackets here and there, either kind of line end."""
    made = draw(values)
    if not made:
        return draw(st.sampled_from(["", "# nothing\n", "{}\n"]))
    lines: list[str] = []
    for key, value in made.items():
        lines += draw(st.sampled_from([[], ["# about it"], ["", "## far", ""], ["#"]]))
        inline = draw(st.booleans())
        one = writing.flow({key: value})[1:-1] if inline else writing.block({key: value}).removesuffix("\n")
        behind = draw(st.sampled_from(["", "", "  # behind"])) if "\n" not in one else ""
        lines.append(one + behind)
        lines += draw(st.sampled_from([[], ["  # below"]])) if "|" not in one else []
    text = "\n".join(lines) + draw(st.sampled_from(["\n", ""] if "|" not in lines[-1] else ["\n"]))
    return text.replace("\n", "\r\n") if draw(st.booleans()) and "|" not in text else text


@st.composite
def schemas(draw: st.DrawFn, depth: int = 3) -> dict[str, Any]:
    """A schema that charts could have."""
    kind = draw(
        st.sampled_from(["string", "integer", "number", "boolean", "object", "array", "none", "enum", "any", "if"])
    )
    below = schemas(depth=depth - 1) if depth else st.just({"type": "string"})
    match kind:
        case "object":
            made = {"type": "object", "properties": draw(st.dictionaries(KEYS, below, max_size=3))}
            return made | draw(st.sampled_from([{}, {"required": ["a"]}, {"additionalProperties": False}]))
        case "array":
            return {"type": "array", "items": draw(below)}
        case "enum":
            return {"enum": draw(st.lists(SCALARS, min_size=1, max_size=4))}
        case "any":
            return {draw(st.sampled_from(["oneOf", "anyOf", "allOf"])): draw(st.lists(below, min_size=1, max_size=3))}
        case "if":
            return {"if": draw(below), "then": draw(below), "else": draw(below)}
        case "none":
            return {}
    hint = draw(
        st.sampled_from([{}, {"format": "password"}, {"title": "T"}, {"form": True}, {"$ref": "#/definitions/d"}])
    )
    return {"type": draw(st.sampled_from([kind, [kind, "null"]]))} | hint


@st.composite
def documents(draw: st.DrawFn) -> str:
    """The text of a values.schema.json."""
    top = {"type": "object", "properties": draw(st.dictionaries(KEYS, schemas(), max_size=4))}
    return json.dumps(top | {"definitions": {"d": draw(schemas())}})
