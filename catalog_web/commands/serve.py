"""``serve``, ``web``, ``index``: the processes that stay."""

import gc
import ipaddress
import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, TypeVar

import click

from catalog_web import logs
from catalog_web.commands.common import Function, declare_sources, leave, load_config, loading, with_config
from indexer.errors import ChartroomError, DatabaseAbsent, DatabaseUnreachable, UsageError

if TYPE_CHECKING:
    from flask import Flask

    from catalog_web.commands.listening import Server
    from catalog_web.process import Role
    from catalog_web.services import Services
    from indexer.config import Config
    from indexer.schedule import Scheduler

log = logging.getLogger("chartroom")
Opened = TypeVar("Opened")

THREADS = 8
HELM_THREADS = 4
PROBE_THREADS = 1
FOLLOW_SECONDS = 1.0
WAIT_SECONDS = 1.0
STOP_SECONDS = 5.0
START_SECONDS = 60.0
"""So long a process that starts waits for a database that is away: long enough for a restart of the server."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 8.0
PUBLISH_SECONDS = 5
DISCOVER_SECONDS = 300
REQUESTS_SECONDS = 3600
SESSIONS_SECONDS = 3600
RETENTION_SECONDS = 6 * 3600
NOTICES_SECONDS = 2
FIRST_LOOK_SECONDS = 3
CLUSTER_SECONDS = 600
SOON_SECONDS, LATER_SECONDS = 2, 30
"""Between two looks at apps of which captain has not said how a change ended."""
NOTICE_SECONDS = 60
_READY_SECONDS = 0.1


def _with_listening(verb: Function) -> Function:
    verb = click.option(
        "--allow-unauthenticated",
        is_flag=True,
        default=None,
        help="Listen on an address that others can reach, although there is no sign-in: everybody there may do all.",
    )(verb)
    return click.option("--listen", metavar="ADDRESS:PORT", help="Where to listen [default: 127.0.0.1:8080].")(verb)


@click.command()
@_with_listening
@with_config
def serve(listen: str | None, allow_unauthenticated: bool | None) -> None:
    """Serve the web pages and the API, and sync the sources."""
    _run(load_config(listen=listen, allow_unauthenticated=allow_unauthenticated), pages=True, syncs=True)


@click.command()
@_with_listening
@with_config
def web(listen: str | None, allow_unauthenticated: bool | None) -> None:
    """Serve the web pages and the API alone; “chartroom index” syncs."""
    _run(load_config(listen=listen, allow_unauthenticated=allow_unauthenticated), pages=True, syncs=False)


@click.command()
@with_config
def index() -> None:
    """Sync the sources alone; “chartroom web” serves."""
    _run(load_config(), pages=False, syncs=True)


def _run(config: "Config", *, pages: bool, syncs: bool) -> None:
    if pages:
        _check_reach(config)
    logs.install(config.log_format)
    with loading():
        from catalog_web.services import open_services

    services = patiently(partial(open_services, config))
    services.process.role = _role(pages=pages, syncs=syncs)
    if syncs:
        declare_sources(services)
    running = _Running(services)
    running.end_on_signals()
    try:
        # The socket first: an address that is taken is told before anything begins to work.
        wait = running.serving() if pages else running.wait
        running.probed()
        if syncs:
            running.syncing()
        running.beside()
        wait()
    finally:
        log.info("stopping")
        running.stop()
        services.close()
    leave(0)


def patiently(opened: Callable[[], Opened], seconds: float = START_SECONDS) -> Opened:
    """What ``opened`` returns, tried again for ``seconds`` while the database is away: it may start beside us, or be
    restarted in just that moment. Raises DatabaseAbsent after that."""
    ends, wait = time.monotonic() + seconds, FIRST_WAIT_SECONDS
    while True:
        try:
            return opened()
        except DatabaseUnreachable as error:
            left = ends - time.monotonic()
            if left <= 0:
                raise DatabaseAbsent(seconds=round(seconds), detail=error.params["detail"]) from None
            pause = min(wait, left)
            log.warning("%s It is tried again in %d s, for %d s at most.", error.cause, ceil(pause), ceil(left))
        time.sleep(pause)
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)


def _role(*, pages: bool, syncs: bool) -> "Role":
    if pages and syncs:
        return "serve"
    return "web" if pages else "index"


class _Running:
    """The parts of one process, and how they end."""

    def __init__(self, services: "Services") -> None:
        self._services = services
        self._scheduler: Scheduler | None = None
        self._servers: list[Server] = []
        self._ends: list[Callable[[], None]] = []
        self._wake = threading.Event()
        self._over = threading.Event()

    def serving(self) -> Callable[[], None]:
        """Bind the address; returns what serves until the process ends."""
        from catalog_web import create_app, create_helm_app

        config = self._services.config
        server = self._bound(create_app(self._services), config.listen_host, config.listen_port, THREADS)
        self._services.meters.waiting(lambda: server.waiting)
        if config.helm_host:
            app = create_helm_app(self._services)
            self._beside("the Helm repositories are at %s", app, config.helm_host, config.helm_port, HELM_THREADS)
        self._thread("follow", self._follow)
        self._thread("clusters", self._look_at_clusters)
        self._thread("apps", self._follow_apps)
        self._thread("announce", lambda: self._announce(_url(config.listen_host, server.port)))
        return server.run

    def probed(self) -> None:
        """Answer probes at an address of their own, where one is given."""
        from catalog_web import create_probe_app

        config = self._services.config
        if config.probe_host:
            app = create_probe_app(self._services)
            self._beside("probes and metrics are at %s", app, config.probe_host, config.probe_port, PROBE_THREADS)

    def syncing(self) -> None:
        """Start the scheduler."""
        from catalog_web import publishing
        from catalog_web.signin.audience import audience_of
        from indexer.schedule import Scheduler

        services = self._services
        scheduler = Scheduler(services.store, services.syncer, self._wake.set)
        scheduler.every(PUBLISH_SECONDS, "publishing", lambda: publishing.keep_in_step(services))
        scheduler.every(DISCOVER_SECONDS, "discovering", lambda: publishing.take_over(services))
        scheduler.every(NOTICES_SECONDS, "sending notices", lambda: services.notices.work(audience_of(services)))
        scheduler.every(RETENTION_SECONDS, "tidying the notices", services.notices.prune)
        scheduler.every(REQUESTS_SECONDS, "tidying the requests for approvals", services.approvals.tidy)
        scheduler.every(SESSIONS_SECONDS, "tidying the sessions", services.store.sessions.tidy)
        scheduler.every(RETENTION_SECONDS, "audit retention", lambda: services.audit.prune(services.config.audit_keep))
        services.process.leading = lambda: scheduler.leads
        scheduler.start()
        self._scheduler = scheduler
        self._ends.append(lambda: scheduler.stop(STOP_SECONDS))

    def beside(self) -> None:
        """Look after the folders of this process, and let the others know that it is there."""
        from catalog_web.chores import chores_of, keep_house
        from catalog_web.pulse import keep_beating

        self._thread("chores", partial(keep_house, chores_of(self._services), self._over))
        self._thread("pulse", partial(keep_beating, self._services, self._over))

    def wait(self) -> None:
        """Wait for the end of a process that serves nothing.

        In turns: a signal that comes in the moment before a wait begins does not end it, and Python calls what handles
        the signal only after it.
        """
        while not self._over.wait(WAIT_SECONDS):
            pass

    def end_on_signals(self) -> None:
        """End by SIGTERM after the requests that still come in, by SIGINT at once; by a second signal at any rate."""

        def end(number: int, _frame: object) -> None:
            for one in (signal.SIGTERM, signal.SIGINT):
                signal.signal(one, signal.SIG_DFL)
            serves = self._services.process.role != "index"
            drain = self._services.config.drain if serves and number == signal.SIGTERM else 0
            threading.Thread(target=self._end, args=(drain,), name="end", daemon=True).start()

        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, end)

    def _end(self, drain: float) -> None:
        """Say that it ends, let another process lead, and serve for ``drain`` seconds: so long it may take until
        everybody knows."""
        self._services.process.draining = True
        if self._scheduler:
            self._scheduler.hand_over()
        self._over.wait(drain)
        self._over.set()
        for server in self._servers:
            server.end()

    def stop(self) -> None:
        """End all parts, the last begun first."""
        self._services.syncer.stop.set()
        self._over.set()
        self._wake.set()
        while self._ends:
            self._ends.pop()()

    def _beside(self, told: str, app: "Flask", host: str, port: int, threads: int) -> None:
        """Serve ``app`` in the background, and tell where."""
        server = self._bound(app, host, port, threads)
        self._thread("beside", server.run)
        log.info(told, _url(host, server.port))

    def _bound(self, app: "Flask", host: str, port: int, threads: int) -> "Server":
        """A server that has its address, and ends with the process. Raises UsageError where that is taken."""
        from catalog_web.commands.listening import listen

        try:
            server = listen(app, host, port, threads, process=self._services.process)
        except OSError as error:
            raise _address_taken(f"{host}:{port}", error) from None
        self._servers.append(server)
        self._ends.append(server.close)
        return server

    def _thread(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._ends.append(lambda: thread.join(STOP_SECONDS))
        thread.start()

    def _follow(self) -> None:
        """Let the search index follow the change log: when a sync has ended, and every second for those elsewhere."""
        told = ""
        while not self._over.is_set():
            self._wake.clear()
            try:
                if self._services.catalog.lag():
                    self._services.catalog.follow()
                self._services.popular.write()
                told = ""
            except ChartroomError as error:
                if error.cause != told:
                    log.warning("the search index does not follow: %s", error.cause)
                told = error.cause
            except Exception:
                log.exception("the search index does not follow")
            self._wake.wait(FOLLOW_SECONDS)

    def _look_at_clusters(self) -> None:
        """Learn now and then which Kubernetes they run, so that a page can offer it without asking them.

        Not at once: the client takes a second to load, in which the first pages are made.
        """
        wait = FIRST_LOOK_SECONDS
        while self._services.installs.clusters and not self._over.wait(wait):
            self._services.installs.health()
            wait = CLUSTER_SECONDS

    def _follow_apps(self) -> None:
        """Keep how changes of apps ended and what others did to them, although nobody looks at a page."""
        installs, noticed, wait = self._services.installs, 0.0, float(FIRST_LOOK_SECONDS)
        while installs.clusters and not self._over.wait(wait):
            wait = LATER_SECONDS
            try:
                wait = SOON_SECONDS if installs.catch_up() else LATER_SECONDS
                if time.monotonic() - noticed > NOTICE_SECONDS:
                    installs.apps()
                    noticed = time.monotonic()
            except ChartroomError as error:
                log.warning("apps are not followed: %s", error.cause)
            except Exception:
                log.exception("apps are not followed")

    def _announce(self, url: str) -> None:
        """Say that it is ready as soon as ``/readyz`` would."""
        from catalog_web.readiness import look

        while not self._over.wait(_READY_SECONDS):
            if look(self._services).error is not None:
                continue
            _tell_first_key(self._services, url)
            gc.freeze()  # the search index is there to stay; a pass through 15,000 charts holds every request for 32 ms
            click.echo(f"Chartroom is ready at {url}")
            sys.stdout.flush()
            return


# -- where it listens


def _check_reach(config: "Config") -> None:
    """Raise UsageError where others could reach it and nobody has to sign in, so that they could do everything."""
    signs_in = any(way != "none" for way in config.sign_in)
    if signs_in or config.allow_unauthenticated or _is_loopback(config.listen_host):
        return
    raise UsageError(
        what=f"Chartroom would listen on {config.listen_host}, where others can reach it, and it has no sign-in: "
        "everybody there could change sources and install into your clusters.",
        hint="Set sign_in in the configuration, for example to [local]; or listen on 127.0.0.1; or say "
        "--allow-unauthenticated.",
    )


def _tell_first_key(services: "Services", url: str) -> None:
    """Say how the first administrator is made, where there is none yet."""
    from catalog_web.signin.one_time import first_key

    key = first_key(services)
    if key:
        where = services.config.public_url or url
        click.echo(
            f"There is no administrator yet. Open {where}/sign-in/first within an hour and type this one-time key:\n"
            f"    {key}\n"
            "or run “chartroom user add NAME --role admin” on this machine.",
            err=True,
        )


def _is_loopback(host: str) -> bool:
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(str(one).partition("%")[0]).is_loopback for one in found)


def _address_taken(where: str, error: OSError) -> UsageError:
    return UsageError(
        what=f"Chartroom cannot listen on {where}: {(error.strerror or str(error)).lower()}.",
        hint="Another Chartroom may run there. End it, or choose another address with --listen 127.0.0.1:8081.",
    )


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
