"""A chart that captain takes from an address in the HelmRequest, without a ChartRepo. Pure.

What captain 1.5.0 makes of ``spec.source`` was observed: it wins over ``spec.chart``; only v1 of the API knows it, and
any write through v1alpha1 erases it; and a registry's chart is read in the layout before Helm 3.7 alone.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from catalog_web.install.checks.check import Check
from catalog_web.install.helmrequest import InstallForm
from indexer.errors import N_

_REPOSITORY = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+", re.ASCII)
"""``host[:port]/path`` as the distribution specification has it."""
_SECRET_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


def chart_params(form: InstallForm) -> dict[str, str]:
    """What a text about the chart of ``form`` may name."""
    return {"chart": f"{form.chart_repo}/{form.chart}"[:300], "repo": form.chart_repo[:100]}


def check_source(form: InstallForm) -> Iterator[Check]:
    """Whether captain can read the address, and what to know of such an app."""
    wrong = _wrong_address(form)
    if wrong is not None:
        yield wrong
        return
    params = {**chart_params(form), "url": form.source_url, "version": form.version}
    yield Check("source-url", "ok", N_("captain takes the chart from {url}, without a ChartRepo."), params=params)
    if form.source_secret and not _SECRET_NAME.fullmatch(form.source_secret):
        bad = N_("“{secret}” cannot be the name of a Secret.")
        hint = N_("Name the Secret in the same namespace that holds username and password, or none.")
        yield Check("source-secret", "fail", bad, hint, {"secret": form.source_secret[:80]})
    yield Check("chart", "warn", _ERASED, _ONLY_HERE, params)
    yield Check("source-change", "warn", _UNNOTICED, _WITH_VERSION, params)
    if form.taking == "oci":
        old = N_("captain reads only charts that were pushed to a registry in the layout before Helm 3.7.")
        yield Check(
            "oci-layout", "warn", old, N_("If it fails with a word on media types, publish the source."), params
        )


_ERASED = N_(
    "The address stands in v1 of captain’s API alone: whoever writes this HelmRequest as v1alpha1, if only a label, "
    "erases it, and captain then looks for {chart} in a ChartRepo."
)
_ONLY_HERE = N_(
    "Change it only through Chartroom or as helmrequests.v1.app.alauda.io, and publish the source to captain where you "
    "can."
)
_UNNOTICED = N_("captain does not notice a change of the address alone.")
_WITH_VERSION = N_("With each new address the version changes too: Chartroom sees to it, and writes it as v1.")


def _wrong_address(form: InstallForm) -> Check | None:
    if _holds_login(form.source_url):
        what = N_("The address holds a login, which everybody who may read the HelmRequest would see.")
        return Check("source-url", "fail", what, N_("Name a Secret with username and password instead."))
    params = {"url": form.source_url[:300]}
    if form.taking == "oci":
        what = N_("captain cannot take the chart from “{url}”: it wants host/path and a version without “+”.")
        wrong = Check("source-url", "fail", what, N_("Write it as registry.example.org/charts/name."), params)
        known = _REPOSITORY.fullmatch(form.source_url.removeprefix("oci://"))
        fits = known is not None and "+" not in form.version
    else:
        what = N_("captain cannot take the chart from “{url}”: it wants the http(s) address of a packed chart.")
        wrong = Check("source-url", "fail", what, N_("Write it as https://charts.example.org/name-1.0.0.tgz."), params)
        fits = _is_http(form.source_url)
    return None if fits else wrong


def _holds_login(url: str) -> bool:
    return "@" in url.rpartition("://")[2].partition("/")[0]


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and url.isprintable()
    except ValueError:
        return False
