"""The first of the administrators' pages: where the others are."""

from flask import render_template

from catalog_web.auth import rule
from catalog_web.pages.admin.blueprint import pages


@pages.get("")
@rule("admin.read", "admin")
def overview() -> str:
    """Each section with what it is for."""
    return render_template("admin/overview.html")
