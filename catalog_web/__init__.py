"""web · API · command line → install → captain.

``catalog`` (the read questions all three ask), ``services`` (what a running Chartroom is made of), ``auth`` and
``security`` (who may do what, and what holds for every request), ``pages`` (what a person sees), ``api`` (what a
program asks), ``install`` (what a cluster is told), ``cli`` and ``commands`` (what is typed).
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

    from catalog_web import api, auth, i18n, pages, security, static_files

    config = services.config
    app = Flask(__name__, static_folder=None)
    app.extensions["chartroom"] = services
    i18n.install(app)
    security.install(app, listen_host=config.listen_host, public_url=config.public_url)
    auth.install(app)
    static_files.install(app)
    pages.install(app)
    api.install(app)
    auth.check_rules(app)
    return app
