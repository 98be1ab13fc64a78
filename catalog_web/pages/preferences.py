"""What a reader chooses for himself: the language."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from catalog_web.auth import rule
from catalog_web.client_address import is_https
from catalog_web.i18n import COOKIE, LANGUAGES
from catalog_web.pages.view import own_address, services
from indexer.errors import N_, UsageError

_A_YEAR = 365 * 86400

pages = Blueprint("preferences", __name__)


@pages.post("/language")
@rule("open")
def choose_language() -> Response:
    """Remember the language in a cookie and go back to the page."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        raise UsageError(what=N_("There is no such language."), hint=N_("Choose English or Chinese."))
    response = redirect(own_address(request.form.get("next", "")), 303)
    path = request.root_path + "/"
    secure = is_https(services().config.public_url)
    response.set_cookie(COOKIE, chosen, max_age=_A_YEAR, httponly=True, samesite="Lax", secure=secure, path=path)
    return response
