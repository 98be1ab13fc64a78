"""captain's record of a release: what is in it, and what is unknown where it cannot be read."""

import base64
import gzip
import json
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.release_record import MAX_PACKED, MAX_UNPACKED, newest_first, read, running

MANIFEST = "---\n# Source: tiny/templates/service.yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: web-tiny\n"
CHART = {"metadata": {"name": "tiny", "version": "0.2.0", "appVersion": "1.16.0"}, "templates": []}
HOOKS = [
    {
        "name": "web-test",
        "kind": "Pod",
        "path": "tiny/templates/tests/test.yaml",
        "manifest": "apiVersion: v1\nkind: Pod\n",
        "events": ["test"],
        "last_run": {"phase": "Succeeded"},
        "delete_policies": ["before-hook-creation"],
    }
]


def packed(content: Any) -> str:
    return base64.b64encode(gzip.compress(json.dumps(content).encode(), mtime=0)).decode()


def release(version: int = 1, state: str = "deployed", **parts: Any) -> dict[str, Any]:
    spec = {
        "name": "web",
        "version": version,
        "chartData": packed(CHART),
        "configData": packed({"replicaCount": 2}),
        "manifestData": packed(MANIFEST),
        "hooksData": packed(HOOKS),
        **parts,
    }
    status = {
        "status": state,
        "Description": "Install complete",
        "notes": "Hello",
        "first_deployed": "2026-11-23T06:55:43.857880445Z",
        "last_deployed": "2026-11-23T06:55:43.857880445Z",
        "deleted": "",
    }
    return {"metadata": {"name": f"sh.helm.release.v1.web.v{version}"}, "spec": spec, "status": status}


def test_it_tells_what_really_ran() -> None:
    record = read(release())
    assert (record.name, record.version, record.status, record.description) == (
        "web",
        1,
        "deployed",
        "Install complete",
    )
    assert (record.chart, record.chart_version, record.app_version) == ("tiny", "0.2.0", "1.16.0")
    assert record.values == {"replicaCount": 2}
    assert record.manifest == MANIFEST
    assert record.last_deployed == datetime(2026, 11, 23, 6, 55, 43, 857880, tzinfo=UTC)
    assert record.unknown == ()


def test_it_tells_the_hooks_with_how_they_went() -> None:
    (hook,) = read(release()).hooks
    assert (hook.name, hook.kind, hook.events, hook.phase) == ("web-test", "Pod", ("test",), "Succeeded")
    assert hook.deleted_on == ("before-hook-creation",)


def test_no_values_and_no_hooks_are_not_unknown() -> None:
    record = read(release(configData=packed(None), hooksData=packed(None)))
    assert (record.values, record.hooks, record.unknown) == ({}, (), ())


def test_records_are_ordered_by_their_number_and_not_by_their_name() -> None:
    records = newest_first([release(9), release(10), release(2)])
    assert [one.version for one in records] == [10, 9, 2]


def test_what_runs_is_the_deployed_record_and_not_the_newest() -> None:
    records = newest_first([release(1), release(2, "failed")])
    found = running(records)
    assert found is not None
    assert found.version == 1
    assert running([]) is None


def test_records_of_another_release_are_left_out() -> None:
    assert newest_first([release()], "other") == ()


@pytest.mark.parametrize(
    "part",
    [
        None,
        7,
        {"a": 1},
        "not base64!",
        base64.b64encode(b"no gzip").decode(),
        base64.b64encode(gzip.compress(b"no json", mtime=0)).decode(),
        base64.b64encode(gzip.compress(b"[" * 100_000, mtime=0)).decode(),
        base64.b64encode(gzip.compress(b'"cut off"', mtime=0)[:-6]).decode(),
        "A" * (MAX_PACKED + 1),
        packed(7),
    ],
)
def test_L3_a_part_that_cannot_be_read_is_unknown_by_itself(part: Any) -> None:
    record = read(release(manifestData=part))
    assert record.unknown == ("manifest",)
    assert record.manifest == ""
    assert record.chart_version == "0.2.0"


def test_L3_a_part_that_unpacks_to_too_much_is_unknown() -> None:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = squeeze.compress(b" " * (MAX_UNPACKED + 10)) + squeeze.flush()
    assert read(release(configData=base64.b64encode(bomb).decode())).unknown == ("values",)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=10,
)
parts = st.sampled_from(["chartData", "configData", "manifestData", "hooksData"])


@given(json_like, json_like, st.dictionaries(parts, json_like | json_like.map(packed)))
def test_L3_nothing_that_a_cluster_returns_makes_it_raise(spec: Any, status: Any, packages: dict[str, Any]) -> None:
    read({"metadata": spec, "spec": spec, "status": status})
    record = read({"metadata": {"labels": spec}, "spec": {**packages, "name": spec}, "status": status})
    record.manifest.encode()
