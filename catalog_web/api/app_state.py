"""What an app is made of, and why it is stuck: asked of its cluster now."""

from dataclasses import replace
from typing import Literal

from typing_extensions import TypedDict

from catalog_web.api.check_shapes import DoorShape, door
from catalog_web.api.operations import Caller, operation
from catalog_web.api.shapes import ErrorShape, error_shape, moment
from catalog_web.install.doors import Door
from catalog_web.install.links import Link, LinkKind
from catalog_web.install.pod_health import Health, HealthState
from catalog_web.install.release_record import ReleaseRecord
from catalog_web.install.resources import Resource, Resources
from catalog_web.install.status import App
from catalog_web.install.stuck import Clue, ClueState, Stuck
from catalog_web.release_rights import demand_release, seen_resources
from indexer.errors import Phrase, fill

_OF_A_SOURCE = ("publish", "source")
_CLUSTER_ERRORS = (404, 502, 503, 504)


class ResourceShape(TypedDict):
    """One object of a release. ``namespace``: empty where its kind has none."""

    api_version: str
    kind: str
    namespace: str
    name: str
    state: HealthState
    cause: str
    remedy: str


class LinkShape(TypedDict):
    """A way to an app: an address to open (``web``) or to use (``address``), or a command that makes one (``forward``).
    ``of``: the object that it comes from."""

    kind: LinkKind
    text: str
    of: str
    detail: str


class ReleaseShape(TypedDict):
    """What captain recorded of the release that runs. ``status`` and ``description`` are Helm's own words."""

    version: int
    status: str
    description: str
    chart: str
    chart_version: str
    app_version: str
    last_deployed: str | None


class ResourcesShape(TypedDict):
    """The objects of an app, what is in trouble first. ``release``: null where captain's records may not be read or
    there is none. ``notes``: what is left out; ``missing``: what Chartroom may not look at."""

    items: list[ResourceShape]
    links: list[LinkShape]
    release: ReleaseShape | None
    notes: list[str]
    missing: list[str]
    errors: list[ErrorShape]


class RefusedValue(TypedDict):
    """A value that is not taken."""

    path: str
    message: str


class ClueShape(TypedDict):
    """One thing that may be why, with what to try. ``info``: worth knowing, not the cause."""

    id: str
    state: ClueState
    cause: str
    remedy: str
    values: list[RefusedValue]
    doors: list[DoorShape]


class WhyShape(TypedDict):
    """Why an app is stuck or failed, the likeliest first; empty where all is well as far as can be seen. ``next_try``:
    about when captain tries again by itself; null where that cannot be told."""

    state: Literal["ok", "stuck"]
    clues: list[ClueShape]
    next_try: str | None


@operation(
    "GET",
    "/api/v1/installs/{cluster}/{namespace}/{name}/resources",
    action="app.read",
    target="app/{cluster}/{namespace}/{name}",
    summary="The objects of an app, each with its health, and where the app can be reached",
    answer=ResourcesShape,
    errors=_CLUSTER_ERRORS,
)
def resources(caller: Caller, cluster: str, namespace: str, name: str) -> ResourcesShape:
    """What it is made of. Raises InstallNotFound, ClusterNotFound, ClusterError, and Forbidden where its release is in
    a namespace whose apps the caller may not see."""
    installs = caller.services.installs
    detail = installs.status(cluster, namespace, name)
    demand_release(caller.services, caller.who, detail.app)
    return _resources(installs.resources(detail))


@operation(
    "GET",
    "/api/v1/installs/{cluster}/{namespace}/{name}/why",
    action="app.read",
    target="app/{cluster}/{namespace}/{name}",
    summary="Why an app is stuck or failed, and what to try",
    answer=WhyShape,
    errors=_CLUSTER_ERRORS,
)
def why(caller: Caller, cluster: str, namespace: str, name: str) -> WhyShape:
    """Why it is as it is. Raises InstallNotFound, ClusterNotFound, ClusterError."""
    installs = caller.services.installs
    detail = installs.status(cluster, namespace, name)
    return _why(installs.explain(detail, seen_resources(caller.services, caller.who, detail)), detail.app)


def _resources(found: Resources) -> ResourcesShape:
    return {
        "items": [_resource(one) for one in found.items],
        "links": [_link(one) for one in found.links],
        "release": _release(found.record) if found.record else None,
        "notes": [_words(one) for one in found.notes],
        "missing": [_words(one) for one in found.missing],
        "errors": [error_shape(one) for one in found.errors],
    }


def _resource(one: Resource) -> ResourceShape:
    return {
        "api_version": one.api_version,
        "kind": one.kind,
        "namespace": one.namespace,
        "name": one.name,
        "state": one.health.state,
        "cause": _words(one.health.cause),
        "remedy": _remedy(one.health),
    }


def _remedy(health: Health) -> str:
    return _words(health.remedy) if health.remedy else ""


def _link(one: Link) -> LinkShape:
    return {"kind": one.kind, "text": one.text, "of": one.of, "detail": one.detail}


def _release(one: ReleaseRecord) -> ReleaseShape:
    return {
        "version": one.version,
        "status": one.status,
        "description": one.description,
        "chart": one.chart,
        "chart_version": one.chart_version,
        "app_version": one.app_version,
        "last_deployed": moment(one.last_deployed),
    }


def _why(found: Stuck, app: App) -> WhyShape:
    return {
        "state": "stuck" if found.is_serious else "ok",
        "clues": [_clue(one, app) for one in found.clues],
        "next_try": moment(found.next_try),
    }


def _clue(one: Clue, app: App) -> ClueShape:
    return {
        "id": one.id,
        "state": one.state,
        "cause": _words(one.cause),
        "remedy": _words(one.remedy) if one.remedy else "",
        "values": [{"path": path, "message": message} for path, message in one.values],
        "doors": [door(_known(each, app)) for each in one.doors if app.source or each.id not in _OF_A_SOURCE],
    }


def _known(one: Door, app: App) -> Door:
    """``one`` with what addresses name besides."""
    return replace(one, params={"cluster": app.cluster, "source": app.source, **one.params})


def _words(one: Phrase) -> str:
    return fill(one["text"], one["params"])
