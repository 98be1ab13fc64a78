"""Uninstall: the cluster deletes the HelmRequest, and captain then uninstalls its release."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog_web.install.apps import AppDetail
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.helmrequest import MAX_NAME
from catalog_web.install.recorded import KEEP_RESOURCES
from catalog_web.install.secret_values import drop
from catalog_web.install.status import Seen, seen
from catalog_web.install.verbs import annotating, looking
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.noticing import observed
from catalog_web.install.verbs.sending import REFUSALS
from indexer.errors import ClusterError, Conflict, InstallNotFound, ObjectConflict
from indexer.model import Revision


@dataclass(frozen=True, slots=True)
class Removal:
    """What is wanted."""

    cluster: str
    namespace: str
    name: str
    person: str
    why: str = ""
    keep_resources: bool = False
    """captain lets go of the release and leaves all of its objects."""
    keep_secrets: bool = False
    """The Secrets with values stay, so that a roll back asks for nothing."""


def uninstall(context: Context, wanted: Removal) -> AppDetail:
    """Ask the cluster to delete the HelmRequest; captain then uninstalls its release.

    Works for those that Chartroom did not make as well. Raises `InstallNotFound`, `ClusterError`, and `Conflict`
    where captain could never finish it.
    """
    cluster = context.acting(wanted.cluster, wanted.person)
    thing = cluster.get(wanted.namespace, wanted.name)
    one = seen(thing)
    _refuse_undeletable(one)
    if one.deleted is None:
        _delete(context, cluster, _told_to_keep(context, cluster, wanted) if wanted.keep_resources else thing, wanted)
    return looking.status(context, cluster.name, wanted.namespace, wanted.name)


def _told_to_keep(context: Context, cluster: Cluster, wanted: Removal) -> Object:
    """The HelmRequest once captain is told to leave the objects of its release."""
    place, kept = (cluster.name, wanted.namespace, wanted.name), {KEEP_RESOURCES: "true"}
    annotating.annotate(context, *place, kept, wanted.person, wanted.why)
    return cluster.get(wanted.namespace, wanted.name)


def _delete(context: Context, cluster: Cluster, thing: Object, wanted: Removal) -> None:
    one = seen(thing)
    history = looking.caught_up(context, cluster, thing)
    asked = _removal(context, cluster, thing, history, wanted)
    request = context.revisions.start(asked)
    try:
        cluster.delete(one.namespace, one.name, one.uid)
    except (*REFUSALS, ObjectConflict, InstallNotFound):
        if request.at == asked.at:  # else somebody else asked for the same at the same time, and may have had it
            context.revisions.withdraw(request.request_id)
        raise
    except ClusterError as error:
        if not _is_going(cluster, one):
            raise error from None
    context.revisions.sent(request.request_id, one.uid)
    if not wanted.keep_secrets:
        for name in dict.fromkeys(one.secret for one in history if one.secret):
            drop(cluster, one.namespace, name)


def _is_going(cluster: Cluster, one: Seen) -> bool:
    """Whether the request arrived although its answer did not; where that cannot be told, whoever looks next sees."""
    try:
        now = seen(cluster.get(one.namespace, one.name))
    except InstallNotFound:
        return True
    except ClusterError:
        return False
    return now.uid != one.uid or now.deleted is not None


def _removal(
    context: Context, cluster: Cluster, thing: Object, history: Sequence[Revision], wanted: Removal
) -> Revision:
    """The revision that says who removed what; its manifest is the HelmRequest as it was."""
    was = observed(context, cluster, thing, history[0] if history else None)
    return replace(
        was,
        action="uninstall",
        values_yaml="",
        request_id=_request_id(cluster, seen(thing)),
        person=wanted.person,
        why=wanted.why,
        uid="",
        generation=0,
        annotations={},
        secret_paths=(),
    )


def _request_id(cluster: Cluster, one: Seen) -> str:
    """One for each object: however often and by however many its removal is asked for, it is removed once."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"uninstall/{cluster.name}/{one.namespace}/{one.name}/{one.uid}").hex


def _refuse_undeletable(one: Seen) -> None:
    length = len(one.release_name)
    if length > MAX_NAME:
        raise Conflict(
            what=f"captain cannot remove it: its release name has {length} characters, more than {MAX_NAME}.",
            hint="Set spec.releaseName of the HelmRequest to a short name with kubectl, then remove it.",
        )
