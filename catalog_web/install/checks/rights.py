"""May the person do it? captain may do everything, and installs with its own rights whatever a HelmRequest says; so
what a HelmRequest is asked for has to be asked of the person before."""

from collections.abc import Iterator

from catalog_web.install.checks.check import Check
from catalog_web.install.checks.inquiry import Inquiry
from catalog_web.install.helmrequest import GROUP, PLURAL
from indexer.errors import N_


def check_create(inquiry: Inquiry) -> Iterator[Check]:
    """The right to create HelmRequests where the chart is to be installed."""
    access = inquiry.person.may("create", PLURAL, group=GROUP, namespace=inquiry.form.namespace)
    if access.allowed:
        may = N_("{user} may create HelmRequests in namespace {namespace}.")
        yield Check("rights", "ok", may, params=inquiry.where)
        return
    yield Check(
        "rights",
        "fail",
        N_("{user} may not create HelmRequests in namespace {namespace} of cluster {cluster}."),
        N_("Ask who runs the cluster to apply this Role, or choose a namespace of yours."),
        inquiry.where,
        doors=(inquiry.role("install", "upgrade", "uninstall"),),
    )


def check_update(inquiry: Inquiry) -> Iterator[Check]:
    """The right to change HelmRequests there."""
    access = inquiry.person.may("update", PLURAL, group=GROUP, namespace=inquiry.form.namespace, name=inquiry.form.name)
    if access.allowed:
        may = N_("{user} may change HelmRequests in namespace {namespace}.")
        yield Check("rights", "ok", may, params=inquiry.where)
        return
    yield Check(
        "rights",
        "fail",
        N_("{user} may not change HelmRequests in namespace {namespace} of cluster {cluster}."),
        N_("Ask who runs the cluster to apply this Role."),
        inquiry.where,
        doors=(inquiry.role("upgrade"),),
    )


def check_acting(inquiry: Inquiry) -> Iterator[Check]:
    """Whether the person could do there by hand what captain will do for them; asked where Chartroom acts as them."""
    if not inquiry.impersonates:
        return
    if inquiry.person.may("create", "deployments", group="apps", namespace=inquiry.form.namespace).allowed:
        could = N_("{user} may make objects in namespace {namespace} by hand, too.")
        yield Check("acting", "ok", could, params=inquiry.where)
        return
    yield Check(
        "acting",
        "warn",
        N_("{user} may not make Deployments in namespace {namespace}; captain would do it with its own rights."),
        N_("This is what the right to create HelmRequests means. If it was not meant so, tell who runs the cluster."),
        inquiry.where,
    )


def check_secrets(inquiry: Inquiry) -> Iterator[Check]:
    """The right to keep the values that are not to be seen in a Secret, and to clean up after a refusal."""
    if not inquiry.form.secret_paths:
        return
    missing = [
        verb
        for verb in ("create", "get", "delete")
        if not inquiry.person.may(verb, "secrets", namespace=inquiry.form.namespace).allowed
    ]
    params = {**inquiry.where, "verbs": ", ".join(missing)}
    if not missing:
        ok = N_("Secret values go to a Secret in namespace {namespace}, and only its name to the HelmRequest.")
        yield Check("secrets", "ok", ok, params=params)
        return
    yield Check(
        "secrets",
        "fail" if "create" in missing else "warn",
        N_("Secret values go to a Secret, and {user} may not do this with Secrets in namespace {namespace}: {verbs}."),
        N_("Ask who runs the cluster to apply this Role, or mark no value as secret."),
        params,
        doors=(inquiry.role("secrets"),),
    )
