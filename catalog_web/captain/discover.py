"""ChartRepos that others made, as sources that may be taken over: what each offers, and what cannot be taken. Pure."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

from catalog_web.captain.chartrepo import SeenRepo
from indexer.errors import N_, BadUrl, Phrase, phrase
from indexer.http import check_url
from indexer.model import Source
from indexer.settings import split_login

State = Literal["offered", "registered", "impossible"]

_LONGEST = 63
_FALLBACK = "repository"
_TYPES = {
    "git": N_("captain builds its charts from a Git repository; there is no index to read."),
    "svn": N_("captain builds its charts from a Subversion repository; there is no index to read."),
    "local": N_("Its charts lie in captain's own ChartMuseum, under an address inside the cluster."),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One ChartRepo, and what it would be as a source."""

    cluster: str
    repo: str
    """Its name, and so the source's name for captain."""
    url: str
    """Without user name and password."""
    state: State
    name: str
    """A name that the source may have, or has (``registered``)."""
    phase: str
    reason: str
    secret_ref: str = ""
    """``cluster/namespace/name`` of the Secret that it reads with; empty where there is none."""
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    """Both only where they stand in its address, from where they are taken out."""
    why_not: Phrase | None = None
    """Why it is ``impossible``."""

    @property
    def with_credentials(self) -> bool:
        """Whether it is read with a user name and password."""
        return bool(self.secret_ref or self.username)


def offers(cluster: str, repos: Iterable[SeenRepo], sources: Collection[Source]) -> tuple[Offer, ...]:
    """What the ChartRepos of a cluster offer, by name; those that Chartroom made itself are left out."""
    theirs = sorted((one for one in repos if not one.ours), key=lambda one: one.name)
    return tuple(_offer(cluster, one, sources) for one in theirs)


def _offer(cluster: str, repo: SeenRepo, sources: Collection[Source]) -> Offer:
    url, username, password = split_login(repo.url)
    why_not = _why_not(repo, url)
    known = next((one for one in sources if _is_same(one, repo.name, url)), None)
    state: State = "impossible" if why_not else "registered" if known else "offered"
    return Offer(
        cluster=cluster,
        repo=repo.name,
        url=url,
        state=state,
        name=known.name if known else free_name(repo.name, cluster, {one.name for one in sources}),
        phase=repo.phase,
        reason=repo.reason,
        secret_ref=f"{cluster}/{repo.secret_namespace}/{repo.secret}" if repo.secret else "",
        username=username,
        password=password,
        why_not=why_not,
    )


def _is_same(source: Source, repo: str, url: str) -> bool:
    """A source that was made of a ChartRepo goes by its name, also after it got another address."""
    same = source.chart_repo == repo and source.url.rstrip("/") == url.rstrip("/")
    return same or source.captain_repo == repo


def _why_not(repo: SeenRepo, url: str) -> Phrase | None:
    """captain takes any other type for a Helm repository."""
    built = _TYPES.get(repo.type.lower())
    if built:
        return phrase(built)
    try:
        check_url(url)
    except BadUrl as error:
        return phrase(error.cause_text, **error.params)
    return None


def free_name(repo: str, cluster: str, taken: Collection[str]) -> str:
    """A name for the source, made from the ChartRepo's and free among ``taken``."""
    fit = _fit(repo) or _FALLBACK
    tries = (fit, _fit(f"{fit[: _LONGEST // 2]}-{cluster}"), *(f"{fit[: _LONGEST - 4]}-{n}" for n in range(2, 100)))
    return next((one for one in tries if one not in taken), fit)


def _fit(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST].strip("-")
