"""What a change of a HelmRequest means to a person: its spec and Chartroom's own labels, line by line. Pure.

What the cluster keeps beside them (uid, finalizers, status …) nobody changes by hand. A value that is a secret is
never shown, only that it changed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from catalog_web.install.helmrequest import MANAGED_BY, manifest_yaml
from catalog_web.install.manifests import HIDDEN
from catalog_web.values.changing import with_value
from catalog_web.values.paths import ABSENT, Path, parse_path, value_at
from indexer.compare.lines import Effort, Hunk, differences

OTHER = "(hidden, another one)"
"""Stands for a hidden value on the old side, where the new one is not the same."""
_LABELS = "chartroom.dev/"
_REQUEST = "chartroom.dev/request"
"""Another one at every change; it says nothing."""


@dataclass(frozen=True, slots=True)
class HelmRequestDiff:
    """Nothing in it where both mean the same."""

    hunks: tuple[Hunk, ...]

    @property
    def changed(self) -> bool:
        """Whether anything a person means is different."""
        return bool(self.hunks)


def helmrequest_diff(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, secret_paths: Collection[str] = ()
) -> HelmRequestDiff:
    """What changes from ``old`` to ``new``; None stands for none at all.

    ``secret_paths`` are dotted paths below ``spec.values`` that are not shown.
    """
    before, after = meant(old), meant(new)
    for path in secret_paths:
        _hide(before, after, parse_path(path))
    return HelmRequestDiff(differences(_lines(before), _lines(after), Effort()))


def meant(helmrequest: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a person means by ``helmrequest``: labels of ours and the spec, keys of values in alphabetical order, as
    clusters do not keep the order."""
    if not helmrequest:
        return {}
    told = (helmrequest.get("metadata") or {}).get("labels") or {}
    labels = {key: told[key] for key in sorted(told) if key != _REQUEST and _is_ours(key)}
    spec = helmrequest.get("spec") or {}
    ordered = {key: _sorted(spec[key]) for key in sorted(spec, key=_place)}
    return {**({"metadata": {"labels": labels}} if labels else {}), "spec": ordered}


_ORDER = ("chart", "version", "source", "namespace", "releaseName", "valuesFrom", "values")


def _place(key: str) -> tuple[int, str]:
    return (_ORDER.index(key) if key in _ORDER else len(_ORDER), key)


def _is_ours(label: str) -> bool:
    return label.startswith(_LABELS) or label == MANAGED_BY


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value, key=str)}
    return [_sorted(one) for one in value] if isinstance(value, list) else value


def _hide(before: dict[str, Any], after: dict[str, Any], path: Path) -> None:
    """Put a word for the value at ``path`` on both sides, another one on the old side where it changes."""
    old, new = value_at(_values(before), path), value_at(_values(after), path)
    if old is not ABSENT:
        before["spec"]["values"] = with_value(_values(before), path, OTHER if new not in (ABSENT, old) else HIDDEN)
    if new is not ABSENT:
        after["spec"]["values"] = with_value(_values(after), path, HIDDEN)


def _values(thing: dict[str, Any]) -> dict[str, Any]:
    values = thing.get("spec", {}).get("values")
    return values if isinstance(values, dict) else {}


def _lines(thing: Mapping[str, Any]) -> list[str]:
    return manifest_yaml(thing).splitlines() if thing else []
