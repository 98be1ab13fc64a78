"""Passwords: what may be one, what is kept of it, and whether one is right.

argon2id with the first of OWASP's recommended parameters (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
"""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from indexer.errors import N_, UsageError

SHORTEST, LONGEST = 12, 4096
"""Bytes. NIST SP 800-63B asks for eight characters; nothing else is asked of one."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_TURNS = threading.BoundedSemaphore(2)
"""Who is being checked at once: each takes a core and 19 MiB."""
_NOBODYS = _HASHER.hash("the password of no account")


def hashed(password: str) -> str:
    """What is kept of ``password``. Raises UsageError for one that is too short or too long."""
    size = len(_bytes(password))
    if not SHORTEST <= size <= LONGEST:
        raise UsageError(
            what=N_("A password has at least 12 characters, and at most 4,096 bytes."),
            hint=N_("Take several words, or let your browser make one."),
        )
    with _TURNS:
        return _HASHER.hash(_bytes(password))


def is_right(kept: str, password: str) -> bool:
    """Whether ``kept`` was made of ``password``. Takes the same time where nothing is kept, so that nobody learns who
    has an account."""
    sent = _bytes(password)
    if len(sent) > LONGEST:
        return False
    with _TURNS:
        try:
            return _HASHER.verify(kept or _NOBODYS, sent) and bool(kept)
        except (Argon2Error, InvalidHashError):
            return False


def is_old(kept: str) -> bool:
    """Whether ``kept`` was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
