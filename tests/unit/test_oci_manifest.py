"""Manifests: which artifacts are charts."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.oci.manifest import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    HELM_CONFIG,
    OCI_INDEX,
    OCI_MANIFEST,
    Blob,
    ChartManifest,
    ManifestFault,
    read_manifest,
)

CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
PROVENANCE = "application/vnd.cncf.helm.chart.provenance.v1.prov"


def digest(letter: str) -> str:
    return f"sha256:{letter * 64}"


def part(media_type: str, letter: str) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest(letter), "size": 7}


CHART: dict[str, Any] = {
    "schemaVersion": 2,
    "config": part(HELM_CONFIG, "a"),
    "layers": [part(CHART_LAYER, "b"), part(PROVENANCE, "c")],
    "annotations": {"org.opencontainers.image.created": "2026-01-01T00:00:00Z"},
}


def read(manifest: Any, media_type: str = OCI_MANIFEST) -> ChartManifest | None:
    return read_manifest(json.dumps(manifest).encode(), media_type)


def refused(manifest: Any, media_type: str = OCI_MANIFEST) -> str:
    body = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    with pytest.raises(ManifestFault) as caught:
        read_manifest(body, media_type)
    return caught.value.cause["text"]


def test_a_chart_has_a_config_and_one_packed_chart() -> None:
    found = read(CHART)
    assert found is not None
    assert (found.config, found.layer) == (Blob(digest("a"), 7), Blob(digest("b"), 7))
    assert found.annotations == CHART["annotations"]


def test_the_layer_of_helms_experiments_counts_as_well() -> None:
    found = read(CHART | {"layers": [part("application/tar+gzip", "b")]})
    assert found is not None and found.layer.digest == digest("b")


@pytest.mark.parametrize(
    ("manifest", "media_type"),
    [
        (CHART | {"config": part("application/vnd.oci.image.config.v1+json", "a")}, OCI_MANIFEST),
        (CHART | {"config": part("application/vnd.docker.container.image.v1+json", "a")}, DOCKER_MANIFEST),
        ({"schemaVersion": 2, "layers": []}, OCI_MANIFEST),
        ({"schemaVersion": 2, "config": None}, OCI_MANIFEST),
        ({"schemaVersion": 2, "manifests": []}, OCI_INDEX),
        ({"schemaVersion": 2, "manifests": [], "mediaType": DOCKER_LIST}, DOCKER_LIST),
        ({}, ""),
    ],
)
def test_images_indexes_and_others_are_no_charts(manifest: Any, media_type: str) -> None:
    assert read(manifest, media_type) is None


@pytest.mark.parametrize("media_type", [OCI_MANIFEST, OCI_INDEX, ""])
def test_N6_a_manifest_that_is_an_index_as_well_is_refused(media_type: str) -> None:
    assert "index as well" in refused(CHART | {"manifests": []}, media_type)


def test_N6_a_manifest_that_says_to_be_something_else_than_the_registry_says_is_refused() -> None:
    assert "the registry" in refused(CHART | {"mediaType": OCI_INDEX})
    assert "the registry" in refused(CHART | {"mediaType": ["x"]})
    assert read(CHART | {"mediaType": OCI_MANIFEST}) is not None
    assert read(CHART | {"mediaType": OCI_MANIFEST}, "") is not None


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b'{"config": 1, "config": 2}', b"[" * 100_000, b"\xff"])
def test_what_is_no_proper_JSON_is_refused(body: bytes) -> None:
    assert "no proper JSON" in refused(body)


@pytest.mark.parametrize("layers", [None, [], [3], [part(PROVENANCE, "c")], [part(CHART_LAYER, "b")] * 2, {"a": 1}])
def test_a_chart_without_exactly_one_packed_chart_is_refused(layers: Any) -> None:
    assert "packed charts" in refused(CHART | {"layers": layers})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("digest", "sha512:" + "a" * 128),
        ("digest", "sha256:../../secret"),
        ("digest", None),
        ("digest", "sha256:" + "A" * 64),
        ("size", -1),
        ("size", None),
        ("size", True),
        ("size", "7"),
    ],
)
def test_a_part_that_is_not_named_properly_is_refused(field: str, value: Any) -> None:
    refused(CHART | {"config": CHART["config"] | {field: value}})
    refused(CHART | {"layers": [part(CHART_LAYER, "b") | {field: value}]})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.sampled_from([HELM_CONFIG, CHART_LAYER]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["mediaType", "digest", "size", "x"]), inner)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["config", "layers", "manifests", "mediaType", "annotations"]), JSON))
def test_whatever_the_fields_hold_it_is_read_or_refused(fields: dict[str, Any]) -> None:
    try:
        found = read(CHART | fields)
    except ManifestFault:
        return
    assert found is None or all(isinstance(one, str) for one in found.annotations.values())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read_manifest(body, OCI_MANIFEST)
    except ManifestFault:
        return
