"""The processes that stay, and what is installed from the command line."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.command import chartroom, command_line, environment, write_config
from tests.kube_api import KubeApi, kube_api
from tests.repository import repository
from tests.upstream import Site

CHARTS = {"redis": ("2.0.0", "1.9.0")}


@contextmanager
def running(config: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that serves, and the address it tells; it is ended by SIGTERM if it still runs."""
    process = subprocess.Popen(
        command_line(config, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Chartroom is ready at http://127.0.0.1:"), process.communicate()
        yield process, line.split()[-1]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.loads(answer.read())


def wait_for(url: str, wanted: int) -> Any:
    """Ask until ``total`` is as wanted."""
    for _ in range(300):
        found = get(url)
        if found["total"] == wanted:
            return found
        time.sleep(0.1)
    raise AssertionError(found)


@pytest.fixture
def config(tmp_path: Path, site: Site) -> Path:
    repository(CHARTS).serve(site)
    return write_config(tmp_path / "room", [{"name": "shop", "url": site.url}])


def test_it_says_where_it_is_ready_syncs_and_ends_on_SIGTERM(config: Path) -> None:
    with running(config, "serve") as (process, url):
        assert get(f"{url}/readyz")["status"] == "ready"
        assert wait_for(f"{url}/api/v1/charts?q=redis", 1)["items"][0]["version"] == "2.0.0"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_it_ends_in_the_middle_of_a_slow_sync_and_goes_on_after_the_next_start(config: Path, site: Site) -> None:
    site.behave("/index.yaml", "stalled", at=100)
    with running(config, "serve") as (process, url):
        while not site.asked("/index.yaml"):
            get(f"{url}/healthz")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    site.behave("/index.yaml", None)
    with running(config, "serve") as (_, url):
        wait_for(f"{url}/api/v1/charts", 1)


@pytest.mark.parametrize("silent", ["/index.yaml", "/redis-2.0.0.tgz"])
def test_an_interrupted_sync_ends_at_once_and_the_next_one_goes_on(config: Path, site: Site, silent: str) -> None:
    site.behave(silent, "silent")
    process = subprocess.Popen(
        command_line(config, "sync"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    try:
        while not site.asked(silent):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        printed, told = process.communicate(timeout=20)  # the server would keep silent for 30 seconds
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, printed) == (130, "")
    assert told == "Interrupted; what is stored stays, and the next sync goes on from there.\n"
    site.behave(silent, None)
    assert chartroom(config, "sync").returncode == 0
    assert chartroom(config, "show", "shop/redis", "2.0.0").returncode == 0


def test_web_shows_what_another_process_synced(config: Path) -> None:
    with running(config, "web") as (_, url):
        assert get(f"{url}/api/v1/charts")["total"] == 0
        assert chartroom(config, "sync", "--no-archives").returncode == 0
        wait_for(f"{url}/api/v1/charts", 1)


def test_index_syncs_and_never_touches_the_search_index(config: Path) -> None:
    process = subprocess.Popen(command_line(config, "index"), stderr=subprocess.PIPE, text=True, env=environment())
    assert process.stderr is not None
    for line in process.stderr:
        if "synced shop" in line:
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert not (config.parent / "data" / "search").exists()
    assert "shop/redis" in chartroom(config, "search", "redis").stdout


def test_it_does_not_listen_where_others_can_reach_it_without_being_told(config: Path) -> None:
    done = chartroom(config, "serve", "--listen", "0.0.0.0:0")
    assert done.returncode == 2
    assert "no sign-in" in done.stderr
    assert "--allow-unauthenticated" in done.stderr


def test_an_address_that_is_taken_is_told(config: Path) -> None:
    with running(config, "serve") as (_, url):
        done = chartroom(config, "web", "--listen", url.removeprefix("http://"))
    assert done.returncode == 2
    assert "cannot listen on" in done.stderr


def test_a_webhook_brings_a_new_chart_within_seconds(config: Path, site: Site) -> None:
    made = json.loads(chartroom(config, "source", "hook", "shop", "--json").stdout)
    with running(config, "serve") as (process, url):
        wait_for(f"{url}/api/v1/charts", 1)
        repository({**CHARTS, "plum": ("1.0.0",)}).serve(site)
        headers = {"Authorization": made["authorization"], "Content-Type": "application/json"}
        body = b'{"source": "shop", "chart": "plum"}'
        with urllib.request.urlopen(urllib.request.Request(f"{url}/hooks/generic", body, headers), timeout=30) as told:
            assert (told.status, json.loads(told.read())["requested"]) == (202, [{"source": "shop", "names": ["plum"]}])
        wait_for(f"{url}/api/v1/charts", 2)
        process.send_signal(signal.SIGTERM)
        assert made["authorization"] not in "".join(process.communicate(timeout=30))


# -- installing


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with kube_api() as api:
        yield api


@pytest.fixture
def ship(config: Path, kube: KubeApi, tmp_path: Path) -> Path:
    """A configuration with a cluster, synced."""
    sources = json.loads(config.read_text())["sources"]
    write_config(config.parent, sources, clusters=[{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}])
    assert chartroom(config, "sync", "--no-archives").returncode == 0
    return config


INSTALL = ("install", "shop/redis", "--name", "cache", "--namespace", "apps")


def test_an_install_sends_what_files_and_settings_say(ship: Path, kube: KubeApi, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("replicas: 2\nmode: slow\n")
    done = chartroom(ship, *INSTALL, "--version", "1.9.0", "-f", str(tmp_path / "mine.yaml"), "--set", "mode=fast")
    assert done.returncode == 0, done.stderr
    spec = kube.objects["apps", "cache"]["spec"]
    assert (spec["chart"], spec["version"]) == ("shop/redis", "1.9.0")
    assert spec["values"] == {"replicas": 2, "mode": "fast"}
    listed = chartroom(ship, "apps")
    assert listed.stdout.splitlines()[1].split()[:5] == ["home", "apps", "cache", "redis", "1.9.0"]


def test_a_dry_run_prints_the_helmrequest_and_sends_nothing(ship: Path, kube: KubeApi) -> None:
    import yaml

    done = chartroom(ship, *INSTALL, "--dry-run", "--output", "yaml")
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["spec"]["version"] == "2.0.0"
    assert kube.objects == {}
    bad = chartroom(ship, *INSTALL, "--dry-run", "--set", "a")
    assert (bad.returncode, bad.stdout) == (2, "")


@pytest.mark.parametrize(
    ("status", "code"),
    [({"phase": "Synced", "version": "2.0.0"}, 0), ({"phase": "Failed", "reason": "no such repo"}, 4), ({}, 5)],
)
def test_waiting_ends_as_captain_ends(ship: Path, kube: KubeApi, status: dict[str, str], code: int) -> None:
    def play(asked: Any, _reply: Any) -> None:
        if asked.method == "GET" and status and ("apps", "cache") in kube.objects:
            kube.objects["apps", "cache"]["status"] = status

    kube.faults.append(play)
    done = chartroom(ship, *INSTALL, "--wait", "--timeout", "2s" if code == 5 else "60s")
    assert done.returncode == code, done.stdout + done.stderr


def test_an_install_is_removed_and_what_is_not_there_is_a_1(ship: Path, kube: KubeApi) -> None:
    kube.put("cache", spec={"chart": "shop/redis", "version": "2.0.0"})
    assert chartroom(ship, "uninstall", "cache", "-n", "apps", "--wait").returncode == 0
    assert kube.objects == {}
    absent = chartroom(ship, "uninstall", "other", "-n", "apps")
    assert absent.returncode == 1
    assert "no HelmRequest “other”" in absent.stderr


def test_without_a_cluster_the_helmrequest_is_printed_but_not_sent(config: Path) -> None:
    chartroom(config, "sync", "--no-archives")
    shown = chartroom(config, *INSTALL, "--dry-run")
    assert shown.returncode == 0
    assert "kind: HelmRequest" in shown.stdout
    assert "No cluster is configured" in shown.stderr
    assert chartroom(config, *INSTALL).returncode == 1


def answered(url: str, sent: bytes) -> bytes:
    """The beginning of what a server on loopback answers to these bytes, however many of them it takes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it may have heard enough
            connection.sendall(sent)
        return connection.recv(200)


def test_J1_a_body_beyond_all_measure_is_refused_before_it_comes_and_while_it_comes(tmp_path: Path) -> None:
    head = b"POST /hooks/harbor HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with running(write_config(tmp_path / "room"), "serve") as (_, url):
        told = answered(url, head + b"Content-Length: 5000000000\r\n\r\n{")
        assert told.startswith(b"HTTP/1.1 413 ")
        chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        assert answered(url, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 8).startswith(b"HTTP/1.1 413 ")
        assert get(f"{url}/healthz") == {"status": "ok"}


def test_clients_that_never_end_their_request_keep_nobody_out(tmp_path: Path) -> None:
    with running(write_config(tmp_path / "room"), "serve") as (_, url):
        host, port = url.removeprefix("http://").split(":")
        slow = [socket.create_connection((host, int(port))) for _ in range(150)]
        for one in slow:
            one.sendall(b"POST /language HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na")
        with socket.create_connection((host, int(port)), timeout=30) as asking:
            asking.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            assert asking.recv(100).startswith(b"HTTP/1.0 200")
        for one in slow:
            one.close()


def lines(process: subprocess.Popen[str]) -> list[str]:
    """What the process says on stderr until it ends."""
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=30)[1].splitlines()


def test_the_log_has_one_JSON_object_an_event_and_no_words_of_an_address(tmp_path: Path) -> None:
    config = write_config(tmp_path / "room", log_format="json")
    with running(config, "serve") as (process, url):
        get(f"{url}/api/v1/charts?q=canary-of-a-search")
        get(f"{url}/healthz")
        told = [json.loads(line) for line in lines(process)]
    requests = [one for one in told if one["logger"] == "chartroom.request"]
    assert [(one["method"], one["route"], one["status"], one["person"]) for one in requests] == [
        ("GET", "/api/v1/charts", 200, "local")
    ]
    assert requests[0]["ms"] > 0
    assert "canary-of-a-search" not in json.dumps(told)


def test_foreign_text_stays_on_its_line_of_the_log(tmp_path: Path) -> None:
    upstream = {"name": "shop", "url": str(tmp_path / "evil\n2026-01-01 ERROR\x1b[31m"), "kind": "directory"}
    with running(write_config(tmp_path / "room", [upstream]), "serve") as (process, url):
        while not get(f"{url}/api/v1/sources")["items"][0]["last_attempt"]:
            time.sleep(0.1)
        told = lines(process)
    assert all(line.split()[1] in ("INFO", "WARNING") for line in told)
    assert "\x1b" not in "".join(told)


def test_probes_and_metrics_have_an_address_of_their_own_for_each_role(tmp_path: Path) -> None:
    config = write_config(tmp_path / "room", probe_listen="127.0.0.1:0")
    process = subprocess.Popen(command_line(config, "index"), stderr=subprocess.PIPE, text=True, env=environment())
    try:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "probes and metrics are at" in line)
        url = line.split()[-1]
        assert get(f"{url}/healthz") == {"status": "ok"}
        assert [one["id"] for one in get(f"{url}/readyz")["parts"]] == ["process", "store"]
        with urllib.request.urlopen(f"{url}/metrics", timeout=30) as answer:
            assert b"chartroom_store_up 1.0" in answer.read()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


_HEARD_ELSEWHERE = """
import signal, threading, time
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # of this thread and those it will begin
from catalog_web.cli import main
main(prog_name="chartroom")
"""
"""A process in which another thread than the waiting one hears SIGTERM, as happens to one that comes in the moment
before the wait begins: the waiting thread is not woken by it."""


@pytest.mark.parametrize("role", ["index", "serve"])
def test_a_SIGTERM_that_does_not_interrupt_the_wait_ends_it_as_well(tmp_path: Path, role: str) -> None:
    config = write_config(tmp_path / "room", probe_listen="127.0.0.1:0")
    words = [sys.executable, "-c", _HEARD_ELSEWHERE, "--config", str(config), role]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment())
    try:
        assert process.stderr is not None
        assert any("this process leads now" in line for line in process.stderr)
        time.sleep(1)  # until it waits
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=30)[1].splitlines()[-1].endswith("stopping")
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()
