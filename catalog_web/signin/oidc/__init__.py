"""Signing in at a provider: OpenID Connect 1.0, code flow with PKCE (RFC 7636).

``flow`` begins and ends a sign-in; ``provider`` asks the provider, ``metadata`` reads what it says of itself, ``keys``
are what it signs with, ``id_token`` judges what it says of a person, ``accounts`` finds whose account that is.
"""
