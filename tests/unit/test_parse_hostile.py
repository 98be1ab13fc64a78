"""Section D of the hostile cases: an entry costs only itself, and no document costs the process."""

import json
import subprocess
import sys
from dataclasses import asdict

import pytest

from indexer import parse
from indexer.errors import EntryError, IndexRefused, NotAnIndex
from indexer.model import ChartMetadata
from indexer.parse import Limits
from tests.unit.parse_checks import DIGEST, causes, entry, index, read, read_fully, versions, without

GOOD = entry("good")


@pytest.fixture(params=[read, read_fully], ids=["by lines", "in full"])
def reader(request):
    return request.param


def opened(listing, chart: str = "a") -> ChartMetadata:
    return parse.open_entry(listing.charts[chart].versions[0].raw)


# -- D1


@pytest.mark.parametrize(
    "value", [" null", " []", ' "x"', " 3", " {b: c}", "", "\n  - null", "\n  - 3", "\n  - [x]", " |\n    x"]
)
def test_D1_a_chart_that_is_no_list_of_versions_costs_only_itself(reader, value: str) -> None:
    listing = reader(f"entries:\n  a:{value}\n  good:\n{GOOD}generated: x\n")
    assert versions(listing) == {"good": ["1.0.0"]}
    assert {(one.chart, one.kind) for one in listing.problems} == {("a", "skipped")}


@pytest.mark.parametrize("missing", ["name", "urls", "version"])
def test_D1_a_version_without_what_it_needs_costs_only_itself(reader, missing: str) -> None:
    keys = ("urls", "a-") if missing == "urls" else (missing,)
    listing = reader(index({"a": without("a", "2.0.0", *keys) + entry("a"), "good": GOOD}))
    assert versions(listing) == {"a": ["1.0.0"], "good": ["1.0.0"]}
    (problem,) = listing.problems
    assert (problem.chart, problem.kind, problem.line) == ("a", "skipped", 4)
    assert {"name": "name", "urls": "URL", "version": "version"}[missing] in problem.cause


# -- D2


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("appVersion: 1.10", "app_version", "1.10"),
        ("appVersion: true", "app_version", "true"),
        ("kubeVersion: 1.20", "kube_version", "1.20"),
        ("description: 42", "description", "42"),
        ("description: [a, b]", "description", ""),
        ("home: {a: b}", "home", ""),
        ("deprecated: This chart is old", "deprecated", True),
        ('deprecated: "no"', "deprecated", False),
        ('deprecated: "true"', "deprecated", True),
        ("deprecated: 1", "deprecated", True),
        ("deprecated: []", "deprecated", False),
        ("keywords: one, two words", "keywords", ("one", "two words")),
        ("keywords: [1.10, b, [c]]", "keywords", ("1.10", "b")),
        ("keywords: {a: b}", "keywords", ()),
        ("sources: https://x.example", "sources", ("https://x.example",)),
        ("annotations: {a: 1.0, b: [c], d: e}", "annotations", {"a": "1.0", "d": "e"}),
        ("annotations: [a]", "annotations", {}),
        ("maintainers: [Jo <jo@x.example>]", "maintainers", ({"name": "Jo", "email": "jo@x.example", "url": ""},)),
        ("maintainers: {name: Jo}", "maintainers", ({"name": "Jo", "email": "", "url": ""},)),
        ("app_version: 3", "app_version", ""),
        ("created: yesterday", "created", None),
        ("type: 5", "type", "5"),
        ("dependencies: [redis]", "dependencies", ()),
    ],
)
def test_D2_a_value_of_another_type_is_repaired_where_its_meaning_is_plain(reader, line, field, value) -> None:
    listing = reader(index({"a": entry("a", "1.0.0", line), "good": GOOD}))
    assert asdict(opened(listing))[field] == value
    (problem,) = listing.problems
    assert (problem.chart, problem.version, problem.kind) == ("a", "1.0.0", "repaired")
    assert problem.line == 4 + entry("a", "1.0.0", line).split(line)[0].count("\n")


def test_D2_a_version_that_is_a_number_is_taken_as_written(reader) -> None:
    listing = reader(index({"a": entry("a", "2") + entry("a", "1.10")}))
    assert versions(listing) == {"a": ["2", "1.10"]}
    assert [one.kind for one in listing.problems] == ["repaired", "repaired"]


