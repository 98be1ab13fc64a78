"""Apps as a CSV file that spreadsheets open: RFC 4180, UTF-8 with the mark by which Excel knows it."""

import csv
import io
from collections.abc import Iterable, Iterator

from catalog_web.inventory.rows import AppRow

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins so for a formula, and runs it
(https://owasp.org/www-community/attacks/CSV_Injection)."""
COLUMNS = (
    "cluster",
    "namespace",
    "name",
    "state",
    "source",
    "chart",
    "version",
    "wanted_version",
    "newest",
    "behind",
    "drift",
    "deprecated",
    "repushed",
    "gone",
    "owner",
    "changed_by",
    "changed",
    "managed",
    "reason",
)


def csv_lines(rows: Iterable[AppRow]) -> Iterator[str]:
    """The file, a line at a time, the names of the columns first."""
    yield "\ufeff" + _line(COLUMNS)
    yield from (_line(_cells(row)) for row in rows)


def _cells(row: AppRow) -> tuple[str, ...]:
    app = row.app
    return (
        app.cluster,
        app.namespace,
        app.name,
        app.state,
        row.source,
        app.chart,
        app.status.version,
        app.version,
        row.newest,
        str(row.behind),
        *(str(flag).lower() for flag in (row.drifted, row.deprecated, row.repushed)),
        row.gone,
        row.owner,
        row.person,
        row.changed.isoformat(timespec="seconds") if row.changed else "",
        str(app.managed).lower(),
        app.reason,
    )


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([_text(cell) for cell in cells])
    return written.getvalue()


def _text(cell: str) -> str:
    """``cell``, never a formula: a quote before it makes it a text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
