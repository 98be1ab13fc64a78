"""The pulse of a process: every few seconds it tells the others that it is there, and learns whether the store answers.

A process that is cut off from the store notices by its pulse: a question to a server that does not answer waits long.
"""

import logging
import socket
import threading
import time
from dataclasses import replace

from catalog_web.process import Pulse
from catalog_web.services import Services
from indexer.about import program_version
from indexer.errors import ChartroomError
from indexer.store.replicas import Replica

log = logging.getLogger(__name__)

SHARED_SECONDS = 2.0
ALONE_SECONDS = 10.0
"""On SQLite there is nobody to be cut off from, and each beat is a write to a disk of one's own."""
UNHEARD_SECONDS = 6.0
"""After so many the store counts as away: with a probe every few seconds a process is out of use within ten."""


def keep_beating(services: Services, over: threading.Event) -> None:
    """Beat until ``over``, then take leave."""
    wait = SHARED_SECONDS if services.store.database.is_shared else ALONE_SECONDS
    pulse = services.process.pulse = Pulse(heard=time.monotonic(), moved=time.monotonic())
    while True:
        pulse = services.process.pulse = _beat(services, pulse)
        if over.wait(wait):
            break
    try:
        services.store.replicas.leave(services.store.replica)
    except ChartroomError as error:
        log.warning("the other processes are not told of the end of this one: %s", error.cause)


def _beat(services: Services, before: Pulse) -> Pulse:
    asked = time.monotonic()
    try:
        replica = _replica(services)
        services.store.replicas.beat(replica)
    except ChartroomError as error:
        if before.error is None or before.error.cause != error.cause:
            log.warning("no pulse: %s", error.cause)
        return replace(before, error=error)
    except Exception:
        log.exception("no pulse")
        return before
    follows = replica.lag == 0 or replica.row != before.row
    return Pulse(asked, replica.row, replica.lag, asked if follows else before.moved)


def _replica(services: Services) -> Replica:
    process, store = services.process, services.store
    newest = store.changes.last()
    lag = services.catalog.lag() if process.follows else 0
    return Replica(
        id=store.replica,
        role=process.role,
        host=socket.gethostname(),
        version=program_version(),
        leads=process.leads,
        row=newest - lag,
        lag=lag,
    )
