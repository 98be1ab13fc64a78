"""What runs: a PostgreSQL with 15,000 charts, two web processes, one that syncs, a large repository and a cluster."""

import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.store.copying import copy_store
from indexer.store.database import Database
from tests.bench.catalogs import folder_of
from tests.command import command_line, environment, write_config
from tests.data import bitnami_index
from tests.kube_api import kube_api
from tests.postgres import real_postgres
from tests.upstream import Site, upstream

LARGE = "large"
WEBS = 2
_READY = "Chartroom is ready at "


@dataclass
class Room:
    """Everything, and the processes by their names."""

    folder: Path
    database: str
    sources: list[dict[str, Any]]
    kubeconfig: str
    urls: list[str]
    processes: dict[str, int]
    _stack: ExitStack

    def begin_syncs(self, site: Site) -> None:
        """Start the process that syncs, and have it sync the large repository again and again."""
        config = self._config("index", [*self.sources, {"name": LARGE, "url": site.url, "content": "none"}])
        self.processes["index"] = self._stack.enter_context(_running(config, "index", self.folder)).pid
        self._stack.enter_context(_syncing(self.urls[0], site))

    def begin_webs(self, count: int) -> None:
        """Start so many processes for pages; each builds its search index first."""
        names = [f"web{number}" for number in range(1, count + 1)]
        begun = [self._stack.enter_context(_running(self._config(name), "web", self.folder)) for name in names]
        for name, process in zip(names, begun, strict=True):
            self.urls.append(_address(process, name))
            self.processes[name] = process.pid

    def charts(self) -> list[tuple[str, str]]:
        """Some charts."""
        pages = [get(f"{self.urls[0]}/api/v1/charts?limit=50&offset={offset}")["items"] for offset in (0, 300, 1_200)]
        return [(one["source"], one["name"]) for page in pages for one in page]

    def syncs(self) -> int:
        """How often the large repository was synced."""
        return _attempts(self.urls[0])

    def _config(self, name: str, sources: list[dict[str, Any]] | None = None) -> Path:
        cluster = {"name": "home", "kubeconfig": self.kubeconfig}
        options = {"database_url": self.database, "clusters": [cluster], "log_format": "json", "remote_pictures": False}
        return write_config(self.folder / name, sources or self.sources, **options)


@contextmanager
def room(folder: Path, charts: int) -> Iterator[tuple[Room, Site]]:
    """A room whose web processes are ready; nothing is synced yet."""
    with ExitStack() as stack:
        postgres = stack.enter_context(real_postgres(shared_buffers="128MB"))
        url = postgres.create("load")
        made = folder_of(charts)
        copy(made / "data" / "chartroom.sqlite", url)
        site, kube = stack.enter_context(upstream()), stack.enter_context(kube_api())
        sources = json.loads((made / "chartroom.yaml").read_text())["sources"]
        found = Room(folder, url, sources, str(kube.kubeconfig(folder)), [], {}, stack)
        found.begin_webs(WEBS)
        yield found, site


def copy(sqlite: Path, url: str) -> None:
    """Let the database at ``url`` hold what the file holds."""
    source, target = Database(sqlite), Database(sqlite, url)
    try:
        copy_store(source, target, lambda _table, _rows: None)
    finally:
        source.close()
        target.close()


def get(url: str) -> Any:
    """The JSON there."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.loads(answer.read())


@contextmanager
def _running(config: Path, verb: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    words = command_line(config, verb, *(["--listen", "127.0.0.1:0"] if verb == "web" else []))
    with (folder / f"{config.parent.name}.log").open("w") as log:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True, env=environment())
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def _address(process: subprocess.Popen[str], name: str) -> str:
    """Where it serves, once it is ready."""
    assert process.stdout is not None
    line = next((line for line in process.stdout if line.startswith(_READY)), "")
    if not line:
        raise RuntimeError(f"{name} did not become ready")
    return line.removeprefix(_READY).strip()


@contextmanager
def _syncing(url: str, site: Site) -> Iterator[None]:
    """The large repository, one version of which is another one each time, synced again as soon as a sync has ended."""
    bodies = _bodies()
    site.put("/index.yaml", bodies[0])
    over = threading.Event()
    thread = threading.Thread(target=_sync_on, args=(url, site, bodies, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _bodies() -> tuple[bytes, bytes]:
    """Twice the same, but for the digest of one version: as if it was pushed again."""
    whole = bitnami_index()
    at = whole.index(b"digest: ") + len(b"digest: ")
    return whole, whole[:at] + (b"0" if whole[at : at + 1] != b"0" else b"1") + whole[at + 1 :]


def _sync_on(url: str, site: Site, bodies: tuple[bytes, bytes], over: threading.Event) -> None:
    asked, told = 0, 0
    while not over.wait(1):
        attempts = _attempts(url)
        if attempts > told or not asked:
            asked, told = asked + 1, attempts
            site.put("/index.yaml", bodies[asked % 2])
            _ask_for_sync(url)


def _attempts(url: str) -> int:
    try:
        return int(get(f"{url}/api/v1/sources/{LARGE}/attempts")["total"])
    except OSError:
        return 0


def _ask_for_sync(url: str) -> None:
    request = urllib.request.Request(f"{url}/api/v1/sources/{LARGE}/sync", b"{}", {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=60).close()
    except OSError:
        time.sleep(1)  # it is not registered yet
