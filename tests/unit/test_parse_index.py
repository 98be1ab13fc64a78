"""An index becomes charts, versions and problems; what is no index is told by name."""

import json
from datetime import UTC, datetime

import pytest

from indexer import parse
from indexer.errors import IndexCutOff, IndexInvalid, IndexRefused, NotAnIndex
from tests.unit.parse_checks import DIGEST, causes, entry, index, read, read_fully, versions, without


@pytest.fixture(params=[read, read_fully], ids=["by lines", "in full"])
def reader(request):
    return request.param


def test_it_reads_the_listing_fields_of_each_version(reader) -> None:
    text = index({"a": entry("a", "1.2.3", "appVersion: v2.12.5", "deprecated: true")})
    (one,) = reader(text).charts["a"].versions
    assert (one.name, one.version, one.app_version, one.deprecated) == ("a", "1.2.3", "v2.12.5", True)
    assert one.created == datetime(2021, 5, 21, 13, 4, 19, 360025, tzinfo=UTC)
    assert (one.digest, one.urls) == (DIGEST, ("a-1.2.3.tgz",))


def test_it_keeps_the_order_of_the_index_and_counts_all_entries(reader) -> None:
    listing = reader(index({"b": entry("b", "1.0.0") + entry("b", "2.0.0") + "  - null\n", "a": entry("a", "0.1.0")}))
    assert versions(listing) == {"b": ["1.0.0", "2.0.0"], "a": ["0.1.0"]}
    assert listing.entries == 4


def test_an_entry_is_opened_in_full_from_its_raw_bytes(reader) -> None:
    lines = [
        'annotations:\n      category: Tools\n      artifacthub.io/changes: |\n        - one\n        - two',
        "dependencies:\n    - condition: redis.enabled\n      name: redis\n      repository: https://x.example\n"
        "      tags:\n      - cache\n      version: 8.x.x",
        "description: A long line that Go\n      folds",
        "keywords:\n    - one\n    - \"2\"",
        "maintainers:\n    - email: a@example.org\n      name: A",
        "sources: []",
    ]  # fmt: skip
    metadata = parse.open_entry(reader(index({"a": entry("a", "1.0.0", *lines)})).charts["a"].versions[0].raw)
    assert metadata.annotations == {"category": "Tools", "artifacthub.io/changes": "- one\n- two\n"}
    assert metadata.description == "A long line that Go folds"
    assert (metadata.keywords, metadata.sources) == (("one", "2"), ())
    assert (metadata.maintainers[0].name, metadata.maintainers[0].email) == ("A", "a@example.org")
    (needed,) = metadata.dependencies
    assert (needed.name, needed.version, needed.condition, needed.tags) == (
        "redis",
        "8.x.x",
        "redis.enabled",
        ("cache",),
    )
    assert (metadata.api_version, metadata.version, metadata.digest) == ("v2", "1.0.0", DIGEST)


def test_a_known_block_is_kept_without_being_read(reader) -> None:
    text = index({"a": entry("a") + entry("a", "2.0.0"), "b": entry("b")})
    first = reader(text)
    known = {name: chart.fingerprint for name, chart in first.charts.items()}
    changed = text.replace("name: b", "name: b\n    type: library").replace('generated: "2021', 'generated: "2022')
    second = reader(changed, known=known)
    assert (second.charts["a"].kept, second.charts["a"].versions) == (True, ())
    assert (second.charts["b"].kept, len(second.charts["b"].versions)) == (False, 1)
    assert second.entries == 3


def test_the_fingerprint_is_of_the_charts_and_not_of_the_time(reader) -> None:
    text = index({"a": entry("a"), "b": entry("b")})
    first = reader(text)
    assert reader(text.replace('generated: "2021', 'generated: "2022')).fingerprint == first.fingerprint
    assert reader(text.replace("name: b", "name: b\n    type: library")).fingerprint != first.fingerprint
    assert reader(index({"b": entry("b"), "a": entry("a")})).fingerprint != first.fingerprint


def test_equal_entries_have_equal_fingerprints_and_others_do_not(reader) -> None:
    one, same, other = (
        reader(index({"a": text})).charts["a"].versions[0]
        for text in (entry("a"), entry("a"), entry("a", "1.0.0", "type: library"))
    )
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert len(one.fingerprint) == 16


