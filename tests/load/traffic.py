"""People and programs at several web processes: a paced mix of searches, pages, questions of the API and installs.

A process of its own, so that it takes its turn beside the servers as everybody else does. Each request is due at a
moment, whether or not the one before was answered, and its time counts from there: a server that stands still for a
second is seen in all requests of that second.
"""

import argparse
import http.client
import json
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

CLIENTS = 12
TIMEOUT = 60
KEPT_SECONDS = 15.0
"""For so long a connection that nobody used is used again; as browsers do, well below what the server bears."""
WORDS = ("nginx", "redis", "monitoring", "post", "kafka", "database cluster", "kube", "ingres", "vault", "a", "")
PAGES = ("/", "/sources", "/apps", "/activity", "/clusters")
MIX = (("search", 8), ("page", 6), ("api", 4), ("suggest", 2), ("install", 1))
"""Of so many together, how many are of each kind."""


@dataclass
class Seen:
    """What the clients met."""

    ms: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, kind: str, ms: float) -> None:
        """A request was answered as it should."""
        with self.lock:
            self.ms[kind].append(ms)

    def failed(self, kind: str, what: str) -> None:
        """It was not."""
        with self.lock:
            self.errors[f"{kind}: {what}"] += 1


class Client:
    """One keeps a connection to each of the servers and asks them in turn."""

    def __init__(self, urls: Sequence[str], charts: Sequence[tuple[str, str]], seen: Seen, number: int) -> None:
        self._hosts = [urlsplit(url).netloc for url in urls]
        self._kept: dict[str, tuple[http.client.HTTPConnection, float]] = {}
        self._charts, self._seen, self._chance = charts, seen, Random(number)
        self._numbers = count()
        self._name = f"load-{int(time.time())}-{number}"

    def ask(self, kind: str, due: float) -> None:
        """One question of ``kind``, which was due at that moment of the monotonic clock."""
        asked: dict[str, Callable[[], Iterator[tuple[str, str, Any]]]] = {
            "search": self._search,
            "suggest": self._suggest,
            "page": self._page,
            "api": self._api,
            "install": self._install,
        }
        for method, path, body in asked[kind]():
            what = self._send(method, path, body)
            if what:
                self._seen.failed(kind, f"{method} {path.partition('?')[0]} {what}")
                return
            self._seen.answered(kind, (time.monotonic() - due) * 1000)
            due = time.monotonic()

    def _send(self, method: str, path: str, body: Any) -> str:
        """Send it; returns what went wrong."""
        connection = self._connection(self._hosts[next(self._numbers) % len(self._hosts)])
        data = None if body is None else json.dumps(body)
        try:
            connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return repr(error)
        return "" if answer.status < 400 else f"{answer.status} {text[:200]!r}"

    def _connection(self, host: str) -> http.client.HTTPConnection:
        """The one to that server; another one where it was not used for so long that the server may have ended it."""
        now = time.monotonic()
        connection, used = self._kept.get(host) or (http.client.HTTPConnection(host, timeout=TIMEOUT), now)
        if now - used > KEPT_SECONDS:
            connection.close()
        self._kept[host] = connection, now
        return connection

    def _search(self) -> Iterator[tuple[str, str, Any]]:
        asked = {"q": self._chance.choice(WORDS), "offset": str(24 * self._chance.randrange(3))}
        yield "GET", f"/api/v1/charts?{urlencode(asked)}", None

    def _suggest(self) -> Iterator[tuple[str, str, Any]]:
        yield "GET", f"/api/v1/charts/suggest?{urlencode({'q': self._chance.choice(WORDS)[:4] or 'n'})}", None

    def _page(self) -> Iterator[tuple[str, str, Any]]:
        source, chart = self._chance.choice(self._charts)
        words = urlencode({"q": self._chance.choice(WORDS)})
        pages = (*PAGES, f"/?{words}", f"/charts/{quote(source)}/{quote(chart)}")
        yield "GET", self._chance.choice(pages), None

    def _api(self) -> Iterator[tuple[str, str, Any]]:
        source, chart = self._chance.choice(self._charts)
        paths = (f"/api/v1/charts/{source}/{chart}", "/api/v1/sources", "/api/v1/changes?since=0", "/api/v1/installs")
        yield "GET", self._chance.choice(paths), None

    def _install(self) -> Iterator[tuple[str, str, Any]]:
        source, chart = self._chance.choice(self._charts)
        name = f"{self._name}-{next(self._numbers)}"
        body = {"source": source, "chart": chart, "cluster": "home", "namespace": "apps", "name": name}
        yield "POST", "/api/v1/installs?dry_run=true", body
        yield "POST", "/api/v1/installs", {**body, "request_id": name}
        yield "GET", f"/api/v1/installs/home/apps/{name}", None
        yield "GET", f"/apps/home/apps/{name}", None
        yield "DELETE", f"/api/v1/installs/home/apps/{name}", {}


def kinds() -> Iterator[str]:
    """The mix, in an order that is the same every time."""
    round_ = [kind for kind, times in MIX for _ in range(times)]
    chance = Random(1)
    while True:
        yield from chance.sample(round_, len(round_))


def run(urls: Sequence[str], charts: Sequence[tuple[str, str]], seconds: float, rate: float, clients: int) -> Seen:
    """Ask ``rate`` questions a second for so long. One client alone asks when it has its answer: nothing waits."""
    seen, began = Seen(), time.monotonic()
    due = ((kind, began + number / rate) for number, kind in enumerate(kinds()))
    turn = threading.Lock()

    def work(number: int) -> None:
        client = Client(urls, charts, seen, number)
        while True:
            with turn:
                kind, at = next(due)
            if at > began + seconds:
                return
            time.sleep(max(0.0, at - time.monotonic()))
            client.ask(kind, at if clients > 1 else time.monotonic())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return seen


def main() -> None:
    """Print what was seen as JSON."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, required=True)
    options.add_argument("--rate", type=float, required=True)
    options.add_argument("--clients", type=int, default=CLIENTS)
    options.add_argument("urls", nargs="+")
    asked = options.parse_args()
    charts = [tuple(one) for one in json.load(sys.stdin)]
    seen = run(asked.urls, charts, asked.seconds, asked.rate, asked.clients)
    print(json.dumps({"ms": seen.ms, "errors": seen.errors}))


if __name__ == "__main__":
    main()
