"""Of the keys that a provider lists those are taken that can be used; nothing that it lists is a fault."""

from typing import Any

import pytest

from catalog_web.signin.oidc.keys import read_keys

EC = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
}


@pytest.mark.parametrize("stray", [{"kty": []}, {"kty": {}}, {"kty": None}, {}, [], None, 3, {**EC, "crv": ["P-256"]}])
def test_what_is_no_key_is_left_out_and_the_others_stay(stray: Any) -> None:
    assert len(read_keys({"keys": [stray, EC, stray]})) == 1
