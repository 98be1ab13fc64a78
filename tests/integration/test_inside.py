"""Seen from inside a cluster, over API and command line: captain's own words, and the Job to apply."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.command import chartroom
from tests.kube_api import KubeApi
from tests.web import Web, web

URL = "http://charts.example.org:8080/stable"


@pytest.fixture
def room(tmp_path: Path, kube: KubeApi) -> Iterator[Web]:
    options: Any = {"clusters": [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]}
    sources = [{"name": "shop", "url": URL}, {"name": "local", "url": str(tmp_path), "kind": "directory"}]
    with web(tmp_path, sources, **options) as running:
        yield running


def view(room: Web, name: str = "shop") -> Any:
    (one,) = room.get(f"/api/v1/sources/{name}/inside")["items"]
    return one


def test_without_a_chart_repo_it_says_so_and_shows_the_job(room: Web) -> None:
    one = view(room)
    assert (one["cluster"], one["state"], one["repo"]) == ("home", "absent", "")
    assert "Publish" in one["remedy"]
    made = yaml.safe_load(one["job"])
    assert (made["kind"], made["metadata"]["namespace"]) == ("Job", "captain")
    env = {each["name"]: each["value"] for each in made["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env == {"HOST": "charts.example.org", "PORT": "8080"}


@pytest.mark.parametrize("name", ["shop", "theirs"])
def test_captains_phase_and_reason_are_told_by_name_or_address(room: Web, kube: KubeApi, name: str) -> None:
    reason = f'Get "{URL}/index.yaml": dial tcp: lookup charts.example.org on 10.96.0.10:53: no such host'
    kube.put_repo(name, f"{URL}/", {"phase": "Failed", "reason": reason})
    one = view(room)
    assert (one["state"], one["repo"], one["phase"], one["reason"]) == ("failing", name, "Failed", reason)
    assert one["cause"] == "captain cannot resolve the name charts.example.org:8080 in its cluster."
    assert "coredns" in one["remedy"]


def test_a_login_in_the_address_of_a_chart_repo_is_never_told(room: Web, kube: KubeApi) -> None:
    kube.put_repo("shop", "http://me:hunter2@inner.example.org/x", {"phase": "Synced"})
    one = view(room)
    assert (one["state"], "hunter2" in str(one), "inner.example.org" in one["job"]) == ("ok", False, True)


def test_a_cluster_that_does_not_tell_is_a_part_of_the_answer(room: Web, kube: KubeApi) -> None:
    kube.forbidden.add("chartrepos")
    one = view(room)
    assert one["state"] == "unknown"
    assert one["cause"]
    assert "chartrepos" in one["remedy"]
    assert one["job"]


def test_a_folder_has_no_host_to_look_for(room: Web) -> None:
    assert view(room, "local")["job"] == ""


def test_an_unknown_source_or_cluster_is_not_found(room: Web) -> None:
    room.get("/api/v1/sources/nothing/inside", 404)
    room.get("/api/v1/sources/shop/inside?cluster=moon", 404)


def test_the_command_line_prints_a_file_to_apply(room: Web, tmp_path: Path) -> None:
    done = chartroom(tmp_path / "chartroom.yaml", "source", "inside", "shop")
    assert (done.returncode, done.stderr) == (0, "")
    assert yaml.safe_load(done.stdout)["kind"] == "Job"
    told = json.loads(chartroom(tmp_path / "chartroom.yaml", "source", "inside", "shop", "--json").stdout)
    assert told["items"][0]["state"] == "absent"
