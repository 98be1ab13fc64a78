"""Who a request comes from: a session, a token, a proxy's word, or nobody.

``wiring`` puts it into the app. ``identify`` asks the others in order. ``ways`` (which of them are switched on),
``keys`` (random keys and what is kept of them), ``passwords``, ``throttle`` (who tries too often waits), ``cookies``
and ``sessions``, ``tokens``, ``proxy``; ``local`` signs in by name and password, ``oidc`` at a provider; ``people`` is
what administrators do with accounts, ``one_time`` the keys that work once.

Imports nothing itself: a program that signs nobody in asks ``ways`` without loading Flask.
"""
