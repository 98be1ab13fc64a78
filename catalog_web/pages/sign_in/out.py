"""Signing out."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from catalog_web.auth import rule
from catalog_web.pages.sign_in.blueprint import pages
from catalog_web.pages.view import services
from catalog_web.signin import sessions


@pages.post("/sign-out")
@rule("open")
def sign_out() -> Response:
    """End the session of this browser."""
    sessions.end_present(services())
    return redirect(url_for("sign_in.page", notice="signed-out"), 303)
