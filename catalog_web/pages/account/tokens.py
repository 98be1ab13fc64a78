"""One's own tokens."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from catalog_web.auth import current_person, rule
from catalog_web.i18n import told
from catalog_web.pages.account.blueprint import pages
from catalog_web.pages.account.page import shown
from catalog_web.pages.token_form import made_from
from catalog_web.pages.view import services
from catalog_web.signin import administering
from indexer.errors import UsageError


@pages.post("/tokens")
@rule("account", "account")
def add_token() -> str | tuple[str, int]:
    """Make a token; the page shows it this once. Raises Forbidden."""
    administering.check_may_make_tokens(current_person())
    owner = services().store.users.get(current_person().name)
    try:
        made = made_from(request.form, owner)
    except UsageError as error:
        return shown(told(error), about="tokens"), error.status
    return shown(made=made)


@pages.post("/tokens/<token>/revoke")
@rule("account", "account")
def revoke_token(token: str) -> Response:
    """Let a token open nothing any more."""
    administering.revoke_token(services(), current_person().name, token)
    return redirect(url_for("account.page", notice="token-revoked"), 303)