# -- what helm tolerates


def test_an_index_without_api_version_is_taken(reader) -> None:
    assert versions(reader(index({"a": entry("a")}).removeprefix("apiVersion: v1\n"))) == {"a": ["1.0.0"]}


@pytest.mark.parametrize("entries", ["entries:\n", "entries: null\n", "entries: {}\n", "entries: ~\n", ""])
def test_an_index_without_charts_is_valid_and_empty(reader, entries: str) -> None:
    listing = reader("apiVersion: v1\n" + entries + "generated: x\n")
    assert (dict(listing.charts), listing.entries, listing.problems) == ({}, 0, ())


@pytest.mark.parametrize("version", ["v1.2.3", "1.2", '"1"', "1.2.3+build.5", "1.2.3-rc.1", "v0.1"])
def test_versions_of_helm_are_kept_as_written(reader, version: str) -> None:
    listing = reader(index({"a": entry("a", version)}))
    assert versions(listing) == {"a": [version.strip('"')]}
    assert "flagged" not in [one.kind for one in listing.problems]


def test_a_field_in_another_case_is_helms_own(reader) -> None:
    text = index({"a": entry("a", "1.0.0", "apiVersion: v2").replace("apiVersion", "ApiVersion")})
    listing = reader(text)
    assert listing.problems == ()
    assert parse.open_entry(listing.charts["a"].versions[0].raw).api_version == "v2"


def test_json_is_read_by_the_same_rules(reader) -> None:
    one = {
        "name": "a",
        "version": "1.0.0",
        "urls": ["a.tgz"],
        "description": "ein\u00e4 \U0001f600",
        "deprecated": True,
    }
    for ascii_only in (True, False):
        listing = reader(json.dumps({"apiVersion": "v1", "entries": {"a": [one]}}, ensure_ascii=ascii_only))
        (version,) = listing.charts["a"].versions
        assert (version.version, version.urls, version.deprecated) == ("1.0.0", ("a.tgz",), True)
        assert parse.open_entry(version.raw).description == "ein\u00e4 \U0001f600"
        assert listing.end_proven


def test_other_indents_comments_and_flow_style_are_read(reader) -> None:
    text = (
        "---\n# made by hand\nentries:\n    a:\n        - {name: a, version: 1.0.0, urls: [x]}\n"
        "        -   name: a # the older\n            version: 0.9.0\n            urls:\n                - y\n"
    )
    assert versions(reader(text)) == {"a": ["1.0.0", "0.9.0"]}


def test_a_quoted_text_over_block_borders_fools_nobody(reader) -> None:
    trap = 'description: "runs on\n  b:\n  - name: b\n    version: 9.9.9\n    urls: [z]\n  - end"'
    listing = reader(index({"a": entry("a", "1.0.0", trap) + entry("a", "0.9.0")}))
    assert versions(listing) == {"a": ["1.0.0", "0.9.0"]}


def test_anchors_across_charts_mean_what_they_say(reader) -> None:
    text = index(
        {"a": entry("a", "1.0.0", "keywords: &words\n    - one"), "b": entry("b", "1.0.0", "keywords: *words")}
    )
    listing = reader(text)
    assert parse.open_entry(listing.charts["b"].versions[0].raw).keywords == ("one",)


def test_merge_keys_work_within_the_budget(reader) -> None:
    text = "x: &base {version: 1.0.0, urls: [x]}\nentries:\n  a:\n  - <<: *base\n    name: a\n    version: 2.0.0\n"
    assert versions(reader(text)) == {"a": ["2.0.0"]}


# -- where the end is


def test_a_key_after_the_entries_proves_the_end(reader) -> None:
    charts = {"a": entry("a")}
    assert reader(index(charts)).end_proven
    assert not reader(index(charts, end="")).end_proven
    assert reader(index(charts, end="...\n")).end_proven
    assert reader("entries: {a: [{name: a, version: 1.0.0, urls: [x]}]}").end_proven


def test_C4_a_cut_index_is_not_taken_for_a_shorter_one(reader) -> None:
    text = index({name: entry(name) + entry(name, "0.9.0", "description: 'a: b'") for name in ("a", "b")})
    whole = text.index("generated:") + len("generated:")
    for cut in range(1, len(text) - 1):
        try:
            listing = reader(text[:cut])
        except IndexInvalid:
            continue
        assert not listing.end_proven or cut >= whole, text[:cut]


