"""SQLite FTS5 over the same texts, used as one would use it plainly: four columns, their weights, an OR of prefixes."""

import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from indexer.search.document import Document

_WEIGHTS = "20.0, 8.0, 6.0, 1.0"
_TABLE = """
CREATE VIRTUAL TABLE charts
USING fts5(source UNINDEXED, chart UNINDEXED, name, keywords, description, readme, prefix='2 3')
"""
_FOUND = f"""
SELECT source, chart, description FROM charts WHERE charts MATCH ?
ORDER BY bm25(charts, 0.0, 0.0, {_WEIGHTS}) LIMIT ? OFFSET ?
"""
_ALL = "SELECT source, chart, description FROM charts ORDER BY chart LIMIT ? OFFSET ?"


class Fts5:
    """An index in ``file``."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._connection = sqlite3.connect(file)

    def build(self, documents: Iterable[Document]) -> None:
        """Index ``documents``."""
        self._connection.execute(_TABLE)
        rows = (
            (one.source, one.name, one.name, " ".join(one.keywords), one.description, one.readme) for one in documents
        )
        with self._connection:
            self._connection.executemany("INSERT INTO charts VALUES (?, ?, ?, ?, ?, ?)", rows)

    def search(self, text: str, limit: int = 24, offset: int = 0) -> list[tuple[str, str, str]]:
        """A page of source, name, description; best first."""
        words = re.findall(r"\w+", text)
        if not words:
            return self._connection.execute(_ALL, (limit, offset)).fetchall()
        match = " OR ".join(f'"{word}"*' for word in words)
        return self._connection.execute(_FOUND, (match, limit, offset)).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
