"""Does the chart fit the cluster: its range of Kubernetes versions, and the kinds that its templates make?"""

import re
from collections.abc import Iterator

from catalog_web.install.checks.check import Check
from catalog_web.install.checks.inquiry import Inquiry
from catalog_web.install.checks.template_kinds import TemplateKind, template_kinds
from indexer.errors import N_
from indexer.version_range import VersionRange

_MOST = 8
"""Kinds that are named; of the others the number."""
_GROUP = re.compile(r"^\s{0,8}group:\s*[\"']?([a-z0-9.-]{1,253})", re.MULTILINE)


def check_kube_version(inquiry: Inquiry) -> Iterator[Check]:
    """Helm refuses a chart whose ``kubeVersion`` does not hold the cluster's."""
    wanted, version = inquiry.facts.kube_version, inquiry.cluster.version
    params = {**inquiry.where, "wanted": wanted[:200], "version": version}
    if not wanted:
        return
    try:
        fits = version in VersionRange.parse(wanted)
    except ValueError:
        odd = N_("The chart asks for Kubernetes “{wanted}”, which is no range of versions.")
        yield Check("kube-version", "warn", odd, N_("Tell who publishes the chart; Helm may refuse it."), params)
        return
    if not version:
        unseen = N_("The chart asks for Kubernetes {wanted}; which one {cluster} has is not known.")
        yield Check("kube-version", "unknown", unseen, "", params)
    elif fits:
        yield Check("kube-version", "ok", N_("The chart fits Kubernetes {version}."), params=params)
    else:
        yield Check(
            "kube-version",
            "fail",
            N_("The chart asks for Kubernetes {wanted}, and {cluster} has {version}: Helm refuses to install it."),
            N_("Choose another version of the chart; the list of its versions can be filtered by Kubernetes."),
            params,
        )


def check_kinds(inquiry: Inquiry) -> Iterator[Check]:
    """Whether the cluster serves the kinds that the templates write out, as far as no condition on the cluster's own
    abilities stands before them."""
    content = inquiry.facts.content
    if content is None or not content.templates:
        return
    own = frozenset(group for file in (*content.crds, *content.templates) for group in _GROUP.findall(file.text))
    kinds = [one for one in template_kinds(content.templates) if one.group not in own]
    served = inquiry.cluster.served()
    if served is None:
        unseen = N_("Which kinds the cluster serves may not be seen.")
        yield Check("kinds", "unknown", unseen, params=inquiry.where)
        return
    missing = [one for one in kinds if one.text not in served]
    yield _told(inquiry, missing) if missing else Check("kinds", "ok", _ALL_SERVED, params=inquiry.where)


_ALL_SERVED = N_("The cluster serves all kinds that the templates write out.")


def _told(inquiry: Inquiry, missing: list[TemplateKind]) -> Check:
    shown = "\n".join(f"{one.text} ({one.path})" for one in missing[:_MOST])
    more = len(missing) - _MOST
    return Check(
        "kinds",
        "warn",
        N_("The cluster does not serve these kinds, which templates make:\n{kinds}"),
        N_(
            "Where these templates are switched on, the install fails. Switch them off in the values, first install "
            "what brings the kinds, or choose a version of the chart that is made for Kubernetes {version}."
        ),
        {**inquiry.where, "kinds": shown + (f"\n(+{more})" if more > 0 else ""), "version": inquiry.cluster.version},
    )
