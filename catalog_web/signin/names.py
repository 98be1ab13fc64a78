"""What an account may be called."""

LONGEST = 256
RESERVED = frozenset({"local", "operator", "captain", "anonymous", "chartroom"})
"""Whom Chartroom itself writes into its books."""


def is_name(name: str) -> bool:
    """Whether an account may be called so: printable, without blanks at its ends, and without what separates names
    elsewhere (commas in headers, slashes in what rights are about)."""
    fits = 0 < len(name) <= LONGEST and name.isprintable() and name == name.strip()
    return fits and not set(name) & set(",/*?[]\\") and name.casefold() not in RESERVED
