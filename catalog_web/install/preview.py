"""What would be sent, and what speaks for and against it: first without the cluster, then by asking it."""

from dataclasses import dataclass, replace

from catalog_web.install.cluster import MAX_OBJECTS, Cluster, Object
from catalog_web.install.helmrequest import (
    LABEL_REQUEST,
    Check,
    InstallForm,
    chart_params,
    check_form,
    check_size,
    check_values,
    failed,
    label_value,
    manifest,
    owner_of_release,
)
from catalog_web.install.refusal import clean
from catalog_web.install.status import Seen, seen
from catalog_web.values.reading import parse_values
from indexer.errors import N_, ClusterError, ClusterRefused, InstallNotFound, UsageError


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent, and what speaks for and against it."""

    helmrequest: Object | None
    """None where the values cannot be read, or a name in it could not be."""
    checks: tuple[Check, ...]

    @property
    def sendable(self) -> bool:
        """Nothing failed; a warning or something unknown does not stop an install."""
        return not any(one.state == "fail" for one in self.checks)


def draft(form: InstallForm, api_version: str = "v1alpha1") -> Preview:
    """The HelmRequest of ``form`` and what can be said about it without a cluster."""
    checks = check_form(form)
    try:
        values = parse_values(form.values_yaml)
    except UsageError as error:
        return Preview(None, (*checks, failed("values", error)))
    wanted = manifest(form, values, api_version)
    offered = None if any(one.state == "fail" for one in checks) else wanted
    return Preview(offered, (*checks, check_values(values, has_schema=form.has_schema), check_size(wanted)))


def preview(cluster: Cluster, form: InstallForm) -> Preview:
    """`draft`, and then what the cluster says: is the name free, the release, and would it take the HelmRequest.

    Never raises a `ClusterError`: that is a failed check.
    """
    drafted = draft(form, cluster.api_version)
    if drafted.helmrequest is None or not drafted.sendable:
        return drafted
    asked = _ask(cluster, form, drafted.helmrequest)
    known = {one.id for one in asked}
    return replace(drafted, checks=(*(one for one in drafted.checks if one.id not in known), *asked))


def _ask(cluster: Cluster, form: InstallForm, wanted: Object) -> list[Check]:
    try:
        existing = cluster.get(form.namespace, form.name)
    except InstallNotFound:
        checks = [Check("name-free", "ok", N_("No HelmRequest in {namespace} has this name."), params=_where(form))]
        return [_check_repo(cluster, form), *checks, _check_release(cluster, form), _dry_run(cluster, wanted)]
    except ClusterError as error:
        return [failed("cluster", error)]
    return [_check_existing(form, seen(existing))]


def _where(form: InstallForm) -> dict[str, str]:
    return {"cluster": form.cluster, "namespace": form.namespace, "name": form.name}


def _check_existing(form: InstallForm, existing: Seen) -> Check:
    if form.request_id and existing.labels.get(LABEL_REQUEST) == label_value(form.request_id):
        made = N_("This very request has already made the HelmRequest “{name}”.")
        return Check("name-free", "ok", made, params=_where(form))
    if existing.deleted is not None:
        return Check(
            "name-free",
            "fail",
            N_("A HelmRequest “{name}” in namespace {namespace} is still being removed."),
            N_("Wait until it is gone, or choose another name."),
            _where(form),
        )
    return Check(
        "name-free",
        "fail",
        N_("There is already a HelmRequest “{name}” in namespace {namespace}; it installs {chart} {version}."),
        N_("Choose another name, or remove that one first."),
        {**_where(form), "chart": existing.chart or "?", "version": existing.version or "?"},
    )


def _check_repo(cluster: Cluster, form: InstallForm) -> Check:
    """Whether captain has the ChartRepo that the HelmRequest names; a warning at most, for it may come later."""
    params = {**chart_params(form), "namespace": cluster.captain_namespace}
    try:
        repo = cluster.chart_repo(form.chart_repo)
    except ClusterError:
        return Check(
            "chart",
            "unknown",
            N_("captain looks for {chart}; whether it has a ChartRepo {repo} could not be looked up."),
            N_("Let Chartroom get chartrepos in namespace {namespace}, or look with “kubectl get chartrepos -A”."),
            params,
        )
    if repo is None:
        return Check(
            "chart",
            "warn",
            N_("There is no ChartRepo {repo} in namespace {namespace}, so captain would not find {chart}."),
            N_(
                "Publish the source to captain, on its page or with “chartroom source publish {source}”; or correct "
                "captain_repo of the source or captain_namespace."
            ),
            {**params, "source": form.source},
        )
    return _check_repo_phase(repo, params)


def _check_repo_phase(repo: Object, params: dict[str, str]) -> Check:
    told = repo.get("status")
    status = told if isinstance(told, dict) else {}
    if status.get("phase") == "Synced":
        return Check(
            "chart", "ok", N_("captain has the ChartRepo {repo} and looks for the chart as {chart}."), "", params
        )
    look = N_("Look with “kubectl get chartrepo {repo} -n {namespace} -o yaml”; until it is Synced, nothing installs.")
    if status.get("phase") == "Failed":
        params = {**params, "reason": clean(status.get("reason"))}
        return Check("chart", "warn", N_("captain cannot read its ChartRepo {repo}: {reason}"), look, params)
    return Check("chart", "warn", N_("captain has not read its ChartRepo {repo} yet."), look, params)


def _check_release(cluster: Cluster, form: InstallForm) -> Check:
    """captain lets two HelmRequests of one release upgrade each other for ever, so this is looked for before."""
    try:
        things, complete = everything(cluster, form.namespace)
    except ClusterError as error:
        return failed("release-free", error, state="unknown")
    owner = owner_of_release(things, form.namespace, form.name)
    if owner is not None:
        return Check(
            "release-free",
            "fail",
            N_("The HelmRequest “{owner}” in namespace {of} already owns the release {name} in {namespace}."),
            N_("Choose another name: captain would let the two overwrite each other for ever."),
            {**_where(form), "owner": owner.name, "of": owner.namespace},
        )
    if complete:
        return Check("release-free", "ok", N_("No other HelmRequest owns this release."), params=_where(form))
    return Check(
        "release-free",
        "warn",
        N_("Partly checked: no other HelmRequest in {namespace} owns this release; not all namespaces may be listed."),
        N_("Give Chartroom the right to list HelmRequests in all namespaces, or ask who installs into {namespace}."),
        _where(form),
    )


def everything(cluster: Cluster, namespace: str) -> tuple[tuple[Object, ...], bool]:
    """All HelmRequests and True, or False and at least those of ``namespace`` where there are more, or not all may be
    listed."""
    try:
        found = cluster.list(None)
    except ClusterRefused:
        return cluster.list(namespace), False
    if len(found) < MAX_OBJECTS:
        return found, True
    return (*found, *cluster.list(namespace)), False


def _dry_run(cluster: Cluster, wanted: Object) -> Check:
    try:
        cluster.create(wanted, dry_run=True)
    except (ClusterError, InstallNotFound) as error:
        return failed("dry-run", error)
    return Check("dry-run", "ok", N_("The cluster would accept this HelmRequest."))
