"""Run it all and print the figures, a JSON line each."""

import argparse
import json
import tempfile
from pathlib import Path

from tests.postgres import real_postgres
from tests.replicas import fleet
from tests.soak.kills import rounds
from tests.upstream import upstream


def main() -> None:
    """Kill processes on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="on each database [100]")
    count = parser.parse_args().kills
    with tempfile.TemporaryDirectory() as folder, upstream() as site:
        source = [{"name": "shop", "url": site.url}]
        with fleet(Path(folder) / "sqlite", "", source) as made:
            _tell("kills of the only process, on SQLite", rounds(made, site, count, ["serve"]).told())
        with real_postgres() as postgres, fleet(Path(folder) / "postgres", postgres.create("soak"), source) as made:
            told = rounds(made, site, count, ["serve", "serve", "serve"]).told()
            _tell("kills among three processes, on PostgreSQL", told)


def _tell(what: str, figures: dict[str, float]) -> None:
    print(json.dumps({"what": what, **figures}), flush=True)


if __name__ == "__main__":
    main()
