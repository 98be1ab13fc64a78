"""A sign-in at the provider, from the link to the way back.

What belongs to it lies in the store under the hash of ``state``, so that it may end at another replica, and with the
hash of a cookie, so that it ends in the browser that began it.
"""

import hmac
import logging
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from catalog_web.client_address import client_address
from catalog_web.services import Services
from catalog_web.signin import sessions, throttle
from catalog_web.signin.cookies import leave_cookie, read_cookie
from catalog_web.signin.keys import digest, is_key, new_key
from catalog_web.signin.oidc.accounts import account_of
from catalog_web.signin.oidc.provider import Provider, Tokens
from indexer.errors import ProviderDown, ProviderRefused, SecretKeyUnusable, SignInStale
from indexer.people import User
from indexer.store.sessions import NO_TOKENS

log = logging.getLogger(__name__)

COOKIE = "chartroom_sign_in"
LASTS = timedelta(minutes=10)
_TRIES, _TRY_SECONDS = 60, 60
_LONGEST_CODE = 4096
_FACTS: Mapping[str, str] = {"way": "oidc"}


def begin(services: Services, provider: Provider, redirect_uri: str, wanted: str) -> str:
    """Where the browser goes to sign in; ``wanted``: where it goes after it. Raises ProviderDown, TooManyTries."""
    throttle.check(services.store.throttles, f"oidc/{throttle.network_of(client_address())}", _TRIES, _TRY_SECONDS)
    endpoint = provider.metadata().authorization_endpoint
    state, nonce, verifier = new_key(), new_key(), new_key()
    browser = read_cookie(COOKIE, services.config.public_url) or new_key()
    facts = {"kind": "oidc", "browser": digest(browser), "nonce": nonce, "verifier": verifier, "next": wanted}
    now = datetime.now(UTC)
    services.store.one_time.keep(digest(state), facts, now, now + LASTS)
    leave_cookie(COOKIE, browser, int(LASTS.total_seconds()))
    asked = {
        "response_type": "code",
        "client_id": provider.options.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(provider.options.scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def finish(services: Services, provider: Provider, redirect_uri: str, told: Mapping[str, str]) -> tuple[User, str]:
    """Sign in with what the provider sent back in ``told``; returns who it is, and where to go.

    Raises SignInStale, ProviderRefused, ProviderDown, IdTokenRefused, AccountDisabled, NameTaken, UsageError.
    """
    facts = _begun(services, told.get("state", ""))
    issuer = provider.metadata().issuer
    if told.get("iss", issuer) != issuer:  # RFC 9207: another provider's answer, mixed up with ours
        raise SignInStale
    if "error" in told:
        raise ProviderRefused(detail=told["error"][:60] if told["error"].isprintable() else "?")
    code = told.get("code", "")
    if not code or len(code) > _LONGEST_CODE:
        raise SignInStale
    given = provider.exchange(code, facts["verifier"], redirect_uri)
    claimed = provider.person(given.id_token, facts["nonce"], time.time())
    user = account_of(services.store.users, issuer, claimed)
    _begin_session(services, user, given)
    services.audit.note_for(user.name, "account", "sign-in", "ok", way="oidc")
    return user, facts["next"]


def _begin_session(services: Services, user: User, given: Tokens) -> None:
    """Keep what the provider gave only where a cluster takes it; that it cannot be kept keeps nobody out."""
    wanted = any(one.own_token for one in services.config.clusters)
    try:
        sessions.begin(services, user, _FACTS, asdict(given) if wanted else NO_TOKENS)
    except SecretKeyUnusable as error:
        log.warning("what the provider gave cannot be kept, so %s cannot act in clusters: %s", user.name, error.cause)
        sessions.begin(services, user, _FACTS)


def way_out(provider: Provider, back: str) -> str:
    """Where the browser goes to end the session at the provider, too; empty where there is no such place, or the
    provider cannot be asked for it."""
    try:
        endpoint = provider.metadata().end_session_endpoint
    except ProviderDown:
        return ""
    query = urlencode({"client_id": provider.options.client_id, "post_logout_redirect_uri": back})
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}" if endpoint else ""


def _begun(services: Services, state: str) -> Mapping[str, Any]:
    """What was kept when this browser began; it is used once. Raises SignInStale."""
    browser = read_cookie(COOKIE, services.config.public_url)
    kept, now = digest(state), datetime.now(UTC)
    facts = services.store.one_time.look(kept, now) if is_key(state) and browser else None
    mine = facts is not None and hmac.compare_digest(str(facts.get("browser", "")), digest(browser))
    if facts is None or not mine or services.store.one_time.take(kept, now) is None:
        raise SignInStale
    return facts


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
