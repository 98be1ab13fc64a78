"""Is captain there, and alive? And what looks at HelmRequests on their way in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog_web.install.checks.check import Check, failed
from catalog_web.install.checks.inquiry import Inquiry
from catalog_web.install.cluster import LAST_SYNC, Cluster, ClusterHealth, Object
from catalog_web.install.cluster.answers import meta_text, value_at
from catalog_web.install.helmrequest import GROUP, PLURAL
from indexer.errors import N_, ClusterError

SILENT = timedelta(minutes=10)
"""captain reads each repository about every two minutes and notes the time; so long without is no chance."""
_OWN_WEBHOOK = ".app.alauda.io"
_OLD = "v1alpha1"


def check_served(health: ClusterHealth, api_version: str) -> Check:
    """Whether the cluster knows HelmRequests in the configured version."""
    params = {"cluster": health.cluster, "version": f"{GROUP}/{api_version}", "served": ", ".join(health.serves)}
    if health.error is None:
        return Check("captain", "ok", N_("captain’s HelmRequests are served as {version}."), params=params)
    if not health.serves:
        return failed("captain", health.error)
    return Check(
        "captain",
        "fail",
        N_("The cluster {cluster} does not serve HelmRequests as {version}, only as: {served}."),
        N_("Set api_version of the cluster in Chartroom’s configuration to one of these."),
        params,
        health.error,
    )


def check_alive(inquiry: Inquiry) -> Iterator[Check]:
    """Whether captain works."""
    return alive(inquiry.cluster)


def alive(cluster: Cluster) -> Iterator[Check]:
    """Whether captain has a pod that is ready, where that may be seen, and whether it has done anything lately.

    It notes at each ChartRepo when it last read it. Raises `ClusterError`.
    """
    repos = cluster.chart_repos()
    deployments = _deployments(cluster)
    params = {"of": cluster.captain_namespace}
    if deployments:
        params["deployment"] = meta_text(deployments[0], "name")
    last = max(_syncs(repos), default=None)
    if deployments and not any(map(_has_ready_pod, deployments)):
        yield _without_pod(params)
    elif last is not None:
        yield _by_last_sync(last, params)
    elif deployments:
        runs = N_("captain runs: its Deployment {deployment} in namespace {of} has pods that are ready.")
        yield Check("captain-alive", "ok", runs, params=params)
    else:
        none = N_("No ChartRepo in namespace {of} says when captain last worked, so it is not known whether it does.")
        look = N_("Look with “kubectl get pods -n {of}” whether captain runs.")
        yield Check("captain-alive", "unknown", none, look, params)


def _without_pod(params: Mapping[str, str]) -> Check:
    return Check(
        "captain-alive",
        "warn",
        N_("captain does not run: its Deployment {deployment} in namespace {of} has no pod that is ready."),
        N_("What is sent waits until captain is back. Look with “kubectl get pods -n {of}” why it does not run."),
        params,
    )


def _by_last_sync(last: datetime, params: Mapping[str, str]) -> Check:
    ago = datetime.now(UTC) - last
    params = {**params, "minutes": str(max(int(ago / timedelta(minutes=1)), 0))}
    if ago < SILENT:
        works = N_("captain is at work: it last read a repository {minutes} min ago.")
        return Check("captain-alive", "ok", works, params=params)
    return Check(
        "captain-alive",
        "warn",
        N_("captain seems not to work: it last read a repository {minutes} min ago, and it does so every two."),
        N_("What is sent waits until captain is back. Look with “kubectl get pods -n {of}” whether it runs."),
        params,
    )


def _deployments(cluster: Cluster) -> Sequence[Object]:
    """captain's own; none where they cannot be had: they only tell more."""
    try:
        return cluster.controller() or ()
    except ClusterError:
        return ()


def _has_ready_pod(deployment: Object) -> bool:
    ready = value_at(deployment, "status", "readyReplicas")
    return isinstance(ready, int) and ready > 0


def _syncs(repos: Iterable[Object]) -> Iterator[datetime]:
    """When captain read each repository that it can read; it does not note its tries with the others."""
    for one in repos:
        meta, status = one.get("metadata"), one.get("status")
        noted = meta.get("annotations") if isinstance(meta, dict) else None
        if isinstance(noted, dict) and isinstance(status, dict) and status.get("phase") == "Synced":
            moment = _moment(noted.get(LAST_SYNC))
            yield from [moment] if moment else []


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def check_webhooks(inquiry: Inquiry) -> Iterator[Check]:
    """What looks at HelmRequests on their way in; nothing is said where that may not be seen: the dry run goes through
    all of them."""
    return webhooks(inquiry.cluster)


def webhooks(cluster: Cluster) -> Iterator[Check]:
    """What looks at HelmRequests on their way in, where that may be seen. Raises `ClusterError`."""
    hooks = [one for thing in cluster.webhooks() or () for one in _hooks(thing)]
    own = [one for one in hooks if str(one.get("name", "")).endswith(_OWN_WEBHOOK)]
    others = sorted({str(one.get("name", "?"))[:100] for one in hooks if one not in own})
    params = {"others": ", ".join(others[:10])}
    if own and cluster.api_version == _OLD and any(map(_takes_old, own)):
        yield Check(
            "webhook",
            "warn",
            N_(
                "captain’s webhook is registered for v1alpha1, which it cannot read: it refuses whatever is written so."
            ),
            N_("Set api_version of the cluster in Chartroom’s configuration to v1."),
            params,
        )
    elif own:
        told = N_(
            "captain’s webhook looks at HelmRequests: later it refuses changes of chart, namespace, release name, "
            "cluster and dependencies."
        )
        yield Check("webhook", "ok", told, params=params)
    if others:
        yield Check(
            "webhooks", "ok", N_("These look at HelmRequests as well, and may refuse: {others}."), params=params
        )


def _hooks(configuration: Object) -> Iterator[dict[str, Any]]:
    hooks = configuration.get("webhooks")
    for one in hooks if isinstance(hooks, list) else ():
        if isinstance(one, dict) and any(map(_is_about_requests, _rules(one))):
            yield one


def _rules(hook: dict[str, Any]) -> list[dict[str, Any]]:
    rules = hook.get("rules")
    return [one for one in rules if isinstance(one, dict)] if isinstance(rules, list) else []


def _is_about_requests(rule: dict[str, Any]) -> bool:
    groups, resources = rule.get("apiGroups") or (), rule.get("resources") or ()
    return bool({GROUP, "*"}.intersection(groups)) and bool({PLURAL, "*", "*/*"}.intersection(resources))


def _takes_old(hook: dict[str, Any]) -> bool:
    return any({_OLD, "*"}.intersection(one.get("apiVersions") or ()) for one in _rules(hook))
