"""What a provider says of itself (OpenID Connect Discovery 1.0, 4.2)."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from indexer.errors import N_, ChartroomError, ProviderDown, phrase
from indexer.http import check_url

WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where a provider is asked for what."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    posts_secret: bool
    """The client's secret goes into the form: it takes none in a header."""


def read_metadata(body: bytes, issuer: str) -> Metadata:
    """Read the answer of ``issuer``. Raises ProviderDown where it is none, or another one's."""
    told = read_object(body, issuer)
    if told.get("issuer") != issuer:
        # A text that differs by a slash is another issuer (OpenID Connect Core 1.0, 3.1.3.7).
        named = str(told.get("issuer"))[:200]
        raise ProviderDown(issuer=issuer, detail=phrase(N_("it calls itself {named}"), named=named))
    methods = told.get("token_endpoint_auth_methods_supported")
    return Metadata(
        issuer=issuer,
        authorization_endpoint=_address(told, "authorization_endpoint", issuer),
        token_endpoint=_address(told, "token_endpoint", issuer),
        jwks_uri=_address(told, "jwks_uri", issuer),
        end_session_endpoint=_address(told, "end_session_endpoint", issuer) if told.get("end_session_endpoint") else "",
        posts_secret=isinstance(methods, list) and "client_secret_basic" not in methods,
    )


def read_object(body: bytes, issuer: str) -> dict[str, Any]:
    """A JSON object that the provider answered. Raises ProviderDown."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise ProviderDown(issuer=issuer, detail=phrase(N_("its answer is not a JSON object")))
    return told


def _address(told: dict[str, Any], name: str, issuer: str) -> str:
    """An address that the provider names; over TLS where the provider itself is."""
    value = told.get(name)
    try:
        url = check_url(value) if isinstance(value, str) else ""
    except ChartroomError:
        url = ""
    if not url or (urlsplit(issuer).scheme == "https" and urlsplit(url).scheme != "https"):
        raise ProviderDown(issuer=issuer, detail=phrase(N_("it names no usable {name}"), name=name))
    return url
