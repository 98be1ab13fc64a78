"""A disk that is full, read-only, or takes no more from this process: reading goes on, writing says what to do, and all
heals without a restart."""

import json
import os
import resource
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command import chartroom, write_config
from tests.integration.test_cli_serve import get, running, wait_for
from tests.repository import repository
from tests.upstream import Site
from tests.waiting import until

pytestmark = pytest.mark.parts

Change = Callable[[Path, int], None]
PAGES = ("/", "/?q=redis", "/charts/shop/redis", "/sources", "/sources/shop", "/api/v1/charts?q=redis", "/readyz")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 24 MB."""
    if os.getuid() != 0:
        pytest.skip("only root may mount one")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(disk: Path, _process: int) -> None:
    """Take every byte that is left."""
    with (disk / "ballast").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def empty(disk: Path, _process: int) -> None:
    (disk / "ballast").unlink()


def forbid(_disk: Path, process: int) -> None:
    """Let each write of the process fail, as beyond a quota."""
    resource.prlimit(process, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))


def allow(_disk: Path, process: int) -> None:
    resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def send(url: str, path: str, body: Any) -> tuple[int, Any]:
    request = urllib.request.Request(url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def status(url: str, path: str) -> int:
    try:
        with urllib.request.urlopen(url + path, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.sqlite_only("the disk is the database's")
@pytest.mark.parametrize(("spoil", "mend"), [(fill, empty), (forbid, allow)], ids=["full", "quota"])
def test_M2_pages_stay_writes_say_what_to_do_and_it_recovers_by_itself(
    tmp_path: Path, site: Site, disk: Path, spoil: Change, mend: Change
) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    config = write_config(tmp_path / "room", [{"name": "shop", "url": site.url}], data_dir=str(disk / "data"))
    with running(config, "serve") as (process, url):
        wait_for(f"{url}/api/v1/charts?q=redis", 1)
        until(lambda: get(f"{url}/api/v1/charts/shop/redis/versions/1.0.0")["readme"])
        spoil(disk, process.pid)
        assert {path: status(url, path) for path in PAGES} == dict.fromkeys(PAGES, 200)
        code, told = send(url, "/api/v1/sources", {"name": "other", "url": "https://charts.example.org"})
        assert (code, bool(told["cause"]), bool(told["remedy"])) == (503, True, True)
        repository({"redis": ("2.0.0", "1.0.0")}).serve(site)
        assert send(url, "/api/v1/sources/shop/sync", {})[0] in (202, 503)
        assert {path: status(url, path) for path in PAGES} == dict.fromkeys(PAGES, 200)
        assert process.poll() is None
        mend(disk, process.pid)
        assert send(url, "/api/v1/sources/shop/sync", {})[0] == 202
        until(lambda: get(f"{url}/api/v1/charts/shop/redis")["version"] == "2.0.0")
        until(lambda: get(f"{url}/api/v1/charts?q=redis")["items"][0]["version"] == "2.0.0")
        assert [one["name"] for one in get(f"{url}/api/v1/sources")["items"]] == ["shop"]


@pytest.mark.sqlite_only("the disk is the database's")
def test_M2_on_a_disk_that_is_read_only_nothing_starts_says_which_folder_and_loses_nothing(
    tmp_path: Path, site: Site, disk: Path
) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    config = write_config(tmp_path / "room", [{"name": "shop", "url": site.url}], data_dir=str(disk / "data"))
    assert chartroom(config, "sync").returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    for words in (("source", "list"), ("sync",), ("serve",)):
        refused = chartroom(config, *words)
        assert refused.returncode == 1
        assert f"The data folder {disk / 'data'} cannot be used: read-only file system" in refused.stderr
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert "redis" in chartroom(config, "search", "redis").stdout
