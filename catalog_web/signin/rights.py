"""What somebody's roles allow."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from catalog_web.auth import ACTIONS, Action
from catalog_web.services import Services
from indexer.people import User
from indexer.people_options import RoleOptions

_VIEWER: frozenset[Action] = frozenset(
    {"catalog.read", "search.save", "source.read", "app.read", "cluster.read", "account", "notice.write", "team.read"}
)
_RIGHTS: dict[str, frozenset[Action]] = {
    "viewer": _VIEWER,
    "developer": _VIEWER | {"app.install", "app.upgrade", "app.uninstall", "preset.write"},
    "admin": ACTIONS,
}


def rights_of(services: Services, user: User) -> frozenset[Action]:
    """Everything that the roles of ``user`` allow; the own account is always there."""
    declared = (one.role for one in services.config.roles if _is_meant(one, user))
    roles = {*declared, *services.store.users.roles_of(user.name, user.groups)}
    return frozenset[Action]({"account"}).union(*(_RIGHTS[one] for one in roles))


def _is_meant(entry: RoleOptions, user: User) -> bool:
    return entry.everyone or _fits(entry.users, (user.name,)) or _fits(entry.groups, user.groups)


def _fits(globs: Iterable[str], names: Iterable[str]) -> bool:
    known = tuple(names)
    return any(fnmatchcase(name, glob) for glob in globs for name in known)
