"""How long answers take: by shape of the query, in process, over HTTP, and from SQLite FTS5 over the same texts.

"First" is an answer that no cache holds, "again" the same question asked once more. Before each round all caches are
emptied: in process by opening the index anew, in the web process by a change of the catalog.
"""

import http.client
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from catalog_web.services import Services
from indexer.search.feed import StoreFeed
from indexer.search.request import SearchRequest
from tests.bench import catalogs
from tests.bench.figures import Clock, Times, mib_resident, timed
from tests.bench.fts5 import Fts5
from tests.bench.indexing import change
from tests.bench.serving import Server, chartroom_web
from tests.bench.shapes import SHAPES, SUGGESTED, address, suggest_address

_SETTLE = 4.0
"""Seconds in which a web process notices a change and opens the index that follows it."""
_WARM = SearchRequest("a question that opens the index")

Ask = Callable[[SearchRequest], object]


@dataclass(frozen=True, slots=True)
class System:
    """What is asked, and the milliseconds that it took, by the name of the shape."""

    ask: Ask
    empty_caches: Callable[[], None]
    clock: Clock
    first: dict[str, list[float]] = field(default_factory=dict)
    again: dict[str, list[float]] = field(default_factory=dict)

    def round(self) -> None:
        """Ask everything, and again."""
        self.empty_caches()
        for times in (self.first, self.again):
            for shape in SHAPES:
                taken = [timed(partial(self.ask, request), self.clock)[0] for request, _ in shape.requests()]
                times.setdefault(shape.name, []).extend(taken)


def main(size: int, rounds: int, clock: Clock = time.perf_counter) -> None:
    """Measure in turns, so that whatever else the machine does is met by all alike, and print.

    The web process is always measured by the time that its client waits.
    """
    with ExitStack() as stack:
        services = stack.enter_context(catalogs.catalog(size))
        services.catalog.follow()
        other = Fts5(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "fts5.sqlite")
        stack.callback(other.close)
        other.build(StoreFeed(services.store).all_documents())
        server = stack.enter_context(chartroom_web(catalogs.folder_of(size) / "chartroom.yaml"))
        ours = System(services.catalog.search, partial(_open_anew, services), clock)
        ask = _client(server)
        api = System(ask, _changer(services, size, ask), time.perf_counter)
        theirs = System(lambda request: other.search(request.text, offset=request.offset), lambda: None, clock)
        for _ in range(rounds):
            for system in (ours, api, theirs):
                system.round()
        _print(ours, api, theirs)
        _print_suggestions(services, server)
        print(f"{'web process, MiB resident':<30}{mib_resident(server.process):>8.0f}")


def _open_anew(services: Services) -> None:
    services.search.close()
    services.catalog.search(_WARM)


def _changer(services: Services, size: int, ask: Ask) -> Callable[[], None]:
    real = catalogs.originals()
    last = catalogs.made_charts(real, size)[-1:]

    def empty_caches() -> None:
        change(services, last, real)
        time.sleep(_SETTLE)
        ask(_WARM)

    return empty_caches


def _client(server: Server) -> Ask:
    """Asks over one connection that is kept."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)

    def ask(request: SearchRequest) -> None:
        _get(connection, address(request))

    return ask


def _get(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
    return body


# -- the tables


def _print(ours: System, api: System, theirs: System) -> None:
    print(f"{'':<30}{'in process, first':^24}{'again':>8}{'API, first':^24}{'again':>8}{'FTS5':^16}{'ratio':^16}")
    three = f"{'p50':>8}{'p95':>8}{'worst':>8}{'p50':>8}"
    print(f"{'':<30}{three}{three}{'p50':>8}{'p95':>8}{'p50':>8}{'p95':>8}")
    for shape in SHAPES:
        _row(shape.name, ours, api, theirs, [shape.name])
    _row("words and beginnings", ours, api, theirs, [shape.name for shape in SHAPES if shape.compared])
    _row("all of them", ours, api, theirs, [shape.name for shape in SHAPES])


def _row(name: str, ours: System, api: System, theirs: System, shapes: Sequence[str]) -> None:
    here, there, other = _times(ours.first, shapes), _times(api.first, shapes), _times(theirs.first, shapes)
    figures = (
        here.p50, here.p95, here.worst, _times(ours.again, shapes).p50,
        there.p50, there.p95, there.worst, _times(api.again, shapes).p50,
        other.p50, other.p95, here.p50 / other.p50, here.p95 / other.p95,
    )  # fmt: skip
    print(f"{name:<30}{''.join(f'{figure:>8.2f}' for figure in figures)}")


def _times(by_shape: dict[str, list[float]], shapes: Sequence[str]) -> Times:
    return Times.of(one for shape in shapes for one in by_shape[shape])


def _print_suggestions(services: Services, server: Server) -> None:
    _open_anew(services)
    here = Times.of(timed(partial(services.catalog.suggest, text))[0] for text in SUGGESTED * 5)
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    there = Times.of(timed(partial(_get, connection, suggest_address(text)))[0] for text in SUGGESTED * 5)
    figures = (here.p50, here.p95, here.worst, None, there.p50, there.p95, there.worst)
    print(f"{'suggestions':<30}{''.join('        ' if one is None else f'{one:>8.2f}' for one in figures)}")
