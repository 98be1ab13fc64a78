"""What would be sent, and what speaks for and against it: first without the cluster, then by asking it."""

from dataclasses import dataclass, replace

from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.helmrequest import (
    LABEL_REQUEST,
    Check,
    InstallForm,
    check_form,
    check_size,
    check_values,
    failed,
    label_value,
    manifest,
    owner_of_release,
)
from catalog_web.install.status import Seen, seen
from catalog_web.install.values import parse_values
from indexer.errors import N_, ClusterError, ClusterRefused, InstallNotFound, UsageError


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent, and what speaks for and against it."""

    helmrequest: Object | None
    """None where the values cannot be read."""
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
    return Preview(wanted, (*checks, check_values(values), check_size(wanted)))


def preview(cluster: Cluster, form: InstallForm) -> Preview:
    """`draft`, and then what the cluster says: is the name free, the release, and would it take the HelmRequest.

    Never raises a `ClusterError`: that is a failed check.
    """
    drafted = draft(form, cluster.api_version)
    if drafted.helmrequest is None or not drafted.sendable:
        return drafted
    return replace(drafted, checks=(*drafted.checks, *_ask(cluster, form, drafted.helmrequest)))


def _ask(cluster: Cluster, form: InstallForm, wanted: Object) -> list[Check]:
    try:
        existing = cluster.get(form.namespace, form.name)
    except InstallNotFound:
        checks = [Check("name-free", "ok", N_("No HelmRequest in {namespace} has this name."), params=_where(form))]
        return [*checks, _check_release(cluster, form), _dry_run(cluster, wanted)]
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
    """All HelmRequests and True, or those of ``namespace`` and False where not all may be listed."""
    try:
        return cluster.list(None), True
    except ClusterRefused:
        return cluster.list(namespace), False


def _dry_run(cluster: Cluster, wanted: Object) -> Check:
    try:
        cluster.create(wanted, dry_run=True)
    except (ClusterError, InstallNotFound) as error:
        return failed("dry-run", error)
    return Check("dry-run", "ok", N_("The cluster would accept this HelmRequest."))
