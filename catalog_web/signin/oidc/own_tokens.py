"""The tokens of people's own sign-ins, for clusters that take nothing else.

They lie sealed in the session and end with it. One that is about to end is renewed where the provider gave what renews
it, once for all who ask at the same time.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime

from catalog_web.services import Services
from catalog_web.signin import sessions
from catalog_web.signin.oidc.id_token import audience_of, read_accepted
from catalog_web.signin.oidc.provider import Provider, Tokens
from indexer.errors import N_, ProviderDown, ProviderRefused, SignInError, phrase
from indexer.people import Session

AHEAD, _SHARE = 60.0, 4
"""Seconds before its end at which a token is renewed, and at most that part of its whole time: what is begun with it
should end with it."""
_LEAST = 5.0
"""Seconds for which a token must last, or it is none."""
_TURN_SECONDS = 2.0
"""How long somebody waits for another one who has it renewed: waiting holds a thread of the server."""
_FAILED_SECONDS = 5.0
"""So long nobody tries again what has just failed."""


class OwnTokens:
    """Of the people that a provider has signed in. Safe to use from several threads."""

    def __init__(self, services: Services, provider: Provider, clock: Callable[[], float] = time.time) -> None:
        """``clock``: seconds since 1970."""
        self._services, self._provider, self._clock = services, provider, clock
        self._failed: dict[str, tuple[float, SignInError]] = {}
        """By sign-in, until when."""

    def of(self, person: str) -> str:
        """The ID token of a sign-in of ``person`` that still counts; empty where there is none.

        Raises ProviderDown, ProviderRefused, IdTokenRefused where it could not be renewed; SecretKeyUnusable,
        StoreUnavailable, DataFolderUnusable.
        """
        failed: SignInError | None = None
        for session, tokens in self._alive(person):
            try:
                token = self._usable(session, tokens)
            except ProviderDown:  # the others are of the same one
                raise
            except SignInError as error:
                failed = error
                continue
            if token:
                return token
        if failed is not None:
            raise failed
        return ""

    def _alive(self, person: str) -> tuple[tuple[Session, Tokens], ...]:
        """Sessions that count, with tokens of the provider as it is configured today: to another one they are not
        told."""
        now, idle = datetime.now(UTC), self._services.config.session.idle
        found = (
            (session, Tokens(**tokens))
            for session, user, tokens in self._services.store.sessions.tokens_of(person)
            if sessions.is_alive(session, user, now, idle)
        )
        return tuple((session, tokens) for session, tokens in found if self._is_ours(tokens))

    def _is_ours(self, tokens: Tokens) -> bool:
        claims, options = read_accepted(tokens.id_token), self._provider.options
        return claims["iss"] == options.issuer and options.client_id in audience_of(claims)

    def _usable(self, session: Session, tokens: Tokens) -> str:
        if not self._is_ending(tokens):
            return tokens.id_token
        rest = tokens.id_token if self._left(tokens) > _LEAST else ""
        if not tokens.refresh:
            return rest
        try:
            return self._renewed(session)
        except SignInError:
            if not rest:
                raise
            return rest

    def _renewed(self, old: Session) -> str:
        with self._services.store.tokens_lock(old.sign_in, _TURN_SECONDS) as hold:
            if hold is None:
                detail = phrase(N_("too many people sign in at once"))
                raise ProviderDown(issuer=self._provider.options.issuer, detail=detail)
            # Whoever had the lock before may have renewed them, and signing out ends them.
            tokens = next((its for session, its in self._alive(old.person) if session.sign_in == old.sign_in), None)
            if tokens is None or not self._is_ending(tokens):
                return tokens.id_token if tokens else ""
            return self._renew(old.sign_in, tokens)

    def _renew(self, sign_in: str, old: Tokens) -> str:
        self._check_failed(sign_in)
        try:
            new = self._provider.refresh(old)
            self._keep(sign_in, replace(old, refresh=new.refresh))  # at once: the old one is spent
            self._provider.check_renewed(new, old, self._clock())
        except SignInError as error:
            self._note_failed(sign_in, old, error)
            raise
        self._keep(sign_in, new)
        return new.id_token

    def _check_failed(self, sign_in: str) -> None:
        now = time.monotonic()
        failed = self._failed = {key: one for key, one in tuple(self._failed.items()) if one[0] > now}
        if sign_in in failed:
            raise failed[sign_in][1]

    def _note_failed(self, sign_in: str, old: Tokens, error: SignInError) -> None:
        self._failed[sign_in] = (time.monotonic() + _FAILED_SECONDS, error)
        if isinstance(error, ProviderRefused) and error.params["detail"] == "invalid_grant":
            self._keep(sign_in, replace(old, refresh=""))  # it is worth nothing any more (RFC 6749, 5.2)

    def _keep(self, sign_in: str, tokens: Tokens) -> None:
        self._services.store.sessions.put_tokens(sign_in, asdict(tokens))

    def _is_ending(self, tokens: Tokens) -> bool:
        claims = read_accepted(tokens.id_token)
        whole = float(claims["exp"]) - float(claims["iat"])
        return self._left(tokens) < min(AHEAD, whole / _SHARE)

    def _left(self, tokens: Tokens) -> float:
        return float(read_accepted(tokens.id_token)["exp"]) - self._clock()
