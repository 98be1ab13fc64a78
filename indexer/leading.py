"""Which one of all processes leads: it alone does what is done once, such as the schedule.

Every process that could lead asks for the lead again and again. It has it at once where nobody leads, and within
``locks.LEASE_SECONDS`` where the leader was killed or cut off.
"""

import logging
import threading
from collections.abc import Callable

from indexer.errors import ChartroomError
from indexer.store import Store
from indexer.store.locks import Hold

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""Between two looks whether the lead is still had, or can be had."""


class Leadership:
    """Leads whenever nobody else does: ``begin`` is called with the lead in hands, and ``end`` once it is lost or
    given back."""

    def __init__(self, store: Store, begin: Callable[[Hold], None], end: Callable[[], None]) -> None:
        self._store, self._begin, self._end = store, begin, end
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leading", daemon=True)
        self._hold: Hold | None = None

    @property
    def leads(self) -> bool:
        """Whether this process leads now."""
        return self._hold is not None and not self._hold.is_lost

    def start(self) -> None:
        """Lead as soon as nobody else does."""
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Give the lead back, so that another process has it at once; waits up to ``seconds`` for that."""
        self._over.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        told = ""
        while not self._over.is_set():
            try:
                with self._store.leader_lock() as hold:
                    if hold is not None:
                        self._lead(hold)
                told = ""
            except ChartroomError as error:
                if error.cause != told:
                    log.warning("cannot ask for the lead: %s", error.cause)
                told = error.cause
            except Exception:
                log.exception("cannot ask for the lead")
            self._over.wait(LOOK_SECONDS)

    def _lead(self, hold: Hold) -> None:
        log.info("this process leads now")
        self._hold = hold
        try:
            self._begin(hold)
            while not (hold.is_lost or self._over.wait(LOOK_SECONDS)):
                pass
        finally:
            self._hold = None
            self._end()
        log.info("this process leads no longer")
