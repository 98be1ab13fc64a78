"""Processes that end and begin one after another while people use them: no request fails."""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.balancer import Balancer
from tests.command import write_config
from tests.integration.test_cli_serve import get, running
from tests.postgres import real_postgres
from tests.replicas import Fleet, fleet
from tests.repository import repository
from tests.upstream import Site
from tests.waiting import until

PAGES = ("/", "/charts/shop/redis", "/api/v1/charts?q=redis", "/sources", "/api/v1/charts/shop/redis")


@contextmanager
def used(balancer: Balancer, people: int = 3) -> Iterator[list[str]]:
    """Several people ask one page after another; yields what failed."""
    failed: list[str] = []
    over = threading.Event()

    def browse(person: int) -> None:
        number = person
        while not over.is_set():
            path, number = PAGES[number % len(PAGES)], number + 1
            try:
                status, _ = balancer.ask(path)
            except (OSError, HTTPException) as error:
                failed.append(f"{path}: {error!r}")
                continue
            if status != 200:
                failed.append(f"{path}: {status}")

    threads = [threading.Thread(target=browse, args=(person,)) for person in range(people)]
    for thread in threads:
        thread.start()
    try:
        yield failed
    finally:
        over.set()
        for thread in threads:
            thread.join()


def restarted(made: Fleet, balancer: Balancer) -> None:
    """Each process is replaced by a new one, as a rollout does: the new one first."""
    for old in list(made.members):
        fresh = made.start(drain="2s")
        until(lambda fresh=fresh: balancer.knows(fresh))  # type: ignore[misc]
        assert old.end() == 0
        made.members.remove(old)


@pytest.mark.parts
def test_a_rolling_restart_fails_no_request(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    with real_postgres() as postgres, fleet(tmp_path, postgres.create("rolling"), [_shop(site)]) as made:
        for _ in range(2):
            made.start(drain="2s")
        for one in made.members:
            until(lambda one=one: one.found() == {"redis": "1.0.0"})  # type: ignore[misc]
        balancer = Balancer(lambda: tuple(made.members))
        balancer.start()
        with used(balancer) as failed:
            restarted(made, balancer)
        balancer.close()
        assert failed == []
    assert len(site.asked("/index.yaml")) == 1


def _shop(site: Site) -> dict[str, str]:
    return {"name": "shop", "url": site.url}


def test_a_process_that_ends_says_so_at_once_and_serves_on_for_a_while(tmp_path: Path) -> None:
    with running(write_config(tmp_path / "room", drain="3s"), "serve") as (process, url):
        process.send_signal(signal.SIGTERM)
        until(lambda: _status(url, "/readyz")[0] == 503)
        status, headers = _status(url, "/api/v1/charts")
        assert status == 200
        assert "connection: close" in headers
        assert process.wait(timeout=30) == 0


def test_M5_a_request_that_is_being_answered_when_the_process_ends_is_answered(tmp_path: Path) -> None:
    with running(write_config(tmp_path / "room"), "serve") as (process, url):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as begun:
            begun.sendall(b"GET /api/v1/charts HTTP/1.1\r\n")
            get(f"{url}/healthz")
            process.send_signal(signal.SIGTERM)
            begun.sendall(b"Host: localhost\r\n\r\n")
            assert begun.makefile("rb").read().startswith(b"HTTP/1.1 200 OK")
        assert process.wait(timeout=30) == 0


def test_ctrl_c_ends_it_at_once_however_long_it_would_serve_on(tmp_path: Path) -> None:
    with running(write_config(tmp_path / "room", drain="600s"), "serve") as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


def _status(url: str, path: str) -> tuple[int, str]:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n".encode())
        head = connection.recv(65536).decode().partition("\r\n\r\n")[0]
        return int(head.split()[1]), head.lower()
