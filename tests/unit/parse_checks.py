"""A good index, and what tests of the parser look at."""

from dataclasses import replace
from typing import Any

from indexer import parse
from indexer.errors import IndexInvalid
from indexer.model import Listing, Problem

DIGEST = "51f889dca3437fb4e0a27816f6a473a9358828dbf6f85564b7991fa1458055c2"


def entry(name: str = "a", version: str = "1.0.0", *lines: str) -> str:
    """One version as helm writes it, with further ``lines`` (``key: value``) in Go's order."""
    keys = {
        "apiVersion": "apiVersion: v2",
        "created": 'created: "2021-05-21T13:04:19.360025134Z"',
        "digest": f"digest: {DIGEST}",
        "name": f"name: {name}",
        "urls": f"urls:\n    - {name}-{version}.tgz",
        "version": f"version: {version}",
    }
    keys.update({line.split(":")[0]: line for line in lines})
    return "  - " + "\n    ".join(line for _, line in sorted(keys.items()) if line) + "\n"


def without(name: str, version: str, *keys: str) -> str:
    """One version without some of its lines."""
    return "".join(
        line for line in entry(name, version).splitlines(keepends=True) if not line.strip(" -").startswith(keys)
    )


def index(charts: dict[str, str], end: str = 'generated: "2021-05-21T13:04:19.360025134Z"\n') -> str:
    """An index of charts, each with the text of its versions."""
    return "apiVersion: v1\nentries:\n" + "".join(f"  {name}:\n{text}" for name, text in charts.items()) + end


def read(text: str | bytes, **more: Any) -> Listing:
    body = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return parse.read_index(body, url="https://charts.example.org", **more)


def read_fully(text: str | bytes, **more: Any) -> Listing:
    body = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return parse.read_index_fully(body, url="https://charts.example.org", **more)


def versions(listing: Listing) -> dict[str, list[str]]:
    return {name: [one.version for one in chart.versions] for name, chart in listing.charts.items()}


def causes(listing: Listing) -> list[tuple[str, str, int | None, str]]:
    return [(one.chart, one.version, one.line, one.kind) for one in listing.problems]


def outcome(read_it: Any, body: bytes, *, lines: bool = True, **more: Any) -> object:
    """All that a reader of the index could tell apart: the catalog, or the error."""
    try:
        listing: Listing = read_it(body, **more)
    except IndexInvalid as error:
        return type(error), error.params
    charts = {
        name: [
            (one.version, one.app_version, one.created, one.digest, one.urls, one.deprecated, parse.open_entry(one.raw))
            for one in chart.versions
        ]
        for name, chart in listing.charts.items()
    }
    return charts, [_told(one, lines) for one in listing.problems], listing.end_proven, listing.entries


def _told(problem: Problem, lines: bool) -> Problem:
    return problem if lines else replace(problem, line=None)
