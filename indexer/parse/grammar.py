"""The lines that helm, ChartMuseum and Harbor write for one version, as one strict regular expression.

Go marshals an index with sorted keys, two spaces an indent, and scalars plain, quoted or literal. What the pattern
matches is a complete YAML sequence item by itself: every scalar ends on its own lines, every key is known to Helm and
stands once (annotations: see ``repeats_a_key``), every value is plainly of the type that belongs there. So its listing
fields may be read off the lines, and nothing in it can reach beyond its borders. Whatever does not match is no error:
it is read by YAML events instead. Only ASCII is matched: libyaml knows line breaks (U+0085, U+2028) beyond it.
Quantifiers are possessive, so matching takes time in proportion to the text.
"""

import re
from functools import cache

FIELDS = ("annotations", "app", "created", "deprecated", "digest", "name", "urls", "version")
"""The pattern's groups: raw scalars with their quotes; the lines of annotations and of URLs."""

_NOT_TEXT = rb"\x00-\x1f\x7f-\xff"
_REST = rb"[^:#" + _NOT_TEXT + rb"]*+(?:(?::(?=[!-~])|(?<=[!-~])#)[^:#" + _NOT_TEXT + rb"]*+)*+"
"""The rest of a plain scalar's line: no ``: ``, no `` #``."""
_WORD = rb"(?![FNOTYfnoty](?i:rue|alse|es|o|n|ff|ull|) *+\n)(?=[A-Za-z/^(]|[=~<][0-9])"
"""The start of a plain scalar that is neither a number nor one of YAML 1.1's words for true, false and null."""
_DOTTED = rb"(?=v?[0-9]++\.[0-9x]++\.[0-9A-Za-z*])"
"""Two dots are in no number."""
_ESCAPE = rb'\\(?:[nrt"\\/ abefv0]|x[0-7][0-9A-Fa-f]|u(?![dD][89A-Fa-f])[0-9A-Fa-f]{4}|U0001[0-9A-Fa-f]{4}|\n {6})'
_SIMPLE = rb"[!#-&(-\[\]-~]"
"""Printable ASCII without blanks, quotes and backslash."""
_SECONDS = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
_HASH = rb"(?!0b[01]{62}\n)(?=[0-9e]*+[a-df])[0-9a-f]{64}"
"""A digest that is not by chance all digits, which would make it a number."""


def _value(indent: int) -> bytes:
    """A string as the value of a key that stands ``indent`` columns in, with its line end."""
    deeper = b" {%d}" % (indent + 2)
    plain = rb"(?:" + _WORD + rb"|" + _DOTTED + rb")" + _REST + rb"(?:\n" + deeper + rb"(?=[!-~])" + _REST + rb")*+"
    inside = rb'[^"\\' + _NOT_TEXT + rb"]*+"
    double = rb'"' + inside + rb"(?:(?:" + _ESCAPE + rb"|\n++ {6})" + inside + rb')*+"'
    inside = rb"[^'" + _NOT_TEXT + rb"]*+"
    single = rb"'" + inside + rb"(?:(?:''|\n++ {6})" + inside + rb")*+'"
    literal = rb"[|>][-+]?\n" + deeper + rb"[!-~][\t -~]*+(?:\n(?:" + deeper + rb"[\t -~]*+)?(?=\n))*+"
    return rb"(?:" + plain + rb"|" + double + rb"|" + single + rb"|" + literal + rb")\n"


def _strings(indent: int) -> bytes:
    """A list of strings below a key that stands ``indent`` columns in; its items stand in the same column."""
    return rb"(?: \[\]\n|\n(?:" + b" " * indent + rb"- " + _value(indent) + rb")++)"


def _mapping(indent: int, fields: list[tuple[bytes, bytes]]) -> bytes:
    """Known keys in Go's order, each at most once, the first just after a ``- ``."""
    step = b"(?: {%d})?+" % indent
    return b"".join(rb"(?:" + key + rb":" + value + step + rb")?+" for key, value in fields) + rb"(?<=\n)"


def _mappings(fields: list[tuple[bytes, bytes]]) -> bytes:
    return rb"(?: \[\]\n|\n(?:    - (?=[a-z])" + _mapping(6, fields) + rb")++)"


def _captured(name: bytes, plain: bytes, quoted: bytes) -> bytes:
    """A scalar on one line, with its quotes, as a group."""
    return rb" (?P<" + name + rb">" + plain + rb'|"' + quoted + rb"\"|'" + quoted + rb"')\n"


@cache
def entry_pattern() -> re.Pattern[bytes]:
    """The grammar, compiled at its first use."""
    text4, text6 = b" " + _value(4), b" " + _value(6)
    version = _DOTTED + rb"[0-9A-Za-z.+-]++(?=\n)"
    word = _WORD + rb"[A-Za-z0-9._-]++(?=\n)"
    maintainer = [(b"email", text6), (b"name", text6), (b"url", text6)]
    dependency = [
        (b"alias", text6),
        (b"condition", text6),
        (b"name", text6),
        (b"repository", text6),
        (b"tags", _strings(6)),
        (b"version", text6),
    ]
    urls = (
        rb"\n(?P<urls>(?:    - (?:"
        + _WORD
        + rb"(?:[^:#'\"\x00- \x7f-\xff]|:(?=[!-~]))++|\""
        + _SIMPLE
        + rb"++\")\n)++)"
    )
    return re.compile(
        rb"  - (?=[a-z])"
        + _mapping(
            4,
            [
                (
                    b"annotations",
                    rb"(?: {}\n|\n(?P<annotations>(?:      [A-Za-z][A-Za-z0-9._/-]{0,200}+: " + _value(6) + rb")++))",
                ),
                (b"apiVersion", text4),
                (b"appVersion", _captured(b"app", rb"(?:" + version + rb"|" + word + rb")", _SIMPLE + rb"*+")),
                (b"condition", text4),
                (b"created", _captured(b"created", _SECONDS, _SECONDS)),
                (b"dependencies", _mappings(dependency)),
                (b"deprecated", rb" (?P<deprecated>true|false)\n"),
                (b"description", text4),
                (b"digest", _captured(b"digest", _HASH, rb"[0-9a-f]{64}")),
                (b"engine", text4),
                (b"home", text4),
                (b"icon", text4),
                (b"keywords", _strings(4)),
                (b"kubeVersion", text4),
                (b"maintainers", _mappings(maintainer)),
                (b"name", _captured(b"name", word, rb"[A-Za-z0-9._-]++")),
                (b"sources", _strings(4)),
                (b"tags", text4),
                (b"tillerVersion", text4),
                (b"type", text4),
                (b"urls", urls),
                (b"version", _captured(b"version", version, rb"[0-9A-Za-z.+-]++")),
            ],
        )
        + rb"\n*+(?=  - |\Z)"
    )


_ANNOTATION = re.compile(rb"^      ([A-Za-z][^\n:]*):", re.MULTILINE)


def repeats_a_key(annotations: bytes) -> bool:
    """Whether the lines of ``annotations`` name a key twice (or merely look so: then events decide)."""
    keys = _ANNOTATION.findall(annotations)
    return len(keys) != len(set(keys))
