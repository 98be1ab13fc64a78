"""A private PostgreSQL on loopback, and which database a test's store lies in."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

import psycopg

from indexer.store import Store
from tests.parts.located import located
from tests.parts.servers import Server, free_ports, server, wait_until

CHOSEN = "CHARTROOM_TEST_DATABASE"
"""The environment variable that has the suite run on PostgreSQL: ``postgresql``."""
PASSWORD = "pg-canary-51c2"
_TEMPLATE = "chartroom_template"
_SETTINGS = {
    "fsync": "off",  # a test that kills the server kills the process, not the machine
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
}
_ACCESS = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 password\n"


@dataclass
class Postgres:
    """One cluster of databases; Chartroom comes to it as the role ``chartroom``."""

    folder: Path
    port: int
    _running: ExitStack = field(default_factory=ExitStack)

    def start(self, **settings: str) -> None:
        """Start it and wait until it answers; ``settings`` as in postgresql.conf."""
        options = [f"--{name}={value}" for name, value in {**_SETTINGS, **settings}.items()]
        program = str(located("postgres"))
        command = [*_as_its_user(), program, "-D", str(self.folder / "data"), f"--port={self.port}", *options]
        running = self._running.enter_context(server("postgres", command, self.folder))
        wait_until(lambda: self._answers(running), running)

    def stop(self) -> None:
        """End it at once, as a crash does."""
        self._running.close()
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Let it stand still within: connections stay open, the kernel takes new ones, and nothing is answered."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        processes = [first, *map(int, children)]
        for one in processes:
            os.kill(one, signal.SIGSTOP)
        try:
            yield
        finally:
            for one in processes:
                os.kill(one, signal.SIGCONT)

    def url(self, name: str) -> str:
        """What Chartroom is configured with to use the database ``name``."""
        return f"postgresql+psycopg://chartroom:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, options: str = "") -> str:
        """Make an empty database; returns its address."""
        self.run(f'CREATE DATABASE "{name}" OWNER chartroom {options}')
        return self.url(name)

    def run(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Let the superuser carry out ``statement``; returns its rows."""
        with psycopg.connect(self._operator(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _operator(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def _answers(self, running: Server) -> bool:
        if running.process.poll() is not None:
            return False
        try:
            self.run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def real_postgres(**settings: str) -> Iterator[Postgres]:
    """A cluster of its own, gone at the end. Raises PartMissingError where PostgreSQL is not installed."""
    folder = Path(tempfile.mkdtemp(prefix="chartroom-postgres-"))
    made = Postgres(folder, free_ports(1)[0])
    try:
        _initialise(folder)
        made.start(**settings)
        made.run(f"CREATE ROLE chartroom LOGIN PASSWORD '{PASSWORD}'")
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)


def _initialise(folder: Path) -> None:
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    program = str(located("postgres").with_name("initdb"))
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    command = [*_as_its_user(), program, "-D", str(folder / "data"), *options]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    (folder / "data" / "pg_hba.conf").write_text(_ACCESS)


def _as_its_user() -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []


# -- the suite's own


def is_chosen() -> bool:
    """Whether the suite runs on PostgreSQL."""
    return os.environ.get(CHOSEN) == "postgresql"


_session = ExitStack()


@cache
def suite_cluster() -> Postgres:
    """The cluster of this test run, with a database of the newest schema to copy."""
    cluster = _session.enter_context(real_postgres())
    url = cluster.create(_TEMPLATE)
    with tempfile.TemporaryDirectory() as folder:
        Store(Path(folder), url=url).close()
    return cluster


def end_suite_cluster() -> None:
    """At the end of the test run."""
    _session.close()


_made: dict[Path, str] = {}
"""The addresses of databases, by the data folders that they belong to."""


def database_of(folder: Path) -> str:
    """The address of the database that belongs to the data folder ``folder``; empty: SQLite in it."""
    if is_chosen() and folder not in _made:
        name = _name(folder)
        _made[folder] = suite_cluster().create(name, f"TEMPLATE {_TEMPLATE}")
        suite_cluster().run("UPDATE meta SET value = md5(random()::text) WHERE key = 'store_id'", name)
    return _made.get(folder, "")


def empty_database_of(folder: Path) -> str:
    """As ``database_of``, without tables, where none belongs to it yet."""
    if is_chosen():
        _made[folder] = suite_cluster().create(_name(folder))
    return _made.get(folder, "")


def _name(folder: Path) -> str:
    return f"room_{sha256(str(folder).encode()).hexdigest()[:24]}"


def open_store(folder: Path, keys: tuple[bytes, ...] = (), *, locked: bool = False) -> Store:
    """The store of that data folder, in the database that the suite runs on."""
    return Store(folder, keys, url=database_of(folder), locked=locked)
