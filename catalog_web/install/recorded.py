"""What is kept of a HelmRequest as a revision, and what tells one state of it from another. Pure."""

import hashlib
from collections.abc import Mapping
from typing import Any

from catalog_web.install.cluster import Object
from catalog_web.install.status import Seen, seen

KEEP_RESOURCES = "captain-keep-resources"
NO_SYNC = "captain-no-sync"
FORCE_ADOPT = "captain-force-adopt-resources"
RESYNC = "kubectl-captain.resync"
CAPTAIN_ANNOTATIONS = (KEEP_RESOURCES, NO_SYNC, FORCE_ADOPT, RESYNC)
"""Those that captain looks for, and the one that its own plug-in for kubectl writes to have it sync again."""

_LONGEST_MANAGER = 128
"""Characters, as Kubernetes itself allows."""


def captain_annotations(thing: Mapping[str, Any]) -> dict[str, str]:
    """captain's own annotations of a HelmRequest."""
    held = _mapping(_mapping(thing.get("metadata")).get("annotations"))
    return {key: held[key] for key in CAPTAIN_ANNOTATIONS if isinstance(held.get(key), str)}


def manifest_of(thing: Mapping[str, Any]) -> Object:
    """``thing`` without what only the cluster says of it: what could be sent to make it again."""
    meta, spec = _mapping(thing.get("metadata")), _mapping(thing.get("spec"))
    kept = {key: meta[key] for key in ("name", "namespace", "labels") if key in meta}
    annotations = captain_annotations(thing)
    return {
        "apiVersion": thing.get("apiVersion", ""),
        "kind": thing.get("kind", "HelmRequest"),
        "metadata": {**kept, **({"annotations": annotations} if annotations else {})},
        "spec": dict(spec),
    }


def with_values(manifest: Mapping[str, Any], values: Mapping[str, Any]) -> Object:
    """``manifest`` with other values in its spec; without any where there are none."""
    spec = {key: value for key, value in _mapping(manifest.get("spec")).items() if key != "values"}
    return {**manifest, "spec": {**spec, **({"values": dict(values)} if values else {})}}


def spec_of(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its spec, empty where it has none."""
    return _mapping(manifest.get("spec"))


def values_of(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its inline values."""
    return _mapping(spec_of(manifest).get("values"))


def last_writer(managed_fields: object) -> str:
    """The program that last wrote the spec of an object or its captain annotations, by its ``metadata.managedFields``;
    empty where they do not tell. captain itself only writes finalizers and the status."""
    told = [
        (_text(one.get("time")), _text(one.get("manager")))
        for one in (managed_fields if isinstance(managed_fields, list) else ())
        if isinstance(one, dict) and not one.get("subresource") and _writes(_mapping(one.get("fieldsV1")))
    ]
    return max(told, default=("", ""))[1][:_LONGEST_MANAGER]


def _writes(fields: Mapping[str, Any]) -> bool:
    annotations = _mapping(_mapping(fields.get("f:metadata")).get("f:annotations"))
    return "f:spec" in fields or any(f"f:{one}" in annotations for one in CAPTAIN_ANNOTATIONS)


def _text(value: object) -> str:
    return "".join(filter(str.isprintable, value)) if isinstance(value, str) else ""


# -- telling states apart


def token(thing: Mapping[str, Any]) -> str:
    """Names the state that a person looked at: the resourceVersion, and what stays when captain only writes a status.

    A cluster raises the generation with the spec alone, while captain writes the status several times a sync.
    """
    one = seen(thing)
    return f"{one.resource_version}.{one.generation}.{_short(one.uid)}"


def is_still(looked_at: str, thing: Mapping[str, Any]) -> bool:
    """Whether ``thing`` has the spec that a person looked at. A bare resourceVersion counts for itself alone."""
    one = seen(thing)
    version, _, rest = looked_at.partition(".")
    return version == one.resource_version or (bool(rest) and rest == f"{one.generation}.{_short(one.uid)}")


def generation_of(looked_at: str) -> int:
    """The generation in a token; 0 where it has none."""
    _, _, rest = looked_at.partition(".")
    number = rest.partition(".")[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0  # noqa: PLR2004 -- 64 bit


def _short(uid: str) -> str:
    return hashlib.sha256(uid.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def seen_id(one: Seen, annotations: Mapping[str, str], *, gone: bool = False) -> str:
    """The request id of a change by others: the same for whoever notices it, so that it is kept once."""
    told = f"{one.uid}/{one.generation}/{sorted(annotations.items())}/{gone}"
    return f"seen-{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
