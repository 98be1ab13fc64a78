"""What can be done at once about what a check found."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from catalog_web import doors
from catalog_web.api.operations import Caller, Question, operation

_CLUSTER_ERRORS = (404, 409, 422, 502, 503, 504)


class NewNamespace(Question):
    """The name of the namespace, a DNS label."""

    name: Annotated[str, Field(max_length=253)]


class NamespaceShape(TypedDict):
    """A namespace that was made."""

    cluster: str
    name: str


class SyncShape(TypedDict):
    """A ChartRepo that captain was asked to read now."""

    cluster: str
    repo: str


@operation(
    "POST",
    "/api/v1/clusters/{cluster}/namespaces",
    action="app.install",
    target="cluster/{cluster}",
    summary="Make a namespace to install into",
    body=NewNamespace,
    answer=NamespaceShape,
    status=201,
    errors=_CLUSTER_ERRORS,
)
def create_namespace(caller: Caller, cluster: str, *, body: NewNamespace) -> NamespaceShape:
    """Make a namespace that the caller may install into. Raises Forbidden, and as `doors.create_namespace` does."""
    caller.demand("app.install", f"app/{cluster}/{body.name}")
    made_in = doors.create_namespace(caller.services, cluster, body.name, caller.person)
    return {"cluster": made_in, "name": body.name}


@operation(
    "POST",
    "/api/v1/clusters/{cluster}/chartrepos/{repo}/sync",
    action="source.sync",
    target="cluster/{cluster}",
    summary="Let captain read a ChartRepo now instead of within two minutes",
    answer=SyncShape,
    status=202,
    errors=_CLUSTER_ERRORS,
)
def sync(caller: Caller, cluster: str, repo: str) -> SyncShape:
    """Let captain read it. Raises as `doors.sync_captain` does."""
    return {"cluster": doors.sync_captain(caller.services, cluster, repo), "repo": repo}
