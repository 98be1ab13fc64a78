"""What is installed over all clusters, under the same filters as the page of apps."""

from typing import Annotated

from pydantic import Field

from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Page, operation
from catalog_web.inventory import AppFilter, address
from catalog_web.inventory.filters import FACETS, FLAGS, SORTS

Name = Annotated[str, Field(max_length=address.LONGEST)]
Names = Annotated[tuple[Name, ...], Field(max_length=address.MOST_CHOSEN)]
_PATIENCE = 5.0
"""Seconds that a program waits for all clusters together."""


class InstallsQuery(Page):
    """Which HelmRequests. Several values of one filter are alternatives; different filters must all hold."""

    q: Name = ""
    cluster: Names = ()
    namespace: Names = ()
    state: Names = ()
    source: Names = ()
    chart: Names = ()
    owner: Names = ()
    upgradeable: bool | None = None
    drift: bool | None = None
    deprecated: bool | None = None
    repushed: bool | None = None
    behind: int = Field(0, ge=0, le=1_000_000)
    """At least so many releases."""
    version: Name = ""
    """A range of installed versions, such as ``<1.2``."""
    image: Name = ""
    """A part of the name of an image that the chart pulls, with a tag or without."""
    sort: Annotated[str, Field(pattern=f"^-?({'|'.join(SORTS)})$")] = "place"
    """A minus before it turns the order round."""


@operation(
    "GET",
    "/api/v1/installs",
    action="app.read",
    summary="HelmRequests, whoever made them",
    query=InstallsQuery,
    answer=shapes.InstallsPage,
    errors=(404,),
)
def listed(caller: Caller, *, query: InstallsQuery) -> shapes.InstallsPage:
    """HelmRequests of all clusters. Raises ClusterNotFound, BadQuery; a cluster that fails is told."""
    for name in query.cluster:
        caller.cluster(name)
    found = caller.services.inventory.look(_filter(query), _PATIENCE, caller.sight)
    return shapes.installs_page(found, query.offset, query.limit)


def _filter(query: InstallsQuery) -> AppFilter:
    flags = {name: word for name in FLAGS if (word := getattr(query, name)) is not None}
    return AppFilter(
        text=query.q,
        chosen={name: values for name in FACETS if (values := getattr(query, name))},
        flags=flags,
        behind=query.behind,
        versions=query.version,
        image=query.image,
        sort=query.sort.removeprefix("-"),
        reverse=query.sort.startswith("-"),
    )
