"""Import: a HelmRequest that somebody else made becomes one with a history."""

from dataclasses import replace

from catalog_web.install.apps import AppDetail
from catalog_web.install.cluster import Object
from catalog_web.install.helmrequest import LABEL_CHART, LABEL_SOURCE, MANAGED_BY, label_value
from catalog_web.install.recorded import spec_of
from catalog_web.install.status import seen
from catalog_web.install.upgrade_form import rewritten
from catalog_web.install.verbs import looking
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.noticing import notice, observed, taken
from catalog_web.install.verbs.replacing import expect_editable, read
from catalog_web.install.verbs.sending import request_id_of
from indexer.errors import Conflict
from indexer.model import Revision


def adopt(
    context: Context, cluster_name: str, namespace: str, name: str, person: str, *, source: str, labels: bool
) -> AppDetail:
    """Keep its present state as a revision. ``source``: where its chart is to be upgraded from, which may be said
    again, as when a source was renamed; ``labels``: mark the object as Chartroom's, too, which captain does not take
    for a change.

    Raises `Conflict` where Chartroom knows it already, `ManagedElsewhere`, `InstallNotFound`, `ClusterError`.
    """
    cluster = context.acting(cluster_name, person)
    thing = read(cluster, namespace, name)
    expect_editable(thing)
    history = notice(context, cluster, thing, context.revisions.history(cluster.name, namespace, name))
    newest = taken(history)
    if newest is not None and newest.uid == seen(thing).uid and source in ("", newest.source):
        raise Conflict(what=f"“{name}” has a history already.", hint="Look at it on the page of the app.")
    if labels:
        thing = cluster.replace(_marked(thing, source))
    first = observed(context, cluster, thing, None)
    known = replace(newest, outcome="") if newest is not None and newest.uid == first.uid else first
    context.revisions.start(_imported(context, first, known, source, person))
    return looking.detail(context, cluster, thing)


def _imported(context: Context, first: Revision, known: Revision, source: str, person: str) -> Revision:
    """The present state; what was known of its values and secrets before stays known."""
    digest = context.archives.digest(source, first.chart, first.version) if source else ""
    return replace(
        first,
        source=source or first.source,
        chart_digest=digest or known.chart_digest,
        values_yaml=known.values_yaml,
        secret=known.secret,
        secret_paths=known.secret_paths,
        request_id=request_id_of(""),
        person=person,
    )


def _marked(thing: Object, source: str) -> Object:
    chart = seen(thing).chart.rpartition("/")[2]
    marks = {MANAGED_BY: "chartroom", LABEL_CHART: label_value(chart)}
    return rewritten(thing, spec_of(thing), {**marks, **({LABEL_SOURCE: label_value(source)} if source else {})})
