"""What each role may."""

from collections.abc import Mapping

from catalog_web.auth.actions import ACTIONS, Action
from indexer.people import Role

_VIEWER: frozenset[Action] = frozenset(
    {"catalog.read", "search.save", "source.read", "app.read", "cluster.read", "account", "notice.write", "team.read"}
)
_DEVELOPER: frozenset[Action] = _VIEWER | {"app.install", "app.upgrade", "app.uninstall", "preset.write"}
OF_A_SOURCE: frozenset[Action] = frozenset({"source.write", "source.sync", "approval.decide"})
"""What an administrator of certain sources may there, and nowhere else."""
OF_A_PLACE: frozenset[Action] = frozenset({"app.read", "app.install", "app.upgrade", "app.uninstall", "cluster.read"})
"""What is bound to clusters and namespaces."""

ROLE_ACTIONS: Mapping[Role, frozenset[Action]] = {"viewer": _VIEWER, "developer": _DEVELOPER, "admin": ACTIONS}
"""An administrator who is not one of everything has those of a developer and OF_A_SOURCE."""
LIMITED_ADMIN: frozenset[Action] = _DEVELOPER | OF_A_SOURCE | {"approval.read"}
ALWAYS: frozenset[Action] = frozenset({"account", "approval.own"})
"""What everybody may who is signed in, without any role."""
