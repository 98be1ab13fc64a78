"""Whether a key's name says that its value is a secret. Pure."""

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_WORDS = frozenset(
    {"password", "passwords", "passwd", "passphrase", "pass", "pwd", "token", "secret", "credential", "credentials"}
)
_SECRET_WORDS |= {"apikey", "secretkey", "accesskey", "privatekey", "authtoken", "clientsecret", "dsn"}
"""A name that ends with one of these."""
_SECRET_PAIRS = frozenset(
    (first, "key")
    for first in (
        "secret",
        "api",
        "access",
        "private",
        "encryption",
        "signing",
        "master",
        "license",
        "shared",
        "session",
    )
) | {("connection", "string"), ("cookie", "secret")}
_NOT_BEFORE = frozenset(
    {
        "existing",
        "pull",
        "pulls",
        "external",
        "from",
        "tls",
        "ssl",
        "use",
        "uses",
        "create",
        "generate",
        "auto",
        "extra",
    }
    | {"automount", "enable", "enabled", "disable", "has", "is", "require", "required", "allow", "image", "registry"}
)
"""A name with one of these is about a secret: which one, or whether."""


def is_secret_name(name: str) -> bool:
    """Whether what stands behind a key or variable of that name is a secret: ``adminPassword``, ``API_TOKEN``,
    ``secretKey``; not ``existingSecret``, ``passwordKey``, ``secretName`` or ``tokenExpiry``."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or _NOT_BEFORE.intersection(words[:-1]):
        return False
    return words[-1] in _SECRET_WORDS or tuple(words[-2:]) in _SECRET_PAIRS
