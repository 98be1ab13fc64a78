"""What would be sent, and what speaks for and against it: first without the cluster, then by asking it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from catalog_web.install.checks.asking import ask
from catalog_web.install.checks.captain import check_alive, check_webhooks
from catalog_web.install.checks.chart import check_chart_facts
from catalog_web.install.checks.check import Check, failed
from catalog_web.install.checks.compatible import check_kinds, check_kube_version
from catalog_web.install.checks.facts import NO_FACTS, Facts
from catalog_web.install.checks.form import check_form, check_size, check_values
from catalog_web.install.checks.inquiry import Inquiry, Question
from catalog_web.install.checks.namespaces import check_namespace
from catalog_web.install.checks.resolvable import check_chart
from catalog_web.install.checks.rights import check_acting, check_create, check_secrets
from catalog_web.install.checks.schema import check_schema
from catalog_web.install.checks.taken import check_name, check_release
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.wanted import wanted
from catalog_web.values.reading import parse_values
from indexer.errors import N_, ClusterError, InstallNotFound, UsageError

_INSTALL = (
    Question("rights", check_create, "rights"),
    Question("acting", check_acting, "rights"),
    Question("namespace-there", check_namespace, "namespaces"),
    Question("secrets", check_secrets, "rights"),
    Question("name-free", check_name, "install"),
    Question("release-free", check_release, "overview"),
    Question("captain-alive", check_alive, "charts"),
    Question("webhook", check_webhooks, "webhooks"),
    Question("chart", check_chart, "charts"),
    Question("kube-version", check_kube_version, "rights"),
    Question("kinds", check_kinds, "rights"),
)


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


def draft(form: InstallForm, api_version: str = "v1alpha1", facts: Facts = NO_FACTS) -> Preview:
    """The HelmRequest of ``form`` and what can be said about it without a cluster."""
    checks = (*check_form(form), *check_chart_facts(form, facts))
    try:
        values = parse_values(form.values_yaml)
    except UsageError as error:
        return Preview(None, (*checks, failed("values", error)))
    made, _secret = wanted(form, values, api_version)
    offered = None if any(one.state == "fail" for one in checks) else made
    sent = check_values(values, has_schema=form.has_schema and facts.content is None)
    return Preview(offered, (*checks, sent, *check_schema(facts, values, form.values_yaml), check_size(made)))


def preview(cluster: Cluster, form: InstallForm, facts: Facts = NO_FACTS) -> Preview:
    """`draft`, and then all that the cluster says, asked at the same time and bounded; a dry run at last, where nothing
    failed before.

    Never raises a `ClusterError`: that is a failed check, or one of which nothing is known.
    """
    drafted = draft(form, cluster.api_version, facts)
    if drafted.helmrequest is None:
        return drafted
    inquiry, asked = ask(cluster, form, facts, _INSTALL)
    known = {one.id for one in asked}
    checks = [*(one for one in drafted.checks if one.id not in known), *asked]
    tried = _dry_run(inquiry, drafted.helmrequest, checks) if inquiry else ()
    return replace(drafted, checks=(*checks, *tried))


def _dry_run(inquiry: Inquiry, made: Object, checks: Sequence[Check]) -> Iterator[Check]:
    """Whether the cluster would take the HelmRequest, webhooks included; not where something failed already, or where
    this very request has made it."""
    if any(one.state == "fail" for one in checks) or "made" in {one.id for one in checks}:
        return
    if any(one.id == "namespace-new" for one in checks):
        later = N_("Whether the cluster would accept this HelmRequest shows when the namespace is there.")
        yield Check("dry-run", "unknown", later, params=inquiry.where)
        return
    try:
        inquiry.person.create(made, dry_run=True)
    except (ClusterError, InstallNotFound) as error:
        yield failed("dry-run", error)
        return
    yield Check("dry-run", "ok", N_("The cluster would accept this HelmRequest."))
