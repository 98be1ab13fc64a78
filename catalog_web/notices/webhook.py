"""A delivery to a webhook: one POST, signed, to an address that is judged as any that a person typed.

The signature is Stripe's scheme: ``t`` is the time of sending, ``v1`` HMAC-SHA256, hexadecimal, over ``t``, a dot and
the body. Who receives it computes the same, compares in constant time, and refuses a ``t`` that is long ago.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from indexer.about import program_version
from indexer.errors import AddressRefused, NameNotResolved, WebhookRefused
from indexer.http import Access, Client, Gates, check_url, host_of, network, origin
from indexer.http.probe import resolve
from indexer.notices import Delivery, Hook

SIGNATURE, DELIVERY, EVENT = "X-Chartroom-Signature", "X-Chartroom-Delivery", "X-Chartroom-Event"
DEADLINE = 10.0
"""Seconds for all of it: name, connection, handshake, sending, answer."""
LOOKED_UP = 3.0
"""Seconds that a name is looked up for while somebody waits for the page."""
_LONGEST_ANSWER = 64 * 1024
_TAKEN = frozenset(range(200, 206))


def signature(secret: str, at: int, body: bytes) -> str:
    """The header's value."""
    told = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={told}"


class Webhooks:
    """Sends. ``allow``: networks beside public addresses that may be reached (CIDR). Its gates are its own: who is slow
    here takes no place of a source on the same host."""

    def __init__(self, allow: Sequence[str], clock: Callable[[], float] = time.time) -> None:
        self._access, self._gates, self._clock = Access(network=network(allow)), Gates(), clock

    def check(self, url: str) -> None:
        """Raise BadUrl for what can be no address, WebhookRefused for one that nothing would be sent to. A name that
        leads nowhere now may do so later."""
        _, host, port = origin(check_url(url))
        with suppress(NameNotResolved), _as_webhook():
            resolve(host, port, self._access.network, LOOKED_UP)

    def send(self, hook: Hook, delivery: Delivery) -> None:
        """POST one delivery. Raises FetchError, of which WebhookRefused is not worth another try, and BadUrl."""
        with _as_webhook():
            self._post(hook, delivery)

    def _post(self, hook: Hook, delivery: Delivery) -> None:
        body = json.dumps(delivery.body, ensure_ascii=False).encode()
        with Client(hook.url, self._access, gates=self._gates) as client:
            client.ask(
                hook.url,
                method="POST",
                body=body,
                headers=self._headers(hook.secret, delivery, body),
                authorization="",
                limit=_LONGEST_ANSWER,
                deadline=DEADLINE,
                accept=_TAKEN,
            )

    def _headers(self, secret: str, delivery: Delivery, body: bytes) -> Mapping[str, str]:
        return {
            "Content-Type": "application/json",
            "User-Agent": f"Chartroom/{program_version()}",
            EVENT: delivery.kind,
            DELIVERY: delivery.id,
            SIGNATURE: signature(secret, int(self._clock()), body),
        }


@contextmanager
def _as_webhook() -> Iterator[None]:
    """The rule is that of sources; its words are not."""
    try:
        yield
    except AddressRefused as error:
        raise WebhookRefused(host=error.params["host"]) from error


def shown_address(url: str) -> str:
    """Where a webhook is, as it may be read: without the path."""
    return f"{url.partition('://')[0]}://{host_of(url)}/…"
