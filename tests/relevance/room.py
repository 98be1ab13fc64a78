"""The catalog that is searched: real charts, taken in by the real sync from loopback, kept in ``.cache``.

Of argo's newest versions no archive is at hand: the newest archive of the same chart that is stands in, with the newest
version's Chart.yaml, so that READMEs, values and CRDs are there. Of bitnami there are no archives.
"""

import io
import json
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from catalog_web.services import Services, open_services
from indexer.config import load
from indexer.versions import newest_first
from tests.command import write_config
from tests.data import bitnami_index, newest_versions, real_data
from tests.unit.chart_archives import packed, tar
from tests.upstream import Site, upstream

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / ".cache" / "sample-repo"
VERSIONS = 2
"""Newest versions of each chart that are listed; only the newest is searched."""
_MADE_BY = ("indexer", "tests/relevance/room.py", ".cache/sample-repo/index.yaml")
"""What decides what is stored and how it is indexed."""
_ENTRY_ONLY = ("urls", "digest", "created")


@contextmanager
def catalog(folder: Path = ROOT / ".cache" / "relevance") -> Iterator[Services]:
    """An open Chartroom over all of it; built on first use and whenever the code is another one."""
    current = folder / fingerprint(*_MADE_BY)
    if not (current / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _build(current)
        (current / "ready").touch()
    services = open_services(load(current / "chartroom.yaml", {}))
    try:
        services.catalog.follow()
        yield services
    finally:
        services.close()


def fingerprint(*names: str) -> str:
    """Of files, and of all code in folders: equal while what is made by them is equal."""
    digest = sha256()
    for path in (ROOT / name for name in names):
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _build(folder: Path) -> None:
    with upstream() as site:
        sources = [
            {"name": "argo", "url": _argo(site)},
            {"name": "bitnami", "url": _bitnami(site), "content": "none"},
            {"name": "sample", "url": str(SAMPLE), "kind": "directory"},
            {"name": "stable", "url": _stable(site)},
        ]
        services = open_services(load(write_config(folder, sources), {}))
        try:
            services.store.sources.configure(services.config.sources, datetime.now(UTC))
            for source in sources:
                result = services.syncer.sync(source["name"])
                if result.error is not None:
                    raise result.error
        finally:
            services.close()


def _stable(site: Site) -> str:
    site.serve_folder(real_data("stable"), "/stable")
    return f"{site.url}/stable"


def _bitnami(site: Site) -> str:
    site.put("/bitnami/index.yaml", newest_versions(bitnami_index().decode(), VERSIONS))
    return f"{site.url}/bitnami"


def _argo(site: Site) -> str:
    text = newest_versions((real_data("argo") / "index.yaml").read_text(), VERSIONS)
    index = yaml.load(text, yaml.CSafeLoader)
    for chart, (entry, *_) in index["entries"].items():
        file = f"{chart}-{entry['version']}.tgz"
        body = _stand_in(chart, entry)
        site.put(f"/argo/{file}", body, content_type="application/gzip")
        entry.update(urls=[file], digest=sha256(body).hexdigest())
    site.put("/argo/index.yaml", json.dumps(index, default=str))
    return f"{site.url}/argo"


def _stand_in(chart: str, entry: Mapping[str, Any]) -> bytes:
    """The newest archive of ``chart`` that is at hand, as if it were the version of ``entry``."""
    metadata = {key: value for key, value in entry.items() if key not in _ENTRY_ONLY}
    files = {**_newest_archive(chart), f"{chart}/Chart.yaml": yaml.safe_dump(metadata).encode()}
    return packed(tar(files.items()))


def _newest_archive(chart: str) -> dict[str, bytes]:
    prefix = f"{chart}-"
    found = {file.name: file for file in real_data("argo").glob(f"{prefix}[0-9]*.tgz")}
    if not found:
        return {}
    version = newest_first([name.removeprefix(prefix).removesuffix(".tgz") for name in found])[0]
    with tarfile.open(fileobj=io.BytesIO(found[f"{prefix}{version}.tgz"].read_bytes())) as archive:
        return {one.name: opened.read() for one in archive if (opened := archive.extractfile(one))}
