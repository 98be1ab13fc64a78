"""One ChartRepo of Chartroom's and its Secret, in a cluster: made, mended, removed. Each verb may be repeated.

Nothing without Chartroom's label, or with that of another source, is ever changed. A Secret comes before the ChartRepo
that names it, for captain looks for a Secret that was missing only every two minutes.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus

from catalog_web.captain import chartrepo
from catalog_web.captain.chartrepo import SeenRepo, Wanted
from catalog_web.captain.errors import ForeignChartRepo, PublishingRefused
from catalog_web.install.capabilities import grant
from catalog_web.install.cluster import CHART_REPO, SECRET, Cluster, Object
from catalog_web.install.helmrequest import LABEL_SOURCE
from indexer.errors import N_, ClusterRefused, ObjectNotFound, phrase

_USER = re.compile(r'User "([^"]{1,253})"')


def keep(cluster: Cluster, wanted: Wanted, *, sync: bool = False) -> SeenRepo:
    """Make the ChartRepo and its Secret what is wanted. ``sync``: captain is to read the repository at once.

    Raises ForeignChartRepo, PublishingRefused, ClusterError.
    """
    with with_role(cluster):
        present = cluster.chart_repo(wanted.repo)
        if present is not None:
            _own(cluster, CHART_REPO, present, wanted)
        fresh = bool(wanted.secret) and _keep_secret(cluster, wanted)
        kept = chartrepo.seen(_keep_repo(cluster, present, wanted, sync=sync or fresh))
        if not wanted.secret and present is not None:
            _drop_secret(cluster, chartrepo.seen(present), wanted.source)
        return kept


def drop(cluster: Cluster, source: str) -> None:
    """Remove all ChartRepos that were made for ``source``, under whatever name, with their Secrets.

    Raises PublishingRefused, ClusterError.
    """
    with with_role(cluster):
        for thing in cluster.chart_repos():
            if chartrepo.belongs(thing, source):
                one = chartrepo.seen(thing)
                with suppress(ObjectNotFound):
                    cluster.delete_chart_repo(one.name, one.uid)
                _drop_secret(cluster, one, source)


def _keep_repo(cluster: Cluster, present: Object | None, wanted: Wanted, *, sync: bool) -> Object:
    namespace = cluster.captain_namespace
    if present is None:
        return cluster.create_chart_repo(wanted.repo, lambda version: chartrepo.chart_repo(wanted, namespace, version))
    patch = chartrepo.repo_patch(present, wanted, namespace, sync=sync)
    return present if patch is None else cluster.patch_chart_repo(wanted.repo, patch)


def _keep_secret(cluster: Cluster, wanted: Wanted) -> bool:
    """Whether something had to be done."""
    namespace = cluster.captain_namespace
    present = cluster.secret(namespace, wanted.secret)
    if present is None:
        cluster.create_secret(chartrepo.secret(wanted, namespace))
        return True
    _own(cluster, SECRET, present, wanted)
    patch = chartrepo.secret_patch(present, wanted, namespace)
    if patch is not None:
        cluster.patch_secret(namespace, wanted.secret, patch)
    return patch is not None


def _drop_secret(cluster: Cluster, repo: SeenRepo, source: str) -> None:
    """Remove the Secret that a ChartRepo named, if Chartroom made it."""
    name, namespace = chartrepo.secret_name(repo.name), cluster.captain_namespace
    if (repo.secret, repo.secret_namespace) != (name, namespace):
        return
    present = cluster.secret(namespace, name)
    if present is not None and chartrepo.belongs(present, source):
        with suppress(ObjectNotFound):
            cluster.delete_secret(namespace, name, str(present["metadata"].get("uid", "")))


def _own(cluster: Cluster, kind: str, present: Object, wanted: Wanted) -> None:
    """Raise ForeignChartRepo unless ``present`` was made for the wanted source."""
    if chartrepo.belongs(present, wanted.source):
        return
    if chartrepo.is_ours(present):
        other = present["metadata"]["labels"].get(LABEL_SOURCE, "")
        whose = phrase(N_("Chartroom made it for the source “{source}”"), source=str(other))
    else:
        whose = phrase(N_("Chartroom did not make it"))
    name = wanted.secret if kind == SECRET else wanted.repo
    where = {"cluster": cluster.name, "namespace": cluster.captain_namespace}
    raise ForeignChartRepo(kind=kind, name=name, whose=whose, **where)


# -- rights


@contextmanager
def with_role(cluster: Cluster) -> Iterator[None]:
    """Tell with every refusal what would allow it."""
    try:
        yield
    except ClusterRefused as error:
        if error.params.get("status") != HTTPStatus.FORBIDDEN:
            raise
        role = role_for(cluster.captain_namespace, str(error.params.get("detail", "")))
        raise PublishingRefused(**error.params, role=role) from None


def role_for(namespace: str, refusal: str) -> str:
    """YAML that grants all that publishing and discovering take, for the user whom ``refusal`` names."""
    found = _USER.search(refusal)
    return grant(["publish"], found[1] if found else "chartroom", namespace)
