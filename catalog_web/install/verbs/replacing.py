"""A HelmRequest that is there gets another spec: a PUT of the whole object as it was read.

So captain's finalizers and what others wrote stay, keys that are gone go, and a null arrives. It is written only over
the state that the person looked at; captain's own writes of the status in between do not count.
"""

from collections.abc import Callable, Sequence

from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.helmrequest import GROUP
from catalog_web.install.recorded import generation_of, is_still, manifest_of, spec_of, token, values_of, with_values
from catalog_web.install.spec_changes import SpecChange, spec_changes
from catalog_web.install.status import seen
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.noticing import notice, taken
from catalog_web.install.verbs.sending import REFUSALS, is_made_by, remember
from indexer.errors import (
    N_,
    AppChanged,
    CaptainAbsent,
    ClusterError,
    Conflict,
    InstallNotFound,
    ManagedElsewhere,
    ObjectConflict,
    phrase,
)
from indexer.model import Revision

Remake = Callable[[Object], Object]
"""The object as it was read, as it is to be."""

_TRIES = 5
"""captain writes the status several times while it works, each of which makes the resourceVersion another one."""
_SHOWN = 5


def read(cluster: Cluster, namespace: str, name: str) -> Object:
    """The whole HelmRequest in the version of the API that it can be written in without losing anything.

    Only v1 shows ``spec.source``, and a write through v1alpha1 erases it. Raises `InstallNotFound`, `ClusterError`.
    """
    try:
        thing = cluster.get(namespace, name, api_version="v1")
    except CaptainAbsent:
        thing = cluster.get(namespace, name)
    if "source" in spec_of(thing):
        return thing
    return {**thing, "apiVersion": f"{GROUP}/{cluster.api_version}"}


def expect_editable(thing: Object) -> None:
    """Raise `Conflict` for one that is being removed, `ManagedElsewhere` for one whose chart cannot be seen."""
    one = seen(thing)
    if one.deleted is not None:
        what = f"“{one.name}” is being removed."
        raise Conflict(what=what, hint="Wait until it is gone; its history can then be rolled back to.")
    if not one.chart and "source" not in spec_of(thing):
        raise ManagedElsewhere(name=one.name)


def put(
    context: Context, cluster: Cluster, revision: Revision, present: Object, remake: Remake, looked_at: str
) -> Object:
    """Write what ``revision``, which is kept already, says over ``present``; the answer of the cluster.

    Raises `AppChanged` where somebody else was faster, `InstallNotFound`, `ClusterError`. Where these say for certain
    that nothing was written, the revision is withdrawn.
    """
    for _ in range(_TRIES):
        try:
            answer = cluster.replace(remake(present))
        except ObjectConflict as error:
            present = _look_again(context, cluster, revision, looked_at, error)
            if not is_made_by(present, revision.request_id):
                continue
            answer = present
        except (*REFUSALS, InstallNotFound):
            context.revisions.withdraw(revision.request_id)
            raise
        except ClusterError as error:
            answer = _read_back(cluster, revision, error)
        _remember(context, cluster, revision, present, answer)
        return answer
    context.revisions.withdraw(revision.request_id)
    raise Conflict(what=f"captain writes to “{revision.name}” all the time.", hint="Try again in a few seconds.")


def _look_again(
    context: Context, cluster: Cluster, revision: Revision, looked_at: str, error: ObjectConflict
) -> Object:
    try:
        if not error.params.get("stale"):
            raise error
        present = read(cluster, revision.namespace, revision.name)
        if not is_made_by(present, revision.request_id):
            expect_still(context, cluster, present, looked_at)
    except (ObjectConflict, InstallNotFound, AppChanged):
        context.revisions.withdraw(revision.request_id)
        raise
    return present


def _read_back(cluster: Cluster, revision: Revision, error: ClusterError) -> Object:
    """The HelmRequest, if this request did arrive although the answer was ``error``; else raises that. It may still be
    on its way, so its revision stays."""
    try:
        thing = read(cluster, revision.namespace, revision.name)
    except (ClusterError, InstallNotFound):
        raise error from None
    if not is_made_by(thing, revision.request_id):
        raise error
    return thing


def _remember(context: Context, cluster: Cluster, revision: Revision, before: Object, answer: Object) -> None:
    was, now = seen(before), seen(answer)
    status = context.following.changed(cluster, before, answer)
    awaits = now.generation != was.generation and status.awaiting is not None and not status.awaiting.failed
    remember(context, revision, answer, was.spec_hash if awaits else "")


# -- somebody else was faster


def expect_still(context: Context, cluster: Cluster, thing: Object, looked_at: str) -> None:
    """Raise `AppChanged`, with what is different, unless ``thing`` is still what the person looked at."""
    if is_still(looked_at, thing):
        return
    one = seen(thing)
    history = notice(context, cluster, thing, context.revisions.history(cluster.name, one.namespace, one.name))
    changes = _changes(context, thing, history, looked_at)
    newest = taken(history)
    raise AppChanged(
        name=one.name,
        who=(newest.person if newest else "") or phrase(N_("somebody else")),
        paths=", ".join(change.path for change in changes[:_SHOWN]) or phrase(N_("it is another one now")),
        changes=[{"path": one.path, "before": one.before, "after": one.after} for one in changes],
        resource_version=token(thing),
    )


def _changes(context: Context, thing: Object, history: Sequence[Revision], looked_at: str) -> tuple[SpecChange, ...]:
    """What differs from the state that the person looked at, where that is known. No secret is told."""
    uid, generation = seen(thing).uid, generation_of(looked_at)
    base = next((one for one in history if one.uid == uid and one.generation == generation), None)
    if base is None or not generation:
        return ()
    public, hidden = context.hide(values_of(thing))
    now = with_values(manifest_of(thing), public)
    return spec_changes(spec_of(base.manifest), spec_of(now), (*hidden, *base.secret_paths))
