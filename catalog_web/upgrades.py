"""What another version of its chart means for an app: what changes, and what of the person's own values asks for a
decision. Nothing is sent here."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog_web.catalog import PAGE_PATIENCE, Catalog, VersionPage
from catalog_web.comparisons import Compared, Comparisons
from catalog_web.install.apps import AppDetail, Place
from catalog_web.install.helmrequest import manifest_yaml
from catalog_web.install.recorded import values_of
from catalog_web.install.service import Installs
from catalog_web.inventory import Inventory
from catalog_web.values import editing
from catalog_web.values.paths import parse_path
from catalog_web.values.reading import parse_values
from catalog_web.values.three_way import Decision, ThreeWay, ValueConflict, three_way
from indexer.errors import N_, Phrase, phrase


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an upgrade of one app would be."""

    app: AppDetail
    source: str
    chart: str
    base: VersionPage | None
    """The version that the values were written for; None where it is no longer there."""
    target: VersionPage
    from_version: str
    to_version: str
    mine_yaml: str
    """The person's own values as they are, or as typed by now."""
    values_yaml: str
    """The same after all decisions: what is sent."""
    conflicts: tuple[ValueConflict, ...]
    redundant: tuple[str, ...]
    """Dotted paths of values that equal the new defaults."""
    kept_secret_paths: tuple[str, ...]
    resource_version: str
    behind: int
    comparison: Compared | None
    why_not: Phrase | None = None
    """Why the values could not be looked at one by one."""

    @property
    def undecided(self) -> int:
        """How many conflicts wait for a decision."""
        return sum(not one.decided for one in self.conflicts)


class Upgrades:
    """Proposes upgrades. Safe to use from several threads."""

    def __init__(self, catalog: Catalog, installs: Installs, comparisons: Comparisons, inventory: Inventory) -> None:
        self._catalog, self._installs = catalog, installs
        self._comparisons, self._inventory = comparisons, inventory

    def propose(
        self,
        place: Place,
        version: str = "",
        decisions: Mapping[str, Decision] | None = None,
        values_yaml: str | None = None,
    ) -> Proposal:
        """What going to ``version`` (by default the newest release) means. ``values_yaml``: what was typed by now, in
        place of the app's own values.

        Raises ChartNotFound and VersionNotFound where the source has it no longer, UsageError for values that cannot
        be read, InstallNotFound, ClusterError.
        """
        detail = self._installs.status(*place)
        row = self._inventory.row(detail.app)
        newest = self._catalog.version(row.source, row.app.chart, version or row.newest or row.version, PAGE_PATIENCE)
        base = self._base(row.source, row.app.chart, row.version)
        mine = self._own(detail) if values_yaml is None else values_yaml
        found, why_not = _merged(base, newest, mine, decisions or {})
        last = next((one for one in detail.history if one.uid), None)
        return Proposal(
            app=detail,
            source=row.source,
            chart=row.app.chart,
            base=base,
            target=newest,
            from_version=row.version,
            to_version=newest.version.version,
            mine_yaml=mine,
            values_yaml=_decided(mine, found),
            conflicts=found.conflicts,
            redundant=found.redundant,
            kept_secret_paths=last.secret_paths if last and last.secret else (),
            resource_version=detail.resource_version,
            behind=row.behind,
            comparison=self._compared(row.source, row.app.chart, row.version, newest) if base else None,
            why_not=why_not,
        )

    def _base(self, source: str, chart: str, version: str) -> VersionPage | None:
        if not self._catalog.knows(source, chart, version):
            return None
        return self._catalog.version(source, chart, version, PAGE_PATIENCE)

    def _own(self, detail: AppDetail) -> str:
        """As the person wrote them, where that is known; else what the cluster has, less what looks like a secret."""
        last = next((one for one in detail.history if one.uid), None)
        if last is not None and not last.is_removal:
            return last.values_yaml
        public, _ = self._installs.public(values_of(detail.helmrequest or {}))
        return manifest_yaml(public) if public else ""

    def _compared(self, source: str, chart: str, old: str, new: VersionPage) -> Compared | None:
        if old == new.version.version:
            return None
        return self._comparisons.get(source, chart, old, new.version.version, patience=PAGE_PATIENCE)


def _merged(
    base: VersionPage | None, target: VersionPage, mine: str, decisions: Mapping[str, Decision]
) -> tuple[ThreeWay, Phrase | None]:
    values = parse_values(mine)
    if base is None or base.content is None or target.content is None:
        return ThreeWay(values), phrase(N_("An archive is not at hand, so the defaults cannot be compared yet."))
    old, new = parse_values(base.content.values), parse_values(target.content.values)
    return three_way(old, values, new, decisions), None


def _decided(text: str, found: ThreeWay) -> str:
    """``text`` with what was decided done to it; all else stays as it was written."""
    for path in found.dropped:
        text = editing.drop(text, path)
    for old, new in found.moved:
        value = editing.read(text)
        for key in old:
            value = value[key]
        text = editing.put(editing.drop(text, old), new, value)
    for one in found.redundant:
        text = editing.drop(text, parse_path(one))
    return text
