"""A registry in this process: what it holds, and what its reader was asked for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from indexer.errors import SourceError, TimedOut
from indexer.model import ListedChart, ListedVersion, Listing, Problem
from indexer.sources import Answer, Known


@dataclass
class Registry:
    """A ``ChartSource`` that reads the parts it is asked for, as a registry's reader does. A repository is a chart."""

    charts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Versions by repository."""
    flawed: set[str] = field(default_factory=set)
    """Repositories with a problem."""
    down: bool = False
    of_a_part: dict[str, int] = field(default_factory=dict)
    """What it asks to be remembered where only a part was read."""
    asked: list[Known] = field(default_factory=list)

    @contextmanager
    def list_charts(self, known: Known) -> Iterator[Answer]:
        self.asked.append(known)
        if self.down:
            raise TimedOut(url="https://registry.example", seconds=1)
        if known.memory == self._memory() and known.only is None:
            yield Answer(None, "", "", "", 10, framed=True, memory=known.memory)
        else:
            memory = self._memory() if known.only is None else self.of_a_part
            yield Answer(self._listing(known.only), "", "", "", 100, framed=True, memory=memory)

    def fetch_archive(self, urls: Sequence[str], target: Path, limit: int, manifest: str = "") -> None:
        raise SourceError(url=urls[0])

    def fetch_provenance(self, urls: Sequence[str], manifest: str = "") -> bytes:
        return b""

    @property
    def parts(self) -> list[frozenset[str] | None]:
        """Which part each reading looked at; None: all."""
        return [one.only for one in self.asked]

    def _memory(self) -> dict[str, int]:
        """What a poll sees of it: not that a version was replaced or went."""
        return {"repositories": len(self.charts)}

    def _listing(self, only: frozenset[str] | None) -> Listing:
        names = [name for name in self.charts if only is None or name in only]
        charts = {name: _chart(name, self.charts[name]) for name in names}
        problems = tuple(
            Problem(name, "", None, "flagged", "it is odd") for name in self.flawed if only is None or name in only
        )
        fingerprint = _mark(*(chart.fingerprint for chart in charts.values()))
        entries = sum(map(len, self.charts.values()))
        return Listing(charts, problems, fingerprint, end_proven=True, entries=entries, only=only)


def _chart(name: str, versions: Sequence[str]) -> ListedChart:
    return ListedChart(name, _mark(name, *versions), tuple(_version(name, version) for version in versions))


def _version(name: str, version: str) -> ListedVersion:
    raw = f'{{"name": "{name}", "version": "{version}"}}'.encode()
    url = (f"oci://registry.example/{name}:{version}",)
    return ListedVersion(name, version, "", None, "", url, False, raw, _mark(raw), manifest=_mark(raw).hex() * 2)


def _mark(*parts: object) -> bytes:
    return blake2b(repr(parts).encode(), digest_size=16).digest()
