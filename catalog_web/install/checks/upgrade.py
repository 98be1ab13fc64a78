"""What an upgrade would write, and what speaks for and against it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog_web.install.checks.asking import ask
from catalog_web.install.checks.captain import check_alive, check_webhooks
from catalog_web.install.checks.chart import check_chart_facts, check_crds
from catalog_web.install.checks.check import Check, failed
from catalog_web.install.checks.compatible import check_kinds, check_kube_version
from catalog_web.install.checks.facts import NO_FACTS, Facts
from catalog_web.install.checks.form import check_form, check_size, check_values
from catalog_web.install.checks.inquiry import Inquiry, Question
from catalog_web.install.checks.preview import Preview
from catalog_web.install.checks.resolvable import check_chart
from catalog_web.install.checks.rights import check_acting, check_release_namespace, check_secrets, check_update
from catalog_web.install.checks.schema import check_schema
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.status import seen
from catalog_web.install.upgrade_form import UpgradeForm
from indexer.errors import N_, ClusterError, InstallNotFound

_QUESTIONS = (
    Question("rights", check_update, "rights"),
    Question("acting", check_acting, "rights"),
    Question("secrets", check_secrets, "rights"),
    Question("captain-alive", check_alive, "charts"),
    Question("webhook", check_webhooks, "webhooks"),
    Question("chart", check_chart, "charts"),
    Question("kube-version", check_kube_version, "rights"),
    Question("kinds", check_kinds, "rights"),
)
_FIXED = frozenset({"name", "namespace"})
"""What an upgrade cannot change."""


def preview_upgrade(
    cluster: Cluster,
    form: UpgradeForm,
    current: Object,
    made: Object,
    values: Mapping[str, Any],
    facts: Facts = NO_FACTS,
) -> Preview:
    """``made``, what ``form`` makes of the HelmRequest ``current``, and all checks, asked as for an install.

    ``values``: all of the person's own, those that are secret too. Never raises a `ClusterError`.
    """
    wish = as_install(form)
    release = seen(current).release_namespace
    there = Question("release-namespace", lambda inquiry: check_release_namespace(inquiry, release), "rights")
    drafted = [*_drafted(wish, values, made, facts), _fixed(current)]
    inquiry, asked = ask(cluster, wish, facts, [*_QUESTIONS, there])
    known = {one.id for one in asked}
    checks = [*(one for one in drafted if one.id not in known), *asked]
    tried = _dry_run(inquiry, made, checks) if inquiry else ()
    return Preview(made, (*checks, *tried))


def as_install(form: UpgradeForm) -> InstallForm:
    """What an upgrade and an install have in common."""
    return InstallForm(
        source=form.source,
        chart_repo=form.chart_repo,
        chart=form.chart,
        version=form.version,
        cluster=form.cluster,
        namespace=form.namespace,
        name=form.name,
        values_yaml=form.values_yaml,
        request_id=form.request_id,
        person=form.person,
        chart_type=form.chart_type,
        has_schema=form.has_schema,
        archive_error=form.archive_error,
        secret_paths=(*form.secret_paths, *form.kept_secrets),
        taking=form.taking.way,
        source_url=form.taking.url,
        source_secret=form.taking.secret,
        decides=form.decides,
        refused=form.refused,
    )


def _drafted(wish: InstallForm, values: Mapping[str, Any], made: Object, facts: Facts) -> Iterator[Check]:
    yield from (one for one in check_form(wish) if one.id not in _FIXED)
    yield from check_chart_facts(wish, facts)
    yield from check_crds(facts)
    yield check_values(values, has_schema=wish.has_schema and facts.content is None)
    yield from check_schema(facts, values, wish.values_yaml)
    yield check_size(made)


def _fixed(current: Object) -> Check:
    one = seen(current)
    return Check(
        "fixed",
        "ok",
        N_("The release {name} in namespace {namespace} keeps its name: captain would abandon it under another one."),
        params={"name": one.release_name, "namespace": one.release_namespace},
    )


def _dry_run(inquiry: Inquiry, made: Object, checks: Sequence[Check]) -> Iterator[Check]:
    """Whether the cluster would take it, webhooks included; not where something failed already."""
    if any(one.state == "fail" for one in checks):
        return
    try:
        inquiry.person.replace(made, dry_run=True)
    except (ClusterError, InstallNotFound) as error:
        yield failed("dry-run", error)
        return
    yield Check("dry-run", "ok", N_("The cluster would accept this HelmRequest."))
