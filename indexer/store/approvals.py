"""What waits for the decision of an administrator, and what was decided."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from indexer.errors import N_, Conflict, RequestNotFound, phrase
from indexer.model import Approval, ApprovalState
from indexer.store.database import Database
from indexer.store.people_tables import approvals
from indexer.store.sealed import open_sealed, renew_sealed
from indexer.vault import Vault

MOST_WAITING = 100
"""Of one person."""
_OPEN: tuple[ApprovalState, ...] = ("waiting", "approved")


class Approvals:
    """All requests for an approval."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def ask(self, approval: Approval, secrets: Mapping[str, str]) -> Approval:
        """Keep a request with its secrets sealed; the same request id returns the one already kept.

        Raises Conflict for too many that wait, SecretKeyUnusable.
        """
        sealed = self._vault.seal(json.dumps(secrets)) if any(secrets.values()) else ""
        mine = (approvals.c.person == approval.person) & (approvals.c.state == "waiting")
        row = {name: getattr(approval, name) for name in _NAMES}
        with self._database.write("people") as connection:
            found = connection.execute(select(approvals).where(approvals.c.request_id == approval.request_id)).first()
            if found is not None:
                return _approval(found)
            if connection.execute(select(func.count()).where(mine)).scalar_one() >= MOST_WAITING:
                what = phrase(N_("{most} of your requests wait already."), most=MOST_WAITING)
                raise Conflict(what=what, hint=phrase(N_("Withdraw one that is no longer needed.")))
            connection.execute(insert(approvals).values({**row, "sealed": sealed}))
        return self.get(approval.id)

    def get(self, approval: str) -> Approval:
        """Return one. Raises RequestNotFound."""
        with self._database.read() as connection:
            row = connection.execute(select(approvals).where(approvals.c.id == approval)).one_or_none()
        if row is None:
            raise RequestNotFound()
        return _approval(row)

    def find_request(self, request_id: str) -> Approval | None:
        """The one that was asked for under that id of a request, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(approvals).where(approvals.c.request_id == request_id)).one_or_none()
        return _approval(row) if row else None

    def of(self, person: str, limit: int) -> tuple[Approval, ...]:
        """The newest requests of a person, newest first."""
        return self._listed(approvals.c.person == person, limit)

    def at(self, cluster: str, namespace: str, name: str) -> tuple[Approval, ...]:
        """The requests about one app that are not settled, newest first."""
        place = (approvals.c.cluster == cluster) & (approvals.c.namespace == namespace) & (approvals.c.name == name)
        return self._listed(place & approvals.c.state.in_(_OPEN), MOST_WAITING)

    def all(self, states: Collection[ApprovalState], limit: int) -> tuple[Approval, ...]:
        """The newest requests in these states, newest first."""
        return self._listed(approvals.c.state.in_(states), limit)

    def secrets(self, approval: Approval) -> dict[str, str]:
        """The secrets of a request. Raises CredentialsUnreadable, SecretKeyUnusable."""
        if not approval.sealed:
            return {}
        opened: dict[str, str] = json.loads(open_sealed(self._vault, approval.sealed))
        return opened

    def move(self, approval: Approval, state: ApprovalState, **values: Any) -> bool:
        """Take a request from the state in which ``approval`` has it to another one; False where it has left that
        meanwhile. What is settled keeps no secrets. ``values``: of further columns."""
        kept = {} if state in _OPEN else {"sealed": ""}
        same = (approvals.c.id == approval.id) & (approvals.c.state == approval.state)
        with self._database.write("people") as connection:
            return bool(
                connection.execute(update(approvals).where(same).values(state=state, **kept, **values)).rowcount
            )

    def expire(self, before: datetime) -> int:
        """Settle what has waited since before that; returns how many there were."""
        old = (approvals.c.state == "waiting") & (approvals.c.at < before)
        with self._database.write("people") as connection:
            return int(connection.execute(update(approvals).where(old).values(state="expired", sealed="")).rowcount)

    def forget(self, before: datetime) -> int:
        """Drop what was settled and is older than that; returns how many there were."""
        old = approvals.c.state.not_in(_OPEN) & (approvals.c.at < before)
        with self._database.write("people") as connection:
            return int(connection.execute(delete(approvals).where(old)).rowcount)

    def renew(self) -> int:
        """Seal anew what another key than the first one sealed, as far as a key opens it; returns how many there were.

        Raises SecretKeyUnusable.
        """
        return renew_sealed(self._database, self._vault, approvals, "people")

    def _listed(self, which: Any, limit: int) -> tuple[Approval, ...]:
        query = select(approvals).where(which).order_by(approvals.c.at.desc(), approvals.c.id).limit(limit)
        with self._database.read() as connection:
            return tuple(_approval(row) for row in connection.execute(query))


_NAMES = tuple(Approval.__dataclass_fields__)


def _approval(row: Row[Any]) -> Approval:
    return Approval(**{name: getattr(row, name) for name in _NAMES})
