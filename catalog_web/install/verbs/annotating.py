"""captain's own annotations: what it keeps when it removes an app, whether it looks at one at all, and to look now.

captain takes any change of an annotation for a change of the spec, so each is a revision.
"""

from collections.abc import Mapping
from dataclasses import replace

from catalog_web.install.apps import AppDetail
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.recorded import CAPTAIN_ANNOTATIONS, RESYNC, captain_annotations, manifest_of
from catalog_web.install.status import seen
from catalog_web.install.verbs import looking
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.noticing import observed, taken
from catalog_web.install.verbs.replacing import read
from catalog_web.install.verbs.sending import REFUSALS, remember, request_id_of
from indexer.errors import ClusterError, InstallNotFound, ObjectConflict, UsageError
from indexer.model import Revision


def resync(context: Context, cluster: str, namespace: str, name: str, person: str, why: str = "") -> AppDetail:
    """Have captain run Helm again for a spec that it has synced already. Raises as `annotate`."""
    stamp = context.now().isoformat(timespec="microseconds")
    return annotate(context, cluster, namespace, name, {RESYNC: stamp}, person, why)


def annotate(
    context: Context,
    cluster_name: str,
    namespace: str,
    name: str,
    annotations: Mapping[str, str | None],
    person: str,
    why: str = "",
) -> AppDetail:
    """Set annotations of captain's, and remove those that are None. What is so already is not sent.

    Raises `UsageError` for one that is not captain's, `InstallNotFound`, `ClusterError`.
    """
    _expect_captains(annotations)
    cluster = context.acting(cluster_name, person)
    thing = read(cluster, namespace, name)
    present = captain_annotations(thing)
    changes = {key: value for key, value in annotations.items() if present.get(key) != value}
    if not changes:
        return looking.detail(context, cluster, thing)
    return looking.detail(context, cluster, _send(context, cluster, thing, changes, person, why))


def _expect_captains(annotations: Mapping[str, str | None]) -> None:
    foreign = [key for key in annotations if key not in CAPTAIN_ANNOTATIONS]
    if foreign:
        what = f"“{foreign[0][:100]}” is no annotation that captain looks for."
        raise UsageError(what=what, hint=f"Those are {', '.join(CAPTAIN_ANNOTATIONS)}.")


def _send(
    context: Context, cluster: Cluster, thing: Object, changes: Mapping[str, str | None], person: str, why: str
) -> Object:
    one = seen(thing)
    revision = context.revisions.start(_revision(context, cluster, thing, changes, person, why))
    try:
        answer = cluster.annotate(one.namespace, one.name, changes, one.uid)
    except (*REFUSALS, ObjectConflict, InstallNotFound):
        context.revisions.withdraw(revision.request_id)
        raise
    except ClusterError as error:
        answer = _read_back(cluster, revision, changes, error)
    context.following.changed(cluster, thing, answer)
    remember(context, revision, answer, one.spec_hash)
    return answer


def _read_back(cluster: Cluster, revision: Revision, changes: Mapping[str, str | None], error: ClusterError) -> Object:
    """The HelmRequest, if it has the annotations although the answer was ``error``; else raises that."""
    try:
        thing = read(cluster, revision.namespace, revision.name)
    except (ClusterError, InstallNotFound):
        raise error from None
    present = captain_annotations(thing)
    if any(present.get(key) != value for key, value in changes.items()):
        raise error
    return thing


def _revision(
    context: Context, cluster: Cluster, thing: Object, changes: Mapping[str, str | None], person: str, why: str
) -> Revision:
    """What the newest revision says, with other annotations."""
    newest = taken(looking.caught_up(context, cluster, thing))
    known = newest if newest and not newest.is_removal else observed(context, cluster, thing, newest)
    wanted = {key: value for key, value in {**captain_annotations(thing), **changes}.items() if value is not None}
    meta = {key: value for key, value in manifest_of(thing)["metadata"].items() if key != "annotations"}
    return replace(
        known,
        action="annotate",
        manifest={**known.manifest, "metadata": {**meta, **({"annotations": wanted} if wanted else {})}},
        request_id=request_id_of(""),
        person=person,
        at=context.now(),
        uid="",
        why=why or _told(changes),
        outcome="",
        outcome_reason="",
        outcome_at=None,
        based_on=0,
    )


def _told(changes: Mapping[str, str | None]) -> str:
    return ", ".join(f"{key}: {value}" if value is not None else f"no {key}" for key, value in changes.items())
