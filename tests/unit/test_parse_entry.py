"""Chart.yaml and single entries, digests, and text made fit to show."""

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import parse
from indexer.errors import EntryError
from indexer.model import ChartMetadata
from indexer.parse import text
from indexer.parse.catalog import packed

CHART = b"apiVersion: v2\nname: a\nversion: 1.0.0\n"


def test_a_chart_yaml_is_read_with_the_same_rules() -> None:
    found = parse.read_chart_yaml(CHART + b"appVersion: 1.10\ndeprecated: yes\nkeywords: a, b\nicon: null\n")
    assert (found.name, found.version, found.app_version, found.deprecated) == ("a", "1.0.0", "1.10", True)
    assert (found.keywords, found.icon, found.urls) == (("a", "b"), "", ())


@pytest.mark.parametrize(
    "data",
    [b"", b"# x\n", b"- a\n", b"x", b"name: a\n", b"version: 1.0.0\n", b"name: ../x\nversion: 1.0.0\n", b"a: b: c",
     b"\xff\xfe\x00",
     CHART + b"name: b\n", CHART + b"---\n" + CHART, CHART + b"x: *y\n", CHART + b"x: &y [*y]\n", b"\xe9",
     b"name: [a]\nversion: 1\n",
     b"name: a\nversion: " + b"1" * 300, CHART + b"Name: b\n"]
)  # fmt: skip
def test_a_chart_yaml_that_cannot_be_read_is_one_clear_error(data: bytes) -> None:
    with pytest.raises(EntryError) as caught:
        parse.read_chart_yaml(data)
    assert caught.value.cause.endswith(".")
    assert "line" in caught.value.params


def test_a_mistake_in_a_chart_yaml_has_its_line() -> None:
    with pytest.raises(EntryError) as caught:
        parse.read_chart_yaml(CHART + b"home: a: b\n")
    assert caught.value.params["line"] == 4


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_an_entry_or_an_entry_error(data: bytes) -> None:
    for read in (parse.open_entry, parse.read_chart_yaml):
        try:
            assert isinstance(read(data), ChartMetadata)
        except EntryError as error:
            assert error.cause


@given(st.dictionaries(st.sampled_from(["name", "version", "keywords", "maintainers", "dependencies", "annotations",
"deprecated", "x"]),
                       st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4),
                                    inner, max_size=3))))  # fmt: skip
def test_fields_of_any_type_give_clean_metadata(entry: dict[str, object]) -> None:
    found = parse.open_entry(packed(entry | {"_": None}) if entry else b"{}")
    assert all(isinstance(one, str) for one in (*found.keywords, *found.sources, *found.annotations.values()))
    assert all(one.name or one.email for one in found.maintainers)
    told = "".join(found.annotations.values()) + found.description
    assert not any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t" for one in told)


@pytest.mark.parametrize("written", ["AB" * 32, "sha256:" + "ab" * 32, "SHA256:" + "aB" * 32, " " + "ab" * 32 + "\n"])
def test_E11_digests_have_one_form(written: str) -> None:
    assert parse.digest_form(written) == "ab" * 32


@pytest.mark.parametrize(
    "written", ["", "ab", "g" * 64, "sha512:" + "ab" * 32, "ab" * 33, "sha256:sha256:" + "ab" * 32, "٣" * 64]
)
def test_E11_what_is_no_sha256_is_no_digest(written: str) -> None:
    assert parse.digest_form(written) == ""


@given(st.text(st.characters(), max_size=40))
def test_a_label_is_one_line_and_stays_itself(written: str) -> None:
    label = parse.label(written)
    assert label == parse.label(label)
    assert not any(one in label for one in "\0\n\r\t\u202e\u200b\u2028\ufeff\u2066\x85\x1b\u3164")
    label.encode()  # raises on a lone surrogate


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1", 1), ("-1", -1), ("+1", 1), ("010", 8), ("0o10", 8), ("08", 8.0), ("0x1F", 31), ("0b11", 3),
        ("1_000", 1000), ("0", 0),
        (str(2**64 - 1), 2**64 - 1), (str(2**64), float(2**64)), ("1.5", 1.5), (".5", 0.5), ("1.", 1.0),
        ("1e3", 1000.0),
        ("yes", True), ("Off", False), ("y", True), ("TRUE", True), ("null", None), ("~", None), ("", None),
        ("-.inf", -math.inf),
        ("12:30:45", "12:30:45"), ("2024-01-02", "2024-01-02"), ("1.2.3", "1.2.3"), ("yEs", "yEs"), ("-", "-"),
        ("0x", "0x"), ("_1", "_1"),
        ("1e", "1e"), ("9" * 5000, "9" * 5000), ("1e999", "1e999"), (".", "."), ("nan", "nan"), ("0b2", "0b2"),
    ]
)  # fmt: skip
def test_plain_scalars_are_taken_for_what_helm_takes_them(written: str, meant: object) -> None:
    found = text.resolve(written)
    assert (type(found), found) == (type(meant), meant)


@given(st.text("0123456789+-._eExXoObBaAfFinNtrusylTR~:", max_size=12))
def test_any_plain_scalar_is_taken_for_something(written: str) -> None:
    assert isinstance(text.resolve(written), str | int | float | bool | None)
