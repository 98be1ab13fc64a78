"""Several processes of Chartroom on one PostgreSQL, each with a data folder of its own, as on machines of their own."""

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indexer.store import Store
from tests.command import command_line, environment, write_config
from tests.waiting import until

INTERVAL = 24 * 3600
"""Of the sources: what is synced a second time was asked for, or resumed."""


@dataclass
class Member:
    """One process."""

    process: "subprocess.Popen[str]"
    url: str
    """Empty for ``index``, which serves nothing."""
    config: Path
    log: Path

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.config.parent / str(json.loads(self.config.read_text())["data_dir"])

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.process.pid, number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and wait until it has ended; returns its exit code."""
        self.send(number)
        return self.process.wait(60)

    def ask(self, path: str, data: Mapping[str, Any] | None = None, timeout: float = 30) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def is_ready(self) -> bool:
        """What a probe finds that waits two seconds."""
        with suppress(OSError):
            return self.ask("/readyz", timeout=2)[0] == 200
        return False

    def found(self) -> dict[str, str]:
        """Charts that the search finds, with their newest versions."""
        return {one["name"]: one["version"] for one in self.ask("/api/v1/charts?limit=100")[1]["items"]}


@dataclass
class Fleet:
    """All processes on the database at ``url``; empty: on SQLite in the data folder of the first."""

    folder: Path
    url: str
    sources: Sequence[Mapping[str, Any]] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)
    _started: int = 0
    _ends: ExitStack = field(default_factory=ExitStack)

    def start(self, verb: str = "serve", **options: Any) -> Member:
        """One process more; returns once it serves."""
        self._started += 1
        folder = self.folder / f"member-{self._started}"
        given = {"database_url": self.url, **self.options, **options}
        config = write_config(folder, self.sources, **given)
        log = folder / "log"
        process = subprocess.Popen(
            command_line(config, verb),
            stdout=subprocess.PIPE,
            stderr=self._ends.enter_context(log.open("w")),
            text=True,
            env=environment(),
        )
        self._ends.callback(_end, process)
        assert process.stdout
        line = "" if verb == "index" else process.stdout.readline()
        assert verb == "index" or line.startswith("Chartroom is ready at "), log.read_text()
        self.members.append(Member(process, line.split()[-1] if line else "", config, log))
        return self.members[-1]

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store, as another process sees it."""
        folder = self.folder / "looking" if self.url else self.members[0].data
        opened = Store(folder, url=self.url)
        try:
            yield opened
        finally:
            opened.close()

    def leader(self) -> Member | None:
        """Who leads; None: nobody."""
        for one in self.members:
            if one.process.poll() is None and one.url and _leads(one):
                return one
        return None

    def led(self) -> Member:
        """Who leads, once somebody does."""
        until(lambda: self.leader() is not None)
        leader = self.leader()
        assert leader
        return leader

    def others(self, than: Member) -> list[Member]:
        """Those that run beside it."""
        return [one for one in self.members if one is not than and one.process.poll() is None]

    def close(self) -> None:
        """End all."""
        self._ends.close()


@contextmanager
def fleet(folder: Path, url: str, sources: Sequence[Mapping[str, Any]] = (), **options: Any) -> Iterator[Fleet]:
    """No process yet, and none at the end."""
    made = Fleet(folder, url, [{"interval": INTERVAL, **one} for one in sources], options)
    try:
        yield made
    finally:
        made.close()


def _leads(one: Member) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{one.url}/metrics", timeout=2) as answer:
        return "\nchartroom_leader 1.0" in answer.read().decode()
    return False


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.kill()
    process.communicate()
