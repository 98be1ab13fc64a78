"""The only truth: SQL behind SQLAlchemy Core, a module a concern.

``catalog`` (charts, versions, the index entries as they came), ``contents`` (what archives hold), ``provenances`` (what
lies beside them), ``sources``, ``secrets``, ``ledger`` (attempts), ``changes`` (the log that followers read),
``activity`` (the same as people read it), ``worries`` (what an administrator should know of), ``revisions`` (what was
sent to clusters), ``publications`` (which sources captain is to know), ``searches`` (kept and counted),
``presets`` (values that teams keep), ``audit`` (who did what), ``figures`` (what is counted for those who run it),
``teams`` (what they show their members), ``approvals`` (what waits for a decision), ``users``, ``bindings``,
``sessions``, ``tokens``, ``one_time`` and ``throttles`` (people, what they may, how they sign in), ``leases`` (which
process does what is done once), ``replicas`` (which are there).
"""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from secrets import token_hex
from uuid import uuid4

from sqlalchemy import select

from indexer.errors import ChartroomError
from indexer.signing import Signer
from indexer.store.activity import Activity
from indexer.store.approvals import Approvals
from indexer.store.audit import Audit
from indexer.store.bindings import Bindings
from indexer.store.catalog import Catalog
from indexer.store.changes import Changes
from indexer.store.contents import Contents
from indexer.store.database import Database
from indexer.store.deliveries import Deliveries
from indexer.store.figures import FigureReader
from indexer.store.leases import Leases
from indexer.store.ledger import Ledger
from indexer.store.locks import FileLocks, Hold, LeaseLocks, Locks
from indexer.store.meta_rows import meta_of, put_meta
from indexer.store.migrating import migrate
from indexer.store.one_time import OneTimeKeys
from indexer.store.presets import Presets
from indexer.store.provenances import Provenances
from indexer.store.publications import Publications
from indexer.store.replicas import Replicas
from indexer.store.revisions import Revisions
from indexer.store.searches import Searches
from indexer.store.secrets import Secrets
from indexer.store.sessions import Sessions
from indexer.store.sources import Sources
from indexer.store.subscriptions import Subscriptions
from indexer.store.tables import RESTORED, meta
from indexer.store.teams import Teams
from indexer.store.throttles import Throttles
from indexer.store.tokens import Tokens
from indexer.store.users import Users
from indexer.store.worries import Worries
from indexer.vault import Vault

log = logging.getLogger(__name__)
SQLITE_FILE = "chartroom.sqlite"
LEADER = "leader"
"""The lock of the one process that does what is done once: the schedule, publishing, tidying, notices."""
KEY_FILE = "secret.key"
_SIGNING_KEY, _SIGNING_BYTES = "signing_key", 32


