"""What others did to an app: a spec, an annotation of captain's or an object that is not what the last revision left.

Each change is kept once, whoever notices it: its request id is made of the object's uid and generation.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.helmrequest import LABEL_REQUEST, manifest_yaml
from catalog_web.install.recorded import (
    captain_annotations,
    last_writer,
    manifest_of,
    seen_id,
    spec_of,
    values_of,
    with_values,
)
from catalog_web.install.status import Seen, app_of, seen, status_of
from catalog_web.install.verbs.context import Context
from indexer.errors import ClusterError, InstallNotFound
from indexer.model import Revision, RevisionMark


def differs(mark: RevisionMark | Revision, thing: Object) -> bool:
    """Whether ``thing`` may be another one than that revision left; costs nothing. What was read before that revision
    was sent says nothing."""
    one = seen(thing)
    if one.uid != mark.uid:
        return True
    if mark.action == "uninstall" or one.generation < mark.generation:
        return False
    return one.generation != mark.generation or captain_annotations(thing) != dict(mark.annotations)


def notice(context: Context, cluster: Cluster, thing: Object, history: Sequence[Revision]) -> tuple[Revision, ...]:
    """``history``, read after ``thing``, with what is to be seen in ``thing`` and not in it. One that Chartroom does
    not know is left alone."""
    one = seen(thing)
    pending = _arrived(thing, history)
    if pending is not None:
        _remember(context, pending, thing)
        history = _again(context, cluster, one)
    newest = taken(history)
    if newest is None or not differs(newest, thing):
        return tuple(history)
    if one.uid == newest.uid and _is_as_sent(newest, thing):
        _remember(context, newest, thing)
    else:
        context.revisions.start(observed(context, cluster, thing, newest))
    return _again(context, cluster, one)


def notice_gone(context: Context, cluster: Cluster, history: Sequence[Revision]) -> tuple[Revision, ...]:
    """``history`` of an app that the cluster no longer has, with its end."""
    newest = taken(history)
    if newest is None or (newest.is_removal and newest.outcome == "gone"):
        return tuple(history)
    pending = _pending_removal(history)
    if pending is not None:
        context.revisions.sent(pending.request_id, newest.uid)
        context.revisions.settle(pending.request_id, "gone", "", context.now())
    elif newest.is_removal:
        context.revisions.settle(newest.request_id, "gone", "", context.now())
    else:
        context.revisions.start(_vanished(context, newest))
    return tuple(context.revisions.history(cluster.name, newest.namespace, newest.name))


def taken(history: Sequence[Revision]) -> Revision | None:
    """The newest revision that the cluster took."""
    return next((one for one in history if one.uid), None)


def observed(context: Context, cluster: Cluster, thing: Object, before: Revision | None) -> Revision:
    """The revision of what somebody else made of an app, less what looks like a secret in it."""
    one, manifest = seen(thing), manifest_of(thing)
    app = app_of(cluster.name, thing, status_of(thing, now=context.now()))
    public, hidden = context.hide(values_of(manifest))
    annotations = captain_annotations(thing)
    source = app.source or _source_before(before, app.chart_repo)
    return Revision(
        number=0,
        cluster=cluster.name,
        namespace=one.namespace,
        name=one.name,
        action="seen",
        source=source,
        chart=app.chart,
        version=app.version,
        chart_digest=context.archives.digest(source, app.chart, app.version),
        values_yaml=manifest_yaml(public) if public else "",
        manifest=with_values(manifest, public),
        request_id=seen_id(one, annotations),
        person=_writer(cluster, one),
        at=context.now(),
        uid=one.uid,
        generation=one.generation,
        annotations=annotations,
        secret_paths=hidden,
    )


def _writer(cluster: Cluster, one: Seen) -> str:
    """The program that wrote it, as far as the cluster tells."""
    try:
        return last_writer(cluster.managed_fields(one.namespace, one.name))
    except (ClusterError, InstallNotFound):
        return ""


def _vanished(context: Context, newest: Revision) -> Revision:
    was = seen({"metadata": {"uid": newest.uid, "generation": newest.generation}})
    return Revision(
        number=0,
        cluster=newest.cluster,
        namespace=newest.namespace,
        name=newest.name,
        action="seen",
        source=newest.source,
        chart=newest.chart,
        version=newest.version,
        chart_digest=newest.chart_digest,
        values_yaml="",
        manifest=newest.manifest,
        request_id=seen_id(was, {}, gone=True),
        person="",
        at=context.now(),
        uid=newest.uid,
        outcome="gone",
        outcome_at=context.now(),
    )


def _arrived(thing: Object, history: Sequence[Revision]) -> Revision | None:
    """A revision whose answer was never seen, and which ``thing`` shows to have arrived."""
    one = seen(thing)
    if one.deleted is not None and (pending := _pending_removal(history)):
        return pending
    request = one.labels.get(LABEL_REQUEST, "")
    return next((one for one in history if request and one.request_id == request and not one.uid), None)


def _pending_removal(history: Sequence[Revision]) -> Revision | None:
    """A removal that was sent last and whose answer was never seen."""
    newest = history[0] if history else None
    return newest if newest and newest.action == "uninstall" and not newest.uid else None


def _remember(context: Context, revision: Revision, thing: Object) -> None:
    """Take ``thing`` for what ``revision`` left, as far as it still is."""
    one = seen(thing)
    generation = one.generation if _is_as_sent(revision, thing) else 0
    annotations = captain_annotations(thing)
    context.revisions.sent(revision.request_id, one.uid, generation, annotations, revision.spec_hash)


def _is_as_sent(revision: Revision, thing: Object) -> bool:
    """Read through v1alpha1 an object does not show its ``source``."""
    sent, now = spec_of(revision.manifest), spec_of(thing)
    if str(thing.get("apiVersion", "")).endswith("/v1alpha1"):
        sent = _without_source(sent)
    known = dict(revision.annotations) if revision.uid and revision.generation else captain_annotations(thing)
    return dict(sent) == dict(now) and known == captain_annotations(thing)


def _without_source(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in spec.items() if key != "source"}


def _source_before(before: Revision | None, chart_repo: str) -> str:
    """The source of the revision before, where the chart still comes from its ChartRepo."""
    if before is None:
        return ""
    repo = str(spec_of(before.manifest).get("chart", "")).partition("/")[0]
    return before.source if repo == chart_repo else ""


def _again(context: Context, cluster: Cluster, one: Seen) -> tuple[Revision, ...]:
    return tuple(context.revisions.history(cluster.name, one.namespace, one.name))
