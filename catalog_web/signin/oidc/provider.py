"""The provider, asked over HTTP with the manners of everything that is fetched: certificates, sizes, deadlines, and
which addresses may be dialled."""

import math
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlencode

from catalog_web.signin.oidc.id_token import (
    LARGEST,
    Claimed,
    Expected,
    read_accepted,
    read_claims,
    read_header,
    read_person,
)
from catalog_web.signin.oidc.keys import Key, key_for, read_keys
from catalog_web.signin.oidc.metadata import WELL_KNOWN, Metadata, read_metadata, read_object
from indexer.access import is_loopback
from indexer.errors import N_, IdTokenRefused, ProviderDown, ProviderRefused, SourceError, phrase
from indexer.http import LOOPBACK, Access, Client, Limits, Reply, Tls, host_of, network
from indexer.people_options import OidcOptions
from indexer.secret_file import read_secret, read_secret_text

_DOCUMENT = 256 * 1024
_TOKENS = 4 * LARGEST + 16 * 1024
_SECONDS = 10.0
_KNOWN_SECONDS = 3600.0
_REFETCH_SECONDS = 30.0
"""Between two times that an unknown key id has the keys fetched anew: anybody can make such ids up."""
_DOWN_SECONDS = 5.0
"""So long nobody else waits for a provider that has just failed."""
_AT_ONCE, _TURN_SECONDS = 3, 2.0
"""Requests to the provider at once, and how long a further one waits: a slow one must not hold all threads of the
server."""

