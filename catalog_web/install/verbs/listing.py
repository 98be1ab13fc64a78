"""The apps of one cluster or of all."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from catalog_web.install.apps import AppList, Place
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.clusters import at_once
from catalog_web.install.status import App, app_of, seen
from catalog_web.install.verbs import looking
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.noticing import differs
from catalog_web.install.verbs.outcomes import awaited, is_news
from indexer.errors import ChartroomError, ClusterError, ClusterRefused, ClusterTimedOut, InstallNotFound
from indexer.model import RevisionMark

Marks = Mapping[Place, RevisionMark]

_LOOKED_FOR = 20
"""Apps that are missing from a list and looked for one by one, at most."""


@dataclass(frozen=True, slots=True)
class _Listed:
    things: tuple[Object, ...]
    complete: bool
    """All that there are in the namespaces that were asked for."""


def apps(context: Context, cluster_name: str, namespace: str, patience: float) -> AppList:
    """The HelmRequests of one cluster or of all, asked at the same time, by cluster, namespace and name. What others
    changed since, and what captain made of the last revisions, is kept on the way."""
    asked = [context.clusters.get(cluster_name)] if cluster_name else list(context.clusters.all)
    answers = at_once(lambda one: _list(context, one, namespace, patience), asked)
    marks = {Place(one.cluster, one.namespace, one.name): one for one in context.revisions.newest(cluster_name)}
    found: list[App] = []
    errors: dict[str, ChartroomError] = {}
    partial: list[str] = []
    for cluster, answer in zip(asked, answers, strict=True):
        if isinstance(answer, ChartroomError):
            errors[cluster.name] = answer
            continue
        found += [_app(context, cluster, thing, marks) for thing in answer.things]
        partial += [] if answer.complete else [cluster.name]
        if answer.complete:
            _look_for_missing(context, cluster, namespace, answer.things, marks)
    return AppList(tuple(sorted(found, key=_place)), errors, tuple(partial), _of(found, marks))


def _app(context: Context, cluster: Cluster, thing: Object, marks: Marks) -> App:
    one = seen(thing)
    mark = marks.get(Place(cluster.name, one.namespace, one.name))
    status = context.following.advance(cluster, thing, before=awaited(mark, context))
    if mark is not None and (differs(mark, thing) or is_news(mark, status)):
        return looking.detail(context, cluster, thing).app
    return app_of(cluster.name, thing, status)


def _look_for_missing(
    context: Context, cluster: Cluster, namespace: str, things: tuple[Object, ...], marks: Marks
) -> None:
    """Have it kept where an app that should be there was removed. One may also have been made since the list."""
    listed = {Place(cluster.name, one.namespace, one.name) for one in map(seen, things)}
    missing = [
        place
        for place, mark in marks.items()
        if place.cluster == cluster.name
        and place not in listed
        and namespace in ("", place.namespace)
        and mark.outcome != "gone"
    ]
    for place in missing[:_LOOKED_FOR]:
        with suppress(ClusterError, InstallNotFound):
            looking.status(context, *place)


def _of(found: list[App], marks: Marks) -> Marks:
    places = [Place(*_place(app)) for app in found]
    return {place: marks[place] for place in places if place in marks}


def _list(context: Context, cluster: Cluster, namespace: str, patience: float) -> _Listed | ChartroomError:
    try:
        if namespace:
            return _Listed(cluster.list(namespace, patience), complete=True)
        try:
            return _Listed(cluster.list(None, patience), complete=True)
        except ClusterRefused as error:
            if error.params["status"] == HTTPStatus.UNAUTHORIZED:
                return error
            return _Listed(_list_known(context, cluster, patience), complete=False)
    except ClusterError as error:
        return error


def _list_known(context: Context, cluster: Cluster, patience: float) -> tuple[Object, ...]:
    """Those of the namespaces that Chartroom has installed to, as far as these may be listed."""
    end = time.monotonic() + patience
    found: list[Object] = []
    for namespace in context.revisions.namespaces(cluster.name):
        left = end - time.monotonic()
        if left <= 0:
            raise ClusterTimedOut(cluster=cluster.name, seconds=patience)
        with suppress(ClusterRefused):
            found += cluster.list(namespace, left)
    return tuple(found)


def _place(app: App) -> tuple[str, str, str]:
    return app.cluster, app.namespace, app.name
