"""What a sign-in provider answers: its description, its keys, and tokens that say who somebody is."""

import json
from contextlib import suppress
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from catalog_web.signin.oidc.id_token import LARGEST, Expected, read_claims, read_header, read_person
from catalog_web.signin.oidc.keys import read_keys
from catalog_web.signin.oidc.metadata import read_metadata
from indexer.errors import IdTokenRefused, ProviderDown
from tests.fuzz.mutation import damaged_object, damaged_text, either, mapped
from tests.fuzz.targets import target

ISSUER, CLIENT, NONCE, NOW = "https://login.example.org", "chartroom", "n-51fa", 1_795_000_000.0
EXPECTED = Expected(ISSUER, CLIENT, NONCE, NOW)
KEY = OKPKey.import_key(
    {
        "kty": "OKP",
        "crv": "Ed25519",
        "kid": "k1",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    }
)
"""The example key of RFC 8037, A.1; its signatures are the same each time."""
HEADER = {"alg": "Ed25519", "kid": "k1", "typ": "JWT"}
CLAIMS = {
    "iss": ISSUER, "aud": CLIENT, "exp": NOW + 300, "iat": NOW, "nonce": NONCE, "sub": "s-1", "name": "Ann A.",
    "preferred_username": "ann", "email": "ann@example.org", "email_verified": True, "groups": ["dev", "ops"],
}  # fmt: skip
LISTED = {"keys": [KEY.as_dict(private=False), {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {"kty": "oct", "k": "AA"}]}
METADATA = {
    "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/auth", "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys", "end_session_endpoint": f"{ISSUER}/out",
    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
}  # fmt: skip
TOKEN_WORDS = (".", "=", "eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9", "-", "_", "A" * 400, "\x00", "é")


def _signed(claims: Any) -> str:
    registry = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
    return jws.serialize_compact(HEADER, json.dumps(claims).encode(), KEY, registry=registry)


GOOD = _signed(CLAIMS)


def _believed(token: str) -> None:
    try:
        claims = read_claims(token, KEY, EXPECTED)
        person = read_person(claims, "preferred_username", "groups")
    except IdTokenRefused as refused:
        assert refused.cause
        return
    assert len(token) <= LARGEST
    assert claims["iss"] == ISSUER
    assert CLIENT in claims["aud"]
    assert person.subject
    assert person.name
    assert all(isinstance(one, str) for one in person.groups)


@target("id-token-claims", damaged_object(CLAIMS))
def claims(told: Any) -> None:
    """Who is believed is who the provider said, to us and now."""
    _believed(_signed(told))


@target("id-token", damaged_text(GOOD, words=TOKEN_WORDS))
def token(text: str) -> None:
    """What was touched is not believed."""
    with suppress(IdTokenRefused, JoseError):
        read_header(text)
    if text != GOOD:
        _unbelieved(text)
    else:
        _believed(text)


def _unbelieved(text: str) -> None:
    """But for the last letter of the signature, of which some bits mean nothing."""
    try:
        read_claims(text, KEY, EXPECTED)
    except IdTokenRefused:
        return
    assert text.rstrip("=")[:-1] == GOOD[:-1]


@target("jwks", damaged_object(LISTED, {"keys": [KEY.as_dict(private=False)] * 120}))
def keys(listed: Any) -> None:
    """Keys that can be used, and nothing else."""
    if isinstance(listed, dict):
        assert len(read_keys(listed)) <= 100


@target("metadata", either(mapped(json.dumps, damaged_object(METADATA)), damaged_text(json.dumps(METADATA))))
def metadata(text: str) -> None:
    """Every address in it is one that may be asked, by TLS."""
    try:
        found = read_metadata(text.encode("utf-8", "surrogatepass"), ISSUER)
    except ProviderDown as refused:
        assert refused.cause
        return
    for address in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
        assert address.startswith("https://")
