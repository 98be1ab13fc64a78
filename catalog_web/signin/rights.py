"""What somebody's roles allow."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from catalog_web.auth.grants import Grant, Grants
from catalog_web.services import Services
from indexer.people import User
from indexer.people_options import RoleOptions


def grants_of(services: Services, user: User) -> Grants:
    """All that the configuration and the administrators give to ``user`` and to the user's groups.

    Raises StoreUnavailable.
    """
    declared = (
        Grant(one.role, one.sources, one.clusters, one.namespaces)
        for one in services.config.roles
        if _is_meant(one, user)
    )
    bound = (
        Grant(one.role, one.sources, one.clusters, one.namespaces)
        for one in services.store.bindings.of(user.name, user.groups)
    )
    return Grants(tuple(dict.fromkeys((*declared, *bound))))


def _is_meant(entry: RoleOptions, user: User) -> bool:
    return entry.everyone or _fits(entry.users, (user.name,)) or _fits(entry.groups, user.groups)


def _fits(globs: Iterable[str], names: Iterable[str]) -> bool:
    known = tuple(names)
    return any(fnmatchcase(name, glob) for glob in globs for name in known)
