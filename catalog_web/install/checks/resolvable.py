"""Can captain find the chart? It looks for a ChartRepo, and there for a Chart that lists the version; that list lags up
to two minutes behind. Where it cannot yet, sending does no harm: captain tries again for ever."""

from collections.abc import Iterator, Mapping

from catalog_web.install.checks.check import Check
from catalog_web.install.checks.inquiry import Inquiry
from catalog_web.install.checks.source import chart_params
from catalog_web.install.cluster import Object
from catalog_web.install.doors import Door
from catalog_web.install.refusal import clean
from indexer.errors import N_, ClusterRefused

_MAX_VERSIONS = 20_000


def check_chart(inquiry: Inquiry) -> Iterator[Check]:
    """Whether captain finds this version. One that it takes from an address is not asked for anywhere."""
    if inquiry.form.taking != "repo":
        return
    params = {**chart_params(inquiry.form), **_about(inquiry)}
    try:
        yield _look(inquiry, params)
    except ClusterRefused:
        yield Check(
            "chart",
            "unknown",
            N_("captain looks for {chart}; whether it has a ChartRepo {repo} could not be looked up."),
            N_("Let Chartroom get chartrepos in namespace {of}, or look with “kubectl get chartrepos -A”."),
            params,
            doors=(inquiry.role("charts", own=True),),
        )


def _look(inquiry: Inquiry, params: Mapping[str, str]) -> Check:
    repo = inquiry.cluster.chart_repo(inquiry.form.chart_repo)
    status = _mapping(repo, "status")
    if repo is None:
        return _unknown_repo(inquiry, params)
    if status.get("phase") == "Failed":
        return _failing(inquiry, {**params, "reason": clean(status.get("reason"))})
    if status.get("phase") != "Synced":
        unread = N_("captain has not read its ChartRepo {repo} yet.")
        return Check("chart", "warn", unread, _LOOK, params, doors=(_sync(inquiry, params),))
    return _check_version(inquiry, params)


_LOOK = N_("Look with “kubectl get chartrepo {repo} -n {of} -o yaml”; until it is Synced, nothing installs.")


def _about(inquiry: Inquiry) -> dict[str, str]:
    form = inquiry.form
    more = {"of": inquiry.cluster.captain_namespace, "source": form.source, "version": form.version}
    return {**inquiry.where, **more}


def _unknown_repo(inquiry: Inquiry, params: Mapping[str, str]) -> Check:
    publishing = inquiry.facts.publishing
    if publishing is not None and publishing.why_not is not None:
        why = {**params, "why": publishing.why_not}
        remedy = N_("{why} Or correct captain_repo of the source or captain_namespace of the cluster.")
        return Check("chart", "warn", _NO_REPO, remedy, why, doors=(_source(params),))
    publish = Door("publish", N_("Publish {source} to captain"), params)
    return Check("chart", "warn", _NO_REPO, _PUBLISH, params, doors=(publish, _source(params)))


_NO_REPO = N_("There is no ChartRepo {repo} in namespace {of}, so captain would not find {chart}.")
_PUBLISH = N_(
    "Publish the source to captain, here, on its page or with “chartroom source publish {source}”; or correct "
    "captain_repo of the source or captain_namespace."
)


def _source(params: Mapping[str, str]) -> Door:
    return Door("source", N_("Open the source {source}"), params)


def _sync(inquiry: Inquiry, params: Mapping[str, str]) -> Door:
    """captain can be made to look at once by whoever may change its ChartRepo."""
    if inquiry.cluster.may(
        "patch", "chartrepos", group="app.alauda.io", namespace=params["of"], name=params["repo"]
    ).allowed:
        return Door("sync", N_("Let captain read {repo} now"), params)
    return inquiry.role("sync", own=True)


def _failing(inquiry: Inquiry, params: Mapping[str, str]) -> Check:
    cannot = N_("captain cannot read its ChartRepo {repo}: {reason}")
    return Check("chart", "warn", cannot, _LOOK, params, doors=(_sync(inquiry, params), _source(params)))


def _check_version(inquiry: Inquiry, params: Mapping[str, str]) -> Check:
    found = inquiry.cluster.chart(inquiry.form.chart_repo, inquiry.form.chart)
    known = _versions(found)
    if inquiry.form.version in known:
        there = N_("captain has the ChartRepo {repo} and finds {chart} {version} there.")
        return Check("chart", "ok", there, params=params)
    cause = (
        N_("captain does not know the chart {chart} yet, though it has read its ChartRepo {repo}.")
        if found is None
        else N_("captain knows {chart}, but not the version {version} yet; it knows {count} others.")
    )
    wait = N_(
        "captain reads a repository about every two minutes: wait, or let it read now. If that does not help, captain "
        "reads another repository than the source {source}."
    )
    told = {**params, "count": str(len(known))}
    return Check("chart", "warn", cause, wait, told, doors=(_sync(inquiry, params), _source(params)))


def _versions(chart: Object | None) -> frozenset[str]:
    listed = _mapping(chart, "spec").get("versions")
    entries = listed[:_MAX_VERSIONS] if isinstance(listed, list) else []
    return frozenset(str(one.get("version")) for one in entries if isinstance(one, dict))


def _mapping(thing: Object | None, key: str) -> Mapping[str, object]:
    part = (thing or {}).get(key)
    return part if isinstance(part, dict) else {}
