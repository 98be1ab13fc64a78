"""What is made in the cluster: objects that cannot change in place, and custom resources."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from indexer.compare.manifests import SELECTED, STATEFUL, Manifest, manifests
from indexer.compare.result import CrdChange, Reason, Severity
from indexer.compare.rules.sides import Sides
from indexer.errors import N_, Phrase, phrase
from indexer.parse.text import shown

_NAMED = 5
"""Fields that one sentence names."""


def objects(sides: Sides) -> Iterator[Reason]:
    """What Kubernetes does not let change in place, and objects with data that are gone."""
    if sides.both is None:
        return
    all_old, all_new = (frozenset(manifests(one.templates)) for one in sides.both)
    old, new = (
        sorted(some, key=lambda one: (one.path, one.kind, one.name)) for some in (all_old - all_new, all_new - all_old)
    )
    pairs = _pairs(old, new)
    paired = {id(was) for was, _ in pairs}
    for was, now in pairs:
        yield from _immutable(was, now)
    for one in old:
        if one.kind in STATEFUL and id(one) not in paired:
            text = N_("The {kind} of {path} is gone: an upgrade removes it, and with it the way to its data.")
            yield Reason("stateful-removed", "breaking", _said(text, one), "templates", one.path)


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


def _immutable(old: Manifest, new: Manifest) -> Iterator[Reason]:
    if old.kind in SELECTED and old.selector and old.selector != new.selector:
        yield _selector(old, new)
    if old.kind in STATEFUL and old.claims != new.claims:
        text = N_(
            "The volumeClaimTemplates of the {kind} in {path} changed, which Kubernetes refuses to change in place."
        )
        yield Reason("volume-claims", "breaking", _said(text, new), "templates", new.path)
    if old.kind in STATEFUL and old.service != new.service:
        text = N_("The serviceName of the {kind} in {path} changed, which Kubernetes refuses to change in place.")
        yield Reason("service-name", "breaking", _said(text, new), "templates", new.path)
    if old.kind in STATEFUL and old.name != new.name:
        text = N_(
            "The name of the {kind} in {path} is made in another way: if it becomes another one, data stays behind."
        )
        yield Reason("stateful-renamed", "maybe", _said(text, new), "templates", new.path)


def _selector(old: Manifest, new: Manifest) -> Reason:
    """For certain only where other labels stand there, unconditionally: a helper may say the same in other words."""
    other_labels = _label_keys(old.selector) != _label_keys(new.selector)
    if other_labels and not (old.conditional or new.conditional):
        text = N_("The selector of the {kind} in {path} changed, which Kubernetes refuses to change in place.")
        return Reason("selector", "breaking", _said(text, new), "templates", new.path)
    text = N_("The selector of the {kind} in {path} is written in another way; Kubernetes refuses another one.")
    return Reason("selector", "maybe", _said(text, new), "templates", new.path)


def _said(text: str, one: Manifest) -> Phrase:
    return phrase(text, kind=one.kind, path=shown(one.path, 200))


def _label_keys(rows: Sequence[str]) -> frozenset[str]:
    return frozenset(row.partition(":")[0] for row in rows)


def definitions(sides: Sides) -> Iterator[Reason]:
    """v1alpha1 is not served any more, a field is gone: objects that people made of it do not fit."""
    for one in sides.found.definitions:
        yield from _definition(one)


def _definition(one: CrdChange) -> Iterator[Reason]:
    name = shown(one.name, 200)
    if one.whole == "removed":
        text = N_("The custom resource {name} is gone from the chart.")
        yield Reason("crd-removed", "breaking", phrase(text, name=name), "crds", one.path)
    for version in one.no_longer_served:
        text = N_("The custom resource {name} is not served as {version} any more.")
        yield Reason("crd-version", "breaking", phrase(text, name=name, version=shown(version)), "crds", one.path)
    if one.scope != ("", ""):
        text = N_("The custom resource {name} is {new} now, it was {old}; that cannot change in place.")
        facts = {"old": shown(one.scope[0]), "new": shown(one.scope[1])}
        yield Reason("crd-scope", "breaking", phrase(text, name=name, **facts), "crds", one.path)
    if one.storage != ("", ""):
        text = N_("The custom resource {name} is stored as {new} now, it was {old}.")
        facts = {"old": shown(one.storage[0]), "new": shown(one.storage[1])}
        yield Reason("crd-storage", "maybe", phrase(text, name=name, **facts), "crds", one.path)
    yield from _fields(one)


def _fields(one: CrdChange) -> Iterator[Reason]:
    """One reason for each way in which fields changed; what stands in ``status`` is written by controllers alone."""
    texts = {
        "property-removed": N_("The custom resource {name} lost fields: {fields}."),
        "required-added": N_("The custom resource {name} requires more fields: {fields}."),
        "type": N_("Fields of the custom resource {name} are of another type: {fields}."),
        "enum": N_("Fields of the custom resource {name} allow fewer values: {fields}."),
    }
    for kind, text in texts.items():
        paths = [field.path for field in one.fields if field.kind == kind]
        asked = [path for path in paths if not _is_status(path)]
        if paths:
            facts = {"name": shown(one.name, 200), "fields": _listed(asked or paths)}
            severity: Severity = "breaking" if asked else "information"
            yield Reason(f"crd-{kind}", severity, phrase(text, **facts), "crds", one.path)


def _is_status(path: str) -> bool:
    return path.split(".")[1:2] == ["status"]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(shown(one) for one in names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
