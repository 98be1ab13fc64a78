"""What people are told of: events, who wants to hear of which, and what is on its way to them. Frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

EventKind = Literal[
    "version-new",
    "version-repushed",
    "source-failing",
    "source-well",
    "install-outcome",
    "approval-wanted",
    "approval-decided",
    "test",
]
KINDS: tuple[EventKind, ...] = tuple(one for one in get_args(EventKind) if one != "test")
"""What can be subscribed to."""
OwnerKind = Literal["person", "team"]
Channel = Literal["webhook", "email"]
DeliveryState = Literal["due", "sent", "dead"]

MOST_TOLD = 100
"""Chart versions that one delivery names; of the others it says how many there are."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
GIVEN_UP_AFTER = timedelta(hours=24)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. ``key`` is its name, so that nobody is told twice: at most 128 characters."""

    key: str
    kind: EventKind
    at: datetime
    source: str = ""
    person: str = ""
    """Whose matter it is: only that person is told, and the teams that he or she is in; empty: all who may see it."""
    right: str = ""
    """Who may do this is told as well, such as ``approval.decide``."""
    versions: tuple[tuple[str, str], ...] = ()
    """Charts with their versions, where it is about such."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What else is told, as plain JSON values; never a secret."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """That somebody wants to be told."""

    id: str
    owner_kind: OwnerKind
    owner: str
    channel: Channel
    address: str
    """As it may be read: an e-mail address, or the scheme and host of a webhook."""
    events: tuple[EventKind, ...]
    sources: tuple[str, ...] = ()
    """Globs; none: every source that the owner may see."""
    enabled: bool = True
    digest: bool = False
    """E-mail: at most one message an hour."""
    language: str = "en"
    created: datetime | None = None
    last_sent: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a webhook is called, whose path is often a secret itself, and the secret that signs what it is sent."""

    url: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one subscription."""

    id: str
    subscription: str
    event: str
    """The event's key."""
    kind: EventKind
    body: Mapping[str, Any]
    """The JSON object that is sent."""
    state: DeliveryState
    attempts: int
    next_try: datetime | None
    at: datetime
    error: str = ""
    """Why the last attempt failed, in English."""


def next_try(attempts: int, first: datetime, now: datetime) -> datetime | None:
    """When a delivery that failed ``attempts`` times, ``first`` made, is tried again: after 1, 2, 4 … minutes, at
    most 4 hours; None: it is given up, a day having passed."""
    wait = min(_FIRST_WAIT * 2 ** min(attempts - 1, 20), _LONGEST_WAIT)
    return now + wait if now + wait <= first + GIVEN_UP_AFTER else None
