"""What in the catalog should worry an administrator."""

from typing_extensions import TypedDict

from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Page, operation
from catalog_web.worries import KINDS, AllWorries, Worry, WorryKind


class WorriesQuery(Page):
    """Of one kind, or of all, one kind after the other."""

    kind: WorryKind | None = None


class WorryApp(TypedDict):
    """An app that runs what is told of."""

    cluster: str
    namespace: str
    name: str
    version: str


class WorryShape(TypedDict):
    """A chart version that needs a look. ``at``: when it was last pushed again; ``images``: those without a fixed
    version; ``error``: why its archive cannot be had."""

    kind: WorryKind
    source: str
    name: str
    version: str
    apps: list[WorryApp]
    at: str | None
    images: list[str]
    error: shapes.ErrorShape | None
    next_try: str | None


class WorryCounts(TypedDict):
    """How many there are of each kind."""

    deprecated: int
    repushed: int
    archives: int
    images: int


class WorriesPage(TypedDict):
    """A part of the worries."""

    total: int
    counts: WorryCounts
    items: list[WorryShape]


@operation(
    "GET",
    "/api/v1/worries",
    action="admin.read",
    target="catalog",
    summary="Deprecated charts in use, versions pushed again, archives that cannot be had, images without a version",
    query=WorriesQuery,
    answer=WorriesPage,
)
def all_worries(caller: Caller, *, query: WorriesQuery) -> WorriesPage:
    """A part of them."""
    found, kinds = AllWorries(caller.services), (query.kind,) if query.kind else KINDS
    counts = found.counts
    return {
        "total": sum(counts[kind] for kind in kinds),
        "counts": {
            "deprecated": counts["deprecated"],
            "repushed": counts["repushed"],
            "archives": counts["archives"],
            "images": counts["images"],
        },
        "items": [_shape(one) for one in found.of(kinds, query.limit, query.offset)],
    }


def _shape(one: Worry) -> WorryShape:
    return {
        "kind": one.kind,
        "source": one.source,
        "name": one.chart,
        "version": one.version,
        "apps": [
            {"cluster": app.cluster, "namespace": app.namespace, "name": app.name, "version": app.version}
            for app in one.apps
        ],
        "at": shapes.moment(one.at),
        "images": list(one.images),
        "error": shapes.error_shape(one.error) if one.error else None,
        "next_try": shapes.moment(one.next_try),
    }
