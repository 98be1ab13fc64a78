"""Objects that cannot change in place, and those with data that are gone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from indexer.compare.defaults import DefaultManifests
from indexer.compare.manifests import SELECTED, STATEFUL, Manifest, manifests
from indexer.compare.result import Reason, Severity
from indexer.compare.rules.sides import Sides
from indexer.errors import N_, Phrase, phrase
from indexer.parse.text import shown

_REFUSED = N_("The {field} of the {kind} in {path} changed, which Kubernetes refuses to change in place.")
_REFUSED_IF = N_("The {field} of the {kind} in {path} is written in another way; Kubernetes refuses another one.")

_RENAMED = "stateful-renamed"

Pair = tuple[Manifest, Manifest]


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A field that does not change in place."""

    id: str
    """Of its rule."""
    field: str
    kinds: frozenset[str]
    of: Callable[[Manifest], str | tuple[str, ...]]
    changed: str = _REFUSED
    unsure: str = _REFUSED_IF


_FIXED = (
    _Fixed("selector", "selector", SELECTED, lambda one: one.selector),
    _Fixed("volume-claims", "volumeClaimTemplates", STATEFUL, lambda one: one.claims),
    _Fixed("service-name", "serviceName", STATEFUL, lambda one: one.service),
    _Fixed(
        _RENAMED,
        "name",
        STATEFUL,
        lambda one: one.name,
        N_("The {kind} in {path} has another name: a new one is made, and the data of the old one stays behind."),
        N_("The name of the {kind} in {path} is made in another way: if it becomes another one, data stays behind."),
    ),
)


def objects(sides: Sides) -> Iterator[Reason]:
    """Another ``spec.selector``, which Kubernetes does not let change, or a StatefulSet that is gone with its data."""
    if sides.both is None:
        return
    all_old, all_new = (frozenset(manifests(one.templates)) for one in sides.both)
    old, new = _sorted(all_old - all_new), _sorted(all_new - all_old)
    pairs = _pairs(old, new)
    defaults = [DefaultManifests(one) for one in sides.both] if any(map(_is_doubtful, pairs)) else []
    for pair in pairs:
        yield from _of_pair(pair, defaults)
    paired = {id(was) for was, _ in pairs}
    for one in old:
        if one.kind in STATEFUL and id(one) not in paired:
            text = N_("The {kind} of {path} is gone: an upgrade removes it, and with it the way to its data.")
            yield Reason("stateful-removed", "breaking", _said(text, one), "templates", one.path)


def _sorted(some: Iterable[Manifest]) -> list[Manifest]:
    return sorted(some, key=lambda one: (one.path, one.kind, one.name))


def _pairs(old: Sequence[Manifest], new: Sequence[Manifest]) -> list[tuple[Manifest, Manifest]]:
    """Objects that are the same: by kind and name, else by kind and template, else the only ones of a kind left."""
    rest_old, rest_new = list(old), list(new)
    found: list[tuple[Manifest, Manifest]] = []
    keys: tuple[Callable[[Manifest], object], ...] = (
        lambda one: (one.kind, one.name, one.path),
        lambda one: (one.kind, one.name),
        lambda one: (one.kind, one.path),
        lambda one: one.kind,
    )
    for key in keys:
        olds, news = _once(rest_old, key), _once(rest_new, key)
        some = [(olds[one], news[one]) for one in olds if one in news]
        found += some
        gone = {id(one) for pair in some for one in pair}
        rest_old = [one for one in rest_old if id(one) not in gone]
        rest_new = [one for one in rest_new if id(one) not in gone]
    return found


def _once(some: Iterable[Manifest], key: Callable[[Manifest], object]) -> dict[object, Manifest]:
    found: dict[object, list[Manifest]] = {}
    for one in some:
        found.setdefault(key(one), []).append(one)
    return {name: same[0] for name, same in found.items() if len(same) == 1}


def _is_doubtful(pair: Pair) -> bool:
    return any(_differs(one, pair) for one in _FIXED)


def _of_pair(pair: Pair, defaults: Sequence[DefaultManifests]) -> Iterator[Reason]:
    for one in _FIXED:
        severity = _severity(one, pair, defaults) if _differs(one, pair) else None
        if severity:
            text = one.changed if severity == "breaking" else one.unsure
            yield Reason(one.id, severity, _said(text, pair[1], one.field), "templates", pair[1].path)


def _differs(field: _Fixed, pair: Pair) -> bool:
    """A selector that was not written before is no change: Kubernetes filled it in."""
    old, new = pair
    was = field.of(old)
    return old.kind in field.kinds and was != field.of(new) and bool(was or field.id != "selector")


def _severity(field: _Fixed, pair: Pair, defaults: Sequence[DefaultManifests]) -> Severity | None:
    """By what the default values make of it; where that cannot be told, by how it is written."""
    was, now = (one.made(like) for one, like in zip(defaults, pair, strict=True))
    if was is None or now is None:
        return "breaking" if field.id == "selector" and _has_other_labels(pair) else "maybe"
    if was.name != now.name and field.id != _RENAMED:
        return None  # a new object is made: nothing of the old one changes in place
    if field.of(was) != field.of(now):
        return "breaking"
    return None if field.of(was) else "maybe"


def _has_other_labels(pair: Pair) -> bool:
    """Whether other labels stand there, and none of them only under a condition."""
    old, new = ({row.partition(":")[0] for row in one.selector} for one in pair)
    return old != new and not any(one.conditional for one in pair)


def _said(text: str, one: Manifest, field: str = "") -> Phrase:
    return phrase(text, field=field, kind=one.kind, path=shown(one.path, 200))
