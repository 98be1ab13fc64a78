"""Uninstall: the cluster deletes the HelmRequest, and captain then uninstalls its release."""

import uuid
from datetime import datetime

from catalog_web.install.apps import AppDetail
from catalog_web.install.cluster import Object
from catalog_web.install.helmrequest import MAX_NAME
from catalog_web.install.status import Seen, advance, app_of, seen
from catalog_web.install.verbs import looking
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.sending import REFUSALS
from indexer.errors import Conflict, InstallNotFound, ObjectConflict
from indexer.model import Revision


def uninstall(context: Context, cluster_name: str, namespace: str, name: str, person: str) -> AppDetail:
    """Ask the cluster to delete the HelmRequest; captain then uninstalls its release.

    Works for those that Chartroom did not make as well. Raises `InstallNotFound`, `ClusterError`, and `Conflict`
    where captain could never finish it.
    """
    cluster = context.clusters.get(cluster_name)
    thing = cluster.get(namespace, name)
    one = seen(thing)
    _refuse_undeletable(one)
    if one.deleted is None:
        request = context.revisions.start(_removal(cluster.name, thing, person, context.now()))
        try:
            cluster.delete(namespace, name, one.uid)
        except (*REFUSALS, ObjectConflict, InstallNotFound):
            context.revisions.withdraw(request.request_id)
            raise
        context.revisions.sent(request.request_id, one.uid)
    return looking.status(context, cluster.name, namespace, name)


def _removal(cluster: str, thing: Object, person: str, now: datetime) -> Revision:
    """The revision that says who removed what; its manifest is the HelmRequest as it was."""
    one = seen(thing)
    app = app_of(cluster, thing, advance(None, thing, now=now))
    return Revision(
        number=0,
        cluster=cluster,
        namespace=one.namespace,
        name=one.name,
        action="uninstall",
        source=app.source,
        chart=app.chart,
        version=app.version,
        chart_digest="",
        values_yaml="",
        manifest={key: value for key, value in thing.items() if key != "status"},
        request_id=uuid.uuid4().hex,
        person=person,
        at=now,
    )


def _refuse_undeletable(one: Seen) -> None:
    length = len(one.release_name)
    if length > MAX_NAME:
        raise Conflict(
            what=f"captain cannot remove it: its release name has {length} characters, more than {MAX_NAME}.",
            hint="Set spec.releaseName of the HelmRequest to a short name with kubectl, then remove it.",
        )