def test_D2_an_unknown_field_is_left_out_and_named(reader) -> None:
    listing = reader(index({"a": entry("a", "1.0.0", "foo: bar")}))
    assert versions(listing) == {"a": ["1.0.0"]}
    assert "“foo”" in listing.problems[0].cause


def test_D2_a_digest_that_is_none_is_not_taken_for_one(reader) -> None:
    listing = reader(
        index({"a": entry("a", "1.0.0", "digest: abc"), "b": entry("b", "1.0.0", f"digest: SHA256:{DIGEST.upper()}")})
    )
    assert [chart.versions[0].digest for chart in listing.charts.values()] == ["", DIGEST]
    assert causes(listing) == [("a", "1.0.0", 6, "flagged")]


# -- D3, D4


@pytest.mark.parametrize(
    "text", ["2024-13-45", "0000-01-01", "2024-01-01T00:00:00+99:99", "9" * 5000, "010", "12:30:45", "1.10", "no",
     ".nan",
             "2024-01-02", "0x1F", "1_000", "1e3", "Null_", "0b11", "-.inf", "+1", "y"]
)  # fmt: skip
def test_D3_D4_text_stays_the_text_that_was_written(reader, text: str) -> None:
    listing = reader(index({"a": entry("a", "1.0.0", f"appVersion: {text}")}))
    assert listing.charts["a"].versions[0].app_version == text
    assert opened(listing).app_version == text


@pytest.mark.parametrize("value", ["!!binary aGk=", "!!str 1.10", "!own x", '!!int "7"', "!!timestamp 2024-01-02"])
def test_D4_tags_make_nothing_but_text(reader, value: str) -> None:
    listing = reader(index({"a": entry("a", "1.0.0", f"appVersion: {value}")}))
    assert opened(listing).app_version == value.split(" ")[1].strip('"')


def test_D4_a_set_is_a_mapping_like_any_other(reader) -> None:
    listing = reader(index({"a": entry("a", "1.0.0", "annotations: !!set {x, y}")}))
    assert opened(listing).annotations == {"x": "", "y": ""}


@pytest.mark.parametrize("text", ["null", "~", "", "Null"])
def test_D4_null_is_an_absent_text(reader, text: str) -> None:
    listing = reader(index({"a": entry("a", "1.0.0", f"appVersion: {text}")}))
    assert (listing.charts["a"].versions[0].app_version, listing.problems) == ("", ())


# -- D5


NESTED = [
    "[" * 60_000,
    "{a: " * 60_000,
    "- " * 60_000,
    "? " * 60_000,
    "[{" * 60_000,
    "- ? " * 60_000,
    "a: [" + "&a [" * 60_000,
]


@pytest.mark.parametrize("around", ["{}", "entries: {}", "entries:\n  a:\n  - x: {}\n", "entries:\n  a:\n{}\n"])
@pytest.mark.parametrize("deep", NESTED, ids=lambda text: text[:4])
def test_D5_deep_nesting_is_refused(reader, deep: str, around: str) -> None:
    with pytest.raises((IndexRefused, NotAnIndex)):
        reader(around.replace("{}", deep))


