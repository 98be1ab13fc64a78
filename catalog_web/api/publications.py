"""captain's ChartRepos: sources published there, and ChartRepos of others taken over as sources."""

from typing import Annotated, Literal

from pydantic import Field

from catalog_web import publishing
from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Question, operation
from catalog_web.publishing_rights import reached
from indexer.options import NAME

Cluster = Annotated[str, Field(max_length=253)]
_CLUSTER_ERRORS = (404, 409, 422, 502, 503, 504)


class NewPublication(Question):
    """Which captain is to know a source. ``cluster`` empty: of the first one. ``mode`` absent: ``direct`` where captain
    can follow, else ``helm``, where it reads the source from Chartroom."""

    cluster: Cluster = ""
    mode: Literal["direct", "helm"] | None = None


class ToRegister(Question):
    """The name of the new source; empty: the one that is offered."""

    name: str = Field("", pattern=f"^({NAME})?$")


@operation(
    "GET",
    "/api/v1/sources/{name}/publications",
    action="source.read",
    target="source/{name}",
    summary="Where a source is published to captain, with captain's own phase and reason",
    answer=shapes.PublicationsList,
    errors=(404,),
)
def listed(caller: Caller, name: str) -> shapes.PublicationsList:
    """The publications of a source, each looked at now. Raises SourceNotFound."""
    mode, reasons = publishing.choice(caller.services, name)
    found = publishing.publications(caller.services, name)
    seen = tuple(one for one in found if caller.sight.sees_cluster(one.cluster))
    return shapes.publications(seen, mode, reasons)


@operation(
    "POST",
    "/api/v1/sources/{name}/publications",
    action="source.write",
    target="source/{name}",
    summary="Let captain of a cluster know a source; again: give it everything once more, and let it read at once",
    body=NewPublication,
    answer=shapes.PublicationShape,
    status=201,
    errors=_CLUSTER_ERRORS,
)
def publish(caller: Caller, name: str, *, body: NewPublication) -> shapes.PublicationShape:
    """Publish a source. Raises Forbidden, and as `publishing.publish` does."""
    cluster = reached(caller.services, caller.who, body.cluster)
    return shapes.publication(publishing.publish(caller.services, name, cluster, body.mode))


@operation(
    "DELETE",
    "/api/v1/sources/{name}/publications/{cluster}",
    action="source.write",
    target="source/{name}",
    summary="Let captain of a cluster forget a source; it then deletes its Charts of it",
    answer=None,
    status=204,
    errors=_CLUSTER_ERRORS,
)
def unpublish(caller: Caller, name: str, cluster: str) -> None:
    """Take a publication back. Raises Forbidden, and as `publishing.unpublish` does."""
    publishing.unpublish(caller.services, name, reached(caller.services, caller.who, cluster))


@operation(
    "GET",
    "/api/v1/clusters/{cluster}/chartrepos",
    action="source.write",
    target="source",
    summary="ChartRepos of a cluster that Chartroom did not make, and what they would be as sources",
    answer=shapes.OffersList,
    errors=_CLUSTER_ERRORS,
)
def discovered(caller: Caller, cluster: str) -> shapes.OffersList:
    """What a cluster's ChartRepos offer. Raises Forbidden, and as `publishing.discovered` does."""
    return shapes.offers(publishing.discovered(caller.services, reached(caller.services, caller.who, cluster)))


@operation(
    "POST",
    "/api/v1/clusters/{cluster}/chartrepos/{repo}/register",
    action="source.write",
    target="source",
    summary="Register a ChartRepo as a source, with the credentials that captain reads it with",
    body=ToRegister,
    answer=shapes.SourceShape,
    status=201,
    errors=_CLUSTER_ERRORS,
)
def register(caller: Caller, cluster: str, repo: str, *, body: ToRegister) -> shapes.SourceShape:
    """Take a ChartRepo over. Raises Forbidden, and as `publishing.register` does."""
    asked = reached(caller.services, caller.who, cluster)
    return shapes.source(publishing.register(caller.services, asked, repo, body.name, operator=caller.operator))
