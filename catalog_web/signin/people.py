"""What is done with accounts: by administrators, and by people with their own."""

from collections.abc import Sequence
from datetime import UTC, datetime

from catalog_web.signin import passwords
from catalog_web.signin.names import is_name
from indexer.errors import N_, UsageError
from indexer.people import User, UserKind


def new_user(
    name: str, kind: UserKind, *, password: str = "", display: str = "", email: str = "", groups: Sequence[str] = ()
) -> User:
    """An account that is not kept yet; without a password nobody signs in as it. Raises UsageError."""
    if not is_name(name):
        raise UsageError(
            what=N_("This cannot be a name: it is empty, too long, reserved, or has commas, slashes or wildcards."),
            hint=N_("Take at most 256 letters, digits, dots, dashes, underscores or an e-mail address."),
        )
    return User(
        name=name,
        kind=kind,
        created=datetime.now(UTC),
        display=display.strip(),
        email=email.strip(),
        groups=tuple(dict.fromkeys(one.strip() for one in groups if one.strip())),
        password=passwords.hashed(password) if password else "",
    )