class Store:
    """All rooms of the store of one data directory, in SQLite there or in the PostgreSQL at ``url``. Opening creates or
    migrates it, and lets the first of ``keys`` seal what another one sealed before. ``locked``: secrets that no key
    opens are left as they are.

    Raises StoreUnavailable wherever the database does not answer; SecretsLocked, SecretKeyUnusable.
    """

    def __init__(self, folder: Path, keys: Sequence[bytes] = (), *, url: str = "", locked: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        locks = folder / "locks"
        locks.mkdir(exist_ok=True)
        self.replica = uuid4().hex
        """This process, among all that are on this store."""
        self.database = Database(folder / SQLITE_FILE, url)
        # Connections of their own: who had to wait for one among many requests would lose what it holds.
        self._running = Database(folder / SQLITE_FILE, url, connections=3) if url else self.database
        self.leases = Leases(self._running)
        self.replicas = Replicas(self._running)
        self._locks: Locks = LeaseLocks(self.leases, self.replica) if url else FileLocks(locks)
        try:
            migrate(self.database, locks / "migrate.lock")
        except ChartroomError:
            self.close()
            raise
        self.catalog = Catalog(self.database)
        self.contents = Contents(self.database)
        self.provenances = Provenances(self.database)
        self.vault = Vault(keys, folder / KEY_FILE)
        self.secrets = Secrets(self.database, self.vault)
        self.sources = Sources(self.database, self.vault)
        self.ledger = Ledger(self.database)
        self.changes = Changes(self.database)
        self.activity = Activity(self.database)
        self.worries = Worries(self.database)
        self.revisions = Revisions(self.database)
        self.publications = Publications(self.database)
        self.searches = Searches(self.database)
        self.presets = Presets(self.database)
        self.teams = Teams(self.database)
        self.approvals = Approvals(self.database, self.vault)
        self.users = Users(self.database)
        self.bindings = Bindings(self.database)
        self.sessions = Sessions(self.database, self.vault)
        self.one_time = OneTimeKeys(self.database)
        self.tokens = Tokens(self.database)
        self.throttles = Throttles(self.database)
        self.figures = FigureReader(self.database)
        self.audit = Audit(self.database, self.vault)
        self.subscriptions = Subscriptions(self.database, self.vault)
        self.deliveries = Deliveries(self.database)
        self.id, self.lineage = self._identity()
        self.signer = Signer(self._signing_key())
        """Of what processes keep in folders that others may write into."""
        if not locked:
            self._renew_secrets()

    def close(self) -> None:
        """Let go of what is held, and give all connections back."""
        self._locks.close()
        self._running.close()
        self.database.close()

    def leader_lock(self) -> AbstractContextManager[Hold | None]:
        """Be the one process that does what is done once; None where another one is. Raises as ``source_lock``."""
        return self._locks.lock(LEADER)

    def source_lock(self, source: str, wait: float = 0) -> AbstractContextManager[Hold | None]:
        """Be the only one who syncs ``source``, of all processes on this store; None where somebody else is at it for
        longer than ``wait`` seconds. What is written meanwhile raises LeaseLost once it was taken over.

        It is free once the process is dead, however it died. Raises DataFolderUnusable, StoreUnavailable.
        """
        return self._locks.lock(f"source/{source}", wait)

    def archives_lock(self, source: str, wait: float = 0) -> AbstractContextManager[Hold | None]:
        """Be the only one who fetches the archives of ``source``, as ``source_lock``."""
        return self._locks.lock(f"archives/{source}", wait)

    def tokens_lock(self, sign_in: str, wait: float = 0) -> AbstractContextManager[Hold | None]:
        """Be the only one who has the tokens of ``sign_in`` renewed, as ``source_lock``: a provider may take a second
        use of what renews them for a theft. Some sign-ins share a lock, as each leaves a file."""
        return self._locks.lock(f"tokens/{sign_in[:2]}", wait)

    def is_syncing(self, source: str) -> bool:
        """Whether somebody holds a lock of ``source`` now."""
        return any(self._locks.is_locked(f"{what}/{source}") for what in ("source", "archives"))

    def _renew_secrets(self) -> None:
        try:
            self.audit.renew()
            renewed = self.secrets.renew() + self.approvals.renew() + self.subscriptions.renew()
            renewed += self.sessions.seal_anew()
        except ChartroomError:
            self.close()
            raise
        if renewed:
            log.info("sealed %d stored secrets anew with the first key", renewed)

    def _signing_key(self) -> bytes:
        """Made by whichever process is the first."""
        with self.database.read() as connection:
            known = meta_of(connection, _SIGNING_KEY)
        if known is None:
            with self.database.write() as connection:
                known = meta_of(connection, _SIGNING_KEY)
                if known is None:
                    known = token_hex(_SIGNING_BYTES)
                    put_meta(connection, _SIGNING_KEY, known)
        return bytes.fromhex(known)

    def _identity(self) -> tuple[str, str]:
        """Which store it is, and what becomes another one when a backup was put in its place: the change log may go
        back then, and whoever follows it begins anew."""
        with self.database.read() as connection:
            known = {row.key: row.value for row in connection.execute(select(meta))}
        return known["store_id"], f"{known['store_id']}{known.get(RESTORED, '')}"
