"""What a HelmRequest asks for, read for those who write it in another way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ValuesRef:
    """Values that lie in a Secret or a ConfigMap beside the HelmRequest."""

    kind: str
    """``Secret`` or ``ConfigMap``."""
    name: str
    key: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """One install. ``values`` win over what ``values_from`` names, of which later ones win."""

    name: str
    namespace: str
    """Of the HelmRequest, and of what it refers to."""
    release: str
    release_namespace: str
    version: str
    values: Mapping[str, Any]
    values_from: tuple[ValuesRef, ...] = ()

    @property
    def secrets(self) -> tuple[ValuesRef, ...]:
        """Those of ``values_from`` that are Secrets."""
        return tuple(one for one in self.values_from if one.kind == "Secret")


def wanted_of(helmrequest: Mapping[str, Any]) -> Wanted:
    """What ``helmrequest``, as Chartroom writes it, asks for."""
    meta, spec = helmrequest["metadata"], helmrequest.get("spec") or {}
    return Wanted(
        name=meta["name"],
        namespace=meta["namespace"],
        release=spec.get("releaseName") or meta["name"],
        release_namespace=spec.get("namespace") or meta["namespace"],
        version=spec.get("version") or "",
        values=spec.get("values") or {},
        values_from=tuple(_ref(one) for one in spec.get("valuesFrom") or ()),
    )


def _ref(entry: Mapping[str, Any]) -> ValuesRef:
    kind, told = (
        ("Secret", entry["secretKeyRef"]) if "secretKeyRef" in entry else ("ConfigMap", entry["configMapKeyRef"])
    )
    return ValuesRef(kind, told["name"], told["key"], bool(told.get("optional")))
