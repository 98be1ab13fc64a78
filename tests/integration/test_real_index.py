"""The real bitnami index, 41 MB and 35,884 versions, through ``chartroom sync``."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from indexer.model import Attempt
from tests.command import chartroom, write_config
from tests.data import argo_cut_to_its_archives, bitnami_index, digest_of, real_data
from tests.postgres import open_store
from tests.upstream import Site

CHARTS, VERSIONS = 159, 35_884


def sync(config: Path, code: int = 0, *more: str) -> dict[str, Any]:
    done = chartroom(config, "sync", "--json", "--no-archives", *more)
    assert done.returncode == code, done.stderr
    (answer,) = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def counts(answer: dict[str, Any]) -> tuple[str, int, int, int, int]:
    return answer["outcome"], answer["added"], answer["updated"], answer["removed"], answer["repushed"]


def ledger(config: Path) -> tuple[Attempt, ...]:
    store = open_store(config.parent / "data")
    try:
        return store.ledger.of("bitnami")
    finally:
        store.close()


def one_entry(index: bytes, chart: str) -> bytes:
    """The first version of ``chart`` as it stands in the index."""
    found = re.search(rb"\n  " + chart.encode() + rb":\n(  - .*?\n)(?=  \S)", index, re.DOTALL)
    assert found
    return re.split(rb"(?m)^(?=  - )", found[1])[1]


@pytest.mark.parts
def test_the_life_of_a_large_repository(tmp_path: Path, site: Site) -> None:
    index = bitnami_index()
    config = write_config(tmp_path, [{"name": "bitnami", "url": site.url, "content": "none"}])
    site.put("/index.yaml", index, etag='"1"')

    assert counts(sync(config)) == ("changed", VERSIONS, 0, 0, 0)
    again = sync(config)
    assert (counts(again), again["bytes"]) == (("unchanged", 0, 0, 0, 0), 0)

    site.put("/index.yaml", index)
    equal = sync(config)
    assert counts(equal) == ("unchanged", 0, 0, 0, 0)
    assert equal["bytes"] > 0

    entry = one_entry(index, "nginx")
    version = re.search(rb"\n    version: (.*)\n", entry)
    assert version
    newer = entry.replace(b"\n    version: " + version[1], b"\n    version: 999.0.0")
    added = index.replace(entry, newer + entry, 1)
    site.put("/index.yaml", added)
    assert counts(sync(config)) == ("changed", 1, 0, 0, 0)

    site.put("/index.yaml", index)
    assert counts(sync(config)) == ("changed", 0, 0, 1, 0)

    repushed = index.replace(entry, re.sub(rb"digest: \w+", f"digest: {digest_of('x')}".encode(), entry), 1)
    site.put("/index.yaml", repushed)
    assert counts(sync(config)) == ("changed", 0, 0, 0, 1)

    site.behave("/index.yaml", "cut", at=len(index) // 2)
    assert sync(config, 3)["error"]["id"] == "cut-off"
    site.behave("/index.yaml", None)
    site.put("/index.yaml", "<!doctype html><title>Maintenance</title>", content_type="text/html")
    assert sync(config, 3)["error"]["id"] == "not-an-index"

    rows = ledger(config)
    assert [one.outcome for one in rows] == [
        "failed", "failed", "changed", "changed", "changed", "unchanged", "unchanged", "changed",
    ]  # fmt: skip
    assert [one.error_id for one in rows[:2]] == ["not-an-index", "cut-off"]
    store = open_store(config.parent / "data")
    state = store.sources.get("bitnami")
    assert (state.charts, state.versions, state.health) == (CHARTS, VERSIONS, "failing")
    store.close()


@pytest.mark.parts
def test_C4_a_real_index_cut_anywhere_loses_no_chart(tmp_path: Path, site: Site) -> None:
    index = argo_cut_to_its_archives()
    config = write_config(tmp_path, [{"name": "bitnami", "url": site.url, "content": "none"}])
    site.put("/index.yaml", index)
    assert sync(config)["added"] == 328
    for part in range(1, 12):
        site.put("/index.yaml", index[: len(index) * part // 12])
        done = chartroom(config, "sync", "--json", "--no-archives")
        assert json.loads(done.stdout)[0]["removed"] == 0
    store = open_store(config.parent / "data")
    assert store.sources.get("bitnami").versions == 328
    store.close()


@pytest.mark.parts
@pytest.mark.parametrize(
    ("name", "charts", "versions", "problems"),
    [("argo", 11, 1628, ["argo-workflows 0.46.00"]), ("stable", 282, 564, [])],
)
def test_a_real_repository_is_taken_whole(
    tmp_path: Path, site: Site, name: str, charts: int, versions: int, problems: list[str]
) -> None:
    site.put("/index.yaml", (real_data(name) / "index.yaml").read_bytes())
    config = write_config(tmp_path, [{"name": "bitnami", "url": site.url, "content": "none"}])
    answer = sync(config)
    assert answer["added"] == versions
    assert [f"{one['chart']} {one['version']}" for one in answer["problems"]] == problems
    store = open_store(config.parent / "data")
    assert store.sources.get("bitnami").charts == charts
    store.close()
