"""Accounts."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from indexer.errors import NameTaken, UserNotFound
from indexer.people import User
from indexer.store.database import Database
from indexer.store.people_tables import bindings, sessions, users


class Users:
    """Every account, by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, name: str) -> User | None:
        """Return the account with this name, or None."""
        with self._database.read() as connection:
            return _one(connection, users.c.name == name)

    def get(self, name: str) -> User:
        """Return the account with this name. Raises UserNotFound."""
        found = self.find(name)
        if found is None:
            raise UserNotFound(name=name)
        return found

    def of_subject(self, issuer: str, subject: str) -> User | None:
        """Return the account of somebody at a provider, or None."""
        with self._database.read() as connection:
            return _one(connection, (users.c.issuer == issuer) & (users.c.subject == subject))

    def some(self, text: str, offset: int, limit: int) -> tuple[tuple[User, ...], int]:
        """Return the accounts whose name or e-mail address has ``text`` in it, by name, and how many there are."""
        lowered = text.lower()
        fits = or_(
            func.lower(users.c.name).contains(lowered, autoescape=True),
            func.lower(users.c.email).contains(lowered, autoescape=True),
        )
        some = select(users).where(fits).order_by(users.c.name).offset(offset).limit(limit)
        with self._database.read() as connection:
            total = connection.execute(select(func.count()).select_from(users).where(fits)).scalar_one()
            return tuple(map(user_of, connection.execute(some))), total

    def add(self, user: User, role: str = "", by: str = "") -> None:
        """Keep a new account; with ``role`` everywhere, in the same transaction, so that nobody is an administrator
        who can be none. Raises NameTaken."""
        try:
            with self._database.write("people") as connection:
                connection.execute(insert(users).values(_row(user)))
                if role:
                    connection.execute(insert(bindings).values(_everywhere(user, role, by)))
        except IntegrityError:
            raise NameTaken(name=user.name) from None

    def told(self, name: str, facts: Mapping[str, Any]) -> None:
        """Keep what a sign-in told: ``display``, ``email``, ``groups``, ``last_sign_in``."""
        self._change(name, dict(facts))

    def set_password(self, name: str, password: str) -> None:
        """Let this hash open the account, and end all sessions and tokens. Raises UserNotFound."""
        self._change(name, {"password": password}, ends_all=True)

    def rehash(self, name: str, before: str, password: str) -> None:
        """Replace the hash of the same password; of another one that was set meanwhile, not."""
        with self._database.write("people") as connection:
            same = (users.c.name == name) & (users.c.password == before)
            connection.execute(update(users).where(same).values(password=password))

    def set_disabled(self, name: str, disabled: bool) -> None:
        """Close an account, or open it again; sessions and tokens of before stay dead. Raises UserNotFound."""
        self._change(name, {"disabled": disabled}, ends_all=True)

    def sign_out(self, name: str) -> None:
        """End all sessions and tokens of a person, on every replica. Raises UserNotFound."""
        self._change(name, {}, ends_all=True)

    def has_administrator(self, also: Sequence[str] = ()) -> bool:
        """Whether an account that is open has the role admin, or a name among ``also``."""
        bound = exists().where(
            bindings.c.role == "admin", bindings.c.subject_kind == "user", bindings.c.subject == users.c.name
        )
        open_ones = select(users.c.name).where(users.c.disabled.is_(False), users.c.kind != "service")
        with self._database.read() as connection:
            found = connection.execute(open_ones.where(bound | users.c.name.in_(also)).limit(1))
            return found.one_or_none() is not None

    def _change(self, name: str, values: dict[str, Any], *, ends_all: bool = False) -> None:
        changed = {**values, "epoch": users.c.epoch + 1} if ends_all else values
        with self._database.write("people") as connection:
            if not connection.execute(update(users).where(users.c.name == name).values(changed)).rowcount:
                raise UserNotFound(name=name)
            if ends_all:
                connection.execute(delete(sessions).where(sessions.c.person == name))


_NAMES = tuple(User.__dataclass_fields__)


def _one(connection: Connection, which: Any) -> User | None:
    row = connection.execute(select(users).where(which)).first()
    return None if row is None else user_of(row)


def user_of(row: Row[Any]) -> User:
    """A row that holds the columns of ``users`` under their own names."""
    return User(**{name: getattr(row, name) for name in _NAMES} | {"groups": tuple(row.groups)})


def _row(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in _NAMES} | {"groups": list(user.groups)}


def _everywhere(user: User, role: str, by: str) -> dict[str, Any]:
    everything = {"sources": ["*"], "clusters": ["*"], "namespaces": ["*"]}
    return {"role": role, "subject_kind": "user", "subject": user.name, "person": by, "at": user.created, **everything}
