"""Accounts and tokens as administrators and their owners change them: pages, API and command line do the same."""

from collections.abc import Sequence

from catalog_web.auth import Person
from catalog_web.auth.deciding import forbidden
from catalog_web.services import Services
from catalog_web.signin import one_time, tokens
from catalog_web.signin.people import new_user
from indexer.errors import N_, Conflict
from indexer.people import Role, Token, User, UserKind


def add_account(
    services: Services,
    name: str,
    kind: UserKind,
    *,
    by: str,
    role: Role | None = None,
    password: str = "",
    display: str = "",
    email: str = "",
    groups: Sequence[str] = (),
) -> User:
    """Keep a new account. Raises UsageError, NameTaken."""
    user = new_user(name, kind, password=password, display=display, email=email, groups=groups)
    services.store.users.add(user, role or "", by)
    services.audit.note("account.add", f"account/{name}", "ok", kind=kind, role=role or "")
    return user


def set_disabled(services: Services, name: str, disabled: bool, *, by: str) -> None:
    """Close an account, or open it again. Its sessions and tokens are dead at once, on every replica. Raises
    UserNotFound; Conflict where it is one's own."""
    if disabled and name == by:
        raise Conflict(what=N_("Nobody can disable the own account."), hint=N_("Let another administrator do it."))
    services.store.users.set_disabled(name, disabled)
    services.audit.note("account.disable" if disabled else "account.enable", f"account/{name}", "ok")


def sign_out(services: Services, name: str) -> None:
    """End all sessions and tokens of an account. Raises UserNotFound."""
    services.store.users.sign_out(name)
    services.audit.note("account.sign-out", f"account/{name}", "ok")


def password_key(services: Services, name: str) -> str:
    """A key with which the owner of a local account sets a password within a day. Raises UserNotFound, Conflict."""
    user = services.store.users.get(name)
    if user.kind != "local":
        raise Conflict(
            what=N_("This account has no password: a provider, a proxy or a token proves who it is."),
            hint=N_("Change the password where the person signs in."),
        )
    key = one_time.password_key(services, name)
    services.audit.note("account.password-key", f"account/{name}", "ok")
    return key


def check_may_make_tokens(who: Person) -> None:
    """Raise Forbidden for a program that proves itself with a token: whoever finds one must not make further ones with
    it, which may more or last longer."""
    if who.way == "token":
        hint = N_("Sign in and make it on your account's page.")
        raise forbidden(who, "account", "account", hint)


def add_token(services: Services, owner: User, name: str, scopes: Sequence[str], days: int | None) -> tuple[Token, str]:
    """Keep a new token of ``owner``; returns it and what is shown once. Raises UsageError."""
    token, shown = tokens.make(owner, name, scopes, days)
    services.store.tokens.add(token)
    services.audit.note(
        "token.add", f"account/{owner.name}", "ok", token=token.id, name=token.name, scopes=list(token.scopes)
    )
    return token, shown


def service_account(services: Services, name: str) -> User:
    """The account of a program, for which administrators make tokens. Raises UserNotFound; Conflict for a person's,
    who makes the own tokens: with one of another's an administrator could act under that name."""
    user = services.store.users.get(name)
    if user.kind != "service":
        raise Conflict(
            what=N_("This is the account of a person, who makes tokens on the own account page."),
            hint=N_("Make a service account for a program."),
        )
    return user


def revoke_token(services: Services, owner: str, identity: str) -> None:
    """Let a token of ``owner`` open nothing any more. Raises TokenNotFound."""
    services.store.tokens.revoke(owner, identity)
    services.audit.note("token.revoke", f"account/{owner}", "ok", token=identity)
