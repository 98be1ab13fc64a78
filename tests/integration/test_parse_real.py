"""The real indexes are read to the last version, both ways alike."""

import pytest
import yaml

from indexer import parse
from tests.data import bitnami_index, real_data
from tests.unit.parse_checks import outcome


@pytest.mark.parametrize("name", ["argo", "stable"])
def test_real_indexes_are_what_a_plain_yaml_loader_sees(name: str) -> None:
    body = (real_data(name) / "index.yaml").read_bytes()
    plain = yaml.load(body, Loader=yaml.CSafeLoader)["entries"]
    listing = parse.read_index(body, url=name)
    assert {chart: [one.version for one in found.versions] for chart, found in listing.charts.items()} == {
        chart: [one["version"] for one in found] for chart, found in plain.items()
    }
    for chart, found in listing.charts.items():
        for one, seen in zip(found.versions, plain[chart], strict=True):
            assert (one.digest, list(one.urls), one.deprecated) == (seen["digest"], seen["urls"], "deprecated" in seen)
            opened = parse.open_entry(one.raw)
            assert list(opened.keywords) == seen.get("keywords", [])
            assert opened.description == seen.get("description", "").strip()
            assert dict(opened.annotations) == seen.get("annotations", {})
    assert [one.kind for one in listing.problems] == (["flagged"] if name == "argo" else [])  # argo-workflows 0.46.00


@pytest.mark.parametrize("name", ["argo", "stable"])
def test_real_indexes_read_alike_both_ways(name: str) -> None:
    body = (real_data(name) / "index.yaml").read_bytes()

    def by_lines(body: bytes) -> object:
        return parse.read_index(body, url=name)

    def in_full(body: bytes) -> object:
        return parse.read_index_fully(body, url=name)

    assert outcome(by_lines, body) == outcome(in_full, body)


def test_the_large_index_is_read_to_its_end() -> None:
    body = bitnami_index()
    listing = parse.read_index(memoryview(body), url="bitnami")
    assert (len(listing.charts), listing.entries, listing.end_proven) == (159, 35_884, True)
    assert sum(len(chart.versions) for chart in listing.charts.values()) == 35_884
    assert listing.problems == ()
    known = {name: chart.fingerprint for name, chart in listing.charts.items()}
    again = parse.read_index(memoryview(body), url="bitnami", known=known)
    assert all(chart.kept for chart in again.charts.values())
    assert (again.fingerprint, again.entries) == (listing.fingerprint, 35_884)
