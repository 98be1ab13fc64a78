"""What a change of a HelmRequest means to a person: its spec and Chartroom's own labels, line by line. Pure.

What the cluster keeps beside them (uid, finalizers, status …) nobody changes by hand. A value that is a secret is
never shown, only that it changed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog_web.install.helmrequest import MANAGED_BY, manifest_yaml
from catalog_web.install.masking import HIDDEN
from indexer.compare.lines import Effort, Hunk, differences

OTHER = f"{HIDDEN} (another one)"
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
        _hide(before, after, path)
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


def _hide(before: dict[str, Any], after: dict[str, Any], path: str) -> None:
    """Put a word for the value at ``path`` on both sides, another one on the old side where it changes."""
    old, new = dict(_places(_values(before), path.split("."))), dict(_places(_values(after), path.split(".")))
    for place, (holder, key) in old.items():
        changes = place in new and new[place][0][new[place][1]] != holder[key]
        holder[key] = OTHER if changes else HIDDEN
    for holder, key in new.values():
        holder[key] = HIDDEN


def _values(thing: dict[str, Any]) -> Any:
    return thing.get("spec", {}).get("values")


_Place = tuple[str | int, ...]


def _places(value: Any, parts: Sequence[str]) -> Iterator[tuple[_Place, tuple[Any, Any]]]:
    """Every place that the dotted path ``parts`` may mean, for keys hold dots as well: its keys, and what holds it."""
    for size in range(1, len(parts) + 1):
        key = _key(value, ".".join(parts[:size]))
        if key is None:
            continue
        if size == len(parts):
            yield (key,), (value, key)
        else:
            yield from (((key, *place), held) for place, held in _places(value[key], parts[size:]))


def _key(value: Any, name: str) -> str | int | None:
    """What ``name`` is called in ``value``, if it is there: a key of a mapping or an index of a list."""
    if isinstance(value, dict):
        return name if name in value else None
    if isinstance(value, list):
        return next((at for at in range(len(value)) if str(at) == name), None)
    return None


def _lines(thing: Mapping[str, Any]) -> list[str]:
    return manifest_yaml(thing).splitlines() if thing else []
