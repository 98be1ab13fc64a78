"""The apps of one cluster or of all."""

import time
from contextlib import suppress
from http import HTTPStatus

from catalog_web.install.apps import AppList
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.clusters import at_once
from catalog_web.install.status import App, app_of
from catalog_web.install.verbs.context import Context
from indexer.errors import ChartroomError, ClusterError, ClusterRefused, ClusterTimedOut


def apps(context: Context, cluster_name: str, namespace: str, patience: float) -> AppList:
    """The HelmRequests of one cluster or of all, asked at the same time, by cluster, namespace and name."""
    asked = [context.clusters.get(cluster_name)] if cluster_name else list(context.clusters.all)
    found: list[App] = []
    errors: dict[str, ChartroomError] = {}
    partial: list[str] = []
    answers = at_once(lambda one: _list(context, one, namespace, patience), asked)
    for cluster, answer in zip(asked, answers, strict=True):
        if isinstance(answer, ChartroomError):
            errors[cluster.name] = answer
            continue
        things, complete = answer
        found += [app_of(cluster.name, thing, context.following.advance(cluster, thing)) for thing in things]
        partial += [] if complete else [cluster.name]
    return AppList(tuple(sorted(found, key=_place)), errors, tuple(partial))


def _list(
    context: Context, cluster: Cluster, namespace: str, patience: float
) -> tuple[tuple[Object, ...], bool] | ChartroomError:
    try:
        if namespace:
            return cluster.list(namespace, patience), True
        try:
            return cluster.list(None, patience), True
        except ClusterRefused as error:
            if error.params["status"] == HTTPStatus.UNAUTHORIZED:
                return error
            return _list_known(context, cluster, patience), False
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
