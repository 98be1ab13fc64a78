"""Install: a HelmRequest that is not there yet."""

from dataclasses import replace
from datetime import datetime

from catalog_web.install.apps import AppDetail
from catalog_web.install.checks import NO_FACTS, Facts, Preview, draft, preview
from catalog_web.install.cluster import Object
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.verbs import looking
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.sending import as_error, create, request_id_of
from indexer.errors import Conflict
from indexer.model import Revision


def look(context: Context, form: InstallForm, facts: Facts = NO_FACTS) -> Preview:
    """The HelmRequest of ``form`` and all checks. Raises `ClusterNotFound`; what a cluster refuses is a check."""
    cluster = context.clusters.get(form.cluster)
    return preview(cluster, replace(form, cluster=cluster.name), facts)


def install(context: Context, form: InstallForm) -> AppDetail:
    """Send what ``form`` means, once per ``request_id``, and return what the cluster then has.

    Raises `UsageError` for the form, `Conflict` where the name or the release is taken, `ClusterError` for the
    rest. After `ClusterTimedOut` or `ClusterUnreachable` the same form may be sent again.
    """
    cluster = context.clusters.get(form.cluster)
    form = replace(form, cluster=cluster.name, request_id=request_id_of(form.request_id))
    stored = context.revisions.find_request(form.request_id) or _begin(context, form)
    if stored.manifest != draft(form, cluster.api_version).helmrequest:
        raise Conflict(
            what="This very request was already sent with another content.",
            hint="Open the install page again and send it from there.",
        )
    if stored.uid:
        return looking.status(context, cluster.name, stored.namespace, stored.name)
    return looking.detail(context, cluster, create(context, cluster, stored))


def _begin(context: Context, form: InstallForm) -> Revision:
    """Keep the revision of ``form`` if nothing speaks against it; else raise what does."""
    found = look(context, form)
    if found.helmrequest is not None and found.sendable:
        return context.revisions.start(_revision(form, found.helmrequest, context.now()))
    # A second click of the same request may find the first one's HelmRequest in its way.
    stored = context.revisions.find_request(form.request_id)
    if stored is None:
        raise as_error(found.checks)
    return stored


def _revision(form: InstallForm, wanted: Object, now: datetime) -> Revision:
    return Revision(
        number=0,
        cluster=form.cluster,
        namespace=form.namespace,
        name=form.name,
        action="install",
        source=form.source,
        chart=form.chart,
        version=form.version,
        chart_digest=form.chart_digest,
        values_yaml=form.values_yaml,
        manifest=wanted,
        request_id=form.request_id,
        person=form.person,
        at=now,
    )
