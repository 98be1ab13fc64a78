"""May the person do it? captain may do everything, and installs with its own rights whatever a HelmRequest says; so
what a HelmRequest is asked for has to be asked of the person before."""

from collections.abc import Iterator

from catalog_web.install.capabilities import CapabilityId
from catalog_web.install.checks.check import Check
from catalog_web.install.checks.inquiry import Inquiry
from catalog_web.install.helmrequest import GROUP, PLURAL
from indexer.errors import N_, RightMissing


def check_create(inquiry: Inquiry) -> Iterator[Check]:
    """The right to create HelmRequests where the chart is to be installed."""
    yield _check(inquiry, "create", ("install", "upgrade", "uninstall"))


def check_update(inquiry: Inquiry) -> Iterator[Check]:
    """The right to change the HelmRequest."""
    yield _check(inquiry, "update", ("upgrade",))


def _check(inquiry: Inquiry, verb: str, needs: tuple[CapabilityId, ...]) -> Check:
    params = {**inquiry.where, "verb": verb, "resource": PLURAL}
    if inquiry.person.may(verb, PLURAL, group=GROUP, namespace=inquiry.form.namespace).allowed:
        return Check("rights", "ok", N_("{user} may {verb} {resource} in namespace {namespace}."), params=params)
    door = inquiry.role(*needs)
    error = RightMissing(**params, status=403, role=door.text)
    other = N_("Ask who runs the cluster to apply this Role, or choose a namespace of yours.")
    return Check("rights", "fail", error.cause_text, other, params, error, (door,))


def check_release_namespace(inquiry: Inquiry, release: str) -> Iterator[Check]:
    """Whether the person may install in the namespace of the release, where that is not the HelmRequest's own."""
    if release == inquiry.form.namespace:
        return
    params = {**inquiry.where, "release": release}
    if inquiry.person.may("create", PLURAL, group=GROUP, namespace=release).allowed:
        may = N_("Its release is in namespace {release}, where {user} may install, too.")
        yield Check("release-namespace", "ok", may, params=params)
        return
    yield Check(
        "release-namespace",
        "fail",
        N_("captain would change namespace {release} with its own rights, where {user} may not install."),
        N_("Ask who may install there to upgrade it."),
        params,
    )


def check_acting(inquiry: Inquiry) -> Iterator[Check]:
    """Whether the person could do there by hand what captain will do for them; asked where Chartroom acts as them."""
    if not inquiry.acts_as_person:
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
