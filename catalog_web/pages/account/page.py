"""Who one is here, and everything that acts for one: browsers and tokens."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from catalog_web.auth import current_person, rule
from catalog_web.i18n import Told
from catalog_web.pages.account.blueprint import pages
from catalog_web.pages.token_form import Made, token_choices
from catalog_web.pages.view import services
from catalog_web.signin.ways import asks_who


@pages.get("")
@rule("account", "account")
def page() -> str | Response:
    """The page; where nobody signs in there is none."""
    if not asks_who(services().config):
        return redirect(url_for("catalog.index"), 303)
    return shown()


def shown(failed: Told | None = None, about: str = "", made: Made | None = None) -> str:
    """The page. ``failed``: what did not work out, in the part ``about``; ``made``: a new token, shown this once."""
    store, who = services().store, current_person()
    return render_template(
        "account/page.html",
        user=store.users.get(who.name),
        who=who,
        sessions=store.sessions.of(who.name),
        tokens=store.tokens.of(who.name),
        **token_choices(),
        made=made,
        tokens_days=services().config.session.tokens_after // 86400,
        failed=failed,
        about=about,
        ask=services().config.ask_for_access,
    )
