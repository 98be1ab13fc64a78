"""Is the name free, and the release? captain lets two HelmRequests of one release upgrade each other for ever."""

from collections.abc import Iterator

from catalog_web.install.checks.check import Check
from catalog_web.install.checks.inquiry import Inquiry
from catalog_web.install.cluster import MAX_OBJECTS, Cluster, Object
from catalog_web.install.doors import Door
from catalog_web.install.helmrequest import LABEL_REQUEST, InstallForm, label_value, owner_of_release
from catalog_web.install.status import Seen, seen
from indexer.errors import N_, ClusterRefused, InstallNotFound


def check_name(inquiry: Inquiry) -> Iterator[Check]:
    """Whether no HelmRequest has the name, or the very one that this request made."""
    try:
        existing = seen(inquiry.person.get(inquiry.form.namespace, inquiry.form.name))
    except InstallNotFound:
        free = N_("No HelmRequest in {namespace} has this name.")
        yield Check("name-free", "ok", free, params=inquiry.where)
        return
    yield _own(inquiry) if is_own(inquiry.form, existing) else _taken(inquiry, existing)


def is_own(form: InstallForm, existing: Seen) -> bool:
    """Whether the request of ``form`` made ``existing``."""
    return bool(form.request_id) and existing.labels.get(LABEL_REQUEST) == label_value(form.request_id)


def _own(inquiry: Inquiry) -> Check:
    made = N_("This very request has already made the HelmRequest “{name}”.")
    return Check("made", "ok", made, params=inquiry.where)


def _taken(inquiry: Inquiry, existing: Seen) -> Check:
    if existing.deleted is not None:
        return Check(
            "name-free",
            "fail",
            N_("A HelmRequest “{name}” in namespace {namespace} is still being removed."),
            N_("Wait until it is gone, or choose another name."),
            inquiry.where,
        )
    params = {**inquiry.where, "chart": existing.chart or "?", "version": existing.version or "?"}
    return Check(
        "name-free",
        "fail",
        N_("There is already a HelmRequest “{name}” in namespace {namespace}; it installs {chart} {version}."),
        N_("Upgrade that one instead, choose another name, or remove that one first."),
        params,
        doors=(Door("upgrade", N_("Upgrade {name} instead"), params),),
    )


def check_release(inquiry: Inquiry) -> Iterator[Check]:
    """Whether no other HelmRequest owns the release, as far as all may be listed."""
    things, complete = everything(inquiry.cluster, inquiry.form.namespace)
    form = inquiry.form
    owner = owner_of_release((one for one in things if _is_not(form, one)), form.namespace, form.name)
    if owner is not None:
        yield _owned(inquiry, owner)
    elif complete:
        yield Check("release-free", "ok", N_("No other HelmRequest owns this release."), params=inquiry.where)
    else:
        yield Check(
            "release-free",
            "warn",
            N_(
                "Partly checked: no other HelmRequest in {namespace} owns this release; "
                "not all namespaces may be listed."
            ),
            N_(
                "Give Chartroom the right to list HelmRequests in all namespaces, or ask who installs into {namespace}."
            ),
            inquiry.where,
            doors=(inquiry.role("overview", own=True),),
        )


def _owned(inquiry: Inquiry, owner: Seen) -> Check:
    return Check(
        "release-free",
        "fail",
        N_("The HelmRequest “{owner}” in namespace {of} already owns the release {name} in {namespace}."),
        N_("Choose another name: captain would let the two overwrite each other for ever."),
        {**inquiry.where, "owner": owner.name, "of": owner.namespace},
    )


def _is_not(form: InstallForm, thing: Object) -> bool:
    """``thing`` is another HelmRequest than the one of the name that is asked for."""
    one = seen(thing)
    return (one.namespace, one.name) != (form.namespace, form.name)


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
