"""``Pictures``: what is known is told at once, what is not is fetched beside the requests."""

import logging
import threading
import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from indexer.errors import ChartroomError, ConnectionFailed, TimedOut, TooSlow
from indexer.pictures.child import decode
from indexer.pictures.files import PictureFiles, name_of
from indexer.pictures.memory import LONGEST, Memory, Outcome
from indexer.pictures.reading import FAILURES, AccessOf, read
from indexer.pictures.wanted import Wanted
from indexer.signing import Signer

log = logging.getLogger(__name__)

AT_ONCE = 4
MOST_WAITING = 1000
"""Pictures beyond that are not fetched now; the next look asks for them again."""
_TIRED_SECONDS = 60.0
"""A host that did not answer in time is not asked for that long, so that the pictures of all others come first."""
_MOST_TIRED = 1000
_LOCAL_SECONDS = 60
"""A file of this machine is looked at that often: whoever changed it wants to see it."""


class Pictures:
    """Pictures of charts, kept in ``folder`` and signed by ``signer``. ``access_of`` says how those of a source are
    reached; without ``remote`` no server is asked for any. Safe to use from several threads and processes.
    """

    def __init__(self, folder: Path, access_of: AccessOf, signer: Signer, *, remote: bool = True) -> None:
        self._files, self._memory = PictureFiles(folder, signer), Memory(folder, signer)
        self._access_of, self.remote = access_of, remote
        self._workers = ThreadPoolExecutor(AT_ONCE, "pictures")
        self._waiting: dict[str, Future[None]] = {}
        self._tired: dict[str, float] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Begin nothing more; what is under way ends within seconds."""
        self._workers.shutdown(wait=False, cancel_futures=True)

    def tidy(self) -> None:
        """Keep the folder within its bound. Raises OSError."""
        self._files.tidy()
        self._memory.tidy()

    def known(self, wanted: Wanted) -> Path | None:
        """The picture if it is here. If not, or if it is old, it is fetched beside this; unless that failed of late."""
        outcome = self._memory.get(wanted.key)
        path = self._files.path(outcome.picture)
        if outcome.is_due or (path is None and outcome.picture):
            self._ask(wanted)
        return path

    def may_show(self, wanted: Wanted) -> bool:
        """Whether a page may show it: it is here, or it lies in a folder of this machine and was not refused yet."""
        if not wanted.address:
            return False
        untried = wanted.is_local and self._memory.get(wanted.key).failures == 0
        return untried or self.known(wanted) is not None

    def wait(self, wanted: Wanted, seconds: float) -> Path | None:
        """The picture, waiting up to ``seconds`` for one that is being fetched.

        Of this machine a new one is waited for also where an older one is here: whoever changed it wants to see it.
        """
        if not wanted.address:
            return None
        path = self.known(wanted)
        with self._lock:
            running = self._waiting.get(wanted.key)
        if running is None or (path is not None and not wanted.is_local):
            return path or self._files.path(self._memory.get(wanted.key).picture)
        with suppress(NotYet, CancelledError):
            running.result(seconds)
        return self._files.path(self._memory.get(wanted.key).picture)

    def _ask(self, wanted: Wanted) -> None:
        if not wanted.address or (wanted.is_remote and not self.remote):
            return
        with self._lock:
            if wanted.key in self._waiting or len(self._waiting) >= MOST_WAITING:
                return
            try:
                future = self._workers.submit(self._make, wanted)
            except RuntimeError:  # closed meanwhile
                return
            self._waiting[wanted.key] = future
        future.add_done_callback(lambda _: self._done(wanted.key))

    def _done(self, key: str) -> None:
        with self._lock:
            self._waiting.pop(key, None)

    def _make(self, wanted: Wanted) -> None:
        """Try, unless somebody else did since it was asked for."""
        before = self._memory.get(wanted.key)
        try:
            has_left = before.picture and self._files.path(before.picture) is None
            if (before.is_due or has_left) and not self._is_tired(wanted):
                self._memory.put(wanted.key, self._tried(wanted, before))
        except ChartroomError as error:
            log.warning("a picture of %s could not be asked for: %s", wanted.source.name, error.cause)
        except OSError as error:
            log.warning("a picture could not be kept: %s", error.strerror or error)
        except Exception:
            log.exception("a picture met a fault of Chartroom's own")

    def _tried(self, wanted: Wanted, before: Outcome) -> Outcome:
        try:
            return before.had(self._fetched(wanted), _LOCAL_SECONDS if wanted.is_local else LONGEST)
        except FAILURES as error:
            if isinstance(error, TimedOut | TooSlow | ConnectionFailed):
                self._tire(wanted)
            why = error.cause if isinstance(error, ChartroomError) else "it is no picture that may be shown"
            log.info("a picture of %s cannot be had: %s", wanted.source.name, why)
            return before.failed()

    def _fetched(self, wanted: Wanted) -> str:
        """The name of the picture that was made, or made before of the same bytes. Raises FAILURES, OSError."""
        with self._files.temporary() as body:
            read(wanted, body, self._access_of)
            name = name_of(body, wanted.shape.name)
            if self._files.path(name) is None:
                with self._files.temporary() as made:
                    decode(body, made, wanted.shape)
                    self._files.put(made, name)
            return name

    def _tire(self, wanted: Wanted) -> None:
        now = time.monotonic()
        with self._lock:
            fresh = {host: until for host, until in self._tired.items() if until > now}
            self._tired = dict(list(fresh.items())[-_MOST_TIRED:]) | {_host(wanted): now + _TIRED_SECONDS}

    def _is_tired(self, wanted: Wanted) -> bool:
        with self._lock:
            return wanted.is_remote and self._tired.get(_host(wanted), 0.0) > time.monotonic()


def _host(wanted: Wanted) -> str:
    try:
        return urlsplit(wanted.address).netloc or wanted.source.host
    except ValueError:
        return ""
