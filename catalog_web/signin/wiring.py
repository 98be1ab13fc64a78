"""What signing in puts into the app."""

from flask import Flask

from catalog_web.services import Services
from catalog_web.signin.cookies import set_cookies
from catalog_web.signin.ways import ways

PROVIDER = "chartroom_provider"
"""Where ``app.extensions`` has the provider, if one signs people in."""


def install(app: Flask, services: Services) -> None:
    """Put the cookies of sessions into the answers of ``app``, and give it the provider, whose tokens clusters may be
    asked with."""
    if "oidc" in ways(services.config):
        # late: they load all of cryptography
        from catalog_web.signin.oidc.own_tokens import OwnTokens
        from catalog_web.signin.oidc.provider import Provider

        provider = app.extensions[PROVIDER] = Provider(services.config.oidc, services.config.network_allow)
        services.person_tokens.source = OwnTokens(services, provider).of
    app.after_request(lambda response: set_cookies(response, services.config.public_url))
