"""Clusters, and what is installed there through captain."""

import uuid
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, model_validator

from catalog_web.api import approval_shapes, check_shapes, same_with, shapes
from catalog_web.api.operations import MIB, Caller, Question, Reply, operation
from catalog_web.auth import decides
from catalog_web.catalog import LOOK_PATIENCE, PAGE_PATIENCE
from catalog_web.checking import facts_of, secret_paths
from catalog_web.install.apps import Place
from catalog_web.install.checks import Check, Facts, draft
from catalog_web.install.exports import Export, ExportKind
from catalog_web.install.helmrequest import InstallForm, manifest_yaml
from catalog_web.install.service import NoCluster
from catalog_web.install.verbs.sending import as_error
from indexer.errors import ChartroomError

BODY_LIMIT = 5 * MIB
_CLUSTER_ERRORS = (404, 409, 422, 502, 503, 504)
Name = Annotated[str, Field(max_length=253)]


class DryRunQuery(Question):
    """Whether to look only, and what to tell then: the same for other tools, the HTTP request, what the chart makes."""

    dry_run: bool = False
    exports: bool = False
    http_request: bool = False
    rendered: bool = False


class RemovalQuery(Question):
    """What stays. ``keep_resources``: captain lets go of the release and leaves all of its objects; ``keep_secrets``:
    the Secrets with values that Chartroom made."""

    keep_resources: bool = False
    keep_secrets: bool = False
    why: str = Field("", max_length=2000)


class InstallBody(Question):
    """An install. ``version`` empty: the latest one. Values as an object or as YAML text, only what differs from the
    chart's own. Send ``request_id`` again with a repeated request, and nothing is installed twice. ``secret_paths``:
    dotted paths of values that go to a Secret instead of the HelmRequest; absent: those that look like secrets; empty:
    none. ``create_namespace``: make it where it is not there. ``why``: a note for the history."""

    source: Name
    chart: Name
    version: Name = ""
    cluster: Name = ""
    namespace: Name
    name: Name
    values: dict[str, Any] = Field(default_factory=dict)
    values_yaml: str = ""
    request_id: str = Field("", max_length=200)
    secret_paths: list[Annotated[str, Field(max_length=500)]] | None = Field(None, max_length=200)
    why: str = Field("", max_length=2000)
    create_namespace: bool = False

    @model_validator(mode="after")
    def _one_way_of_values(self) -> "InstallBody":
        if self.values and self.values_yaml:
            raise ValueError("give either values or values_yaml")
        return self


@operation(
    "GET",
    "/api/v1/clusters",
    action="cluster.read",
    summary="Clusters with their health and captain's; one is the default, to which an install goes that names none",
    answer=shapes.ClustersList,
)
def clusters(caller: Caller) -> shapes.ClustersList:
    """Every cluster as it was a few seconds ago at most; one that does not answer in time is told as that."""
    return shapes.clusters(caller.clusters, caller.services.installs.states(), caller.default_cluster)


@operation(
    "POST",
    "/api/v1/installs",
    action="app.install",
    summary="Create a HelmRequest, or ask for the approval that its source demands (202); with ``dry_run`` say what it "
    "would be and what speaks against it (200)",
    notes_itself=True,
    query=DryRunQuery,
    body=InstallBody,
    body_limit=BODY_LIMIT,
    answer=shapes.InstallShape,
    status=201,
    other={200: same_with.WholePreviewShape, 202: approval_shapes.ApprovalShape},
    errors=_CLUSTER_ERRORS,
)
def create(caller: Caller, *, query: DryRunQuery, body: InstallBody) -> shapes.InstallShape | Reply:
    """Install, or look only. Raises NotFound, UsageError, Conflict, ClusterError."""
    if query.dry_run:
        return Reply(_look_closely(caller, query, body), 200)
    return approval_shapes.or_asked(caller, lambda: install(caller, body))


def _look_closely(caller: Caller, query: DryRunQuery, body: InstallBody) -> same_with.WholePreviewShape:
    """What would be sent, and what ``query`` asks for beside it."""
    looked = look(caller, body)
    found: same_with.WholePreviewShape = {"helmrequest": looked["helmrequest"], "checks": looked["checks"]}
    helmrequest = found["helmrequest"]
    if helmrequest is None or not (query.exports or query.http_request or query.rendered):
        return found
    form, _ = _asked(caller, body, PAGE_PATIENCE)
    if query.exports:
        found["exports"] = same_with.exports(caller, form, helmrequest)
    if query.http_request:
        found["http_request"] = same_with.http_request(caller, form, helmrequest)
    if query.rendered:
        found["rendered"] = same_with.rendered(caller, form)
    return found


