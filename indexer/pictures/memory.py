"""What came of each address: a small file for each, so that it outlives a restart and is shared between processes.

::

    <folder>/addresses/ab/<key>    {"picture": name, "failures": how many in a row, "again": seconds since 1970},
                                   after a line with its signature
"""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from indexer import folders
from indexer.signing import Signer

LONGEST = 30 * 86400
"""Seconds until a picture of another server is asked for again: a logo changes once in years."""
_FIRST_RETRY, _LAST_RETRY = 600, 7 * 86400
_MOST_DOUBLINGS = 20
_LONGEST = 4096
_PURPOSE = "picture's address"
_FORGOTTEN_AFTER = 90 * 86400
"""Seconds after which an address that nobody looked at is forgotten."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the last try."""

    picture: str = ""
    """Name of the file that was made; empty where none could be."""
    failures: int = 0
    again: float = 0.0
    """When the next try is due; seconds since 1970."""

    @property
    def is_due(self) -> bool:
        """Whether it is time for the next try; also when that is further off than any, since the clock was put back."""
        now = time.time()
        return self.again <= now or self.again > now + LONGEST

    def had(self, picture: str, seconds: float) -> "Outcome":
        """The outcome of a try that made ``picture``, which is good for ``seconds``."""
        return Outcome(picture, 0, time.time() + seconds)

    def failed(self) -> "Outcome":
        """The outcome of a try that made none: what was had before stays, and the wait grows from ten minutes to a
        week."""
        wait = min(_FIRST_RETRY * 2 ** min(self.failures, _MOST_DOUBLINGS), _LAST_RETRY)
        return Outcome(self.picture, self.failures + 1, time.time() + wait)


class Memory:
    """A folder of outcomes. What cannot be read, or was not written here, counts as never tried; OSError comes out when
    one is kept."""

    def __init__(self, folder: Path, signer: Signer) -> None:
        self._folder, self._signer = folder / "addresses", signer

    def get(self, key: str) -> Outcome:
        """What came of the address ``key``; a blank outcome where it was never tried."""
        try:
            with self._path(key).open("rb", buffering=0) as file:
                signature, _, told = file.read(_LONGEST).partition(b"\n")
            if not self._signer.admits(_PURPOSE, key.encode() + told, signature.decode()):
                return Outcome()
            return Outcome(**json.loads(told))
        except (OSError, ValueError, TypeError):
            return Outcome()

    def put(self, key: str, outcome: Outcome) -> None:
        """Keep what came of it."""
        path = self._path(key)
        with folders.temporary(path.parent) as made:
            told = json.dumps(asdict(outcome))
            made.write_text(f"{self._signer.sign(_PURPOSE, (key + told).encode())}\n{told}")
            made.replace(path)

    def tidy(self) -> None:
        """Forget what was last tried so long ago that nobody can have looked at it since."""
        folders.remove_older(self._folder.glob("??/*"), _FORGOTTEN_AFTER)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key
