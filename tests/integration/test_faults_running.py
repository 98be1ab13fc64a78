"""What goes wrong around a process that serves: it goes on, says what is wrong, and heals without a restart."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.command import environment, write_config
from tests.integration.test_cli_serve import get, running, wait_for
from tests.integration.test_faults_disk import send, status
from tests.repository import repository
from tests.upstream import Site
from tests.waiting import until

SPRING, AUTUMN = {"redis": ("1.0.0",)}, {"redis": ("2.0.0", "1.0.0"), "valkey": ("1.0.0",)}


def synced(url: str) -> None:
    assert send(url, "/api/v1/sources/shop/sync", {})[0] == 202


def total(url: str, words: str) -> int:
    """How many charts the search finds; none while it cannot say."""
    try:
        return int(get(f"{url}/api/v1/charts?q={words}")["total"])
    except HTTPError as error:
        error.close()
        return 0


def last_attempt(url: str) -> dict[str, object]:
    attempt: dict[str, object] = get(f"{url}/api/v1/sources/shop/attempts")["items"][0]
    return attempt


def test_a_search_index_that_is_damaged_while_it_is_used_is_built_anew(tmp_path: Path, site: Site) -> None:
    chance = random.Random(7)
    repository(SPRING).serve(site)
    with running(write_config(tmp_path, [{"name": "shop", "url": site.url}]), "serve") as (process, url):
        wait_for(f"{url}/api/v1/charts?q=redis", 1)
        for path in (tmp_path / "data" / "search").rglob("*"):
            if path.is_file():
                path.write_bytes(chance.randbytes(path.stat().st_size))
        assert status(url, "/") in (200, 503)
        assert status(url, "/charts/shop/redis") == 200
        repository(AUTUMN).serve(site)
        synced(url)
        until(lambda: total(url, "") == 2)
        shutil.rmtree(tmp_path / "data" / "search", ignore_errors=True)  # it may be written to just now
        until(lambda: total(url, "valkey") == 1)
        until(lambda: status(url, "/readyz") == 200)
        assert process.poll() is None


def test_a_source_without_end_is_refused_by_its_size_in_bounded_memory(tmp_path: Path, site: Site) -> None:
    repository(SPRING).serve(site)
    with running(write_config(tmp_path, [{"name": "shop", "url": site.url}]), "serve") as (process, url):
        wait_for(f"{url}/api/v1/charts?q=redis", 1)
        before = peak(process.pid)
        site.behave("/index.yaml", "endless")
        synced(url)
        until(lambda: last_attempt(url)["outcome"] == "failed", 120)
        assert "64" in str(last_attempt(url)["error"])
        assert peak(process.pid) - before < 300 * 1024 * 1024
        assert get(f"{url}/api/v1/charts?q=redis")["total"] == 1
        site.behave("/index.yaml", None)
        repository(AUTUMN).serve(site)
        synced(url)
        wait_for(f"{url}/api/v1/charts?q=valkey", 1)


def peak(process: int) -> int:
    """The most memory that it has had, in bytes."""
    (line,) = (one for one in Path(f"/proc/{process}/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


@contextmanager
def serving_with_hosts(config: Path, hosts: Path) -> Iterator[str]:
    """A process that serves and takes names from ``hosts``; yields its address."""
    words = [sys.executable, "-m", "catalog_web", "--config", str(config), "serve"]
    script = 'mount --bind "$0" /etc/hosts && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, str(hosts), *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
    ) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


@pytest.mark.parts
@pytest.mark.skipif(os.getuid() != 0, reason="only root may give a process names of its own")
def test_while_names_cannot_be_resolved_the_catalog_stays_and_the_cause_is_told(tmp_path: Path, site: Site) -> None:
    repository(SPRING).serve(site)
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n127.0.0.1 charts.test\n")
    address = site.url.replace("127.0.0.1", "charts.test")
    config = write_config(tmp_path / "room", [{"name": "shop", "url": address}])
    with serving_with_hosts(config, hosts) as url:
        wait_for(f"{url}/api/v1/charts?q=redis", 1)
        hosts.write_text("127.0.0.1 localhost\n")
        synced(url)
        until(lambda: last_attempt(url)["outcome"] == "failed", 120)
        assert "charts.test" in str(last_attempt(url)["error"])
        assert (get(f"{url}/api/v1/charts?q=redis")["total"], status(url, "/readyz")) == (1, 200)
        hosts.write_text("127.0.0.1 localhost\n127.0.0.1 charts.test\n")
        repository(AUTUMN).serve(site)
        synced(url)
        wait_for(f"{url}/api/v1/charts?q=valkey", 1)
