"""Who tries too often waits; counted in the store, so that another replica is no way round."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from indexer.errors import TooManyTries
from indexer.store.throttles import Counter, Throttles, Wait

_WINDOW = timedelta(hours=1)
_FREE, _FREE_OF_ADDRESS = 4, 40
"""Sign-ins that may fail before one waits: of an account from an address, and of all from that address, behind which
may be a whole company."""
_LONGEST_WAIT, _LONGEST_WAIT_OF_ADDRESS = 900, 60
_BUCKETS = 4096
"""Names that are no account share so many counters: a hundred thousand made-up ones fill no table."""


def check(throttles: Throttles, key: str, limit: int, window: float) -> None:
    """Let something be done ``limit`` times in ``window`` seconds under ``key``. Raises TooManyTries beyond."""
    now = datetime.now(UTC)
    _demand(throttles, key, now, timedelta(seconds=window), lambda counter: _until_anew(counter, limit, now))


def attempt_sign_in(throttles: Throttles, name: str, address: str, *, known: bool) -> None:
    """Count a sign-in before its password is looked at. Raises TooManyTries where it comes too soon after failed
    ones."""
    now = datetime.now(UTC)
    of_account = account_key(name, address, known=known)
    _demand(throttles, _of_address(address), now, _WINDOW, _growing(_FREE_OF_ADDRESS, _LONGEST_WAIT_OF_ADDRESS, now))
    _demand(throttles, of_account, now, _WINDOW, _growing(_FREE, _LONGEST_WAIT, now))


def succeeded(throttles: Throttles, name: str, address: str) -> None:
    """The password was right: the account's failures from there count no more, and of all who sign in from that address
    only those who fail make the others wait."""
    throttles.forget(account_key(name, address, known=True))
    throttles.give_back(_of_address(address))


def _demand(throttles: Throttles, key: str, now: datetime, window: timedelta, wait: Wait) -> None:
    seconds = throttles.attempt(key, now, window, wait)
    if seconds > 0:
        raise TooManyTries(retry_after=ceil(seconds))


def _growing(free: int, longest: int, now: datetime) -> Wait:
    """No wait for the first ``free``, then one second, two, four, … up to ``longest``."""

    def wait(counter: Counter) -> float:
        over = counter.count - free
        delay = 0 if over < 0 else min(2 ** min(over, 20), longest)
        return delay - (now - counter.since).total_seconds() if delay else 0.0

    return wait


def _until_anew(counter: Counter, limit: int, now: datetime) -> float:
    return (counter.until - now).total_seconds() if counter.count >= limit else 0.0


def _of_address(address: str) -> str:
    return f"sign-in/from/{network_of(address)}"


def account_key(name: str, address: str, *, known: bool) -> str:
    """Under what the sign-ins of an account from an address are counted; names that are none share a few keys."""
    hashed = sha256(name.encode("utf-8", "replace")).hexdigest()
    whose = hashed[:32] if known else f"nobody-{int(hashed[:8], 16) % _BUCKETS}"
    return f"sign-in/as/{whose}/{network_of(address)}"


def network_of(address: str) -> str:
    """One household of IPv6 has a whole /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    return str(ip_network(f"{found}/64", strict=False)) if isinstance(found, IPv6Address) else str(found)
