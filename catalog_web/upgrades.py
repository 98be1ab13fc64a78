"""What an upgrade of an app would mean, and carrying it out: for one app, or for several with one report.

The chart comes from the source that the app was installed from, never silently from another. What the present version
had is known from its archive, which is kept by its digest also after the version has left its repository.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from catalog_web.catalog import Catalog, VersionPage
from catalog_web.comparisons import Comparisons, ComparisonsBusy
from catalog_web.install.apps import AppDetail, Place
from catalog_web.install.checks import Facts
from catalog_web.install.helmrequest import label_value, manifest_yaml
from catalog_web.install.recorded import values_of
from catalog_web.install.service import Installs, UpgradeForm
from catalog_web.install.status import App
from catalog_web.values import editing
from catalog_web.values.form import form_of
from catalog_web.values.paths import ABSENT, Path, value_at
from catalog_web.values.reading import default_values
from catalog_web.values.three_way import Decision, ThreeWay, three_way
from indexer import versions
from indexer.compare import Comparison
from indexer.errors import ChartroomError, DecisionsNeeded, InstallNotFound, SourceUnknown, VersionNotFound
from indexer.model import ArchiveContent, Revision

_NAMED = 5
"""Values that a sentence names."""


def nothing_refused(_place: Place, _source: str) -> None:
    """Of whoever may bring charts of all sources to all apps."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who upgrades."""

    person: str
    decides: Callable[[str], bool]
    """Whether they decide what is installed from a source."""
    refused: Callable[[Place, str], ChartroomError | None] = nothing_refused
    """Why they may not bring a chart of a source to an app."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of several apps that are to be upgraded."""

    place: Place
    version: str = ""
    """Empty: the newest release."""
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    resource_version: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an upgrade would mean. Where there is none, ``why_not`` says why, and all else is as far as it is known."""

    app: App
    base: Revision | None
    """The newest revision; None for an app that Chartroom does not know."""
    source: str
    chart_repo: str
    from_version: str
    to_version: str
    resource_version: str
    """What was looked at: send it along, and nobody's change in between is written over."""
    newer: tuple[str, ...] = ()
    """Releases of the source that are newer than the present version, newest first."""
    values_yaml: str = ""
    """The person's own text for the new version, with their comments and as far as they have decided."""
    merged: ThreeWay = field(default_factory=lambda: ThreeWay({}))
    comparison: Comparison | None = None
    """What changes in the chart; None where one of both archives could not be had."""
    kept_secret_paths: tuple[str, ...] = ()
    """Dotted paths of values that are not in the text and stay as they are."""
    page: VersionPage | None = None
    """The new version."""
    old: ArchiveContent | None = None
    """What the present version holds; None where that is not known, so that no change of a default can be told."""
    why_not: ChartroomError | None = None

    @property
    def facts(self) -> Facts:
        """What the new version says that its values are held against when they are sent."""
        return Facts(content=self.page.content if self.page else None)

    @property
    def place(self) -> Place:
        """Where the app is."""
        return Place(self.app.cluster, self.app.namespace, self.app.name)

    @property
    def behind(self) -> int:
        """How many releases the app is behind."""
        return len(self.newer)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one of several upgrades."""

    place: Place
    proposal: Proposal | None = None
    detail: AppDetail | None = None
    """Once it was sent."""
    error: ChartroomError | None = None


class Upgrades:
    """Proposes upgrades and carries them out. Safe to use from several threads."""

    def __init__(self, catalog: Catalog, installs: Installs, comparisons: Comparisons) -> None:
        self._catalog, self._installs, self._comparisons = catalog, installs, comparisons

    def propose(
        self,
        place: tuple[str, str, str],
        version: str = "",
        decisions: Mapping[str, Decision] | None = None,
        text: str | None = None,
    ) -> Proposal:
        """What going to ``version`` (empty: to the newest release, or where there is none newer, to the same) means.

        ``decisions``: by dotted path, of an earlier proposal's conflicts. ``text``: the person's values, where they
        have changed them since. What the cluster has is looked at now. Raises InstallNotFound, ClusterError.
        """
        detail = self._installs.status(*place)
        if detail.helmrequest is None:
            raise InstallNotFound(cluster=place[0], namespace=place[1], name=place[2])
        begun = self._begun(detail)
        try:
            return self._completed(begun, detail, version, decisions or {}, text)
        except ChartroomError as error:
            return replace(begun, why_not=error)

    def form(self, proposal: Proposal, sender: Sender, why: str = "", request_id: str = "") -> UpgradeForm:
        """What is sent for ``proposal``. Raises why there is none."""
        if proposal.why_not is not None or proposal.page is None:
            raise proposal.why_not or SourceUnknown(name=proposal.app.name)
        version = proposal.page.version
        typed = self._secret_paths(proposal.page, proposal.values_yaml)
        return UpgradeForm(
            *proposal.place,
            source=proposal.source,
            chart_repo=proposal.chart_repo,
            chart=proposal.app.chart,
            version=proposal.to_version,
            values_yaml=proposal.values_yaml,
            request_id=request_id,
            person=sender.person,
            resource_version=proposal.resource_version,
            secret_paths=typed,
            kept_secrets=tuple(one for one in proposal.kept_secret_paths if one not in typed),
            why=why,
            chart_digest=version.archive_digest or version.digest,
            chart_type=proposal.page.metadata.type,
            has_schema=bool(proposal.page.content and proposal.page.content.schema),
            archive_error=proposal.page.content_error,
            decides=sender.decides(proposal.source),
            refused=proposal.page.refused or sender.refused(proposal.place, proposal.source),
        )

    def _secret_paths(self, page: VersionPage, text: str) -> tuple[str, ...]:
        form = form_of(page.content) if page.content else None
        return self._installs.secret_paths(form, editing.read(text))

    def for_(self, catalog: Catalog) -> "Upgrades":
        """The same, of which only what ``catalog`` shows is proposed."""
        return Upgrades(catalog, self._installs, self._comparisons)

    # -- several

    def propose_all(self, wanted: Sequence[Wanted], sender: Sender) -> tuple[Result, ...]:
        """A proposal for each; what fails for one, or is not for ``sender`` to do, is that one's error."""
        return tuple(_result(one.place, partial(self._proposed, one, sender)) for one in wanted)

    def apply_all(self, wanted: Sequence[Wanted], sender: Sender, why: str, request_id: str) -> tuple[Result, ...]:
        """Upgrade each, one after another, once per ``request_id``; what fails for one is that one's error.

        One with values that ask for a decision is left as it is, unless all of them are decided.
        """
        return tuple(_result(one.place, partial(self._applied, one, sender, why, request_id)) for one in wanted)

    def _proposed(self, one: Wanted, sender: Sender) -> Result:
        proposal = self.propose(one.place, one.version, one.decisions)
        return Result(one.place, proposal, error=proposal.why_not or sender.refused(one.place, proposal.source))

    def _applied(self, one: Wanted, sender: Sender, why: str, request_id: str) -> Result:
        proposal = self.propose(one.place, one.version, one.decisions)
        waiting = [conflict.path for conflict in proposal.merged.conflicts if not conflict.decided]
        if waiting:
            paths = ", ".join(waiting[:_NAMED])
            raise DecisionsNeeded(name=proposal.app.name, count=len(waiting), paths=paths)
        own = label_value("/".join((request_id, *one.place))) if request_id else ""
        form = self.form(replace(proposal, resource_version=one.resource_version), sender, why, own)
        return Result(one.place, proposal, self._installs.upgrade(form, proposal.facts))

    # -- how

    def _begun(self, detail: AppDetail) -> Proposal:
        """What is known without the catalog."""
        app = detail.app
        base = next((one for one in detail.history if one.uid and not one.is_removal), None)
        return Proposal(
            app=app,
            base=base,
            source=(base.source if base else "") or app.source,
            chart_repo=app.chart_repo,
            from_version=app.version,
            to_version=app.version,
            resource_version=detail.resource_version,
            kept_secret_paths=self._hidden(detail, base),
        )

    def _hidden(self, detail: AppDetail, base: Revision | None) -> tuple[str, ...]:
        if base is not None:
            return base.secret_paths
        return self._installs.public(values_of(detail.helmrequest or {}))[1]

    def _completed(
        self, begun: Proposal, detail: AppDetail, version: str, decisions: Mapping[str, Decision], text: str | None
    ) -> Proposal:
        if not begun.source:
            raise SourceUnknown(name=begun.app.name)
        source = self._catalog.source(begun.source).source
        _, listed = self._catalog.chart(begun.source, begun.app.chart)
        sight, chart = self._catalog.sight, begun.app.chart
        usable = (one.version for one in listed if sight.may_use(begun.source, chart, one.version))
        newer = tuple(versions.newer_releases(begun.from_version, usable))
        begun = replace(begun, newer=newer, chart_repo=source.chart_repo)
        page = self._catalog.version(begun.source, begun.app.chart, version or next(iter(newer), begun.from_version))
        old = self._old_content(begun)
        found = self._compared(old, page)
        mine = self._text(begun, detail) if text is None else text
        merged = _merged(old, mine, page, decisions, found)
        return replace(
            begun,
            to_version=page.version.version,
            values_yaml=_decided_text(mine, merged),
            merged=merged,
            comparison=found,
            page=page,
            old=old,
            why_not=None if page.content is not None else page.content_error,
        )

    def _old_content(self, begun: Proposal) -> ArchiveContent | None:
        """By the digest of what was installed; else the version as the source has it now."""
        kept = self._catalog.kept_content(begun.base.chart_digest) if begun.base else None
        if kept is not None and kept.metadata.version == begun.from_version:
            return kept
        try:
            return self._catalog.version(begun.source, begun.app.chart, begun.from_version).content
        except VersionNotFound:
            return None

    def _compared(self, old: ArchiveContent | None, page: VersionPage) -> Comparison | None:
        if old is None or page.content is None:
            return None
        try:
            return self._comparisons.with_content(old, page)
        except ComparisonsBusy:
            return None

    def _text(self, begun: Proposal, detail: AppDetail) -> str:
        """What the person wrote, if that is what runs; else what runs, less what looks like a secret."""
        if begun.base is not None:
            return begun.base.values_yaml
        public, _ = self._installs.public(values_of(detail.helmrequest or {}))
        return manifest_yaml(public) if public else ""


