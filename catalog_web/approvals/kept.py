"""A wish as it is kept until somebody decides: plain JSON without secrets, the secrets apart, and both together again.
Pure."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from catalog_web.install.gate import Sending, SendingAction
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.upgrade_form import ChartTaking, UpgradeForm
from catalog_web.install.verbs.rolling_back import RollBack
from catalog_web.values.secrets import without

Wish = InstallForm | UpgradeForm | RollBack
_KINDS: Mapping[SendingAction, type[Wish]] = {"install": InstallForm, "upgrade": UpgradeForm, "rollback": RollBack}
_SECRET = ("values_yaml", "secret_values")
"""Fields that may hold secrets: they are sealed whole."""
_NOT_KEPT = frozenset({*_SECRET, "archive_error", "decides", "refused"})
"""And what is only true of the moment."""


def public(wish: Wish) -> dict[str, Any]:
    """What may be read by whoever sees the request; of the values those that are not secret."""
    kept = {one.name: _plain(getattr(wish, one.name)) for one in fields(wish) if one.name not in _NOT_KEPT}
    if isinstance(wish, RollBack):
        return kept
    return {**kept, "public_values": without(wish.values_yaml, wish.secret_paths)}


def secrets(wish: Wish) -> dict[str, str]:
    """What is sealed."""
    return {name: str(getattr(wish, name)) for name in _SECRET if hasattr(wish, name)}


def wish_of(action: SendingAction, kept: Mapping[str, Any], opened: Mapping[str, str]) -> Wish:
    """The wish that ``public`` and ``secrets`` took apart. What another version of Chartroom kept and this one does not
    know is left out."""
    kind = _KINDS[action]
    known = {one.name for one in fields(kind)} - _NOT_KEPT
    values = {name: _typed(value) for name, value in kept.items() if name in known}
    given: dict[str, Any] = {
        name: opened.get(name, "") for name in _SECRET if name in {one.name for one in fields(kind)}
    }
    return kind(**values, **given)


def is_same(sending: Sending, kept: Mapping[str, Any], opened: Mapping[str, str]) -> bool:
    """Whether what is about to be sent is what was kept; what was looked at before may have changed since."""
    before = wish_of(sending.action, kept, opened)
    wish: Wish = sending.wish
    return type(before) is type(wish) and _comparable(before) == _comparable(wish)


def _comparable(wish: Wish) -> tuple[dict[str, Any], dict[str, str]]:
    moved = {"resource_version", "chart_digest"}
    return {name: value for name, value in public(wish).items() if name not in moved}, secrets(wish)


def with_look(wish: Wish, resource_version: str, chart_digest: str) -> Wish:
    """``wish`` over the state and the archive that were looked at; empty: as when it was asked."""
    if not isinstance(wish, InstallForm) and resource_version:
        wish = replace(wish, resource_version=resource_version)
    if not isinstance(wish, RollBack) and chart_digest:
        wish = replace(wish, chart_digest=chart_digest)
    return wish


def _plain(value: Any) -> Any:
    if isinstance(value, ChartTaking):
        return asdict(value)
    return list(value) if isinstance(value, tuple) else value


def _typed(value: Any) -> Any:
    """As the dataclass has it."""
    if isinstance(value, dict):
        return ChartTaking(**value)
    return tuple(value) if isinstance(value, list) else value
