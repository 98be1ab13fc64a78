"""What each process does now and then for its own folders, whether or not it leads.

Several processes may share a folder: each chore bears that another process does it at the same time.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from catalog_web.kept_archives import keep_installed
from catalog_web.services import Services
from indexer.errors import ChartroomError

log = logging.getLogger(__name__)

KEEP_SECONDS = 600.0
TIDY_SECONDS = 3600.0
_LOOK_SECONDS = 5.0


@dataclass(slots=True)
class Chore:
    """Something that is done again and again."""

    name: str
    seconds: float
    work: Callable[[], object]
    due: float = field(default=0.0)
    """On the monotonic clock."""


def chores_of(services: Services) -> tuple[Chore, ...]:
    """Those of a process, all due now."""
    store, cache = services.store, services.cache
    keep = partial(keep_installed, store, services.catalog, cache)
    return (
        Chore("keeping the archives of what is installed", KEEP_SECONDS, keep),
        Chore("tidying the archives", TIDY_SECONDS, lambda: cache.keep(store.contents.digests())),
        Chore("tidying the Helm repositories", TIDY_SECONDS, services.helm.tidy),
        Chore("tidying the pictures", TIDY_SECONDS, services.pictures.tidy),
    )


def keep_house(chores: tuple[Chore, ...], over: threading.Event) -> None:
    """Do each chore when it is due, until ``over``; what one raises is logged, and costs no other."""
    while not over.wait(_LOOK_SECONDS):
        for chore in chores:
            if chore.due <= time.monotonic() and not over.is_set():
                _do(chore)


def _do(chore: Chore) -> None:
    try:
        chore.work()
    except (ChartroomError, OSError) as error:
        log.warning("%s could not run: %s", chore.name, getattr(error, "cause", error))
    except Exception:
        log.exception("%s could not run", chore.name)
    chore.due = time.monotonic() + chore.seconds
