"""What one process does at a time: on one machine files that the operating system locks, between machines leases.

A lock of the operating system is had for as long as its process lives, and is free once it has ended, however. A lease
is renewed every second and free LEASE_SECONDS after its process fell silent; what is written meanwhile is fenced.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from indexer.errors import ChartroomError, DataFolderUnusable
from indexer.store.fencing import Lease, fenced
from indexer.store.leases import Leases

log = logging.getLogger(__name__)

LEASE_SECONDS = 4.0
"""After which somebody else may take over. Shorter would make every hiccup of the database a change of hands."""
RENEW_SECONDS = 1.0
ASK_SECONDS = 0.5
"""Between two looks whether somebody else has ended."""
_LONGEST_NAME = 200


class Hold:
    """Something that this process alone does now. ``lease`` is None where the operating system holds it."""

    def __init__(self, lease: Lease | None = None) -> None:
        self.lease = lease
        self._taken = False
        self._renewed = time.monotonic()

    @property
    def is_lost(self) -> bool:
        """Whether somebody else may be at it by now."""
        late = self.lease is not None and time.monotonic() - self._renewed > LEASE_SECONDS
        return self._taken or late

    def fenced(self) -> AbstractContextManager[None]:
        """Let what this thread writes meanwhile raise LeaseLost once somebody else is at it."""
        return fenced(self.lease) if self.lease else nullcontext()

    def renewed(self, at: float) -> None:
        """It was still had at that moment of the monotonic clock."""
        self._renewed = at

    def taken(self) -> None:
        """Somebody else has it."""
        self._taken = True


class Locks(Protocol):
    """How processes keep out of each other's way."""

    def lock(self, name: str, wait: float = 0) -> AbstractContextManager[Hold | None]:
        """Be the only one who does ``name``, of all threads of all processes; None where somebody else is at it for
        longer than ``wait`` seconds."""
        ...

    def is_locked(self, name: str) -> bool:
        """Whether somebody is at it."""
        ...

    def close(self) -> None:
        """Let go of everything, so that others need not wait."""
        ...


class FileLocks:
    """For the processes of one machine: files in ``folder``. Raises DataFolderUnusable."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def lock(self, name: str, wait: float = 0) -> Iterator[Hold | None]:
        """See Locks."""
        lock = FileLock(self._folder / _file_name(name), thread_local=False)
        try:
            lock.acquire(timeout=wait)
        except Timeout:
            yield None
            return
        except OSError as error:
            raise DataFolderUnusable.at(self._folder.parent, error) from error
        try:
            yield Hold()
        finally:
            lock.release()

    def is_locked(self, name: str) -> bool:
        """See Locks."""
        with self.lock(name) as free:
            return free is None

    def close(self) -> None:
        """The operating system does it."""


class LeaseLocks:
    """For processes on any machines: leases of ``holder``, renewed beside what is done. Raises StoreUnavailable."""

    def __init__(self, leases: Leases, holder: str) -> None:
        self._leases, self._holder = leases, holder
        self._busy: set[str] = set()
        """Names that this process has, or asks for."""
        self._holds: dict[Lease, Hold] = {}
        self._turn = threading.Lock()
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="leases", daemon=True)

    @contextmanager
    def lock(self, name: str, wait: float = 0) -> Iterator[Hold | None]:
        """See Locks."""
        hold = self._wait_for(name, time.monotonic() + wait)
        if hold is None or hold.lease is None:
            yield None
            return
        try:
            with hold.fenced():
                yield hold
        finally:
            self._give_back(name, hold.lease)

    def is_locked(self, name: str) -> bool:
        """See Locks."""
        return self._leases.holder(name) != ""

    def close(self) -> None:
        """See Locks."""
        self._over.set()
        with self._turn:
            held = list(self._holds)
        if held:
            self._release(held)

    def _wait_for(self, name: str, until: float) -> Hold | None:
        while True:
            hold = self._take(name)
            left = until - time.monotonic()
            if hold or left <= 0:
                return hold
            self._over.wait(min(left, ASK_SECONDS))

    def _take(self, name: str) -> Hold | None:
        """The holder is this process: its threads keep out of each other's way by themselves."""
        with self._turn:
            if name in self._busy or self._over.is_set():
                return None
            self._busy.add(name)
        hold = None
        try:
            hold = self._ask(name)
        finally:
            if hold is None:
                self._busy.discard(name)
        return hold

    def _ask(self, name: str) -> Hold | None:
        asked = time.monotonic()
        lease = self._leases.hold(name, self._holder, LEASE_SECONDS)
        if lease is None:
            return None
        hold = Hold(lease)
        hold.renewed(asked)
        with self._turn:
            self._holds[lease] = hold
            if not self._keeper.is_alive():
                self._keeper.start()
        return hold

    def _give_back(self, name: str, lease: Lease) -> None:
        with self._turn:
            self._holds.pop(lease, None)
        self._release([lease])
        self._busy.discard(name)

    def _release(self, held: list[Lease]) -> None:
        with suppress(ChartroomError):  # else they are free within LEASE_SECONDS
            self._leases.release(held)

    def _keep(self) -> None:
        while not self._over.wait(RENEW_SECONDS):
            try:
                self._renew()
            except ChartroomError as error:
                log.warning("leases are not renewed: %s", error.cause)
            except Exception:
                log.exception("leases are not renewed")

    def _renew(self) -> None:
        with self._turn:
            held = dict(self._holds)
        if not held:
            return
        asked = time.monotonic()
        kept = self._leases.renew(held, LEASE_SECONDS)
        for lease, hold in held.items():
            if lease in kept:
                hold.renewed(asked)
            else:
                hold.taken()


def _file_name(name: str) -> str:
    """The file for the lock ``name``: a project of a Harbor may be longer than a file's name."""
    plain = name.replace("/", "-")
    return f"{plain if len(plain) <= _LONGEST_NAME else sha256(plain.encode()).hexdigest()}.lock"
