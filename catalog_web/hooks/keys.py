"""Which sources an ``Authorization`` text names: each source may have one secret text of its own.

Texts are compared by keyed digests of equal length, every one of them at each call, so that neither how long it takes
nor what is answered tells how close a guess was. Digests are kept for a second: thousands of calls a minute would else
open as many files and sealed texts.
"""

import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from indexer.access import StoredSecrets
from indexer.errors import N_, ChartroomError
from indexer.model import Source
from indexer.secret_file import read_secret

log = logging.getLogger(__name__)

_KEPT_SECONDS = 1.0

Registered = Callable[[], tuple[Source, ...]]
HookSecret = Callable[[Source], str]
"""Gives the webhook text of a source; empty where it has none. Raises ChartroomError."""


class HookRefused(ChartroomError):
    """No source has this ``Authorization`` text, or not the source that the call names."""

    id = "hook-refused"
    cause_text = N_("The Authorization header of this call is absent, or not the one of the source.")
    remedy_text = N_("“chartroom source hook NAME” makes a new one and says what to enter in the registry.")
    status = 401


def hook_text(stored: StoredSecrets, source: Source) -> str:
    """The ``Authorization`` text by which a webhook names ``source``; empty: none. Raises CredentialsUnreadable."""
    if source.hook_secret_file:
        return read_secret(source.hook_secret_file)
    return (stored.get(source.name, "hook") or "") if "hook" in source.stored_secrets else ""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept for a second."""

    until: float
    """On the monotonic clock."""
    sources: Mapping[str, Source]
    digests: tuple[tuple[str, bytes], ...]
    """Of the text of each source that has one, by name."""


class HookKeys:
    """Tells who calls. Safe to use from several threads."""

    def __init__(self, registered: Registered, secret: HookSecret) -> None:
        self._registered, self._secret = registered, secret
        self._salt = secrets.token_bytes(32)
        self._known = _Known(0.0, {}, ())
        self._lock = threading.Lock()

    def owners(self, authorization: str) -> tuple[Source, ...]:
        """The sources whose text this is, given as WSGI does, bytes as Latin-1. Raises HookRefused where none is."""
        known, sent = self._now_known(), self._digest(authorization.encode("latin-1", "replace"))
        matches = [hmac.compare_digest(sent, digest) for _, digest in known.digests]
        found = tuple(known.sources[name] for (name, _), match in zip(known.digests, matches, strict=True) if match)
        if not found:
            raise HookRefused
        return found

    def source(self, name: str) -> Source | None:
        """The source of that name, as it was at most a second ago."""
        return self._now_known().sources.get(name)

    def _now_known(self) -> _Known:
        with self._lock:
            if time.monotonic() >= self._known.until:
                self._known = self._read()
            return self._known

    def _read(self) -> _Known:
        sources = {one.name: one for one in self._registered()}
        # A project of a Harbor is named by the text of its Harbor.
        texts = ((name, self._text(one)) for name, one in sources.items() if not one.parent)
        digests = tuple((name, self._digest(text.encode())) for name, text in texts if text)
        return _Known(time.monotonic() + _KEPT_SECONDS, sources, digests)

    def _text(self, source: Source) -> str:
        try:
            return self._secret(source)
        except ChartroomError as error:
            log.warning("webhooks cannot name %s: %s", source.name, error.cause)
            return ""

    def _digest(self, text: bytes) -> bytes:
        return hmac.digest(self._salt, text, "sha256")
