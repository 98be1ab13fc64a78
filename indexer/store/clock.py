"""The database's own clock, which all processes on it share: that of a machine may jump."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from indexer.store.columns import UtcTime


class database_time(FunctionElement[datetime]):  # noqa: N801 -- a function of SQL
    """What time it is, also within a transaction that has been open for long."""

    type = UtcTime()
    inherit_cache = True


@compiles(database_time, "postgresql")
def _postgresql(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"


@compiles(database_time, "sqlite")
def _sqlite(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER)"


def in_time(span: timedelta) -> ColumnElement[int]:
    """The moment that comes after ``span``, as a column of UtcTime keeps it."""
    return type_coerce(database_time(), BigInteger) + span // timedelta(microseconds=1)
