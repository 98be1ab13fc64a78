"""Whatever a provider answers: it is believed, or refused with a reason, and nothing else happens."""

import contextlib
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.signin.names import is_name
from catalog_web.signin.oidc.id_token import read_header, read_person
from catalog_web.signin.oidc.keys import key_for, read_keys
from catalog_web.signin.oidc.metadata import read_metadata
from indexer.errors import IdTokenRefused, ProviderDown

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["alg", "kid", "jwk", "crit", "sub", "groups", "preferred_username", "keys", "kty", "n", "e"])
OBJECTS = st.dictionaries(NAMES | st.text(max_size=8), JSON, max_size=6)
KEYS = st.fixed_dictionaries(
    {"kty": st.sampled_from(["RSA", "EC", "OKP", "oct"])},
    optional={
        "crv": st.sampled_from(["P-256", "Ed25519", "X25519", "?"]),
        **dict.fromkeys(("n", "e", "x", "y", "k"), st.text("AQab-_", max_size=60)),
    },
)


def packed(shape: Any) -> str:
    return urlsafe_b64encode(json.dumps(shape).encode()).rstrip(b"=").decode()


@given(st.text() | OBJECTS.map(lambda header: f"{packed(header)}.e30.AA"))
def test_any_text_is_a_header_of_ours_or_refused(token: str) -> None:
    with contextlib.suppress(IdTokenRefused):
        assert read_header(token)["alg"] in {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} | {
            "ES256",
            "ES384",
            "ES512",
            "EdDSA",
            "Ed25519",
        }


@given(OBJECTS)
def test_any_claims_are_a_person_or_refused(claims: dict[str, Any]) -> None:
    with contextlib.suppress(IdTokenRefused):
        person = read_person(claims, "preferred_username", "groups")
        assert person.subject
        assert is_name(person.name)
        assert all(isinstance(one, str) for one in person.groups)
        assert "groups" in claims or person.groups == ()


@given(OBJECTS | st.fixed_dictionaries({"keys": st.lists(OBJECTS | KEYS, max_size=4)}), st.text(max_size=8), JSON)
def test_any_key_set_holds_keys_or_none(listed: dict[str, Any], algorithm: str, kid: Any) -> None:
    key_for(read_keys(listed), algorithm, kid)


@given(st.binary() | JSON.map(lambda shape: json.dumps(shape).encode()))
def test_any_answer_is_metadata_or_refused(body: bytes) -> None:
    with pytest.raises(ProviderDown):
        read_metadata(body, "https://login.example.org")


def test_a_token_is_measured_before_it_is_read() -> None:
    with pytest.raises(IdTokenRefused, match="larger than 16 KiB"):
        read_header("[" * 20_000)
