"""Upgrade, history, rollback and uninstall from the command line: what is printed, and the exit code of each end."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from indexer.store.tables import revisions
from tests.command import chartroom, command_line, environment, write_config
from tests.kube_api import Asked, KubeApi, Reply, kube_api
from tests.postgres import open_store
from tests.repository import repository
from tests.upstream import Site

INSTALL = (
    "install",
    "shop/redis",
    "--version",
    "1.0.0",
    "--name",
    "cache",
    "--namespace",
    "apps",
    "--set",
    "replicas=3",
)
CACHE = ("cache", "-n", "apps")


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with kube_api() as api:
        yield api


@pytest.fixture
def ship(tmp_path: Path, site: Site, kube: KubeApi) -> Path:
    """A configuration with a cluster in which `cache` is installed."""
    repository({"redis": ("2.0.0", "1.0.0")}).serve(site)
    cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    config = write_config(tmp_path / "room", [{"name": "shop", "url": site.url}], clusters=[cluster])
    assert chartroom(config, "sync", "--no-archives").returncode == 0
    assert chartroom(config, *INSTALL).returncode == 0
    kube.change("cache", status={"phase": "Synced", "version": "1.0.0", "lastSpecHash": "11"})
    return config


def captain(kube: KubeApi, act: Callable[[], Any]) -> None:
    """Have captain ``act`` a moment after the next write."""
    plain, done = kube.answer, []

    def answer(asked: Asked) -> Reply:
        reply = plain(asked)
        if asked.method in ("PUT", "DELETE") and "dryRun" not in asked.query and not done:
            done.append(threading.Timer(0.8, act))
            done[0].start()
        return reply

    kube.answer = answer  # type: ignore[method-assign]


def test_upgrade_goes_to_the_newest_release_and_keeps_the_values(ship: Path, kube: KubeApi) -> None:
    done = chartroom(ship, "upgrade", *CACHE, "--why", "security")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("home/apps/cache: ")
    spec = kube.objects["apps", "cache"]["spec"]
    assert (spec["version"], spec["values"]) == ("2.0.0", {"replicas": 3})
    newest = json.loads(chartroom(ship, "history", *CACHE, "--json").stdout)["items"][0]
    assert (newest["action"], newest["why"], newest["person"]) == ("upgrade", "security", "operator")


def test_set_changes_one_value_and_reset_values_forgets_the_others(ship: Path, kube: KubeApi) -> None:
    chartroom(ship, "upgrade", *CACHE, "--set", "tag=x")
    assert kube.objects["apps", "cache"]["spec"]["values"] == {"replicas": 3, "tag": "x"}
    chartroom(ship, "upgrade", *CACHE, "--reset-values", "--set", "tag=y")
    assert kube.objects["apps", "cache"]["spec"]["values"] == {"tag": "y"}


def test_a_dry_run_prints_what_the_cluster_would_have_and_sends_nothing(ship: Path, kube: KubeApi) -> None:
    done = chartroom(ship, "upgrade", *CACHE, "--dry-run")
    assert (done.returncode, yaml.safe_load(done.stdout)["spec"]["version"]) == (0, "2.0.0")
    assert "shop/redis: 1.0.0 → 2.0.0, 1 behind" in done.stderr
    assert kube.objects["apps", "cache"]["spec"]["version"] == "1.0.0"


def test_wait_ends_with_0_once_captain_has_synced(ship: Path, kube: KubeApi) -> None:
    captain(kube, lambda: kube.change("cache", status={"version": "2.0.0", "lastSpecHash": "12"}))
    done = chartroom(ship, "upgrade", *CACHE, "--wait", "--timeout", "20s")
    assert (done.returncode, "Installed" in done.stdout) == (0, True)


def test_wait_ends_with_4_where_captain_failed(ship: Path, kube: KubeApi) -> None:
    captain(kube, lambda: kube.change("cache", status={"phase": "Failed", "reason": "cannot patch"}))
    done = chartroom(ship, "upgrade", *CACHE, "--wait", "--timeout", "20s")
    assert (done.returncode, "cannot patch" in done.stderr) == (4, True)


def test_wait_ends_with_5_where_captain_says_nothing_in_time(ship: Path) -> None:
    assert chartroom(ship, "upgrade", *CACHE, "--wait", "--timeout", "1s").returncode == 5


def test_history_lists_what_was_sent_and_what_others_did(ship: Path, kube: KubeApi) -> None:
    kube.change("cache", spec={"version": "1.5.0"})
    header, newest, first = chartroom(ship, "history", *CACHE).stdout.splitlines()
    assert header.split() == ["REVISION", "AT", "ACTION", "VERSION", "BY", "OUTCOME", "WHY"]
    assert newest.split()[0] == "2"
    assert "seen" in newest
    assert "1.5.0" in newest
    assert "install" in first


def test_rollback_waits_and_says_where_it_went(ship: Path, kube: KubeApi) -> None:
    chartroom(ship, "upgrade", *CACHE)
    kube.change("cache", status={"phase": "Failed", "reason": "broken"})
    captain(kube, lambda: kube.change("cache", status={"phase": "Synced", "reason": None}))
    done = chartroom(ship, "rollback", "cache", "1", "-n", "apps", "--wait", "--timeout", "20s")
    assert done.returncode == 0, done.stderr
    assert kube.objects["apps", "cache"]["spec"]["version"] == "1.0.0"
    assert "rollback to 1" in chartroom(ship, "history", *CACHE).stdout


def test_uninstall_waits_until_it_is_gone(ship: Path, kube: KubeApi) -> None:
    kube.change("cache", metadata={"finalizers": ["captain.cpaas.io"]})
    captain(kube, kube.objects.clear)
    done = chartroom(ship, "uninstall", *CACHE, "--wait", "--timeout", "20s")
    assert (done.returncode, "Removed" in done.stdout) == (0, True)
    assert chartroom(ship, "rollback", "cache", "1", "-n", "apps").returncode == 0
    assert kube.objects["apps", "cache"]["spec"]["version"] == "1.0.0"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("upgrade", "nothere", "-n", "apps"), 1),
        (("history", "nothere", "-n", "apps"), 1),
        (("rollback", "nothere", "1", "-n", "apps"), 2),
        (("rollback", "cache", "9", "-n", "apps"), 2),
        (("uninstall", "nothere", "-n", "apps"), 1),
        (("upgrade", "cache", "-n", "apps", "--version", "9.9.9"), 1),
        (("upgrade", "cache", "-n", "apps", "--set", "=x"), 2),
        (("upgrade", "cache"), 2),
        (("history", "cache", "-n", "apps", "--cluster", "moon"), 1),
    ],
)
def test_what_is_not_there_is_1_and_what_cannot_be_meant_is_2(ship: Path, words: tuple[str, ...], code: int) -> None:
    done = chartroom(ship, *words)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_a_source_with_installs_is_not_removed_without_a_word(ship: Path) -> None:
    config = json.loads(ship.read_text())
    url = config["sources"][0]["url"]
    registered = write_config(ship.parent, [], clusters=config["clusters"])
    chartroom(registered, "source", "add", "other", url)
    chartroom(registered, "sync", "--no-archives")
    chartroom(registered, "install", "other/redis", "--name", "well", "--namespace", "apps")
    asked = chartroom(registered, "source", "remove", "other")
    assert (asked.returncode, "home/apps/well" in asked.stdout) == (2, True)
    assert chartroom(registered, "source", "remove", "other", "--yes").returncode == 0
    assert len(json.loads(chartroom(registered, "history", "well", "-n", "apps", "--json").stdout)["items"]) == 1


def test_serve_keeps_how_a_change_ended_although_nobody_looks(ship: Path, kube: KubeApi) -> None:
    """Neither a page nor a verb asks the cluster here; the store is read by itself afterwards."""
    chartroom(ship, "upgrade", *CACHE)
    with serving(ship):
        kube.change("cache", status={"version": "2.0.0", "lastSpecHash": "12"})
        outcomes = until(lambda: stored_outcomes(ship), ["synced", "synced"])
    assert outcomes == ["synced", "synced"]


@contextmanager
def serving(config: Path) -> Iterator[None]:
    """``chartroom serve`` beside the test."""
    process = subprocess.Popen(
        command_line(config, "serve"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Chartroom is ready")
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


def stored_outcomes(config: Path) -> list[str]:
    with closing(open_store(config.parent / "data")) as store, store.database.read() as connection:
        return list(connection.execute(select(revisions.c.outcome).order_by(revisions.c.number)).scalars())


def until(look: Callable[[], list[str]], wanted: list[str]) -> list[str]:
    end = time.monotonic() + 30
    while look() != wanted and time.monotonic() < end:
        time.sleep(0.2)
    return look()
