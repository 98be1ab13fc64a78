"""Chart.yaml as registries tell it: as JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import ChartroomError, EntryError
from indexer.model import ChartMetadata
from indexer.parse import open_entry, read_chart_json
from indexer.sources.entry import entry_of, listed_version

CHART: dict[str, Any] = {
    "name": "argo",
    "version": "1.0.0+build.7",
    "appVersion": "v3",
    "apiVersion": "v2",
    "description": "Workflows",
    "deprecated": True,
    "keywords": ["flow", "jobs"],
    "maintainers": [{"name": "Ann", "email": "ann@example.org"}],
    "dependencies": [{"name": "redis", "version": ">=1", "repository": "oci://example.org/charts"}],
    "annotations": {"category": "Infra"},
}

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


def test_all_that_helm_writes_is_read() -> None:
    chart = read_chart_json(CHART)
    assert (chart.name, chart.version, chart.app_version) == ("argo", "1.0.0+build.7", "v3")
    assert chart.deprecated
    assert chart.keywords == ("flow", "jobs")
    assert [one.email for one in chart.maintainers] == ["ann@example.org"]
    assert [one.repository for one in chart.dependencies] == ["oci://example.org/charts"]
    assert chart.annotations == {"category": "Infra"}


@pytest.mark.parametrize("deprecated", [True, "true"])
def test_deprecated_may_be_text_as_raw_pushers_write_it(deprecated: object) -> None:
    assert read_chart_json(CHART | {"deprecated": deprecated}).deprecated


def test_a_number_where_text_belongs_is_taken_as_it_is_written() -> None:
    assert read_chart_json(CHART | {"appVersion": 17}).app_version == "17"


@pytest.mark.parametrize(
    "value", [None, [], "x", 3, {}, {"name": "argo"}, CHART | {"name": "../x"}, CHART | {"version": "x" * 300}]
)
def test_what_names_no_chart_is_refused(value: object) -> None:
    with pytest.raises(EntryError):
        read_chart_json(value)


def test_a_deep_nest_is_refused() -> None:
    with pytest.raises(EntryError, match="nested too deeply"):
        read_chart_json(CHART | {"annotations": json.loads("[" * 400 + "]" * 400)})


@given(st.dictionaries(st.sampled_from(list(CHART)), VALUES))
def test_whatever_the_fields_hold_it_is_read_or_refused(fields: dict[str, Any]) -> None:
    try:
        chart = read_chart_json(CHART | fields)
    except ChartroomError:
        return
    assert chart.name and chart.version
    json.dumps(entry_of(chart, (), "", None)).encode()


def test_an_entry_made_of_metadata_is_read_back_as_the_same() -> None:
    chart = read_chart_json(CHART)
    listed = listed_version(chart, ("oci://example.org/argo:1.0.0_build.7",), digest="a" * 64, created=None)
    read: ChartMetadata = open_entry(listed.raw)
    assert read.urls == listed.urls
    assert read.digest == "a" * 64
    assert (read.name, read.version, read.deprecated, read.keywords) == (
        chart.name,
        chart.version,
        True,
        chart.keywords,
    )


def test_another_manifest_makes_another_fingerprint_of_the_same_entry() -> None:
    chart = read_chart_json(CHART)
    one, other = (listed_version(chart, (), digest="", created=None, manifest=which * 64) for which in "ab")
    assert one.raw == other.raw
    assert one.fingerprint != other.fingerprint
