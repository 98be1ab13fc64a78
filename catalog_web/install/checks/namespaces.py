"""Is the namespace there, or may it be made? captain makes none."""

from collections.abc import Iterator

from catalog_web.install.checks.check import Check
from catalog_web.install.checks.inquiry import Inquiry
from catalog_web.install.cluster import Object
from catalog_web.install.doors import Door
from indexer.errors import N_, ClusterRefused, ObjectInvalid


def check_namespace(inquiry: Inquiry) -> Iterator[Check]:
    """Whether there is a namespace to install into. Nothing is said where that may not be seen: the dry run tells."""
    try:
        found = inquiry.cluster.namespace(inquiry.form.namespace)
    except ClusterRefused:
        return
    yield _missing(inquiry) if found is None else _present(inquiry, found)


def _present(inquiry: Inquiry, found: Object) -> Check:
    if not found["metadata"].get("deletionTimestamp"):
        return Check("namespace-there", "ok", N_("The namespace {namespace} is there."), params=inquiry.where)
    return Check(
        "namespace-there",
        "fail",
        N_("The namespace {namespace} is being removed; nothing new can be made in it."),
        N_("Wait until it is gone, or choose another one."),
        inquiry.where,
    )


def _missing(inquiry: Inquiry) -> Check:
    may = inquiry.person.may("create", "namespaces").allowed
    if may and inquiry.form.create_namespace:
        will = N_("There is no namespace {namespace} yet; Chartroom makes it before it installs.")
        return Check("namespace-new", "ok", will, params=inquiry.where)
    make = Door("create-namespace", N_("Create the namespace {namespace}"), inquiry.where)
    return Check(
        "namespace-there",
        "fail",
        N_("There is no namespace {namespace} in cluster {cluster}, and captain does not make it."),
        N_("Let Chartroom make it, or choose one that is there.")
        if may
        else N_("Ask who runs the cluster to make it, or to apply this Role; or choose one that is there."),
        inquiry.where,
        ObjectInvalid(cluster=inquiry.cluster.name, detail=f"the namespace {inquiry.form.namespace} does not exist"),
        (make,) if may else (inquiry.role("namespaces"),),
    )