def _merged(
    old: ArchiveContent | None,
    mine: str,
    page: VersionPage,
    decisions: Mapping[str, Decision],
    found: Comparison | None,
) -> ThreeWay:
    new_defaults = default_values(page.content.values) if page.content else {}
    old_defaults = default_values(old.values) if old else new_defaults
    return three_way(old_defaults, editing.read(mine), new_defaults, decisions, _renamed(found))


def _renamed(found: Comparison | None) -> Mapping[Path, Path]:
    """Keys that likely stand elsewhere in the new version."""
    moves = found.values.of_kind("moved") if found and found.values else ()
    return {one.before.path: one.after.path for one in moves if one.before and one.after}


def _decided_text(text: str, merged: ThreeWay) -> str:
    """``text`` as far as the person has decided; all else of it stays as they wrote it."""
    mine = editing.read(text)
    for was, now in merged.moved:
        text = _moved(text, mine, was, now)
    for path in merged.dropped:
        text = editing.drop(text, path)
    return text


def _moved(text: str, mine: Mapping[str, Any], was: Path, now: Path) -> str:
    if value_at(mine, now) is ABSENT:
        text = editing.put(text, now, value_at(mine, was))
    return editing.drop(text, was)


def _result(place: Place, work: Callable[[], Result]) -> Result:
    try:
        return work()
    except ChartroomError as error:
        return Result(place, error=error)
