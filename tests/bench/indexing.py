"""What it costs to build the search index and to let it follow."""

import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from catalog_web.services import Services
from indexer.search.feed import StoreFeed
from tests.bench import catalogs
from tests.bench.figures import cpu, mib_on_disk, timed
from tests.bench.fts5 import Fts5

_FOLLOWED = (1, 100)
"""Charts that change at once."""


def main(size: int) -> None:
    """Measure and print."""
    with catalogs.catalog(size) as services:
        feed = StoreFeed(services.store)
        ours = cpu(lambda: services.search.rebuild(feed))
        with tempfile.TemporaryDirectory() as folder:
            other = Fts5(Path(folder) / "fts5.sqlite")
            theirs = cpu(lambda: other.build(feed.all_documents()))
            print(f"{'':<30}{'ours':>10}{'FTS5':>10}")
            print(f"{'build, CPU s':<30}{ours:>10.2f}{theirs:>10.2f}")
            on_disk = mib_on_disk(services.config.data_dir / "search")
            print(f"{'on disk, MiB':<30}{on_disk:>10.1f}{mib_on_disk(other.file):>10.1f}")
            other.close()
        real = catalogs.originals()
        for count in _FOLLOWED:
            change(services, catalogs.made_charts(real, size)[-count:], real)
            print(f"{f'follow {count} changed, ms':<30}{timed(services.catalog.follow)[0]:>10.0f}")


def change(services: Services, made: Iterable[catalogs.Made], real: Sequence[catalogs.Original]) -> None:
    """Let the change log say that the archives of ``made`` became known, as they are."""
    contents, now = services.store.contents, datetime.now(UTC)
    for one in made:
        wanted = contents.wanted_version(one.source, one.name, one.original.metadata.version)
        assert wanted is not None
        contents.ready(wanted, catalogs.content(one, real), now)
