"""Reading an index by its lines gives the catalog that reading it in full gives, whatever the input."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.parse import blocks, grammar, read_index, read_index_fully
from indexer.parse.limits import Limits
from tests.unit.parse_checks import DIGEST, entry, index, outcome, read

QUICK = settings(max_examples=150)

NAMES = st.sampled_from(["a", "b", "argo-cd", "c.d", "on", "1e3", "3scale", "true"])
VERSIONS = st.sampled_from(
    ["1.0.0", "0.9.1-rc.1", "v1.2.3", "2.0.0+b", "1.0", '"1.10"', "'2'", "banana", "1.2.3.4", "~", "01.2.3"]
)
BITS = st.sampled_from(
    ["a", "B", "1", "0", "x", " ", "  ", ":", ": ", "#", " #", "-", "- ", "'", "''", '"', '\\"', "\\", "\\n",
     "\\u00e4", "\\x41", "\\/",
     ".", ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "%", "@", "`", "?", "=", "~", "^", "/", "(", "é", "中",
     "\u0085", "\u2028",
     "\t", "\n      ", "\n        ", "\n\n      ", "\n    ", "\n  ", "\n  - ", "true", "null", "No", "1.10", "0x1f",
     "1e5", ".inf", "<<",
     "https://x.example/a", "2024-01-02", "0b11"]
)  # fmt: skip
LOOSE = st.lists(BITS, max_size=6).map("".join)
SCALARS = st.one_of(
    LOOSE,
    LOOSE.map('"{}"'.format),
    LOOSE.map("'{}'".format),
    st.lists(st.text(string.ascii_letters + ":#- ", max_size=12), max_size=3).map(
        lambda lines: "|\n        " + "\n        ".join(lines)
    ),
    st.text(string.ascii_lowercase + string.digits + ".", max_size=6),
)
LISTS = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3).map(lambda items: "".join(f"\n    - {one}" for one in items)),
    st.just("[]"),
    st.lists(SCALARS, max_size=2).map(lambda items: f"[{', '.join(items)}]"),
)
MAPPINGS = st.dictionaries(st.sampled_from(["x", "category", "a.b/c", "true", "1"]), SCALARS, max_size=3).map(
    lambda found: "".join(f"\n      {key}: {value}" for key, value in found.items())
)
ITEMS = st.lists(
    st.dictionaries(
        st.sampled_from(["alias", "condition", "email", "name", "repository", "tags", "url", "version"]),
        SCALARS,
        max_size=4,
    ),
    max_size=2,
).map(
    lambda items: "".join(
        "\n    - " + "\n      ".join(f"{key}: {one[key]}" for key in sorted(one)) for one in items if one
    )
)
LINES = st.one_of(
    st.tuples(
        st.sampled_from(
            ["appVersion", "description", "home", "created", "digest", "icon", "kubeVersion", "type", "engine"]
        ),
        SCALARS,
    ),
    st.tuples(st.sampled_from(["keywords", "sources", "urls"]), LISTS),
    st.tuples(st.sampled_from(["annotations"]), MAPPINGS),
    st.tuples(st.sampled_from(["maintainers", "dependencies"]), ITEMS),
    st.tuples(
        st.sampled_from(["deprecated", "foo", "Name", "removed"]),
        st.sampled_from(["true", "false", "yes", "1", "a b", ""]),
    ),
).map(lambda pair: f"{pair[0]}: {pair[1]}")
ENTRIES = st.builds(
    lambda name, version, lines: entry(name, version, *lines), NAMES, VERSIONS, st.lists(LINES, max_size=3)
)
ENDS = st.sampled_from(
    [
        'generated: "2021-05-21T13:04:19Z"\n',
        "",
        "...\n",
        "# end\n",
        "generated: x\nserverInfo: {}\n",
        "\n",
        "entries: {}\n",
    ]
)


@st.composite
def indexes(draw: st.DrawFn) -> str:
    charts = ""
    for name in draw(st.lists(NAMES, min_size=1, max_size=3)):
        same = draw(st.lists(VERSIONS, max_size=3))
        odd = draw(st.lists(ENTRIES, max_size=2))
        charts += f"  {name}:\n" + "".join([*odd, *(entry(name, one) for one in same)])
    return f"apiVersion: v1\nentries:\n{charts}{draw(ENDS)}"


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A good index with some of its lines cut, moved, doubled, indented or filled with something else."""
    lines = draw(indexes()).split("\n")
    for _ in range(draw(st.integers(1, 3))):
        at, other = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 6)):
            case 0:
                lines[at], lines[other] = lines[other], lines[at]
            case 1:
                lines.insert(other, lines[at])
            case 2:
                lines[at] = " " * draw(st.integers(0, 7)) + lines[at].lstrip()
            case 3:
                lines[at] += draw(BITS)
            case 4:
                lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
            case 5:
                lines.insert(at, draw(BITS))
            case _:
                lines = lines[: at + 1]
    return "\n".join(lines)


