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
        auth,
        client_address,
        compression,
        i18n,
        metrics_access,
        observing,
        pages,
        rate_limits,
        security,
        signin,
        static_files,
    )

    config = services.config
    app = Flask(__name__, static_folder=None)
    app.extensions["chartroom"] = services
    observing.install(app, services.meters)
    compression.install(app)
    i18n.install(app)
    client_address.install(app, config.trusted_proxies)
    security.install(app, listen_host=config.listen_host, public_url=config.public_url, helm_url=config.helm_url)
    # with a listener for probes, what a proxy sends to the pages is never one of these networks
    metrics_access.install(app, () if config.probe_host else config.metrics_allow)
    signin.install(app, services)
    auth.install(app, signin.identifier(services))
    rate_limits.install(app, config.rate_limits)
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

    app = Flask(__name__, static_folder=None)
    app.extensions["chartroom"] = services
    observing.install(app, services.meters)
    client_address.install(app, services.config.trusted_proxies)
    app.after_request(security.add_headers)
    metrics_access.install(app, services.config.metrics_allow)
    auth.install(app, lambda: auth.ANONYMOUS)
    api.install_probes(app)
    auth.check_rules(app)
    return app
