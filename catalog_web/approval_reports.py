"""What approving a request would mean now: the same checks as before it was asked, and what the cluster has."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalog_web.approvals import kept
from catalog_web.catalog import PAGE_PATIENCE, VersionPage
from catalog_web.checking import facts_of
from catalog_web.install.apps import AppDetail
from catalog_web.install.checks import Check, Preview
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.upgrade_form import UpgradeForm
from catalog_web.install.verbs.rolling_back import RollBack
from catalog_web.services import Services
from indexer.errors import ChartroomError, InstallNotFound
from indexer.model import Approval


@dataclass(frozen=True, slots=True)
class Report:
    """What an administrator decides about. ``error``: why not all of it could be found out."""

    helmrequest: Mapping[str, Any] | None
    """As it would be written now; where that is not known, as it was when it was asked."""
    present: Mapping[str, Any] | None = None
    """As the cluster has it; None where there is none, or it could not be looked at."""
    checks: tuple[Check, ...] = ()
    page: VersionPage | None = None
    """The version that is to run."""
    changed: bool = False
    """The app, or the archive of the chart, is no longer as it was when it was asked."""
    resource_version: str = ""
    chart_digest: str = ""
    """As they are now; an approval names them where ``changed``."""
    from_version: str = ""
    """What runs; empty where nothing does."""
    hidden: tuple[str, ...] = ()
    """Dotted paths of values that are secret."""
    error: ChartroomError | None = None

    @property
    def sendable(self) -> bool:
        """Whether nothing is known to stop it."""
        return not any(one.state == "fail" for one in self.checks)


def report_of(services: Services, approval: Approval) -> Report:
    """Ask the cluster and the catalog now. What fails is told in the report."""
    asked = Report(approval.form["helmrequest"])
    try:
        wish = services.approvals.wish(approval)
        present = _present(services, approval)
        page = services.catalog.version(approval.source, approval.chart, approval.version, PAGE_PATIENCE)
        return _looked(services, wish, replace(asked, page=page), present)
    except ChartroomError as error:
        return replace(asked, error=error)


def _present(services: Services, approval: Approval) -> AppDetail | None:
    try:
        return services.installs.status(*approval.place)
    except InstallNotFound:
        return None


def _looked(services: Services, wish: kept.Wish, found: Report, present: AppDetail | None) -> Report:
    page, there = found.page, present.helmrequest if present else None
    assert page is not None  # noqa: S101 -- the caller has just asked for it
    digest = page.version.archive_digest or page.version.digest
    looked_at = present.resource_version if present and there else ""
    found = replace(
        found,
        present=there,
        resource_version=looked_at,
        chart_digest=digest,
        from_version=present.app.version if present and there else "",
        changed=_is_changed(wish, there is not None, looked_at, digest),
    )
    if isinstance(wish, RollBack):
        return found
    hidden = (*wish.secret_paths, *(wish.kept_secrets if isinstance(wish, UpgradeForm) else ()))
    try:
        preview = _preview(services, kept.with_look(wish, looked_at, digest), page)
    except ChartroomError as error:
        return replace(found, hidden=hidden, error=error)
    return replace(found, helmrequest=preview.helmrequest or found.helmrequest, checks=preview.checks, hidden=hidden)


def _is_changed(wish: kept.Wish, is_there: bool, looked_at: str, digest: str) -> bool:
    if not isinstance(wish, RollBack) and wish.chart_digest and digest and wish.chart_digest != digest:
        return True
    if isinstance(wish, InstallForm):
        return is_there
    return looked_at != wish.resource_version


def _preview(services: Services, wish: kept.Wish, page: VersionPage) -> Preview:
    """Of whoever decides about it: they need not be told that somebody does."""
    if isinstance(wish, UpgradeForm):
        return services.installs.preview_upgrade(replace(wish, decides=True), facts_of(services, page, wish.cluster))
    assert isinstance(wish, InstallForm)  # noqa: S101 -- a roll back has no preview
    return services.installs.preview(replace(wish, decides=True), facts_of(services, page, wish.cluster))
