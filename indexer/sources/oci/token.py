"""Who asks: from a registry's challenge to the ``Authorization`` header that it wants to see.

Nothing is shown before it is asked for. A Basic challenge is met with the source's user name and password. A Bearer
challenge names a realm, a service that gives a token for a scope (distribution's "Token Authentication
Specification"): that one gets the user name and password only if it is the registry's own origin, a pair that is known
from its documentation, or an origin that the owner of the source listed. Otherwise anybody who runs a registry could
collect passwords, and anybody who changes one answer of it (hostile case N6).
"""

import json
import threading
import time
from base64 import b64decode
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from indexer.errors import (
    N_,
    AuthenticationFailed,
    BadUrl,
    Phrase,
    RealmRefused,
    RealmUnencrypted,
    RegistryInvalid,
    phrase,
)
from indexer.http import Access, Bearer, Client, Reply, check_url, same_origin, shown_url
from indexer.sources.oci.challenge import Challenge, choose, parse_challenges
from indexer.sources.oci.said import said

MAX_ANSWER = 1_000_000
"""Bytes of a token service's answer."""
MAX_TOKEN = 32 * 1024
"""Characters; a header beyond is refused by servers anyway."""
MAX_PARAM = 4096
_LIFE = 60
"""Seconds that a token is good for where nothing is said: the specification's default."""
_LONGEST_LIFE = 24 * 3600
_SPARE = 10
"""Seconds before its end from which a token is not used any more."""
_DEADLINE = 60
_UNAUTHORIZED = 401
_KNOWN_REALMS = {
    "https://registry-1.docker.io": "https://auth.docker.io",  # docs.docker.com, "Registry authentication"
    "https://registry.gitlab.com": "https://gitlab.com",  # docs.gitlab.com: /jwt/auth of the GitLab itself
}
"""Services that belong to a registry though they stand on another host."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    good_until: float
    """On the monotonic clock."""


@dataclass(frozen=True, slots=True)
class _Realm:
    """Where tokens are had."""

    url: str
    service: str


class Authorizer:
    """Meets the challenges of one registry, at ``home`` (its origin, checked). Safe to use from several threads."""

    def __init__(self, client: Client, home: str, access: Access) -> None:
        self._client, self._home, self._access = client, home, access
        self._realm: _Realm | None = None
        self._basic = False
        self._tokens: dict[str, _Token] = {}
        self._scopes: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    @property
    def known(self) -> bool:
        """Whether the source has credentials."""
        return self._access.credentials is not None

    def header(self, scope: str) -> str:
        """What to show with a request that needs ``scope``; empty while nothing was asked for.

        Raises what fetching a token raises (``answer``).
        """
        if self._realm is not None:
            return self._bearer(self._realm, scope, scope)
        if self._basic or self._has_token:
            return self._own()
        return ""

    def meet(self, reply: Reply) -> bool:
        """Take note of what the registry answered to somebody whom it does not know, at /v2/.

        True: from now on user name and password go along, which is worth a try. They do as well where everybody is let
        in, as an account may see more. Raises as ``answer`` does.
        """
        challenge = _challenge(reply)
        if challenge is not None and challenge.scheme == "bearer":
            if not self._has_token:
                self._realm = self._checked(challenge)
            return self._has_token
        self._basic = self.known
        return self.known

    def answer(self, refused: Reply, scope: str, shown: str) -> str:
        """What to show instead of ``shown``, which got a 401; empty where nothing is left to show.

        Raises RealmRefused, RegistryInvalid, FetchError; AuthenticationFailed where the token service does not take the
        user name and password.
        """
        challenge = _challenge(refused)
        if challenge is None or self._has_token:
            return ""
        if challenge.scheme == "bearer":
            self._realm = self._checked(challenge)
            self._forget(scope, shown)
            return self._bearer(self._realm, scope, _asked(challenge, scope))
        if not self.known or shown:
            return ""
        self._basic = True
        return self._own()

    def denied(self, refused: Reply, scope: str) -> AuthenticationFailed:
        """The error for a 401 or 403 after which nothing is left to show."""
        detail = phrase("{said}{why}", said=self.said(refused), why=self._why(scope))
        return AuthenticationFailed(url=shown_url(refused.final_url), status=refused.status, detail=detail)

    def said(self, refused: Reply) -> str | Phrase:
        """What the registry says for itself, without what it was shown."""
        return said(refused.body, self._shown())

    @property
    def _has_token(self) -> bool:
        """Whether the source has a token of its own, so that none is to be had for it."""
        return isinstance(self._access.credentials, Bearer)

    def _own(self) -> str:
        return self._access.credentials.authorization() if self._access.credentials else ""

    def _shown(self) -> frozenset[str]:
        scheme, _, sent = self._own().partition(" ")
        password = b64decode(sent).decode().partition(":")[2] if scheme == "Basic" else ""
        with self._lock:
            tokens = [one.text for one in self._tokens.values()]
        return frozenset(filter(None, (sent, password, *tokens)))

    def _why(self, scope: str) -> Phrase | str:
        if not self.known:
            return phrase(N_("; it wants to know who asks, and this source has no credentials"))
        if self._realm is not None and scope:
            # Harbor gives a token even for a wrong password: one that allows nothing.
            return phrase(N_("; the token that it gave for these credentials does not allow to read there"))
        return ""

    # -- tokens

    def _forget(self, scope: str, shown: str) -> None:
        with self._lock:
            token = self._tokens.get(scope)
            if token is not None and shown == f"Bearer {token.text}":
                del self._tokens[scope]

    def _bearer(self, realm: _Realm, scope: str, asked: str) -> str:
        """The header with a token for ``scope``, asked for as ``asked``; empty where none is given."""
        with self._lock:
            one_at_a_time = self._scopes.setdefault(scope, threading.Lock())
        with one_at_a_time:
            token = self._tokens.get(scope)
            if token is None or token.good_until <= time.monotonic():
                token = self._fetched(realm, asked)
            if token is not None:
                with self._lock:
                    self._tokens[scope] = token
        return f"Bearer {token.text}" if token else ""

    def _fetched(self, realm: _Realm, scope: str) -> _Token | None:
        asked = [("service", realm.service)] if realm.service else []
        query = urlencode([*asked, ("scope", scope)])
        url = f"{realm.url}{'&' if '?' in realm.url else '?'}{query}"
        try:
            reply = self._client.ask(url, limit=MAX_ANSWER, deadline=_DEADLINE, authorization=self._own())
        except AuthenticationFailed as error:
            if self.known and error.params["status"] == _UNAUTHORIZED:
                raise
            return None  # nobody in particular may not read there, or this account may not
        return _read_token(reply)

    def _checked(self, challenge: Challenge) -> _Realm:
        """The realm of ``challenge``. Raises RegistryInvalid, RealmRefused."""
        url, service = challenge.params["realm"], challenge.params.get("service", "")
        try:
            check_url(url)
        except BadUrl as refused:
            raise self._invalid(
                phrase(N_("its token service is at no proper address: {why}"), why=refused.params["detail"])
            ) from None
        if self._home.startswith("https:") and not url.lower().startswith("https:"):
            raise RealmUnencrypted(url=shown_url(self._home), origin=_origin(url))
        if len(url) + len(service) > MAX_PARAM:
            raise self._invalid(phrase(N_("its challenge is too long")))
        if self.known and not self._may_know(url):
            raise RealmRefused(host=urlsplit(self._home).netloc, origin=_origin(url))
        return _Realm(url, service)

    def _may_know(self, url: str) -> bool:
        known = _KNOWN_REALMS.get(_origin(self._home))
        others = (*self._access.credential_origins, *([known] if known else []))
        return same_origin(url, self._home) or any(same_origin(url, one) for one in others)

    def _invalid(self, detail: Phrase) -> RegistryInvalid:
        return RegistryInvalid(url=shown_url(self._home), detail=detail)


def _challenge(reply: Reply) -> Challenge | None:
    return choose(parse_challenges(reply.headers.get("www-authenticate", "")))


def _asked(challenge: Challenge, scope: str) -> str:
    """The scope to ask for: the one that is needed, or the challenge's where that is to read the same repository in
    other words (Azure's ``metadata_read``). A registry is not obeyed in what else it would like to see asked."""
    wanted = challenge.params.get("scope", "")
    resource, _, actions = wanted.rpartition(":")
    same = resource == scope.rpartition(":")[0]
    return wanted if same and set(actions.split(",")) <= {"pull", "metadata_read"} else scope


def _read_token(reply: Reply) -> _Token:
    """``token`` or ``access_token``, whichever is not empty: Harbor sends both. Raises AuthenticationFailed,
    RegistryInvalid."""
    url = shown_url(reply.final_url)
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise RegistryInvalid(url=url, detail=phrase(N_("the token service's answer is no JSON object")))
    text = next((one for one in (answer.get("token"), answer.get("access_token")) if one), None)
    if text is None:
        raise AuthenticationFailed(url=url, status=reply.status, detail=phrase(N_("it gave no token")))
    if not isinstance(text, str) or len(text) > MAX_TOKEN or not text.isascii() or not _is_word(text):
        raise RegistryInvalid(url=url, detail=phrase(N_("the token service's token is none")))
    return _Token(text, time.monotonic() + _life(answer.get("expires_in")) - _SPARE)


def _is_word(text: str) -> bool:
    return text.isprintable() and " " not in text


def _life(told: Any) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or not told > 0:  # NaN is not, either
        return _LIFE
    return float(min(told, _LONGEST_LIFE))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
