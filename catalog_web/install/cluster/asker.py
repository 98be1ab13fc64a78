"""As whom a cluster is asked. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

RESERVED = "system:"
"""Kubernetes keeps such names for itself, for service accounts and for those who may do everything: no person and no
group of people has one (https://kubernetes.io/docs/reference/access-authn-authz/authentication/)."""


@dataclass(frozen=True, slots=True)
class Asker:
    """A person with his or her groups; without a name Chartroom itself."""

    person: str = ""
    groups: tuple[str, ...] = ()


ITSELF = Asker()


def impersonation(asker: Asker) -> tuple[tuple[str, str], ...]:
    """The headers that make an API server take a request as that of ``asker``; none for Chartroom itself."""
    if not asker.person:
        return ()
    return (("Impersonate-User", asker.person), *(("Impersonate-Group", one) for one in asker.groups))


def is_possible(name: str) -> bool:
    """Whether a person or a group of a cluster may be called so."""
    return bool(name) and not name.startswith(RESERVED) and name.isprintable()


def asker(person: str, groups: Iterable[str]) -> Asker:
    """``person`` with those of ``groups`` that a cluster can know: whoever signs people in could else make anybody
    an administrator of the cluster."""
    return Asker(person, tuple(sorted(filter(is_possible, set(groups)))))
