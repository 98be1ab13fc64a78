"""What somebody asks to be told of, checked: for pages and API alike."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import get_args

from catalog_web.notices.email import Mailer, check_address
from catalog_web.notices.webhook import Webhooks
from indexer.errors import N_, BadAddress, MailUnset, UsageError, phrase
from indexer.notices import KINDS, Channel, EventKind, OwnerKind

MOST_SOURCES, LONGEST_SOURCE = 50, 320


@dataclass(frozen=True, slots=True)
class Wish:
    """A new subscription as it was asked for."""

    owner_kind: OwnerKind
    owner: str
    channel: str
    address: str
    events: Collection[str]
    sources: Collection[str] = ()
    digest: bool = False
    language: str = "en"
    only_address: str = ""
    """The one e-mail address that may be named: that of the person's account; empty: any."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The parts of it that a subscription is made of."""

    channel: Channel
    address: str
    events: tuple[EventKind, ...]
    sources: tuple[str, ...]


def checked(wish: Wish, webhooks: Webhooks, mailer: Mailer) -> Checked:
    """Raises UsageError, BadUrl, WebhookRefused, BadAddress, MailUnset."""
    if wish.channel not in get_args(Channel):
        raise UsageError(
            what=phrase(N_("A notice goes by webhook or by e-mail.")), hint=phrase(N_("Choose “webhook” or “email”."))
        )
    address = wish.address.strip()
    if wish.channel == "webhook":
        webhooks.check(address)
        return Checked("webhook", address, events_of(wish.events), sources_of(wish.sources))
    if not mailer.is_set:
        raise MailUnset
    check_address(address)
    if wish.only_address and address.lower() != wish.only_address.lower():
        raise BadAddress(address=address)
    return Checked("email", address, events_of(wish.events), sources_of(wish.sources))


def events_of(named: Collection[str]) -> tuple[EventKind, ...]:
    """Kinds of events, in their order. Raises UsageError for none and for unknown ones."""
    unknown = sorted(set(named) - set(KINDS))
    if unknown or not named:
        what = phrase(N_("Nothing is known of “{name}”."), name=unknown[0][:40]) if unknown else None
        raise UsageError(
            what=what or phrase(N_("Nothing is chosen to be told of.")),
            hint=phrase(N_("Choose some of: {known}."), known=", ".join(KINDS)),
        )
    return tuple(one for one in KINDS if one in set(named))


def sources_of(named: Collection[str]) -> tuple[str, ...]:
    """Globs over names of sources. Raises UsageError for too many or too long ones."""
    globs = tuple(dict.fromkeys(one.strip() for one in named if one.strip()))
    if len(globs) > MOST_SOURCES or any(len(one) > LONGEST_SOURCE for one in globs):
        raise UsageError(
            what=phrase(N_("These are more sources than one notice takes.")),
            hint=phrase(N_("Name at most {most}, or leave it empty for all."), most=MOST_SOURCES),
        )
    return globs
