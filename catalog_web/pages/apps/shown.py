"""What the pages of one app have in common: where it is, what its cluster and its revisions tell, and its chart."""

from dataclasses import dataclass
from typing import Any

from catalog_web.install.service import AppDetail
from catalog_web.install.status import NOT_TOLD, app_of
from catalog_web.inventory import AppRow
from catalog_web.pages.view import seen_catalog, services
from catalog_web.sight import NotYet
from indexer.errors import ClusterError
from indexer.model import ChartSummary, Revision


@dataclass(frozen=True, slots=True)
class Shown:
    """One app. Where its cluster fails, what Chartroom itself knows of it stays."""

    cluster: str
    namespace: str
    name: str
    detail: AppDetail | None
    error: ClusterError | None
    """Why ``detail`` is None."""
    history: tuple[Revision, ...]
    """Newest first."""
    row: AppRow | None
    """None where neither the cluster nor a revision tells of it."""
    chart: ChartSummary | None
    """In the catalog; None where it is no longer there, or nobody knows its source."""

    @property
    def place(self) -> dict[str, str]:
        """Where it is, as addresses name it."""
        return {"cluster": self.cluster, "namespace": self.namespace, "name": self.name}

    @property
    def detail_version(self) -> str:
        """Names the state that the cluster told; empty where it told none."""
        return self.detail.resource_version if self.detail else ""

    @property
    def newest(self) -> Revision | None:
        """The newest revision that its cluster took."""
        return next((one for one in self.history if one.uid), None)

    @property
    def installed(self) -> Revision | None:
        """The revision that made it; None where Chartroom did not."""
        return next((one for one in self.history if one.action == "install"), None)


def look(cluster: str, namespace: str, name: str) -> Shown:
    """Ask the cluster. Raises InstallNotFound, ClusterNotFound."""
    try:
        detail = services().installs.status(cluster, namespace, name)
    except ClusterError as error:
        history = tuple(services().store.revisions.history(cluster, namespace, name))
        return Shown(cluster, namespace, name, None, error, history, *_known(cluster, history))
    row = services().inventory.row(detail.app, seen_catalog().sight)
    return Shown(cluster, namespace, name, detail, None, detail.history, row, _chart(row))


def _known(cluster: str, history: tuple[Revision, ...]) -> tuple[AppRow | None, ChartSummary | None]:
    if not history:
        return None, None
    row = services().inventory.row(app_of(cluster, dict(history[0].manifest), NOT_TOLD), seen_catalog().sight)
    return row, _chart(row)


def _chart(row: AppRow) -> ChartSummary | None:
    key = (row.source, row.app.chart)
    return seen_catalog().charts([key]).get(key)


def head(shown: Shown) -> dict[str, Any]:
    """What the templates of all these pages need."""
    row = shown.row
    app = row.app if row else None
    return {"shown": shown, "place": shown.place, "row": row, "app": app, "not_yet": _not_yet(row) if row else None}


def _not_yet(row: AppRow) -> NotYet | None:
    """Why the newest release of the app's chart may not be used; None where it may, or where it runs."""
    return seen_catalog().sight.not_yet(row.source, row.app.chart, row.not_yet) if row.not_yet else None
