"""What is called certain is what Helm itself renders with a chart's defaults."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from indexer import versions
from indexer.archive import read_archive, read_chart_metadata
from indexer.image_reference import read_reference
from indexer.model import ChartMetadata
from tests.data import real_data
from tests.parts.located import located

pytestmark = pytest.mark.parts

EVERY = 10
"""Of a large repository each tenth chart is looked at."""
UNREAD = {"mysqldump"}
"""It renders a file beside its templates, which is not kept: its image is a guess."""


def newest(folder: Path) -> list[tuple[ChartMetadata, Path]]:
    found: dict[str, dict[str, tuple[ChartMetadata, Path]]] = {}
    for path in sorted(folder.glob("*.tgz")):
        metadata = read_chart_metadata(path)
        found.setdefault(metadata.name, {})[metadata.version] = (metadata, path)
    return [known[versions.newest_first(known)[0]] for known in found.values()]


def rendered(path: Path) -> str:
    command = [str(located("helm3")), "template", "release-name", str(path), "--skip-tests", "--kube-version", "1.30.0"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def in_manifests(text: str) -> set[str]:
    """The images of all objects but data, definitions and tests."""
    found = set()
    for manifest in yaml.load_all(text, yaml.CBaseLoader):
        if manifest and manifest.get("kind") not in ("ConfigMap", "Secret", "CustomResourceDefinition"):
            found |= set(below(manifest))
    return found


def below(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from below(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key == "image" and isinstance(one, str):
                yield full(one)
            else:
                yield from below(one)


def full(reference: str) -> str:
    found = read_reference(reference)
    return found.full if found else reference


@pytest.mark.parametrize(("repository", "least"), [("sample", 10), ("argo", 9), ("stable", 20)])
def test_certain_images_are_those_that_helm_renders(repository: str, least: int) -> None:
    folder = Path(__file__).parents[2] / ".cache" / "sample-repo" if repository == "sample" else real_data(repository)
    charts = newest(folder)
    compared = 0
    for metadata, path in charts[:: EVERY if len(charts) > 100 else 1]:
        text = rendered(path)
        if not text or metadata.name in UNREAD:
            continue
        content = read_archive(path, chart=metadata.name, version=metadata.version)
        certain = {full(one.reference) for one in content.images if one.certain}
        assert certain == in_manifests(text), path.name
        compared += 1
    assert compared >= least
