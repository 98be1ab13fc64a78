"""Who has which role where, as administrators gave it beside the configuration."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Row, delete, insert, select

from indexer.errors import BindingNotFound
from indexer.people import Binding
from indexer.store.database import Database
from indexer.store.people_tables import bindings

_NAMES = tuple(one.name for one in fields(Binding))


class Bindings:
    """Every binding that is kept here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Binding, ...]:
        """In the order in which they were made."""
        with self._database.read() as connection:
            return tuple(map(_binding, connection.execute(select(bindings).order_by(bindings.c.id))))

    def of(self, name: str, groups: Sequence[str]) -> tuple[Binding, ...]:
        """Those of a person: by name, by one of ``groups``, or as everyone."""
        kind, subject = bindings.c.subject_kind, bindings.c.subject
        mine = (kind == "user") & (subject == name) | (kind == "group") & subject.in_(groups) | (kind == "everyone")
        with self._database.read() as connection:
            return tuple(map(_binding, connection.execute(select(bindings).where(mine).order_by(bindings.c.id))))

    def add(self, binding: Binding) -> Binding:
        """Keep it; returns it with its number."""
        values = {name: getattr(binding, name) for name in _NAMES if name != "id"}
        with self._database.write("people") as connection:
            made = connection.execute(insert(bindings).values(values).returning(bindings.c.id)).scalar_one()
            return _binding(connection.execute(select(bindings).where(bindings.c.id == made)).one())

    def remove(self, number: int, check: Callable[[Sequence[Binding], Sequence[Binding]], None]) -> Binding:
        """Take it away; returns what it was. ``check`` is given all bindings and those that would be left, and raises
        what speaks against it: of two who take away each other's at once, the second is judged by what the first one
        left. Raises BindingNotFound."""
        with self._database.write("people") as connection:
            present = tuple(map(_binding, connection.execute(select(bindings).order_by(bindings.c.id))))
            row = connection.execute(select(bindings).where(bindings.c.id == number)).one_or_none()
            if row is None:
                raise BindingNotFound(number=number)
            check(present, [one for one in present if one.id != number])
            connection.execute(delete(bindings).where(bindings.c.id == number))
            return _binding(row)


def _binding(row: Row[Any]) -> Binding:
    places = {name: tuple(getattr(row, name)) for name in ("sources", "clusters", "namespaces")}
    return Binding(**{name: getattr(row, name) for name in _NAMES} | places)