def export(caller: Caller, body: InstallBody, kind: ExportKind) -> Export:
    """The install of ``body`` for one tool; no cluster is asked. Raises NotFound, UsageError."""
    form, facts = _asked(caller, body, LOOK_PATIENCE)
    installs = caller.services.installs
    version = installs.cluster(form.cluster).api_version if installs.clusters or form.cluster else "v1alpha1"
    drafted = draft(form, version, facts)
    if drafted.helmrequest is None:
        raise as_error(drafted.checks)
    found = caller.services.previews.exports(drafted.helmrequest, same_with.origin(caller, form), form.secret_paths)[
        kind
    ]
    if isinstance(found, ChartroomError):
        raise found
    return found


def look(caller: Caller, body: InstallBody) -> check_shapes.PreviewShape:
    """What would be sent. Where no cluster is configured nothing is asked of one."""
    form, facts = _asked(caller, body, LOOK_PATIENCE)
    installs = caller.services.installs
    if installs.clusters or form.cluster:
        return check_shapes.preview(installs.preview(form, facts))
    found = draft(form, facts=facts)
    unasked = Check("cluster", "unknown", NoCluster.cause_text, NoCluster.remedy_text)
    return check_shapes.preview(replace(found, checks=(*found.checks, unasked)))


def install(caller: Caller, body: InstallBody) -> shapes.InstallShape:
    """Send it. Raises NoCluster, and what `Installs.install` raises."""
    form, facts = _asked(caller, body, PAGE_PATIENCE)
    return shapes.install(caller.services.installs.install(form, facts))


def _asked(caller: Caller, body: InstallBody, patience: float) -> tuple[InstallForm, Facts]:
    """``body`` with what is known of the chart, whose archive is waited for that long where it was never looked at.

    Raises Forbidden, ClusterNotFound, SourceNotFound, ChartNotFound, VersionNotFound.
    """
    services = caller.services
    cluster = caller.cluster(body.cluster, body.source).name if services.installs.clusters else body.cluster
    target = Place(cluster, body.namespace, body.name).target
    caller.demand("app.install", target)
    source = caller.catalog.source(body.source).source
    page = caller.catalog.version(body.source, body.chart, body.version, patience)
    values = body.values_yaml or (manifest_yaml(body.values) if body.values else "")
    secret = body.secret_paths
    form = InstallForm(
        source=body.source,
        chart_repo=source.chart_repo,
        chart=body.chart,
        version=page.version.version,
        cluster=cluster,
        namespace=body.namespace,
        name=body.name,
        values_yaml=values,
        request_id=body.request_id or uuid.uuid4().hex,
        person=caller.person,
        chart_digest=page.version.archive_digest or page.version.digest,
        chart_type=page.metadata.type,
        has_schema=bool(page.content and page.content.schema),
        archive_error=page.content_error,
        secret_paths=secret_paths(services, page, values) if secret is None else tuple(secret),
        why=body.why,
        create_namespace=body.create_namespace,
        decides=decides(caller.who)(body.source),
        refused=page.refused or caller.source_refused("app.install", target, source.name),
    )
    return form, facts_of(services, page, cluster)


@operation(
    "GET",
    "/api/v1/installs/{cluster}/{namespace}/{name}",
    action="app.read",
    target="app/{cluster}/{namespace}/{name}",
    summary="One HelmRequest and what captain says of it",
    answer=shapes.InstallShape,
    errors=_CLUSTER_ERRORS,
)
def status(caller: Caller, cluster: str, namespace: str, name: str) -> shapes.InstallShape:
    """One HelmRequest. Raises InstallNotFound, ClusterNotFound, ClusterError."""
    return shapes.install(caller.services.installs.status(cluster, namespace, name))


@operation(
    "DELETE",
    "/api/v1/installs/{cluster}/{namespace}/{name}",
    action="app.uninstall",
    target="app/{cluster}/{namespace}/{name}",
    summary="Delete a HelmRequest; captain then uninstalls its release",
    answer=shapes.InstallShape,
    status=202,
    query=RemovalQuery,
    errors=_CLUSTER_ERRORS,
)
def remove(caller: Caller, cluster: str, namespace: str, name: str, *, query: RemovalQuery) -> shapes.InstallShape:
    """Delete a HelmRequest. Raises InstallNotFound, ClusterNotFound, ClusterError, Conflict."""
    found = caller.services.installs.uninstall(
        cluster,
        namespace,
        name,
        caller.person,
        why=query.why,
        keep_resources=query.keep_resources,
        keep_secrets=query.keep_secrets,
    )
    return shapes.install(found)


@operation(
    "GET",
    "/api/v1/installs/{cluster}/{namespace}/{name}/history",
    action="app.read",
    target="app/{cluster}/{namespace}/{name}",
    summary="What was sent for a HelmRequest or done to it by others, newest first, without its values",
    answer=shapes.HistoryList,
    errors=_CLUSTER_ERRORS,
)
def history(caller: Caller, cluster: str, namespace: str, name: str) -> shapes.HistoryList:
    """The revisions of an install, with what others changed since; also while its cluster is away. Raises
    InstallNotFound, ClusterNotFound, ClusterError."""
    installs = caller.services.installs
    return shapes.history(installs.history(installs.cluster(cluster).name, namespace, name))
