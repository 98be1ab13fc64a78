"""Custom resources: what is not served any more, and what their schemas refuse."""

from collections.abc import Iterator, Sequence

from indexer.compare.result import CrdChange, Reason, Severity
from indexer.compare.rules.sides import Sides
from indexer.errors import N_, phrase
from indexer.parse.text import shown

_NAMED = 5
"""Fields that one sentence names."""


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