@pytest.mark.parametrize(
    "end", ['    description: "never clo', "    descri", "    urls: [a", "  - apiVersion: v2", "    version: &", "  b"]
)
def test_C4_what_stops_in_the_middle_is_told_as_cut_off(reader, end: str) -> None:
    with pytest.raises(IndexCutOff) as caught:
        reader(index({"a": entry("a") + without("a", "0.9.0", "version")}, end=end))
    assert "https://charts.example.org" in caught.value.cause


def test_C4_cut_json_is_told_as_cut_off(reader) -> None:
    text = json.dumps({"apiVersion": "v1", "entries": {"a": [{"name": "a", "version": "1", "urls": ["x"]}]}})
    for cut in range(20, len(text)):
        with pytest.raises(IndexCutOff):
            reader(text[:cut])


# -- what is no index


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"# nothing\n", "empty"),
        (b"<!DOCTYPE html><html><head><title>Sign\n in</title>", "an HTML page with the title “Sign in”"),
        (b"\xef\xbb\xbf\n <html>", "an HTML page"),
        (b"<?xml version='1.0'?><Error/>", "an XML document"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04\x00", "control characters"),
        (b"not found", "no mapping"),
        (b"- a\n- b\n", "no mapping"),
        (b'{"errors": [{"code": "UNAUTHORIZED"}]}', "“errors”"),
        (b"entries: 3\n", "no mapping of charts"),
        (b"entries: [a]\n", "no mapping of charts"),
        (b"entries:\n  a: []\nentries:\n  b: []\n", "stands twice"),
        (b"a: b: c\n", "mapping values are not allowed"),
    ],
)
def test_what_is_no_index_is_told_by_what_it_is(reader, body: bytes, seen: str) -> None:
    with pytest.raises(NotAnIndex) as caught:
        reader(body)
    assert seen in caught.value.cause


def test_a_mistake_is_told_with_its_line(reader) -> None:
    text = index({"a": entry("a") + entry("a", "2.0.0")}).replace("    digest", "   digest", 1)
    with pytest.raises(NotAnIndex) as caught:
        reader(text)
    assert caught.value.params["line"] == 5 + text[: text.index("   digest")].count("\n") - 4


# -- encodings


def test_C10_a_byte_order_mark_is_accepted(reader) -> None:
    assert versions(reader(b"\xef\xbb\xbf" + index({"a": entry("a")}).encode())) == {"a": ["1.0.0"]}


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be"])
def test_C10_utf16_is_accepted_as_in_helm(reader, coding: str) -> None:
    text = "\ufeff" + index({"a": entry("a", "1.0.0", "description: 图表 \U0001f600")})
    listing = reader(text.encode(coding))
    assert parse.open_entry(listing.charts["a"].versions[0].raw).description == "图表 \U0001f600"


def test_C10_latin_1_is_refused_and_never_garbled(reader) -> None:
    with pytest.raises(NotAnIndex) as caught:
        reader(index({"a": entry("a", "1.0.0", "description: Gerät")}).encode("latin-1"))
    assert "UTF-8" in caught.value.cause
    assert caught.value.params["line"] == 6


def test_C10_a_character_cut_in_two_is_cut_off(reader) -> None:
    with pytest.raises(IndexCutOff):
        reader(index({"a": entry("a", "1.0.0", "zz: 图")}, end="").encode()[:-2])


def test_windows_line_ends_are_accepted(reader) -> None:
    listing = reader(index({"a": entry("a") + entry("a", "banana")}).replace("\n", "\r\n"))
    assert versions(listing) == {"a": ["1.0.0", "banana"]}
    assert causes(listing) == [("a", "banana", 11, "flagged")]


def test_ideographs_and_emoji_stay(reader) -> None:
    text = index({"a": entry("a", "1.0.0", 'description: "图表 \\U0001F600 e\u0301"')})
    assert parse.open_entry(reader(text).charts["a"].versions[0].raw).description == "图表 \U0001f600 e\u0301"


def test_refusals_name_the_limit(reader) -> None:
    with pytest.raises(IndexRefused) as caught:
        reader(index({"a": entry("a", "1.0.0", "x: [" * 120)}))
    assert "100" in caught.value.cause
