"""Manifests: which artifacts are charts, and where their parts lie. Pure.

What Helm writes: a manifest whose config is the Chart.yaml as JSON and one of whose layers is the packed chart.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from indexer.errors import N_, Phrase, phrase
from indexer.parse.text import shown
from indexer.sources.oci.reference import is_digest

MAX_MANIFEST = 4 * 1024 * 1024
"""Bytes, as Harbor and container engines bound it."""
MAX_CONFIG = 4 * 1024 * 1024
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
ACCEPT = ", ".join((OCI_MANIFEST, DOCKER_MANIFEST, OCI_INDEX, DOCKER_LIST))
"""Registries answer 404 for a manifest of a type that was not asked for."""
HELM_CONFIG = "application/vnd.cncf.helm.config.v1+json"
CHART_LAYERS = ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip")
"""Helm's since 3.7, and what its experiments before that wrote."""

PROVENANCE_LAYER = "application/vnd.cncf.helm.chart.provenance.v1.prov"

CREATED = "org.opencontainers.image.created"
DESCRIPTION = "org.opencontainers.image.description"


class ManifestFault(Exception):
    """A manifest that is refused, with the reason as a sentence."""

    def __init__(self, cause: Phrase) -> None:
        self.cause = cause
        super().__init__(cause["text"])


@dataclass(frozen=True, slots=True)
class Blob:
    """A part of an artifact."""

    digest: str
    """With ``sha256:``."""
    size: int
    """Bytes, as told."""


@dataclass(frozen=True, slots=True)
class ChartManifest:
    """A chart's manifest."""

    config: Blob
    layer: Blob
    """The packed chart."""
    provenance: Blob | None = None
    """Its provenance file, where it has one."""
    annotations: Mapping[str, str] = field(default_factory=dict)


def read_manifest(body: bytes, media_type: str) -> ChartManifest | None:
    """Read the manifest ``body`` that came as ``media_type``; None where it is no chart, but an image or an index.

    A manifest that may be read as an index as well is refused: what one tool checks is not what another one takes
    (CVE-2021-41190). Raises ManifestFault.
    """
    read = _object(body)
    _refuse_two_meanings(read, media_type)
    if media_type in (OCI_INDEX, DOCKER_LIST) or "manifests" in read:
        return None
    config = read.get("config")
    if not isinstance(config, dict) or config.get("mediaType") != HELM_CONFIG:
        return None
    layers = read.get("layers")
    return ChartManifest(
        config=_blob(config),
        layer=_chart_layer(layers),
        provenance=next((_blob(one) for one in _of_type(layers, PROVENANCE_LAYER)), None),
        annotations=_annotations(read.get("annotations")),
    )


def unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, for ``json.loads``. Raises ValueError for a key that stands twice: which one counts differs."""
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a key stands twice")
    return read


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body, object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise ManifestFault(phrase(N_("Its manifest is no proper JSON."))) from None
    if not isinstance(read, dict):
        raise ManifestFault(phrase(N_("Its manifest is no proper JSON.")))
    return read


def _refuse_two_meanings(read: Mapping[str, Any], media_type: str) -> None:
    told = read.get("mediaType") or media_type
    if "manifests" in read and ("config" in read or "layers" in read):
        raise ManifestFault(phrase(N_("Its manifest is an index as well, so nobody knows what it holds.")))
    if media_type and told != media_type:
        text = N_("Its manifest says that it is {told}, and the registry that it is {media_type}.")
        raise ManifestFault(phrase(text, told=shown(str(told)), media_type=shown(media_type)))


def _of_type(layers: Any, *types: str) -> list[dict[str, Any]]:
    listed = [one for one in layers if isinstance(one, dict)] if isinstance(layers, list) else []
    return [one for one in listed if one.get("mediaType") in types]


def _chart_layer(layers: Any) -> Blob:
    charts = _of_type(layers, *CHART_LAYERS)
    if len(charts) != 1:
        raise ManifestFault(
            phrase(N_("Its manifest names {count} packed charts where one belongs."), count=len(charts))
        )
    return _blob(charts[0])


def _blob(descriptor: Mapping[str, Any]) -> Blob:
    digest, size = descriptor.get("digest"), descriptor.get("size")
    if not isinstance(digest, str) or not is_digest(digest):
        raise ManifestFault(phrase(N_("Its manifest names a part by something else than a SHA-256.")))
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ManifestFault(phrase(N_("Its manifest tells no size of a part.")))
    return Blob(digest, size)


def _annotations(found: Any) -> dict[str, str]:
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}
