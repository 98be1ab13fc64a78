"""captain's ChartRepo and its Secret: what a source means there, what is seen there, and what has to be mended. Pure.

What captain makes of each field was observed with captain 1.5.0. It reads `<url>/index.yaml` with the user name and
password of the Secret, if there is one, and never verifies TLS.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from catalog_web.install.cluster import LAST_SYNC, Object
from catalog_web.install.helmrequest import GROUP, LABEL_SOURCE, MANAGED_BY, label_value
from catalog_web.install.refusal import clean

KIND = "ChartRepo"
LAG_SECONDS = 130
"""captain looks at each ChartRepo every 128 seconds or so."""
_MANAGER = "chartroom"
_SECRET_PREFIX = "chartroom-"  # noqa: S105 -- of a name
_INDEX = "/index.yaml"
_REPOSITORY = "Chart"
"""The type of a ChartRepo that is a Helm repository; v1alpha1 knows no type."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What captain is to know of a source."""

    source: str
    repo: str
    """Name of the ChartRepo."""
    url: str
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def secret(self) -> str:
        """Name of the Secret with user name and password; empty where there are none."""
        return secret_name(self.repo) if self.username else ""


@dataclass(frozen=True, slots=True)
class SeenRepo:
    """A ChartRepo as a cluster has it; what is not of the right type counts as absent."""

    name: str
    namespace: str
    uid: str
    url: str = field(repr=False)
    """May hold a user name and password."""
    type: str
    secret: str
    secret_namespace: str
    phase: str
    """Empty until captain has seen it, then ``Synced`` or ``Failed``."""
    reason: str
    last_sync: datetime | None
    ours: bool
    """It carries Chartroom's label; only such are ever changed."""
    source: str
    """Value of the label that names the source."""


def secret_name(repo: str) -> str:
    """The name of Chartroom's Secret for a ChartRepo."""
    return _SECRET_PREFIX + repo


def direct_url(url: str) -> str:
    """The address of a repository as captain takes it: without ``/index.yaml``, which it appends by itself."""
    return url.rstrip("/").removesuffix(_INDEX)


# -- to captain


def chart_repo(wanted: Wanted, namespace: str, version: str) -> Object:
    """The ChartRepo in that version of ``app.alauda.io``."""
    spec: Object = {"url": wanted.url}
    if version != "v1alpha1":
        spec["type"] = _REPOSITORY
    if wanted.secret:
        spec["secret"] = {"name": wanted.secret, "namespace": namespace}
    meta = {"name": wanted.repo, "namespace": namespace, "labels": _labels(wanted)}
    return {"apiVersion": f"{GROUP}/{version}", "kind": KIND, "metadata": meta, "spec": spec}


def secret(wanted: Wanted, namespace: str) -> Object:
    """The Secret with the two keys that captain reads."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {"name": wanted.secret, "namespace": namespace, "labels": _labels(wanted)},
        "data": {"username": _encoded(wanted.username), "password": _encoded(wanted.password)},
    }


def repo_patch(present: Object, wanted: Wanted, namespace: str, *, sync: bool) -> Object | None:
    """The merge patch that makes ``present`` what is wanted; None where nothing is to be done. ``sync``: captain is
    to read it at once, as it is after every change of ours."""
    version = str(present.get("apiVersion", "")).rpartition("/")[2]
    made = chart_repo(wanted, namespace, version)
    spec = _difference(_mapping(present, "spec"), {"secret": None, **made["spec"]})
    labels = _difference(_labels_of(present), made["metadata"]["labels"])
    if not (spec or labels or sync):
        return None
    meta: Object = {"uid": seen(present).uid, "annotations": {LAST_SYNC: None}}
    if labels:
        meta["labels"] = labels
    return {"metadata": meta, **({"spec": spec} if spec else {})}


def secret_patch(present: Object, wanted: Wanted, namespace: str) -> Object | None:
    """The merge patch that makes the Secret ``present`` what is wanted; None where nothing is to be done."""
    made = secret(wanted, namespace)
    held = _mapping(present, "data")
    data = _difference(held, {**dict.fromkeys(held), **made["data"]})
    labels = _difference(_labels_of(present), made["metadata"]["labels"])
    if not (data or labels):
        return None
    meta = {"uid": _mapping(present, "metadata").get("uid"), **({"labels": labels} if labels else {})}
    return {"metadata": meta, **({"data": data} if data else {})}


def _labels(wanted: Wanted) -> dict[str, str]:
    return {MANAGED_BY: _MANAGER, LABEL_SOURCE: label_value(wanted.source)}


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def _difference(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> Object:
    """What of ``wanted`` is not so; None stands for what must not be there."""
    return {key: value for key, value in wanted.items() if present.get(key) != value}


# -- from captain


def seen(thing: Object) -> SeenRepo:
    """What a ChartRepo says."""
    meta, spec, status = (_mapping(thing, part) for part in ("metadata", "spec", "status"))
    reference = _mapping(spec, "secret")
    namespace = _text(meta, "namespace")
    return SeenRepo(
        name=_text(meta, "name"),
        namespace=namespace,
        uid=_text(meta, "uid"),
        url=_text(spec, "url"),
        type=_text(spec, "type") or _REPOSITORY,
        secret=_text(reference, "name"),
        secret_namespace=_text(reference, "namespace") or namespace,
        phase=_text(status, "phase"),
        reason=clean(status.get("reason")),
        last_sync=_moment(_text(_mapping(meta, "annotations"), LAST_SYNC)),
        ours=is_ours(thing),
        source=_text(_labels_of(thing), LABEL_SOURCE),
    )


def is_ours(thing: Object) -> bool:
    """Whether a ChartRepo or Secret carries Chartroom's label."""
    return _labels_of(thing).get(MANAGED_BY) == _MANAGER


def belongs(thing: Object, source: str) -> bool:
    """Whether a ChartRepo or Secret was made for that source."""
    return is_ours(thing) and _labels_of(thing).get(LABEL_SOURCE) == label_value(source)


def texts_of(secret_object: Object) -> dict[str, str]:
    """The values of a Secret that are text, by key."""
    found: dict[str, str] = {}
    for key, value in _mapping(secret_object, "data").items():
        try:
            found[str(key)] = b64decode(value, validate=True).decode()
        except (ValueError, TypeError):
            continue
    return found


def _labels_of(thing: Object) -> Mapping[str, Any]:
    return _mapping(_mapping(thing, "metadata"), "labels")


def _mapping(thing: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = thing.get(key)
    return part if isinstance(part, dict) else {}


def _text(thing: Mapping[str, Any], key: str) -> str:
    value = thing.get(key)
    return value if isinstance(value, str) else ""


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
