"""As whom a cluster is asked. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

RESERVED = "system:"
"""Kubernetes keeps such names for itself, for service accounts and for those who may do everything: no person and no
group of people has one (https://kubernetes.io/docs/reference/access-authn-authz/authentication/)."""


@dataclass(frozen=True, slots=True)
class Asker:
    """A person with his or her groups, or with a token of their own; without a name Chartroom itself."""

    person: str = ""
    groups: tuple[str, ...] = ()
    token: str = field(default="", repr=False)
    """Of the person; empty: Chartroom's own credentials are sent."""


ITSELF = Asker()

GroupsOf = Callable[[str], Iterable[str]]
"""The groups of a person."""
TokenOf = Callable[[str], str]
"""The token of a person's own sign-in; empty where none counts any more. Raises `SignInError` where it could not be
renewed."""


def no_groups(_person: str) -> tuple[str, ...]:
    """Where nobody is in any group."""
    return ()


def no_token(_person: str) -> str:
    """Where nobody has one."""
    return ""


def impersonation(asker: Asker) -> tuple[tuple[str, str], ...]:
    """The headers that make an API server take a request as that of ``asker``; none for Chartroom itself, and where
    the person's own token says who asks."""
    if not asker.person or asker.token:
        return ()
    return (("Impersonate-User", asker.person), *(("Impersonate-Group", one) for one in asker.groups))


def is_possible(name: str) -> bool:
    """Whether a person or a group of a cluster may be called so."""
    return bool(name) and not name.startswith(RESERVED) and name.isprintable()


def asker(person: str, groups: Iterable[str]) -> Asker:
    """``person`` with those of ``groups`` that a cluster can know: whoever signs people in could else make anybody
    an administrator of the cluster."""
    return Asker(person, tuple(sorted(filter(is_possible, set(groups)))))
