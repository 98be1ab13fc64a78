"""What an uninstall takes away and what it leaves behind, as captain's record of the release tells. Pure.

Helm removes the objects of the release but for those that say ``helm.sh/resource-policy: keep``; it never removes hooks
without a delete policy, and the volumes that a StatefulSet claimed belong to nobody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalog_web.install.manifests import ManifestObject, read_manifests
from catalog_web.install.reading import mapping, mappings, meta, text
from catalog_web.install.release_record import ReleaseRecord
from indexer.errors import EntryError
from indexer.parse import load_values

_KEEP = re.compile(r"helm\.sh/resource-policy[\"']?:\s*[\"']?keep\b")


@dataclass(frozen=True, slots=True)
class Thing:
    """An object by its kind, namespace and name."""

    kind: str
    namespace: str
    """Empty for what is in none."""
    name: str


@dataclass(frozen=True, slots=True)
class RemovalPlan:
    """What goes and what stays."""

    goes: tuple[Thing, ...]
    kept: tuple[Thing, ...]
    """Those that the chart wants to be kept."""
    definitions: tuple[Thing, ...]
    """Custom resource definitions that go, and with each of them every object of its kind in the whole cluster."""
    hooks: tuple[Thing, ...]
    """What hooks made and nobody removes."""
    claims: tuple[str, ...]
    """Volumes that StatefulSets claimed, each by the beginning of its name; they stay with their data."""


def removal_plan(record: ReleaseRecord, namespace: str) -> RemovalPlan:
    """What goes with the release of ``record``; what names no namespace is in ``namespace``."""
    objects = [one for one in read_manifests(record.manifest, namespace) if one.kind]
    kept = [one for one in objects if _KEEP.search(one.text)]
    gone = [one for one in objects if one not in kept]
    return RemovalPlan(
        goes=tuple(_thing(one) for one in gone if not one.is_crd),
        kept=tuple(map(_thing, kept)),
        definitions=tuple(_thing(one) for one in gone if one.is_crd),
        hooks=tuple(Thing(one.kind, namespace, one.name) for one in record.hooks if not one.deleted_on),
        claims=tuple(name for one in objects if one.kind == "StatefulSet" for name in _claims(one)),
    )


def _thing(one: ManifestObject) -> Thing:
    return Thing(one.kind, one.namespace, one.name)


def _claims(one: ManifestObject) -> Iterator[str]:
    """Kubernetes names a claim after its template, the set and the number of the pod."""
    try:
        spec = mapping(load_values(one.text).get("spec"))
    except EntryError:
        return
    for template in mappings(spec.get("volumeClaimTemplates")):
        name = text(meta(template).get("name"))
        if name:
            yield f"{name}-{one.name}-"
