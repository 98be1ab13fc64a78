"""How a source is seen from where captain stands: what captain says of it, and a Job that looks from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from catalog_web.captain import chartrepo, objects
from catalog_web.captain.chartrepo import SeenRepo, direct_url
from catalog_web.captain.reasons import in_words
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.inside import job_yaml
from indexer.errors import N_, ClusterError, Phrase, phrase
from indexer.model import Source

_PORTS = {"http": 80, "https": 443, "oci": 443}


State = Literal["ok", "waiting", "failing", "absent", "unknown"]
"""``ok``, ``waiting`` or ``failing`` as captain says; ``absent``: captain has no ChartRepo for the source; ``unknown``:
the cluster does not tell."""


@dataclass(frozen=True, slots=True)
class Inside:
    """One cluster's view."""

    cluster: str
    namespace: str
    state: State
    repo: str
    """Name of the ChartRepo; empty where there is none."""
    phase: str
    reason: str
    """captain's own words."""
    cause: Phrase
    remedy: Phrase | None
    job: str
    """YAML to apply; empty where there is no host to look for."""


def seen_from(cluster: Cluster, source: Source, helm_url: str) -> Inside:
    """The view from ``cluster``. Never raises a ClusterError: it is part of the answer."""
    try:
        with objects.with_role(cluster):
            repo = _repo_of(source, cluster.chart_repos())
    except ClusterError as error:
        cause, remedy = phrase(error.cause_text, **error.params), phrase(error.remedy_text, **error.params)
        return _view(cluster, source.url, None, "unknown", cause, remedy)
    if repo is None:
        text = N_("captain has no ChartRepo for this source.")
        return _view(cluster, source.url, None, "absent", phrase(text), phrase(N_("Publish the source to captain.")))
    told = in_words(repo.phase, repo.reason, repo.url, "helm" if _is_below(repo.url, helm_url) else "direct")
    return _view(cluster, repo.url, repo, told.state, told.cause, told.remedy)


def _view(
    cluster: Cluster, url: str, repo: SeenRepo | None, state: State, cause: Phrase, remedy: Phrase | None
) -> Inside:
    return Inside(
        cluster=cluster.name,
        namespace=cluster.captain_namespace,
        state=state,
        repo=repo.name if repo else "",
        phase=repo.phase if repo else "",
        reason=repo.reason if repo else "",
        cause=cause,
        remedy=remedy,
        job=_job(url, cluster.captain_namespace),
    )


def _repo_of(source: Source, things: Sequence[Object]) -> SeenRepo | None:
    """The ChartRepo that was made for ``source``, else one of its name or address."""
    own = (chartrepo.seen(one) for one in things if chartrepo.belongs(one, source.name))
    same = (one for one in map(chartrepo.seen, things) if _is_same(one, source))
    return next(own, None) or next(same, None)


def _is_same(repo: SeenRepo, source: Source) -> bool:
    return repo.name == source.chart_repo or direct_url(repo.url) == direct_url(source.url)


def _is_below(url: str, helm_url: str) -> bool:
    return bool(helm_url) and url.startswith(helm_url)


def _job(url: str, namespace: str) -> str:
    """For the host that captain asks."""
    try:
        parts = urlsplit(url)
        return job_yaml(parts.hostname or "", parts.port or _PORTS[parts.scheme], namespace)
    except (ValueError, KeyError):
        return ""
