"""By name and password."""

from flask import request

from catalog_web.auth import rule
from catalog_web.pages.sign_in.blueprint import pages
from catalog_web.pages.sign_in.page import Answer, away, shown
from catalog_web.pages.view import own_address, services
from catalog_web.signin import local
from catalog_web.signin.ways import ways
from indexer.errors import N_, SignInError, TooManyTries, UsageError


@pages.post("/sign-in")
@rule("open", body_limit=64 * 1024)
def with_password() -> Answer:
    """Sign in, or say why not."""
    if "local" not in ways(services().config):
        raise UsageError(what=N_("Nobody signs in with a password here."), hint=N_("Take one of the other ways."))
    wanted, name = own_address(request.form.get("next", "")), request.form.get("name", "").strip()
    try:
        local.sign_in(services(), name, request.form.get("password", ""))
    except (SignInError, TooManyTries) as error:
        return shown(wanted, error, name)
    return away(wanted)
