"""What was sent to clusters, kept before it is sent, so that nothing sent is ever unknown; and what others changed."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, func, insert, or_, select, update

from indexer.model import InstalledApp, KnownApp, Revision, RevisionMark, RevisionOutcome, SettledRevision
from indexer.store.database import Database
from indexer.store.tables import revisions

_PLACE = (revisions.c.cluster, revisions.c.namespace, revisions.c.name)


class Revisions:
    """The revisions of every install."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- writing

    def start(self, revision: Revision) -> Revision:
        """Keep ``revision`` under the next number of its install; the same request id returns the one already kept."""
        with self._database.write("apps") as connection:
            stored = _by_request(connection, revision.request_id)
            if stored is not None:
                return stored
            numbered = replace(revision, number=_next_number(connection, revision))
            connection.execute(insert(revisions).values(_values(numbered)))
        return numbered

    def sent(
        self,
        request_id: str,
        uid: str,
        generation: int = 0,
        annotations: Mapping[str, str] | None = None,
        spec_hash: str = "",
    ) -> None:
        """Remember what the cluster made of a request: the object's uid, and what tells a later change of it by others.

        What came before it and has no outcome yet will not get one.
        """
        known = {"uid": uid, "generation": generation, "annotations": dict(annotations or {}), "spec_hash": spec_hash}
        with self._database.write("apps") as connection:
            connection.execute(update(revisions).where(revisions.c.request_id == request_id).values(known))
            stored = _by_request(connection, request_id)
            if stored is not None:
                _replace_earlier(connection, stored)

    def settle(self, request_id: str, outcome: RevisionOutcome, reason: str, now: datetime) -> None:
        """Keep what captain made of a revision."""
        told = {"outcome": outcome, "outcome_reason": reason, "outcome_at": now}
        with self._database.write("apps") as connection:
            connection.execute(update(revisions).where(revisions.c.request_id == request_id).values(told))

    def withdraw(self, request_id: str) -> None:
        """Forget a revision that the cluster refused: it was never anything. One that was taken stays."""
        refused = (revisions.c.request_id == request_id) & (revisions.c.uid == "")
        with self._database.write("apps") as connection:
            connection.execute(delete(revisions).where(refused))

    # -- reading

    def namespaces(self, cluster: str) -> tuple[str, ...]:
        """Return the namespaces of ``cluster`` that something was ever sent to."""
        query = select(revisions.c.namespace).distinct().where(revisions.c.cluster == cluster)
        with self._database.read() as connection:
            return tuple(connection.execute(query.order_by(revisions.c.namespace)).scalars())

    def history(self, cluster: str, namespace: str, name: str) -> tuple[Revision, ...]:
        """Return the revisions of an install, newest first."""
        query = select(revisions).where(_is(cluster, namespace, name)).order_by(revisions.c.number.desc())
        with self._database.read() as connection:
            return tuple(_revision(row) for row in connection.execute(query))

    def newest(self, cluster: str = "") -> tuple[RevisionMark, ...]:
        """Return the newest revision that was taken of each app, of one cluster or of all, by place."""
        columns = (revisions.c[field.name] for field in fields(RevisionMark))
        query = _newest_taken(select(*columns)).order_by(*_PLACE)
        if cluster:
            query = query.where(revisions.c.cluster == cluster)
        with self._database.read() as connection:
            return tuple(RevisionMark(*row) for row in connection.execute(query))

    def unsettled(self, since: datetime) -> tuple[RevisionMark, ...]:
        """Return those of ``newest`` that were sent after ``since`` and whose outcome is not known, oldest first."""
        columns = (revisions.c[field.name] for field in fields(RevisionMark))
        query = _newest_taken(select(*columns)).where(revisions.c.outcome == "", revisions.c.at > since)
        with self._database.read() as connection:
            return tuple(RevisionMark(*row) for row in connection.execute(query.order_by(revisions.c.at)))

    def settled(self, since: datetime) -> tuple[SettledRevision, ...]:
        """Return those whose outcome was learned after ``since``, oldest first."""
        columns = (revisions.c[field.name] for field in fields(SettledRevision))
        query = select(*columns).where(revisions.c.outcome_at > since, revisions.c.action != "seen")
        with self._database.read() as connection:
            return tuple(SettledRevision(*row) for row in connection.execute(query.order_by(revisions.c.outcome_at)))

    def installed(self) -> tuple[InstalledApp, ...]:
        """Return what was sent and not removed since, as far as the cluster took it, by cluster, namespace and name."""
        columns = (revisions.c[field.name] for field in fields(InstalledApp))
        query = _newest_taken(select(*columns)).where(~_REMOVAL).order_by(*_PLACE)
        with self._database.read() as connection:
            return tuple(InstalledApp(*row) for row in connection.execute(query))

    def known(self) -> tuple[KnownApp, ...]:
        """Return what the revisions that a cluster took tell of each app that was not removed since, by cluster,
        namespace and name."""
        action, number = revisions.c.action, revisions.c.number
        newest = (
            select(
                *_PLACE,
                func.max(number).label("last"),
                func.max(case((action != "seen", number))).label("sent"),
                func.max(case((action == "install", number))).label("installed"),
            )
            .where(revisions.c.uid != "")
            .group_by(*_PLACE)
            .subquery()
        )
        same = [revisions.c[column.name] == newest.c[column.name] for column in _PLACE]
        wanted = number.in_([newest.c.last, newest.c.sent, newest.c.installed])
        query = select(revisions).join(newest, and_(*same)).where(wanted).order_by(*_PLACE, number.desc())
        with self._database.read() as connection:
            rows = [_revision(row) for row in connection.execute(query)]
        return tuple(filter(None, (_known(list(some)) for _, some in groupby(rows, _place_of))))

    def archives(self, source: str) -> tuple[tuple[str, str, str], ...]:
        """Return the charts, versions and digests of archives that revisions of ``source`` name, each once."""
        columns = (revisions.c.chart, revisions.c.version, revisions.c.chart_digest)
        named = (revisions.c.source == source) & (revisions.c.chart_digest != "") & (revisions.c.uid != "")
        query = select(*columns).distinct().where(named).order_by(*columns)
        with self._database.read() as connection:
            return tuple((row[0], row[1], row[2]) for row in connection.execute(query))

    def stamp(self) -> tuple[int, datetime | None, int]:
        """Return what is another one after every change of what ``installed`` says. Costs two looks at an index."""
        pending = select(func.count()).where(revisions.c.uid == "").scalar_subquery()
        query = select(revisions.c.id, revisions.c.at, pending).order_by(revisions.c.id.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return (0, None, 0) if row is None else (row[0], row[1], row[2])

    def find_request(self, request_id: str) -> Revision | None:
        """Return the revision of a request, or None."""
        with self._database.read() as connection:
            return _by_request(connection, request_id)


def _place_of(revision: Revision) -> tuple[str, str, str]:
    return revision.cluster, revision.namespace, revision.name


def _known(newest_first: Sequence[Revision]) -> KnownApp | None:
    """``newest_first``: the last revision of one app, the last one that was sent, and the last install."""
    if newest_first[0].is_removal:
        return None
    sent = next((one for one in newest_first if one.action != "seen"), None)
    if sent is None or sent.is_removal:  # it was made again, and not by Chartroom
        return KnownApp(newest_first[0], "")
    owner = next((one.person for one in newest_first if one.action == "install"), "")
    return KnownApp(sent, owner)


_REMOVAL: ColumnElement[bool] = or_(
    revisions.c.action == "uninstall", and_(revisions.c.action == "seen", revisions.c.outcome == "gone")
)
"""As `Revision.is_removal`."""


def _newest_taken(query: Any) -> Any:
    """``query`` for the newest revision of each app that its cluster took."""
    taken = revisions.c.uid != ""
    newest = select(*_PLACE, func.max(revisions.c.number).label("number")).where(taken).group_by(*_PLACE).subquery()
    return query.join(newest, and_(*(revisions.c[column.name] == column for column in newest.c)))


def _replace_earlier(connection: Connection, later: Revision) -> None:
    earlier = (revisions.c.number < later.number) & (revisions.c.outcome == "") & (revisions.c.uid != "")
    replaced = update(revisions).where(_is(later.cluster, later.namespace, later.name) & earlier)
    connection.execute(replaced.values(outcome="replaced", outcome_at=later.at))


def _by_request(connection: Connection, request_id: str) -> Revision | None:
    row = connection.execute(select(revisions).where(revisions.c.request_id == request_id)).one_or_none()
    return None if row is None else _revision(row)


def _next_number(connection: Connection, revision: Revision) -> int:
    of_install = _is(revision.cluster, revision.namespace, revision.name)
    return int(connection.execute(select(func.max(revisions.c.number)).where(of_install)).scalar() or 0) + 1


def _is(cluster: str, namespace: str, name: str) -> Any:
    return (revisions.c.cluster == cluster) & (revisions.c.namespace == namespace) & (revisions.c.name == name)


def _values(revision: Revision) -> dict[str, Any]:
    values = {column.name: getattr(revision, column.name) for column in revisions.c if column.name != "id"}
    as_json = {"manifest": dict(revision.manifest), "annotations": dict(revision.annotations)}
    return {**values, **as_json, "secret_paths": list(revision.secret_paths)}


def _revision(row: Row[Any]) -> Revision:
    values = {column.name: getattr(row, column.name) for column in revisions.c if column.name != "id"}
    return Revision(**{**values, "secret_paths": tuple(values["secret_paths"])})
