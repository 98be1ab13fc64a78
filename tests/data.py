"""Real repositories for tests and benchmarks, where this machine has them."""

import gzip
import os
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

DATA = Path(os.environ.get("CHARTROOM_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")


def real_data(name: str) -> Path:
    """The folder of a real repository; skips the test, saying so, where there is none."""
    folder = DATA / name
    if not folder.is_dir():
        print("not run: no data")
        pytest.skip("not run: no data")
    return folder


def bitnami_index() -> bytes:
    """41,369,911 bytes: 159 charts, 35,884 versions. There are no archives."""
    return gzip.decompress((real_data("bitnami") / "index.yaml.gz").read_bytes())


def argo_cut_to_its_archives() -> str:
    """The index of argo with only those versions whose archives are there (328)."""
    folder = real_data("argo")
    there = {file.name for file in folder.glob("*.tgz")}
    text = (folder / "index.yaml").read_text()
    return _cut(text, lambda versions: [one for one in versions if _archive_names(one) & there])


def newest_versions(index: str, count: int) -> str:
    """``index``, as helm writes it (newest first), with the first ``count`` versions of each chart."""
    return _cut(index, lambda versions: versions[:count])


def _cut(index: str, keep: Callable[[list[str]], list[str]]) -> str:
    head, _, rest = index.partition("entries:\n")
    entries, mark, tail = rest.rpartition("generated:")
    charts = re.split(r"(?m)^(?=  [^\s-])", entries)
    kept = [cut for chart in charts if (cut := _cut_chart(chart, keep))]
    return f"{head}entries:\n{''.join(kept)}{mark}{tail}"


def _cut_chart(chart: str, keep: Callable[[list[str]], list[str]]) -> str:
    name, *versions = re.split(r"(?m)^(?=  - )", chart)
    kept = keep(versions)
    return name + "".join(kept) if kept else ""


def _archive_names(version: str) -> set[str]:
    found = re.search(r"(?m)^    urls:\n((?:    - .*\n)+)", version)
    urls = [line.strip().removeprefix("- ") for line in found[1].splitlines()] if found else []
    return {url for url in urls if "/" not in url}


def digest_of(text: str) -> str:
    """A digest that looks right and is nobody's."""
    return sha256(text.encode()).hexdigest()
