"""At a provider."""

from typing import cast

from flask import current_app, redirect, request, url_for

from catalog_web.auth import rule
from catalog_web.pages.atom import absolute
from catalog_web.pages.sign_in.blueprint import pages
from catalog_web.pages.sign_in.page import Answer, shown
from catalog_web.pages.view import own_address, services
from catalog_web.signin.oidc import flow
from catalog_web.signin.oidc.provider import Provider
from catalog_web.signin.wiring import PROVIDER
from indexer.errors import N_, NameTaken, SignInError, SignInStale, TooManyTries, UsageError


@pages.get("/sign-in/oidc")
@rule("open")
def to_provider() -> Answer:
    """Send the browser to the provider. A link, since a form may lead nowhere but here (form-action)."""
    wanted = own_address(request.args.get("next", ""))
    try:
        return redirect(flow.begin(services(), provider(), redirect_uri(), wanted), 303)
    except (SignInError, TooManyTries) as error:
        return shown(wanted, error)


@pages.get("/sign-in/oidc/callback")
@rule("open")
def from_provider() -> Answer:
    """Where the provider sends the browser back to."""
    try:
        _, wanted = flow.finish(services(), provider(), redirect_uri(), request.args.to_dict())
    except SignInStale as error:  # not written down: anybody could fill the log with answers to nothing
        return shown(own_address(""), error)
    except (SignInError, TooManyTries, NameTaken, UsageError) as error:
        services().audit.note_for("", "account", "sign-in", "refused", way="oidc", error=error.id)
        return shown(own_address(""), error)
    return redirect(own_address(wanted), 303)


@pages.get("/sign-in/oidc/out")
@rule("open")
def out() -> Answer:
    """On to where the provider ends its own session; back to the page where it has no such place."""
    there = flow.way_out(provider(), absolute(url_for("sign_in.page")))
    return redirect(there or url_for("sign_in.page"), 303)


def provider() -> Provider:
    """The provider of this process. Raises UsageError where none is configured."""
    found = current_app.extensions.get(PROVIDER)
    if found is None:
        raise UsageError(what=N_("No provider signs people in here."), hint=N_("Take one of the other ways."))
    return cast(Provider, found)


def redirect_uri() -> str:
    """The address that the provider must know: from the configuration, else as this server was asked, by a name that
    is its own."""
    return absolute(url_for("sign_in.from_provider"))