Known = TypeVar("Known")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider gives for a person."""

    id_token: str = field(repr=False)
    """Empty where there was none."""
    refresh: str = field(default="", repr=False)
    """Brings new ones; empty where the provider gave none."""


class Provider:
    """One provider. What it says of itself and its keys are kept for an hour. Safe to use from several threads."""

    def __init__(
        self, options: OidcOptions, allow: tuple[str, ...], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.options = options
        self._clock = clock
        self._client = Client(options.issuer, _access(options, allow), Limits(grace=_SECONDS))
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._metadata: tuple[float, Metadata] | None = None
        self._failed: tuple[float, ProviderDown] | None = None
        self._keys: tuple[Key, ...] = ()
        self._keys_asked = -math.inf

    def close(self) -> None:
        """Close the connections that are still open."""
        self._client.close()

    def metadata(self) -> Metadata:
        """What it says of itself. Raises ProviderDown."""
        if self._metadata is not None and self._clock() - self._metadata[0] < _KNOWN_SECONDS:
            return self._metadata[1]
        if self._failed is not None and self._clock() - self._failed[0] < _DOWN_SECONDS:
            raise self._failed[1]
        try:
            found = read_metadata(self._get(self.options.issuer.rstrip("/") + WELL_KNOWN), self.options.issuer)
        except ProviderDown as error:
            self._failed = (self._clock(), error)
            raise
        self._metadata = (self._clock(), found)
        return found

    def exchange(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """The tokens for the ``code`` that a browser brought, not judged yet. Raises ProviderDown, ProviderRefused."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": self.options.client_id,
        }
        return self._tokens(form)

    def refresh(self, old: Tokens) -> Tokens:
        """What takes the place of ``old``, which is spent by it; not judged yet. Raises ProviderDown,
        ProviderRefused."""
        self.keys(_KNOWN_SECONDS)  # before anything is spent: without them what comes could not be judged
        form = {"grant_type": "refresh_token", "refresh_token": old.refresh, "client_id": self.options.client_id}
        given = self._tokens(form)
        return given if given.refresh else replace(given, refresh=old.refresh)

    def check_renewed(self, new: Tokens, old: Tokens, now: float) -> None:
        """``new`` is of the same person as ``old`` (OpenID Connect Core 1.0, 12.2). Raises IdTokenRefused,
        ProviderDown."""
        before = read_accepted(old.id_token)
        claims = self._claims(new.id_token, str(before.get("nonce", "")), now, renewed=True)
        if claims.get("sub") != before["sub"]:
            raise IdTokenRefused(detail=phrase(N_("it is about somebody else")))

    def person(self, token: str, nonce: str, now: float) -> Claimed:
        """Who ``token`` is about. Raises IdTokenRefused, ProviderDown."""
        return read_person(self._claims(token, nonce, now), self.options.name_claim, self.options.groups_claim)

    def _claims(self, token: str, nonce: str, now: float, *, renewed: bool = False) -> Mapping[str, Any]:
        if not token:
            raise IdTokenRefused(detail=phrase(N_("there is none")))
        header = read_header(token)
        expected = Expected(self.metadata().issuer, self.options.client_id, nonce, now, renewed)
        return read_claims(token, self._key(header), expected)

    def _key(self, header: Mapping[str, object]) -> Key:
        """The key that a header names. Keys change, so one that is not known is looked for once more."""
        algorithm, kid = str(header["alg"]), header.get("kid")
        found = key_for(self.keys(_KNOWN_SECONDS), algorithm, kid)
        found = found or key_for(self.keys(_REFETCH_SECONDS), algorithm, kid)
        if found is None:
            raise IdTokenRefused(detail=phrase(N_("it is signed with a key that the provider does not name")))
        return found

    def keys(self, most_seconds: float) -> tuple[Key, ...]:
        """The keys that it signs with, asked for at most so long ago. Raises ProviderDown."""
        uri = self.metadata().jwks_uri
        if self._clock() - self._keys_asked > most_seconds:
            self._keys_asked = self._clock()
            self._keys = read_keys(read_object(self._get(uri), self.options.issuer))
        return self._keys

    def _tokens(self, form: Mapping[str, str]) -> Tokens:
        told = self.metadata()
        answer = self._post(told, form)
        body = read_object(answer.body, told.issuer)
        if answer.status != 200:  # noqa: PLR2004 -- RFC 6749, 5.2: 400 or 401 with an error
            raise ProviderRefused(detail=_said(body.get("error")))
        token, refresh = body.get("id_token"), body.get("refresh_token")
        return Tokens(token if isinstance(token, str) else "", refresh if isinstance(refresh, str) else "")

    def _get(self, url: str) -> bytes:
        return self._asked(lambda: self._client.ask(url, limit=_DOCUMENT, deadline=_SECONDS)).body

    def _post(self, told: Metadata, form: Mapping[str, str]) -> Reply:
        secret, header = self._secret(), ""
        if secret and told.posts_secret:
            form = {**form, "client_secret": secret}
        elif secret:
            pair = f"{quote_plus(self.options.client_id)}:{quote_plus(secret)}"  # RFC 6749, 2.3.1
            header = f"Basic {b64encode(pair.encode()).decode()}"
        ask = partial(
            self._client.ask,
            told.token_endpoint,
            method="POST",
            body=urlencode(form).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            authorization=header,
            accept=frozenset({200, 400, 401}),
            limit=_TOKENS,
            deadline=_SECONDS,
        )
        return self._asked(ask)

    def _secret(self) -> str:
        file = self.options.client_secret_file
        return self._asked(lambda: read_secret(file)) if file else self.options.client_secret

    def _asked(self, ask: Callable[[], Known]) -> Known:
        if not self._turns.acquire(timeout=_TURN_SECONDS):
            raise ProviderDown(issuer=self.options.issuer, detail=phrase(N_("too many people sign in at once")))
        try:
            return ask()
        except SourceError as error:
            detail = phrase(error.cause_text, **error.params)
            raise ProviderDown(issuer=self.options.issuer, detail=detail) from error
        finally:
            self._turns.release()


def _access(options: OidcOptions, allow: tuple[str, ...]) -> Access:
    """The operator named the issuer, so its own host may be on loopback; an issuer that is, leads wherever it likes
    there."""
    host = host_of(options.issuer)
    reached = network((*allow, *LOOPBACK)) if is_loopback(host) else network(allow, LOOPBACK, [host])
    ca = partial(read_secret_text, options.ca_file) if options.ca_file else None
    return Access(tls=Tls(ca), network=reached)


def _said(error: object) -> str:
    """An error code of RFC 6749, without anything else that may stand there."""
    text = str(error)[:60]
    return text if text.replace("_", "").isalnum() and text.isascii() else "?"
