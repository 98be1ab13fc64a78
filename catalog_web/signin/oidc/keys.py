"""The keys that a provider signs with (RFC 7517)."""

from collections.abc import Iterator, Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

Key = RSAKey | ECKey | OKPKey

ALGORITHMS: Mapping[str, str] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    **dict.fromkeys(("EdDSA", "Ed25519"), "OKP"),
}
"""What an ID token may be signed with, and the kind of key for it. Neither ``none`` nor HS…: with those whoever knows
the public key could sign (CVE-2024-37568)."""
_SIGNING_KINDS = frozenset(ALGORITHMS.values())
_MOST_KEYS = 100
_LEAST_RSA_BITS, _MOST_RSA_BITS = 2048, 8192


def read_keys(listed: Mapping[str, Any]) -> tuple[Key, ...]:
    """The usable keys of a JWK set; what is none, or of a kind that is not known, is left out (RFC 7517, 5)."""
    keys = listed.get("keys")
    return tuple(_usable(keys[:_MOST_KEYS])) if isinstance(keys, list) else ()


def key_for(keys: tuple[Key, ...], algorithm: str, kid: object) -> Key | None:
    """The key that a token was signed with: by its id, or the only one that fits where it names none."""
    fits = [one for one in keys if _fits(one, algorithm) and (kid is None or one.kid == kid)]
    return fits[0] if len(fits) == 1 or (fits and kid is not None) else None


def _usable(listed: list[Any]) -> Iterator[Key]:
    for one in listed:
        public = {name: one[name] for name in _PUBLIC & one.keys()} if isinstance(one, dict) else {}
        if not _are_texts(public) or public.get("kty") not in _SIGNING_KINDS or public.get("use", "sig") != "sig":
            continue
        try:
            key = JWKRegistry.import_key(public)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, RSAKey) and not _LEAST_RSA_BITS <= key.public_key.key_size <= _MOST_RSA_BITS:
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey):
            yield key


_PUBLIC = frozenset({"kty", "kid", "use", "alg", "n", "e", "crv", "x", "y"})
"""Members that are read; a private part that a provider should not have told is left alone."""


def _are_texts(members: Mapping[str, Any]) -> bool:
    return all(isinstance(one, str) for one in members.values())


def _fits(key: Key, algorithm: str) -> bool:
    return key.key_type == ALGORITHMS.get(algorithm) and key.get("alg", algorithm) == algorithm
