"""Install: a HelmRequest that is not there yet."""

from dataclasses import replace
from datetime import datetime

from catalog_web.install.apps import AppDetail
from catalog_web.install.checks import NO_FACTS, Facts, Preview, preview
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.gate import sending_of
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.secret_values import SecretValues, drop, keep, secrets_of
from catalog_web.install.verbs import looking
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.sending import REFUSALS, as_error, create, request_id_of
from catalog_web.install.wanted import wanted
from catalog_web.values.reading import parse_values
from catalog_web.values.secrets import without
from indexer.errors import ClusterRefused, Conflict, ObjectConflict
from indexer.model import Revision


def look(context: Context, form: InstallForm, facts: Facts = NO_FACTS) -> Preview:
    """The HelmRequest of ``form`` and all checks. Raises `ClusterNotFound`; what a cluster refuses is a check."""
    cluster = context.clusters.get(form.cluster)
    return preview(cluster, replace(form, cluster=cluster.name), facts)


def install(context: Context, form: InstallForm, facts: Facts = NO_FACTS) -> AppDetail:
    """Send what ``form`` means, once per ``request_id``, and return what the cluster then has.

    Raises `UsageError` for the form, `Conflict` where the name or the release is taken, `ApprovalWanted`,
    `ClusterError` for the rest. After `ClusterTimedOut` or `ClusterUnreachable` the same form may be sent again.
    """
    cluster = context.acting(form.cluster, form.person)
    form = replace(form, cluster=cluster.name, request_id=request_id_of(form.request_id))
    stored = context.revisions.find_request(form.request_id)
    form = replace(form, secret_paths=stored.secret_paths) if stored else form  # what the first try took for secret
    stored = stored or _begin(context, form, facts)
    made, secret = wanted(form, parse_values(form.values_yaml), cluster.api_version)
    if stored.manifest != made:
        raise Conflict(
            what="This very request was already sent with another content.",
            hint="Open the install page again and send it from there.",
        )
    if stored.uid:
        return looking.status(context, cluster.name, stored.namespace, stored.name)
    return looking.detail(context, cluster, _send(context, cluster, form, stored, secret))


def _send(
    context: Context, cluster: Cluster, form: InstallForm, stored: Revision, secret: SecretValues | None
) -> Object:
    """The HelmRequest, made after what it needs. Where that is refused, the revision is withdrawn and nothing stays but
    a namespace."""
    try:
        if form.create_namespace:
            _keep_namespace(cluster, form.namespace)
        if secret is not None:
            keep(cluster, secret)
    except REFUSALS:
        context.revisions.withdraw(stored.request_id)
        raise
    try:
        return create(context, cluster, stored)
    finally:
        if secret is not None and context.revisions.find_request(stored.request_id) is None:
            drop(cluster, secret.namespace, secret.name)  # it was refused, so nothing names it


def _keep_namespace(cluster: Cluster, name: str) -> None:
    """Make the namespace unless it is there."""
    try:
        cluster.create_namespace(name)
    except ObjectConflict:  # it is there, or somebody was faster
        return
    except ClusterRefused:
        if cluster.namespace(name) is None:
            raise


def _begin(context: Context, form: InstallForm, facts: Facts) -> Revision:
    """Keep the revision of ``form`` if nothing speaks against it; else raise what does."""
    found = look(context, form, facts)
    if found.helmrequest is not None and found.sendable:
        context.gate.expect_open(sending_of("install", form, found.helmrequest))
        return context.revisions.start(_revision(form, found.helmrequest, context.now()))
    # A second click of the same request may find the first one's HelmRequest in its way.
    stored = context.revisions.find_request(form.request_id)
    if stored is None:
        raise as_error(found.checks)
    return stored


def _revision(form: InstallForm, made: Object, now: datetime) -> Revision:
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
        values_yaml=without(form.values_yaml, form.secret_paths),
        manifest=made,
        request_id=form.request_id,
        person=form.person,
        at=now,
        why=form.why,
        secret=next(secrets_of(made), ""),
        secret_paths=form.secret_paths,
    )
