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
    """End the session of this browser. Where a provider began it, the next page offers to end the provider's, too: a
    form may lead nowhere but here (form-action), so it takes a link."""
    ended = sessions.end_present(services())
    if ended is None:
        return redirect(url_for("sign_in.page"), 303)
    services().audit.note_for(ended.person, "account", "sign-out", "ok")
    there = "oidc" if ended.facts.get("way") == "oidc" else None
    return redirect(url_for("sign_in.page", notice="signed-out", out=there), 303)
