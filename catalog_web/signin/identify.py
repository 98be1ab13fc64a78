"""Who sent a request."""

from collections.abc import Callable, Iterable

from flask import request

from catalog_web.auth import ACTIONS, ANONYMOUS, Action, Person
from catalog_web.auth.grants import Grant, Grants
from catalog_web.auth.person import Way
from catalog_web.helm.credentials import USERNAME
from catalog_web.services import Services
from catalog_web.signin import proxy, sessions, tokens
from catalog_web.signin.rights import grants_of
from catalog_web.signin.ways import asks_who, is_switched_on
from indexer.people import User


def identifier(services: Services) -> Callable[[], Person] | None:
    """What finds out who sent the present request; None where nobody has to say. Where it carries a token, no cookie is
    looked at: so a request with one needs no proof that it comes from a page of ours."""
    if not asks_who(services.config):
        return None

    def identify() -> Person:
        told = tokens.sent()
        if told is not None:
            return _by_token(services, told)
        return _by_helm_credential(services) or _by_session(services) or _by_proxy(services)

    return identify


def _by_token(services: Services, told: str) -> Person:
    found = tokens.present(services, told)
    if found is None or not is_switched_on(services.config, found[1].kind):
        return ANONYMOUS
    token, user = found
    return person_of(services, user, "token", token.id, tokens.actions_of(token.scopes))


def _by_helm_credential(services: Services) -> Person | None:
    """captain, who reads one source as a Helm repository with the password that it was given for that one."""
    source, sent = str((request.view_args or {}).get("source", "")), request.headers.get("Authorization", "")
    if not sent or not request.path.startswith("/helm/") or not services.helm_credentials.opens(source, sent):
        return None
    there = Grants((Grant("viewer", (source,), (), ()),))
    return Person(USERNAME, frozenset({"catalog.read"}), "helm", grants=there)


def _by_session(services: Services) -> Person | None:
    found = sessions.present(services)
    if found is None or not is_switched_on(services.config, found[1].kind):
        return None
    session, user = found
    return person_of(services, user, "oidc" if user.kind == "oidc" else "local", session.sign_in)


def _by_proxy(services: Services) -> Person:
    user = proxy.present(services)
    return ANONYMOUS if user is None else person_of(services, user, "proxy")


def person_of(
    services: Services, user: User, way: Way, session: str = "", at_most: Iterable[Action] = ACTIONS
) -> Person:
    """``user`` with what he or she may at this moment, and no more than ``at_most``."""
    grants = grants_of(services, user)
    return Person(
        name=user.name,
        rights=grants.actions & frozenset(at_most),
        way=way,
        groups=frozenset(user.groups),
        email=user.email,
        display=user.display,
        session=session,
        grants=grants,
    )
