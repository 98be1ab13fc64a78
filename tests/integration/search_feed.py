"""A store's change log and charts in memory, and a process that follows one until it is killed."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from indexer.search.document import Document
from indexer.search.whoosh_index import SearchIndex


def chart(title, description="", keywords=(), readme="", deprecated=False, updated=None):
    source, _, name = title.rpartition("/")
    return Document(
        source or "sample", name, "1.0.0", description, tuple(keywords), ("Grace Hopper",), readme, deprecated, updated
    )


class MemoryFeed:
    """What the store is to the index. Every ``put`` and ``remove`` is a row of the log."""

    def __init__(self, *charts, store_id="store-1"):
        self.store_id = store_id
        self.charts = {}
        self.log = []
        self.pruned = 0
        self.put(*charts)

    def put(self, *charts):
        for one in charts:
            self.charts[one.source, one.name] = one
            self.log.append((one.source, one.name))

    def remove(self, source, name):
        del self.charts[source, name]
        self.log.append((source, name))

    def last_change(self):
        return len(self.log)

    def oldest_change(self):
        return self.pruned + 1 if self.log else 0

    def changed_charts(self, since, limit):
        rows = self.log[since : since + limit]
        return since + len(rows), set(rows)

    def documents(self, keys):
        return (self.charts[key] for key in keys if key in self.charts)

    def all_documents(self):
        return iter(list(self.charts.values()))


def world(row):
    """A store after ``row`` changes: charts come, change and go, always in the same way."""
    feed = MemoryFeed()
    first_day = datetime(2024, 1, 1, tzinfo=UTC)
    for n in range(row):
        name = f"chart-{n * 7 % 31}"
        if n % 5 == 4 and ("sample", name) in feed.charts:
            feed.remove("sample", name)
        else:
            words = f"state {n} kind{n % 3} 监控"
            readme = f"Made by step {n}. lantern{n % 4} " * (n % 6)
            feed.put(chart(name, words, (f"k{n % 5}",), readme, n % 4 == 0, first_day + timedelta(hours=n)))
    return feed


def follow_for_ever(folder, reached):
    """Follow a growing world; ``reached`` holds the row that the store has reached."""
    index = SearchIndex(folder)
    row = int(reached.read_text())
    while True:
        row += 3
        reached.with_suffix(".next").write_text(str(row))
        reached.with_suffix(".next").replace(reached)
        feed = world(row)
        if row % 15 == 0:
            index.rebuild(feed)
        else:
            index.follow(feed)


if __name__ == "__main__":
    follow_for_ever(Path(sys.argv[1]), Path(sys.argv[2]))
