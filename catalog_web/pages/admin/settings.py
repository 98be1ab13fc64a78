"""Every option with its value and where that came from. They are changed in the configuration, not here."""

from flask import render_template

from catalog_web.auth import rule
from catalog_web.pages.admin.blueprint import pages
from catalog_web.pages.view import services
from indexer.errors import N_

ORIGINS = {
    "default": N_("default"),
    "file": N_("configuration file"),
    "environment": N_("environment"),
    "command line": N_("command line"),
}


@pages.get("/settings")
@rule("admin.read", "admin")
def settings() -> str:
    """A table of all options."""
    config = services().config
    return render_template("admin/settings.html", settings=config.shown, file=config.file, origins=ORIGINS)
