"""web · API · command line → install → captain.

``catalog`` (the read questions all three ask), ``services`` (what a running Chartroom is made of), ``auth`` and
``security`` (who may do what, and what holds for every request), ``pages`` (what a person sees), ``api`` (what a
program asks), ``install`` (what a cluster is told), ``captain`` (which repositories captain knows), ``helm`` (sources
as Helm repositories), ``cli`` and ``commands`` (what is typed).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from catalog_web.services import Services


def create_app(services: "Services") -> "Flask":
    """Put pages over ``services``. Raises RuntimeError when a route has no rule.

    Everything is imported late: the command line imports this package for questions that need no web.
    """
    from flask import Flask

    from catalog_web import (
        api,
        audit_guard,
        auth,
        client_address,
        compression,
        i18n,
        metrics_access,
        observing,
        pages,
        rate_limits,
        request_id,
        security,
        static_files,
    )
    from catalog_web.signin import identify, wiring

    config = services.config
    app = Flask(__name__, static_folder=None)
    app.extensions["chartroom"] = services
    client_address.install(app, config.trusted_proxies)
    request_id.install(app)
    observing.install(app, services.meters)
    compression.install(app)
    i18n.install(app)
    security.install(app, listen_host=config.listen_host, public_url=config.public_url, helm_url=config.helm_url)
    # with a listener for probes, what a proxy sends to the pages is never one of these networks
    metrics_access.install(app, () if config.probe_host else config.metrics_allow)
    wiring.install(app, services)
    auth.install(app, identify.identifier(services))
    rate_limits.install(app, config.rate_limits)
    audit_guard.install(app, services.audit)
    static_files.install(app)
    pages.install(app)
    api.install(app)
    auth.check_rules(app)
    return app


def create_helm_app(services: "Services") -> "Flask":
    """Put the Helm repositories of the sources over ``services``, and nothing else: for a listener of their own.

    It answers under every name, as services of a cluster have several.
    """
    from urllib.parse import urlsplit

    from flask import Flask

    from catalog_web import api, auth, client_address, observing, security

    app = Flask(__name__, static_folder=None)
    app.extensions["chartroom"] = services
    app.wsgi_app = security.PathPrefix(app.wsgi_app, urlsplit(services.config.helm_url).path)  # type: ignore[method-assign]
    observing.install(app, services.meters)
    client_address.install(app, services.config.trusted_proxies)
    app.after_request(security.add_headers)
    auth.install(app)
    api.install_helm(app)
    auth.check_rules(app)
    return app


def create_probe_app(services: "Services") -> "Flask":
    """Put probes and metrics over ``services``, and nothing else: for a listener of their own.

    It answers under every name: a cluster knows only addresses.
    """
    from flask import Flask

    from catalog_web import api, auth, client_address, metrics_access, observing, security
    from catalog_web.signin.identify import identifier
    from catalog_web.signin.ways import asks_who

    app = Flask(__name__, static_folder=None)
    app.extensions["chartroom"] = services
    observing.install(app, services.meters)
    client_address.install(app, services.config.trusted_proxies)
    app.after_request(security.add_headers)
    metrics_access.install(app, services.config.metrics_allow)
    # without sign-in whoever reaches the pages may do all, but this address may be reached where they are not
    identify = identifier(services) if asks_who(services.config) else lambda: auth.ANONYMOUS
    auth.install(app, identify)
    api.install_probes(app)
    auth.check_rules(app)
    return app
