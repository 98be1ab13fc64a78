"""Whether an ID token may be believed, and what it says (OpenID Connect Core 1.0, 3.1.3.7). Pure."""

import hmac
import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from catalog_web.signin.names import is_name
from catalog_web.signin.oidc.keys import ALGORITHMS, Key
from indexer.errors import N_, IdTokenRefused, phrase

LARGEST = 16 * 1024
"""Characters; looked at before anything else is."""
LEEWAY = 60.0
"""Seconds that two clocks may differ."""
_LONGEST = 256
_MOST_GROUPS = 1000
_END_OF_TIME = 1e12
_FOREIGN_KEYS = frozenset({"jwk", "jku", "x5c", "x5u", "crit", "b64", "zip"})
"""Members of a header by which a token would bring its own key, or rules that are not known here."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must be about."""

    issuer: str
    client_id: str
    nonce: str
    now: float
    """Seconds since 1970."""
    renewed: bool = False
    """It takes the place of another one, and need not say the nonce again (OpenID Connect Core 1.0, 12.2)."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who somebody is, as the provider says."""

    subject: str
    name: str
    display: str
    email: str
    groups: tuple[str, ...]


def read_header(token: str) -> Mapping[str, Any]:
    """The header of a token, which nothing vouches for yet: its algorithm is one of ours, and it brings no key. Raises
    IdTokenRefused."""
    if len(token) > LARGEST:
        raise _refused(N_("the token is larger than 16 KiB"))
    first, *others = token.split(".")
    try:
        header = _unpacked(first)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or len(others) != 2:  # noqa: PLR2004 -- payload and signature
        raise _refused(N_("it is not a signed token"))
    if not isinstance(header.get("alg"), str) or header["alg"] not in ALGORITHMS:
        raise _refused(N_("it is signed in a way that is not accepted: {alg}"), alg=str(header.get("alg"))[:40])
    if _FOREIGN_KEYS & header.keys():
        raise _refused(
            N_("its header asks for what is not accepted: {names}"),
            names=", ".join(sorted(_FOREIGN_KEYS & header.keys())),
        )
    return header


def read_claims(token: str, key: Key, expected: Expected) -> Mapping[str, Any]:
    """The claims of a token that ``key`` signed, for us, now, in answer to our question. Raises IdTokenRefused."""
    header = read_header(token)
    try:
        payload = jws.deserialize_compact(token, key, registry=_registry(header["alg"])).payload
        claims = json.loads(payload)
    except (JoseError, ValueError, RecursionError):
        raise _refused(N_("its signature is wrong")) from None
    if not isinstance(claims, dict):
        raise _refused(N_("it is not a signed token"))
    _check_parties(claims, expected)
    _check_times(claims, expected.now)
    if not (expected.renewed and "nonce" not in claims):
        _check_nonce(claims.get("nonce"), expected.nonce)
    return claims


def read_accepted(token: str) -> Mapping[str, Any]:
    """The claims of a token that was accepted before, and has lain under seal since."""
    claims: Mapping[str, Any] = _unpacked(token.split(".")[1])
    return claims


def audience_of(claims: Mapping[str, Any]) -> list[Any]:
    """The programs that a token is meant for."""
    told = claims.get("aud")
    return told if isinstance(told, list) else [told]


def read_person(claims: Mapping[str, Any], name_claim: str, groups_claim: str) -> Claimed:
    """Who the claims are about. Raises IdTokenRefused where a name is missing, or groups are no list of texts; without
    the claim there are no groups."""
    subject, name = _text(claims, "sub"), _text(claims, name_claim)
    if not subject or not is_name(name):
        raise _refused(N_("the claim {name} is missing, or no name"), name="sub" if not subject else name_claim)
    if name_claim == "email" and claims.get("email_verified") is False:
        raise _refused(N_("the e-mail address is not verified there"))
    groups = claims.get(groups_claim, [])
    if not isinstance(groups, list) or not all(isinstance(one, str) and 0 < len(one) <= _LONGEST for one in groups):
        raise _refused(N_("the claim {name} is no list of texts"), name=groups_claim)
    if len(groups) > _MOST_GROUPS:
        raise _refused(N_("there are more than {limit} groups"), limit=_MOST_GROUPS)
    return Claimed(subject, name, _text(claims, "name"), _text(claims, "email"), tuple(dict.fromkeys(groups)))


def _unpacked(part: str) -> Any:
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _registry(algorithm: str) -> JWSRegistry:
    """That one algorithm. Members of the header that nobody knows are ignored, as RFC 7515 (4) says."""
    return JWSRegistry(algorithms=[algorithm], strict_check_header=False)


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise _refused(N_("it comes from another issuer"))
    meant = audience_of(claims)
    if expected.client_id not in meant:
        raise _refused(N_("it is meant for another program (aud)"))
    party = claims.get("azp", expected.client_id if len(meant) == 1 else None)
    if party != expected.client_id:
        raise _refused(N_("it was given to another program (azp)"))


def _check_nonce(nonce: object, expected: str) -> None:
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode("utf-8", "replace"), expected.encode()):
        raise _refused(N_("it answers another question (nonce)"))


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    ends, issued = _moment(claims, "exp"), _moment(claims, "iat")
    if ends is None or issued is None:
        raise _refused(N_("it does not say when it was made and when it ends"))
    begins = _moment(claims, "nbf") if "nbf" in claims else issued
    if begins is None or max(issued, begins) > now + LEEWAY:
        raise _refused(N_("it is not valid yet: one of the clocks is wrong"))
    if ends <= now - LEEWAY:
        raise _refused(N_("it has ended"))


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _END_OF_TIME:
        return None
    return float(value)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) and len(value) <= _LONGEST and value.isprintable() else ""


def _refused(text: str, **params: Any) -> IdTokenRefused:
    return IdTokenRefused(detail=phrase(text, **params))
