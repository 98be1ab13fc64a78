"""The HTTP API, one module a concern: ``charts``, ``sources``, ``installs``, ``changes``, ``health``.

A handler is a plain function from a question to a shape; it knows no Flask, so the command line asks the same ones.
``operations`` is the table that they stand in, ``shapes`` says how a thing looks in JSON, ``bodies`` reads what comes
in, ``problems`` says what went wrong, ``routes`` puts all of it under Flask, and ``openapi`` describes it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def install(app: "Flask") -> None:
    """Register every operation on ``app``. Flask is imported late: the command line asks the handlers without it."""
    from catalog_web.api import routes

    routes.install(app)


def install_helm(app: "Flask") -> None:
    """Register the Helm repositories of the sources alone on ``app``."""
    from catalog_web.api import routes

    routes.install_helm(app)


def install_probes(app: "Flask") -> None:
    """Register the probes and the metrics alone on ``app``."""
    from catalog_web.api import routes

    routes.install_probes(app)