def agree(text: str) -> None:
    body = text.encode()
    lines = not any(odd in text for odd in "\u0085\u2028")  # line breaks for libyaml, not for an editor

    def by_lines(body: bytes) -> object:
        return read_index(body, url="u")

    def in_full(body: bytes) -> object:
        return read_index_fully(body, url="u")

    assert outcome(by_lines, body, lines=lines) == outcome(in_full, body, lines=lines)


@QUICK
@given(indexes())
def test_both_ways_agree_on_odd_values(text: str) -> None:
    agree(text)


@QUICK
@given(damaged())
def test_both_ways_agree_on_damaged_indexes(text: str) -> None:
    agree(text)


@QUICK
@given(
    st.text(max_size=200)
    | st.lists(BITS, max_size=40).map("".join)
    | st.binary(max_size=100).map(lambda data: data.decode("latin-1"))
)
def test_both_ways_agree_on_anything(text: str) -> None:
    agree("entries:\n" + text)
    agree(text)


@QUICK
@given(indexes(), indexes())
def test_what_is_kept_is_what_a_new_reading_would_give(before: str, after: str) -> None:
    try:
        known = {name: chart.fingerprint for name, chart in read(before).charts.items()}
        listing, fresh = read(after, known=known), read(after)
    except Exception as error:
        assert type(error).__module__ == "indexer.errors"
        return
    assert listing.charts.keys() == fresh.charts.keys()
    assert (listing.fingerprint, listing.end_proven) == (fresh.fingerprint, fresh.end_proven)
    for name, chart in listing.charts.items():
        assert chart.kept == (known.get(name) == fresh.charts[name].fingerprint)
        assert chart.kept or chart == fresh.charts[name]


@pytest.mark.parametrize(
    "end", ["null\n", "~", "x", "- a\n", "{}\n", "x: {\n", "generated: a\n  b: []\n", "# a\n  b: []\n", "\tx\n"]
)
def test_both_ways_agree_on_what_follows_the_entries(end: str) -> None:
    agree(index({"a": entry("a")}, end=end))


def test_what_helm_writes_is_read_by_its_lines() -> None:
    written = entry(
        "argo-cd",
        "1.2.3",
        "annotations:\n      artifacthub.io/changes: |\n        - kind: added\n          more: a\n\n        - b\n"
        "      category: Tools",
        "appVersion: v2.0",
        "dependencies:\n    - condition: redis.enabled\n      name: redis\n      repository: oci://x.example/y\n"
        "      tags:\n      - one\n      version: 8.x.x\n"
        "    - name: common\n      repository: https://x.example\n      version: ^2.0.0",
        "deprecated: true",
        "description: Long text (with words), that Go\n      folds",
        'home: "https://x.example/#a"',
        "keywords:\n    - nginx\n    - on-call",
        "kubeVersion: '>=1.23.0-0'",
        "maintainers:\n    - email: a@x.example\n      name: A\n    - name: B\n      url: https://x.example",
        "sources: []",
        "type: application",
    )
    assert grammar.entry_pattern().fullmatch(written.encode())
    assert blocks.read_split(memoryview(index({"argo-cd": written}).encode()), {}, Limits()).entries == 1


def test_a_digest_that_is_a_number_is_not_read_by_its_lines() -> None:
    assert grammar.entry_pattern().fullmatch(entry("a", "1.0.0", f"digest: {DIGEST}").encode())
    for number in ("1" * 64, "1" * 40 + "e" + "1" * 23, "0b" + "1" * 62):
        assert not grammar.entry_pattern().fullmatch(entry("a", "1.0.0", f"digest: {number}").encode())
