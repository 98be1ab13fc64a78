"""Values that nobody is to see: they go to a Secret beside the HelmRequest, which names it in ``valuesFrom``.

captain merges what the HelmRequest says itself over what the Secret holds, so each value stands in one of the two. A
Secret belongs to one request, is never changed, and is made before the HelmRequest, for captain looks once and then
ever more rarely. Each revision keeps its Secret for a roll back. The values are in no text and no ``repr`` here.
"""

import hashlib
import logging
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.helmrequest import LABEL_REQUEST, MANAGED_BY, label_value, manifest_yaml
from catalog_web.install.refusal import clean
from catalog_web.values.reading import merge, parse_values
from catalog_web.values.secrets import split
from indexer.errors import (
    ClusterError,
    ClusterTimedOut,
    ClusterUnreachable,
    Conflict,
    ObjectConflict,
    ObjectNotFound,
    SecretValuesGone,
    UsageError,
)

log = logging.getLogger(__name__)

KEY = "values.yaml"
LABEL_APP = "chartroom.dev/app"
_MANAGER = "chartroom"


@dataclass(frozen=True, slots=True)
class SecretValues:
    """The Secret of one request."""

    namespace: str
    name: str
    app: str
    """Name of the HelmRequest."""
    request: str
    """The request's id, as its label carries it."""
    values: Mapping[str, Any] = field(repr=False)
    """Nested as in the values of the chart."""

    @property
    def reference(self) -> Object:
        """The entry of ``spec.valuesFrom``."""
        return reference(self.name)

    @property
    def manifest(self) -> Object:
        """What is created."""
        labels = {MANAGED_BY: _MANAGER, LABEL_APP: label_value(self.app), LABEL_REQUEST: self.request}
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "Opaque",
            "immutable": True,
            "metadata": {"name": self.name, "namespace": self.namespace, "labels": labels},
            "data": {KEY: b64encode(manifest_yaml(self.values).encode()).decode()},
        }


def secret_name(app: str, request_id: str) -> str:
    """The same for the same request, so that a second try finds the first one's."""
    return f"{app}-values-{hashlib.sha256(label_value(request_id).encode()).hexdigest()[:8]}"


def reference(name: str) -> Object:
    """The entry of ``spec.valuesFrom`` that names the Secret ``name``."""
    return {"secretKeyRef": {"name": name, "key": KEY}}


def divide(
    values: Mapping[str, Any], paths: Sequence[str], namespace: str, app: str, request_id: str
) -> tuple[Mapping[str, Any], SecretValues | None]:
    """What of ``values`` may be shown, and the Secret for what stands at ``paths``; None where nothing does."""
    public, hidden = split(values, paths)
    if not hidden:
        return values, None
    name, request = secret_name(app, request_id), label_value(request_id)
    return public, SecretValues(namespace, name, app, request, hidden)


# -- in the cluster


def keep(cluster: Cluster, wanted: SecretValues) -> None:
    """Make the Secret; one that this very request made already is fine.

    Raises Conflict where that one holds other values, ObjectConflict where the name is somebody else's, ClusterError.
    """
    try:
        cluster.create_secret(wanted.manifest)
    except (ObjectConflict, ClusterTimedOut, ClusterUnreachable) as error:
        _expect_own(cluster, wanted, error)
    except ClusterError as error:
        raise _without(error, wanted) from None


def _expect_own(cluster: Cluster, wanted: SecretValues, error: ClusterError) -> None:
    """Go on where the Secret is there although the answer was ``error``; else raise that."""
    try:
        present = cluster.secret(wanted.namespace, wanted.name)
    except ClusterError:
        raise error from None
    if present is None or _labels(present).get(LABEL_REQUEST) != wanted.request:
        raise error
    if _content(present) != wanted.manifest["data"][KEY]:
        raise Conflict(
            what="This very request was already sent with other secret values.",
            hint="Open the page again and send it from there.",
        )


def drop(cluster: Cluster, namespace: str, name: str) -> None:
    """Remove a Secret that Chartroom made; what is not its own stays. What the cluster refuses is only logged: then a
    Secret is left over that nothing names."""
    try:
        present = cluster.secret(namespace, name)
        if present is not None and is_own(present):
            with suppress(ObjectNotFound):
                cluster.delete_secret(namespace, name, str(present["metadata"].get("uid", "")))
    except ClusterError as error:
        log.warning("the Secret %s in %s of %s is left over: %s", name, namespace, cluster.name, error.cause)


def is_own(secret: Object) -> bool:
    """Whether Chartroom made this Secret for values."""
    return _labels(secret).get(MANAGED_BY) == _MANAGER and LABEL_APP in _labels(secret)


def carried_over(cluster: Cluster, current: Object, paths: Sequence[str]) -> Mapping[str, Any]:
    """The values at ``paths`` out of the Secrets that the HelmRequest ``current`` names, so that nobody has to type
    them again. Later entries win, as with captain.

    Raises SecretValuesGone where one of them is not there any more, ClusterError.
    """
    if not paths:
        return {}
    found: dict[str, Any] = {}
    namespace = str(current["metadata"]["namespace"])
    for name in secrets_of(current):
        found = merge(found, values_in(cluster, namespace, name))
    _, hidden = split(found, paths)
    missing = [path for path in paths if not split(hidden, [path])[1]]
    if missing:
        raise SecretValuesGone(paths=", ".join(missing), namespace=namespace, cluster=cluster.name)
    return hidden


def values_in(cluster: Cluster, namespace: str, name: str) -> Mapping[str, Any]:
    """The values that the Secret ``name`` holds; none where it is gone, is not Chartroom's or holds no values."""
    present = cluster.secret(namespace, name)
    if present is None or not is_own(present):
        return {}
    try:
        return parse_values(b64decode(_content(present), validate=True).decode())
    except (ValueError, UsageError):
        return {}


def secrets_of(current: Object) -> Iterator[str]:
    """Names of the Secrets that a HelmRequest takes values from, in their order."""
    spec = current.get("spec")
    entries = spec.get("valuesFrom") if isinstance(spec, dict) else None
    for one in entries if isinstance(entries, list) else ():
        ref = one.get("secretKeyRef") if isinstance(one, dict) else None
        if isinstance(ref, dict) and ref.get("key") == KEY and isinstance(ref.get("name"), str):
            yield ref["name"]


def _labels(thing: Object) -> Mapping[str, Any]:
    meta = thing.get("metadata")
    labels = meta.get("labels") if isinstance(meta, dict) else None
    return labels if isinstance(labels, dict) else {}


def _content(secret: Object) -> str:
    data = secret.get("data")
    text = data.get(KEY) if isinstance(data, dict) else ""
    return text if isinstance(text, str) else ""


def _without(error: ClusterError, wanted: SecretValues) -> ClusterError:
    """``error`` with no value of the Secret in its text, which a webhook may quote."""
    texts = (wanted.manifest["data"][KEY], *sorted(texts_of(wanted.values), key=len, reverse=True))
    return type(error)(**{**error.params, "detail": clean(error.params.get("detail"), texts)})


def texts_of(value: object) -> Iterator[str]:
    """Every text or number in ``value``, as text. For looking for secrets: never show one."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from texts_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_of(one)
    elif value not in (None, "", True, False):
        yield str(value)
