"""Asking one cluster all that there is to ask: is it there, who asks, and then everything at the same time."""

from collections.abc import Iterable

from catalog_web.install.checks.captain import check_served
from catalog_web.install.checks.check import Check, failed
from catalog_web.install.checks.facts import Facts
from catalog_web.install.checks.inquiry import Inquiry, Question, at_once
from catalog_web.install.cluster import Cluster
from catalog_web.install.helmrequest import InstallForm
from indexer.errors import CaptainAbsent, ClusterError


def ask(
    cluster: Cluster, form: InstallForm, facts: Facts, questions: Iterable[Question]
) -> tuple[Inquiry | None, list[Check]]:
    """The checks that ``questions`` lead to, and whom was asked; None where nobody there can answer. Never raises a
    `ClusterError`."""
    health = cluster.health()
    if health.error is not None and not isinstance(health.error, CaptainAbsent):
        return None, [failed("cluster", health.error)]
    served = check_served(health, cluster.api_version)
    if health.error is not None:
        return None, [served]
    try:
        person = cluster.acting_as(form.person)
    except ClusterError as error:
        return None, [served, failed("rights", error)]
    inquiry = Inquiry(cluster, person, form, facts, own_user=_user(cluster), user=_user(person))
    return inquiry, [served, *at_once(questions, inquiry)]


def _user(cluster: Cluster) -> str:
    try:
        return cluster.whoami()
    except ClusterError:
        return ""
