"""Every archive of two real repositories is read whole, and every README of theirs renders."""

import tarfile
from pathlib import Path

import pytest
import yaml

from catalog_web.markdown import render_readme
from indexer.archive import check_digest, read_archive
from tests.data import real_data


def listed(folder: Path) -> list[tuple[str, str, str, Path]]:
    """Name, version, digest and file of every version whose archive is there."""
    index = yaml.load((folder / "index.yaml").read_bytes(), yaml.CBaseLoader)
    return [
        (name, one["version"], one["digest"], folder / one["urls"][0])
        for name, versions in index["entries"].items()
        for one in versions
        if (folder / one["urls"][0].rsplit("/", 1)[-1]).is_file() and "://" not in one["urls"][0]
    ]


def packed_text(path: Path, name: str) -> str:
    with tarfile.open(path) as archive:
        found = [one for one in archive.getmembers() if one.name.split("/", 1)[-1] == name]
        data = archive.extractfile(found[0]) if found else None
        return data.read().decode() if data else ""


@pytest.mark.parametrize(("repository", "archives"), [("argo", 328), ("stable", 564)])
def test_no_archive_of_a_real_repository_is_refused(repository, archives):
    versions = listed(real_data(repository))
    assert len(versions) == archives
    for name, version, digest, path in versions:
        check_digest(path, digest, name, version)
        content = read_archive(path, chart=name, version=version)
        assert content.values == packed_text(path, "values.yaml")
        assert content.readme == packed_text(path, "README.md")
        assert not render_readme(content.readme).truncated