def test_D5_deep_nesting_kills_no_process() -> None:
    code = """
from indexer import parse
from indexer.errors import ChartroomError
for deep in ("[", "{a: ", "- ", "? ", "[{"):
    for body in (deep * 200_000, "entries:\\n  a:\\n  - x: " + deep * 200_000, "entries:\\n  a: " + deep * 200_000):
        for read in (lambda: parse.read_index(body.encode(), url="u"), lambda: parse.open_entry(body.encode()),
                     lambda: parse.load_values(body), lambda: parse.read_chart_yaml(body.encode())):
            try:
                read()
            except ChartroomError:
                continue
            raise SystemExit("accepted")
print("alive")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr


def test_D5_a_hundred_levels_are_the_limit(reader) -> None:
    def nested(levels: int) -> str:
        return index({"a": entry("a", "1.0.0", "x: " + "[" * levels + "]" * levels)})

    assert versions(reader(nested(96))) == {"a": ["1.0.0"]}  # below the root, entries, the chart and the entry
    with pytest.raises(IndexRefused):
        reader(nested(97))


# -- D6, D7


BOMB = "x0: &x0 [lol, lol]\n" + "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 10))


def test_D6_an_alias_bomb_is_refused(reader) -> None:
    with pytest.raises(IndexRefused) as caught:
        reader(BOMB + index({"a": entry("a")}))
    assert "10,000" in caught.value.cause


def test_D6_an_alias_bomb_of_merge_keys_is_refused(reader) -> None:
    lines = ["m0: &m0 {a: b}", *(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}" for n in range(1, 10))]
    with pytest.raises(IndexRefused):
        reader("\n".join(lines) + "\n" + index({"a": entry("a")}))


def test_D6_many_aliases_to_a_long_text_are_refused(reader) -> None:
    text = f"x: &x {'y' * 900_000}\n" + index({"a": entry("a", "1.0.0", f"keywords: [{', '.join(['*x'] * 100)}]")})
    with pytest.raises(IndexRefused):
        reader(text)


def test_D6_aliases_do_not_get_below_the_depth_limit(reader) -> None:
    lines = ["d0: &d0 [x]", *(f"d{n}: &d{n} {'[' * 30}*d{n - 1}{']' * 30}" for n in range(1, 6))]
    with pytest.raises(IndexRefused):
        reader("\n".join(lines) + "\n" + index({"a": entry("a")}))


def test_D6_an_alias_that_stands_for_nothing_is_no_yaml(reader) -> None:
    with pytest.raises(NotAnIndex):
        reader(index({"a": entry("a", "1.0.0", "keywords: *nobody")}))


@pytest.mark.parametrize("value", ["&a [*a]", "&a {b: *a}", "&a {<<: *a}", "&a [[[*a]]]"])
def test_D7_an_alias_of_what_it_is_part_of_is_refused(reader, value: str) -> None:
    for text in (f"x: {value}\nentries: {{}}\n", index({"a": entry("a", "1.0.0", f"keywords: {value}")})):
        with pytest.raises(IndexRefused):
            reader(text)


# -- D8, D9, D10


def test_D8_a_chart_listed_twice_is_refused_twice(reader) -> None:
    text = f"entries:\n  a:\n{entry('a')}  good:\n{GOOD}  a:\n{entry('a', '2.0.0')}  a:\n{entry('a')}"
    listing = reader(text)
    assert versions(listing) == {"good": ["1.0.0"]}
    assert {one.chart for one in listing.problems} == {"a"}
    known = {"a": read(f"entries:\n  a:\n{entry('a')}").charts["a"].fingerprint}
    assert versions(reader(text, known=known)) == {"good": ["1.0.0"]}


def test_D8_a_chart_listed_twice_in_json_is_refused_twice(reader) -> None:
    one, other = (f'[{{"name": "{name}", "version": "1.0.0", "urls": ["x"]}}]' for name in "ab")
    listing = reader(f'{{"entries": {{"a": {one}, "a": {one}, "b": {other}}}}}')
    assert versions(listing) == {"b": ["1.0.0"]}
    assert [one.kind for one in listing.problems] == ["skipped"]


def test_D8_a_field_that_stands_twice_costs_the_entry(reader) -> None:
    twice = [entry("a", "2.0.0") + "    name: a\n", entry("a", "3.0.0", "annotations:\n      x: a\n      x: b"),
             entry("a", "4.0.0").replace("apiVersion", "apiversion: v1\n    apiVersion")]  # fmt: skip
    listing = reader(index({"a": "".join(twice) + entry("a")}))
    assert versions(listing) == {"a": ["1.0.0"]}
    assert all("twice" in one.cause and one.kind == "skipped" for one in listing.problems)
    assert len(listing.problems) == len(twice)


def test_D9_of_one_version_with_two_digests_the_first_is_kept(reader) -> None:
    other = entry("a", "1.0.0", f"digest: {DIGEST[::-1]}", "urls:\n    - other.tgz")
    listing = reader(index({"a": entry("a") + other + entry("a")}))
    (kept,) = listing.charts["a"].versions
    assert kept.digest == DIGEST
    assert [("another digest" in one.cause, one.line) for one in listing.problems] == [(True, 11), (False, 18)]


def test_D9_build_metadata_keeps_versions_apart(reader) -> None:
    listing = reader(index({"a": entry("a", "1.0.0+1") + entry("a", "1.0.0+2")}))
    assert (versions(listing), listing.problems) == ({"a": ["1.0.0+1", "1.0.0+2"]}, ())


def test_D10_an_entry_of_another_name_is_under_neither_name(reader) -> None:
    listing = reader(index({"shown": entry("other") + entry("shown", "0.1.0")}))
    assert versions(listing) == {"shown": ["0.1.0"]}
    assert causes(listing) == [("shown", "1.0.0", 4, "skipped")]
    assert "“other”" in listing.problems[0].cause


# -- D11, D12


@pytest.mark.parametrize(
    "name", ["../../x", "..", ".", "a/b", "con", "COM1", "nul.txt", "a" * 300, "a b", "a\u202eb", "a\u200bb", "", "-x",
     "ä", "a\\b",
             "a\0b", "\U0001f600", ".hidden"]
)  # fmt: skip
def test_D11_a_name_that_is_none_is_refused(reader, name: str) -> None:
    listing = reader(f"entries:\n  {json.dumps(name)}:\n{entry('x')}  good:\n{GOOD}")
    assert versions(listing) == {"good": ["1.0.0"]}
    (problem,) = listing.problems
    assert (problem.kind, problem.line) == ("skipped", 2)
    assert problem.chart.isprintable() and problem.cause.isprintable() and len(problem.chart) <= 120


def test_D11_label_texts_have_no_control_or_bidi_characters(reader) -> None:
    text = '"a\\u202eb\\u200b\\tc\\r\\nd\\u0007\\u2028e  f"'
    listing = reader(index({"a": entry("a", "1.0.0", f"appVersion: {text}", f"home: {text}", f"keywords: [{text}]")}))
    metadata = opened(listing)
    assert metadata.app_version == metadata.home == metadata.keywords[0] == "ab c d e f"
    assert listing.charts["a"].versions[0].app_version == "ab c d e f"


@pytest.mark.parametrize("text", ['"a\\0"', '"a\\u202e"', '"\\u200ba"', '"a\\n"', "'a '"])
def test_D11_a_name_inside_is_compared_as_it_is_and_not_cleaned_first(reader, text: str) -> None:
    assert versions(reader(index({"a": entry("a", "1.0.0", f"name: {text}")}))) == {}
    with pytest.raises(EntryError):
        parse.read_chart_yaml(f"name: {text}\nversion: 1.0.0\n".encode())


@pytest.mark.parametrize("version", ["banana", "01.0.0", "1.2.3.4", "a/../b"])
def test_D12_an_odd_version_is_kept_and_flagged(reader, version: str) -> None:
    listing = reader(index({"a": entry("a", version)}))
    assert versions(listing) == {"a": [version]}
    assert [one.kind for one in listing.problems] == ["flagged"]


def test_D12_a_version_over_256_characters_is_refused(reader) -> None:
    listing = reader(index({"a": entry("a", "1.0.0-" + "x" * 251) + entry("a", "1.0.0-" + "x" * 250)}))
    assert versions(listing) == {"a": ["1.0.0-" + "x" * 250]}
    assert len(listing.problems[0].version) <= 256


@pytest.mark.parametrize("text", ['"1.0.0\\0"', '"1.0\\u202e.0"', '"1.0.0\\n"'])
def test_D12_a_version_with_control_characters_is_refused(reader, text: str) -> None:
    listing = reader(index({"a": entry("a", "1.0.0", f"version: {text}")}))
    assert versions(listing) == {}
    assert listing.problems[0].version == "1.0.0"


# -- D14


def test_D14_more_entries_than_allowed_are_refused_with_the_number(reader) -> None:
    text = index({"a": entry("a") + entry("a", "2.0.0"), "b": entry("b") + "  - null\n"})
    assert reader(text, limits=Limits(entries=4)).entries == 4
    with pytest.raises(IndexRefused) as caught:
        reader(text, limits=Limits(entries=3))
    assert "3 versions" in caught.value.cause


def test_D14_a_chart_of_too_many_versions_costs_only_itself(reader) -> None:
    text = index({"a": entry("a") + entry("a", "2.0.0") + entry("a", "3.0.0"), "good": GOOD})
    listing = reader(text, limits=Limits(versions=2))
    assert versions(listing) == {"good": ["1.0.0"]}
    assert "3 versions" in listing.problems[0].cause


def test_D14_too_many_charts_are_refused(reader) -> None:
    with pytest.raises(IndexRefused):
        reader(index({"a": entry("a"), "b": entry("b"), "c": entry("c")}), limits=Limits(charts=2))


def test_D14_an_entry_of_too_many_values_is_refused(reader) -> None:
    with pytest.raises(IndexRefused):
        reader(index({"a": entry("a", "1.0.0", f"keywords: [{'a,' * 100_001}]")}))


def test_D14_a_text_beyond_its_limit_is_refused(reader) -> None:
    long = index({"a": entry("a", "1.0.0", "description: " + "x" * 5000)})
    assert versions(reader(long, limits=Limits(scalar=5000))) == {"a": ["1.0.0"]}
    with pytest.raises(IndexRefused):
        reader(long, limits=Limits(scalar=4999))


@pytest.mark.parametrize("piece", ["# comment\n", "%TAG !a! tag:x,2000:\n", " \n", "x"])
def test_D14_what_goes_on_without_an_end_is_refused(reader, piece: str) -> None:
    body = piece * (20_000_000 // len(piece))
    with pytest.raises((IndexRefused, NotAnIndex)):
        reader(body)


def test_D14_problems_are_told_up_to_a_number(reader) -> None:
    text = index({"a": "".join(entry("other", f"1.0.{n}") for n in range(30))})
    listing = reader(text, limits=Limits(problems=10))
    assert len(listing.problems) == 11
    assert listing.problems[-1].cause.startswith("20 more")


# -- D15, D16, D17


def test_D15_nul_surrogates_and_huge_numbers_are_stored_cleaned(reader) -> None:
    lines = ['description: "a\\0b"', 'home: "x\\ud800y"', f"appVersion: {2**64}", 'icon: "\\ud83d\\ude00"']
    metadata = opened(reader(index({"a": entry("a", "1.0.0", *lines)})))
    assert (metadata.description, metadata.app_version) == ("ab", str(2**64))
    assert (metadata.home, metadata.icon) == ("x\ufffdy", "\U0001f600")
    assert repr(metadata).encode()


def test_D15_an_escaped_backslash_is_no_surrogate(reader) -> None:
    lines = ['description: "\\\\ud800"', 'home: "\\ud800"']
    assert opened(reader(index({"a": entry("a", "1.0.0", *lines)}))).description == "\\ud800"


@pytest.mark.parametrize("end", ["---\na: b\n", "...\njunk\n", "...\n---\nentries: {}\n", "--- x\n"])
def test_D16_a_second_document_or_junk_is_refused(reader, end: str) -> None:
    with pytest.raises(NotAnIndex):
        reader(index({"a": entry("a")}) + end)


@pytest.mark.parametrize("line", ["\tname: a", "    \tname: a", "  -\tname: a\n    version: b"])
def test_D16_tabs_for_indents_are_refused(reader, line: str) -> None:
    with pytest.raises(NotAnIndex):
        reader(index({"a": entry("a").replace("    name: a", line)}))


@pytest.mark.parametrize(
    "text", ["9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "-1", "2024-13-45T00:00:00Z",
             "2024-01-01T25:00:00Z", "1", "2024-01-01T00:00:00+99:99"]
)  # fmt: skip
def test_D17_an_absurd_time_is_unknown(reader, text: str) -> None:
    listing = reader(index({"a": entry("a", "1.0.0", f"created: {text}")}))
    assert listing.charts["a"].versions[0].created is None


def test_D17_another_zone_is_the_same_moment(reader) -> None:
    moments = {
        reader(index({"a": entry("a", "1.0.0", f"created: {text}")})).charts["a"].versions[0].created
        for text in ("'2022-02-19T22:42:54+05:30'", "2022-02-19T17:12:54Z", '"2022-02-19T17:12:54.000000000Z"')
    }
    assert len(moments) == 1
    assert {moment.utcoffset().total_seconds() for moment in moments} == {0}
