"""The page where one signs in: which ways there are, and what failed."""

import logging
import secrets
from urllib.parse import urlsplit

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog_web.auth import current_person, rule
from catalog_web.i18n import told
from catalog_web.pages.sign_in.blueprint import pages
from catalog_web.pages.view import own_address, services
from catalog_web.signin import one_time
from catalog_web.signin.ways import ways
from indexer.errors import ChartroomError

log = logging.getLogger(__name__)

Answer = Response | str | tuple[str, int]


@pages.get("/sign-in")
@rule("open")
def page() -> Answer:
    """The ways; whoever is signed in already, or need not be, goes on."""
    wanted = own_address(request.args.get("next", ""))
    if not ways(services().config) or current_person().signed_in:
        return redirect(wanted, 303)
    return shown(wanted)


def shown(wanted: str, error: ChartroomError | None = None, name: str = "") -> Answer:
    """The page, with what failed and a reference to it that is in the log."""
    reference = secrets.token_hex(4) if error else ""
    if error:
        log.info("sign-in: %s (reference %s)", error.cause, reference)
    page = render_template(
        "sign_in/page.html",
        ways=ways(services().config),
        oidc=services().config.oidc,
        provider_host=urlsplit(services().config.oidc.issuer).hostname,
        next=wanted,
        name=name[:256],
        failed=told(error) if error else None,
        reference=reference,
        ask=services().config.ask_for_access,
        wants_first=one_time.wants_first(services()),
        offers_way_out=request.args.get("out") == "oidc",
    )
    if error is None:
        return page
    answer = make_response(page, error.status)
    if error.come_back is not None:
        answer.headers["Retry-After"] = str(error.come_back)
    return answer


def away(wanted: str) -> Response:
    """On to where one wanted to go."""
    return redirect(own_address(wanted) or url_for("catalog.index"), 303)
