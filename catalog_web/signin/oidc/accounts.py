"""Whose account it is that a provider tells of."""

from dataclasses import replace
from datetime import UTC, datetime

from catalog_web.signin.oidc.id_token import Claimed
from catalog_web.signin.people import new_user
from indexer.errors import AccountDisabled
from indexer.people import User
from indexer.store.users import Users


def account_of(users: Users, issuer: str, told: Claimed) -> User:
    """The account of somebody at the provider, made at the first sign-in, with what the provider says today.

    It is found by issuer and subject, which never pass to somebody else as names do. The name stays as it was first,
    since roles and books go by it. Raises AccountDisabled, NameTaken, UsageError.
    """
    known = users.of_subject(issuer, told.subject)
    now = datetime.now(UTC)
    if known is None:
        made = new_user(told.name, "oidc", display=told.display, email=told.email, groups=told.groups)
        user = replace(made, issuer=issuer, subject=told.subject, last_sign_in=now)
        users.add(user)
        return user
    if known.disabled:
        raise AccountDisabled(name=known.name)
    facts = {"display": told.display, "email": told.email, "groups": list(told.groups), "last_sign_in": now}
    users.told(known.name, facts)
    return replace(known, display=told.display, email=told.email, groups=told.groups, last_sign_in=now)
