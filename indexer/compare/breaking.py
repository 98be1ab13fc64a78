"""Whether an upgrade looks like a breaking change, and why: each rule gives reasons with the place that they were seen
at. A rule knows only what the two versions say; what somebody set, or what runs, it does not know."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from indexer import versions
from indexer.changelog import changelog_of
from indexer.compare.manifests import SELECTED, STATEFUL, Manifest, manifests, references
from indexer.compare.paths import dotted
from indexer.compare.result import (
    Comparison,
    CrdChange,
    DependencyChange,
    FactChange,
    FactName,
    Reason,
    SchemaChange,
    Severity,
    ValueChange,
    gravest_first,
)
from indexer.errors import N_, Phrase, phrase
from indexer.model import ArchiveContent, ChartMetadata
from indexer.parse.text import shown
from indexer.version_range import VersionRange

MAX_OF_A_RULE = 40
_NAMED = 5
"""Fields that one sentence names."""
_MINORS = range(16, 61)
"""Kubernetes 1.16 to 1.60: those that a range is asked about."""
_FIRST_NUMBER = re.compile(r"[0-9]{1,9}")
_SHOUT = re.compile(r"\bbreaking\b", re.IGNORECASE)

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """The two versions as they came, and what differs between them."""

    old: ChartMetadata
    new: ChartMetadata
    old_content: ArchiveContent | None
    new_content: ArchiveContent | None
    found: Comparison

    @property
    def both(self) -> tuple[ArchiveContent, ArchiveContent] | None:
        """Both archives where both were had in whole."""
        old, new = self.old_content, self.new_content
        return (old, new) if old and new and not (old.partial or new.partial) else None


Rule = Callable[[Sides], Iterator[Reason]]


def reasons(sides: Sides) -> tuple[Reason, ...]:
    """What all rules say; the 40 gravest reasons of each."""
    return tuple(reason for rule in RULES for reason in gravest_first(tuple(rule(sides)))[:MAX_OF_A_RULE])


# -- what the versions and Chart.yaml say


def version_number(sides: Sides) -> Iterator[Reason]:
    """2.17.5 → 3.0.0: a new first number announces it. 0.3.1 → 0.4.0 may: below 1.0 anything may change."""
    old, new = versions.parse(sides.old.version), versions.parse(sides.new.version)
    if old is None or new is None:
        return
    names = {"old": sides.old.version, "new": sides.new.version}
    if new.major != old.major:
        text = N_("The version goes from {old} to {new}: another first number announces a breaking change.")
        yield Reason("major-version", "breaking", phrase(text, **names), "facts", "version")
    elif new.major == 0 and new.minor != old.minor:
        text = N_("The version goes from {old} to {new}: below 1.0 another second number may break things.")
        yield Reason("minor-below-one", "maybe", phrase(text, **names), "facts", "version")


def images(sides: Sides) -> Iterator[Reason]:
    """argoproj/argocd → quay.io/argoproj/argocd: whoever mirrors images, or blocks registries, wants to know."""
    changes = sides.found.images or ()
    gone = {_last_name(one.repository): one for one in changes if one.whole == "removed"}
    for one in changes:
        was = gone.get(_last_name(one.repository))
        if one.whole == "added" and was:
            text = N_("The image {name} comes from {new} now, it was {old}.")
            facts = {"old": shown(was.repository, 200), "new": shown(one.repository, 200)}
            sentence = phrase(text, name=shown(_last_name(one.repository)), **facts)
            yield Reason("image-moved", "information", sentence, "images", one.repository)


def _last_name(repository: str) -> str:
    return repository.rpartition("/")[2]


def app_version(sides: Sides) -> Iterator[Reason]:
    """App 2.8.4 → 3.0.0: the application itself has a new first number."""
    one = _fact(sides, "appVersion")
    old, new = (versions.parse(one.before), versions.parse(one.after)) if one else (None, None)
    if one and old and new and old.major != new.major:
        text = N_("The application goes from {old} to {new}; its own notes say what that means.")
        facts = {"old": shown(one.before), "new": shown(one.after)}
        yield Reason("app-major", "maybe", phrase(text, **facts), "facts", "appVersion")


def kubernetes(sides: Sides) -> Iterator[Reason]:
    """``>=1.22.0-0`` → ``>=1.25.0-0``: clusters of 1.22 to 1.24 are refused now."""
    one = _fact(sides, "kubeVersion")
    if one is None or not one.after:
        return
    old, new = _minors(one.before), _minors(one.after)
    lost = sorted(old - new) if old is not None and new is not None else []
    range_now = shown(one.after)
    if lost:
        span = f"1.{lost[0]}" if len(lost) == 1 else f"1.{lost[0]} – 1.{lost[-1]}"
        text = N_("It no longer runs on Kubernetes {lost}: it asks for {range} now.")
        severity: Severity = "breaking" if one.before else "maybe"
        yield Reason("kube-version", severity, phrase(text, lost=span, range=range_now), "facts", "kubeVersion")
    elif new is None:
        text = N_("It asks for another Kubernetes: {range}.")
        yield Reason("kube-version", "maybe", phrase(text, range=range_now), "facts", "kubeVersion")


def chart_type(sides: Sides) -> Iterator[Reason]:
    """application → library: it cannot be installed any more. Deprecated: nobody keeps it up."""
    one = _fact(sides, "type")
    if one:
        text = N_("Its type is {new} now, it was {old}.")
        facts = {"old": shown(one.before), "new": shown(one.after)}
        yield Reason("type", "breaking", phrase(text, **facts), "facts", "type")
    if sides.new.deprecated and not sides.old.deprecated:
        text = N_("It is deprecated now: its publisher does not keep it up any more.")
        yield Reason("deprecated", "information", phrase(text), "facts", "deprecated")


def publisher(sides: Sides) -> Iterator[Reason]:
    """``kind: removed`` or the word “breaking” in what the publisher says of the new version."""
    if versions.sort_key(sides.new.version) <= versions.sort_key(sides.old.version):
        return
    changelog = sides.new_content.changelog if sides.new_content else ""
    for note in changelog_of(sides.new.version, sides.new.annotations, changelog).notes:
        said = shown(note.description, 200)
        if _SHOUT.search(note.description):
            text = N_("Its publisher calls it breaking: “{said}”")
            yield Reason("publisher-breaking", "breaking", phrase(text, said=said), "facts", "changes")
        elif note.kind == "removed":
            text = N_("Its publisher lists as removed: “{said}”")
            yield Reason("publisher-removed", "maybe", phrase(text, said=said), "facts", "changes")
        elif note.kind in ("deprecated", "security"):
            text = N_("Its publisher says: “{said}”")
            yield Reason(f"publisher-{note.kind}", "information", phrase(text, said=said), "facts", "changes")


def dependencies(sides: Sides) -> Iterator[Reason]:
    """redis ~12 → ~14: its values may have changed as well. Gone: so are its objects."""
    for one in sides.found.dependencies:
        reason = _dependency(one)
        if reason:
            yield reason


def _dependency(one: DependencyChange) -> Reason | None:
    facts = {"name": shown(one.name), "old": shown(one.before), "new": shown(one.after)}
    if one.whole == "removed":
        text = N_("The dependency {name} is gone, and with it all that it made.")
        return Reason("dependency-removed", "breaking", phrase(text, **facts), "dependencies", one.name)
    old, new = _FIRST_NUMBER.search(one.before), _FIRST_NUMBER.search(one.after)
    if one.whole == "changed" and old and new and old[0] != new[0]:
        text = N_("The dependency {name} goes from {old} to {new}: another first number may break things.")
        return Reason("dependency-major", "maybe", phrase(text, **facts), "dependencies", one.name)
    return None


# -- values and their schema


def values_removed(sides: Sides) -> Iterator[Reason]:
    """``server.configEnabled`` is gone and no template reads it any more: who sets it sets nothing."""
    read = Reading(sides)
    for one in sides.found.values.of_kind("removed", "moved") if sides.found.values else ():
        yield _removed(one, read.of(one.before.path if one.before else one.path))


def _removed(one: ValueChange, severity: Severity) -> Reason:
    was = dotted(one.before.path if one.before else one.path)
    if one.kind == "moved":
        text = N_("{key} is gone; it seems to be {new} now.")
        return Reason("values-moved", severity, phrase(text, key=was, new=dotted(one.path)), "values", was)
    text = {
        "breaking": N_("{key} is gone, and no template reads it any more: setting it has no effect."),
        "maybe": N_("{key} is gone; whether something still reads it cannot be told."),
        "information": N_("{key} has no default any more, but templates still read it."),
    }[severity]
    return Reason("values-removed", severity, phrase(text, key=was), "values", was)


class Reading:
    """How sure it is that a value that is gone has no effect any more."""

    def __init__(self, sides: Sides) -> None:
        old, new = sides.both or (None, None)
        self._known = sides.both is not None
        self._old = _beginnings(references(old.templates)) if old else frozenset()
        self._whole = references(new.templates) if new else frozenset()
        self._new = _beginnings(self._whole)
        self._subcharts = {one.alias or one.name for one in (*sides.old.dependencies, *sides.new.dependencies)}

    def of(self, path: Path) -> Severity:
        """``breaking``: it was read by its name and nothing reads it, or what it is a part of, now."""
        if not self._known or path[0] in self._subcharts:
            return "maybe"
        if path in self._new:
            return "information"
        if any(path[:length] in self._whole for length in range(len(path))):
            return "maybe"
        return "breaking" if path in self._old else "maybe"


def _beginnings(paths: Iterable[Path]) -> frozenset[Path]:
    """Each path, and all that lead to it."""
    return frozenset(path[:length] for path in paths for length in range(1, len(path) + 1))


def value_types(sides: Sides) -> Iterator[Reason]:
    """``extraArgs: {}`` → ``extraArgs: []``: what was set before does not fit any more."""
    scalars = {"text", "number", "boolean"}
    for one in sides.found.values.of_kind("type") if sides.found.values else ():
        old, new = (one.before, one.after) if one.before and one.after else (None, None)
        if old and new:
            gentle = {old.kind, new.kind} <= scalars
            text = N_("{key} is {new} now, it was {old}.")
            facts = {"old": phrase(KINDS[old.kind]), "new": phrase(KINDS[new.kind])}
            severity: Severity = "maybe" if gentle else "breaking"
            yield Reason(
                "values-type", severity, phrase(text, key=dotted(one.path), **facts), "values", dotted(one.path)
            )


KINDS = {
    "mapping": N_("a mapping"),
    "list": N_("a list"),
    "text": N_("text"),
    "number": N_("a number"),
    "boolean": N_("true or false"),
    "null": N_("empty"),
}


def values_schema(sides: Sides) -> Iterator[Reason]:
    """``required: [host]``, or a type or enum that allows less: values that were valid are refused."""
    schema = sides.found.schema
    if schema is None:
        return
    if schema.whole == "added":
        text = N_("Values are checked against a schema now; what it does not know may be refused.")
        yield Reason("schema-added", "maybe", phrase(text), "schema", "values.schema.json")
    for one in schema.changes:
        if one.narrows:
            severity: Severity = "maybe" if one.kind == "property-removed" else "breaking"
            yield Reason(f"schema-{one.kind}", severity, _narrowed(one), "schema", one.path)


def _narrowed(one: SchemaChange) -> Phrase:
    text = {
        "property-removed": N_("The schema does not know {path} any more."),
        "required-added": N_("The schema requires {path} now."),
        "type": N_("The schema allows for {path} only {new} now, it was {old}."),
        "enum": N_("The schema allows for {path} only these values now: {new}."),
        "closed": N_("The schema allows in {path} only what it names."),
    }[one.kind]
    return phrase(text, path=shown(one.path, 200) or "/", old=shown(one.before), new=shown(one.after, 200))


# -- what is made in the cluster


def objects(sides: Sides) -> Iterator[Reason]:
    """What Kubernetes does not let change in place, and objects with data that are gone."""
    if sides.both is None:
        return
    old, new = (manifests(one.templates) for one in sides.both)
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


# -- shared


def _fact(sides: Sides, name: FactName) -> FactChange | None:
    return next((one for one in sides.found.facts if one.name == name), None)


def _minors(text: str) -> frozenset[int] | None:
    """Kubernetes 1.x that a range admits; None where it cannot be read."""
    try:
        wanted = VersionRange.parse(text or "*")
    except ValueError:
        return None
    return frozenset(one for one in _MINORS if f"1.{one}.0" in wanted or f"1.{one}.99" in wanted)


RULES: tuple[Rule, ...] = (
    version_number,
    publisher,
    kubernetes,
    chart_type,
    values_removed,
    value_types,
    values_schema,
    objects,
    definitions,
    dependencies,
    images,
    app_version,
)
"""In the order in which a person wants to read them."""
