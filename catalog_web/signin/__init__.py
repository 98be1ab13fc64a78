"""Who a request comes from: a session, a token, a proxy's word, or nobody.

``identify`` asks the others in order. ``ways`` (which of them are switched on), ``keys`` (random keys and what is kept
of them), ``passwords``, ``throttle`` (who tries too often waits), ``cookies`` and ``sessions``, ``tokens``, ``proxy``;
``local`` signs in by name and password, ``oidc`` at a provider; ``people`` is what administrators do with accounts,
``one_time`` the keys that work once.
"""

from typing import TYPE_CHECKING

from catalog_web.signin.cookies import set_cookies
from catalog_web.signin.identify import identifier
from catalog_web.signin.ways import ways

if TYPE_CHECKING:
    from flask import Flask

    from catalog_web.services import Services

__all__ = ["PROVIDER", "identifier", "install"]

PROVIDER = "chartroom_provider"
"""Where ``app.extensions`` has the provider, if one signs people in."""


def install(app: "Flask", services: "Services") -> None:
    """Put the cookies of sessions into the answers of ``app``, and give it the provider."""
    if "oidc" in ways(services.config):
        from catalog_web.signin.oidc.provider import Provider  # late: it loads all of cryptography

        app.extensions[PROVIDER] = Provider(services.config.oidc, services.config.network_allow)
    app.after_request(lambda response: set_cookies(response, services.config.public_url))
