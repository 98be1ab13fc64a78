"""Signing in by name and password."""

from datetime import UTC, datetime

from catalog_web.client_address import client_address
from catalog_web.services import Services
from catalog_web.signin import passwords, sessions, throttle
from indexer.errors import AccountDisabled, PasswordWrong, SignInError
from indexer.people import User


def sign_in(services: Services, name: str, password: str) -> User:
    """Begin a session for whoever knows the password. Raises TooManyTries, PasswordWrong, AccountDisabled."""
    try:
        user = prove(services, name, password)
    except SignInError as error:  # one that came too soon is not written down: the log must not be filled by it
        services.audit.note_for(name, "account", "sign-in", "refused", way="local", error=error.id)
        raise
    services.store.users.told(user.name, {"last_sign_in": datetime.now(UTC)})
    sessions.begin(services, user)
    services.audit.note_for(name, "account", "sign-in", "ok", way="local")
    return user


def prove(services: Services, name: str, password: str) -> User:
    """The account that ``password`` opens. Raises TooManyTries, PasswordWrong, AccountDisabled."""
    users, throttles, address = services.store.users, services.store.throttles, client_address()
    user = users.find(name)
    throttle.attempt_sign_in(throttles, name, address, known=user is not None)
    kept = user.password if user and user.kind == "local" else ""
    if not passwords.is_right(kept, password) or user is None:  # in this order: an unknown name takes as long
        raise PasswordWrong
    throttle.succeeded(throttles, name, address)
    if user.disabled:
        raise AccountDisabled(name=name)
    if passwords.is_old(kept):
        users.rehash(name, kept, passwords.hashed(password))
    return user
