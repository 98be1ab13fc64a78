"""When captain tries a failed HelmRequest again. Pure.

captain's queue doubles the pause after each failure: 5 ms, 10 ms, … 41, 82, 164 s, at most 1,000 s (client-go's
exponential limiter; observed with captain 1.5.0 from 0.1 s on). So a pause is about as long as all tries before it
took together, which can be read from the first and the last failure without counting them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from catalog_web.install.reading import mapping, moment, text
from catalog_web.install.status import Seen

LONGEST = timedelta(seconds=1_000)
WORTH_TELLING = timedelta(seconds=5)
"""Shorter pauses are over before anybody has read of them."""


def next_try(one: Seen, events: Iterable[object], changed: datetime | None = None) -> datetime | None:
    """About when captain tries ``one`` again; None where that cannot be told or is not worth it.

    ``events`` are those about it. ``changed`` is when its spec was changed last, where that is known: with it the
    pauses begin anew.
    """
    failures = [found for event in events if (found := _failure(one, event))]
    if not failures:
        return None
    last = max([end for _, end in failures] + ([one.tried] if one.tried else []))
    since = min(start for start, _ in failures)
    floor = [moment for moment in (changed, one.created) if moment and moment <= last]
    pause = min(last - max([since, *floor]), LONGEST)
    return last + pause if pause >= WORTH_TELLING else None


def _failure(one: Seen, event: object) -> tuple[datetime, datetime] | None:
    """First and last time of a FailedSync event about ``one``."""
    told = mapping(event)
    if text(told.get("reason")) != "FailedSync" or mapping(told.get("involvedObject")).get("uid") != one.uid:
        return None
    last = moment(told.get("lastTimestamp"))
    return ((moment(told.get("firstTimestamp")) or last), last) if last else None
