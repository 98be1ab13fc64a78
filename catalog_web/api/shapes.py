"""How a thing looks in JSON: the one place that says so, for the API and for the command line's ``--json``.

A ``TypedDict`` names the shape, the function beside it makes it. The OpenAPI document is derived from the former.
Moments are RFC 3339 in UTC, or null where unknown.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

# pydantic derives JSON Schema only from this TypedDict below Python 3.12
from typing_extensions import TypedDict

from catalog_web.api import check_shapes
from catalog_web.api.images import ImageShape, image_shapes
from catalog_web.api.signature import SignatureShape, signed
from catalog_web.captain.discover import Offer
from catalog_web.captain.inside import Inside
from catalog_web.captain.limits import Limit
from catalog_web.captain.status import WARNING, Published
from catalog_web.catalog import CatalogItem, CatalogPage, VersionPage
from catalog_web.comparisons import Comparisons
from catalog_web.images import shown_images
from catalog_web.install.cluster import ClusterHealth
from catalog_web.install.cluster_states import ClusterState
from catalog_web.install.clusters import LIST_PATIENCE
from catalog_web.install.service import AppDetail
from catalog_web.install.status import App
from catalog_web.inventory import AppRow, Found
from catalog_web.links import without_userinfo
from catalog_web.sight import NotYet, Recommendation
from catalog_web.source_values import NAMES
from indexer.changelog import ChangeNote, NoteKind
from indexer.diagnose import Certificate, Diagnosis, Rung, RungId, RungState, Trust
from indexer.errors import ChartroomError, ClusterTimedOut, describe, fill
from indexer.mirrors import Mirrors
from indexer.model import (
    ArchiveFile,
    Attempt,
    Change,
    ChartSummary,
    ClusterConfig,
    ContentPolicy,
    Dependency,
    DueReason,
    Held,
    Outcome,
    Problem,
    Progress,
    PublicationMode,
    Revision,
    RevisionAction,
    RevisionOutcome,
    Signature,
    Source,
    SourceKind,
    SourceState,
    Step,
    VersionSummary,
)
from indexer.search.request import MatchField, Suggestion
from indexer.sync import SyncResult


def moment(value: datetime | None) -> str | None:
    """``2026-01-02T03:04:05Z``."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if value else None


class ErrorShape(TypedDict):
    """What went wrong and what can be done about it."""

    id: str
    cause: str
    remedy: str


def error_shape(error: ChartroomError) -> ErrorShape:
    """``error`` in English."""
    return {"id": error.id, "cause": error.cause, "remedy": error.remedy}


class ProblemDetails(TypedDict):
    """RFC 9457, with the project's own ``id``, ``cause`` and ``remedy``."""

    type: str
    title: str
    status: int
    detail: str
    id: str
    cause: str
    remedy: str


# -- charts


class NamedChart(TypedDict):
    """A chart by its name."""

    source: str
    name: str


class MatchShape(TypedDict):
    """Where a search found its words."""

    field: MatchField
    snippet: str


class RecommendationShape(TypedDict):
    """That a team of whoever asks recommends a chart. ``versions``: which, a range in Helm's notation; empty: all."""

    team: str
    note: str
    versions: str


class ChartItem(TypedDict):
    """A chart in a list."""

    source: str
    name: str
    version: str
    app_version: str
    description: str
    icon: str
    updated: str | None
    deprecated: bool
    also_in: list[NamedChart]
    matched: list[MatchShape]
    recommended: RecommendationShape | None


class FacetCount(TypedDict):
    """A value that the list can be narrowed to."""

    value: str
    count: int


class ChartsPage(TypedDict):
    """One page of a search.

    ``corrected``: what was searched instead of the text, for which nothing was found. ``did_you_mean``: a text that
    finds more. ``notes`` say where the text was not taken as it may have been meant.
    """

    total: int
    took_ms: float
    items: list[ChartItem]
    facets: dict[str, list[FacetCount]]
    did_you_mean: str | None
    corrected: str | None
    notes: list[str]


def charts_page(page: CatalogPage) -> ChartsPage:
    """A page of charts."""
    return {
        "total": page.total,
        "took_ms": round(page.took_ms, 2),
        "items": [_chart_item(one) for one in page.items],
        "facets": {
            name: [{"value": value, "count": count} for value, count in counts] for name, counts in page.facets.items()
        },
        "did_you_mean": page.did_you_mean or None,
        "corrected": page.corrected or None,
        "notes": [note.sentence for note in page.notes],
    }


def _chart_item(item: CatalogItem) -> ChartItem:
    chart = item.chart
    return {
        "source": chart.source,
        "name": chart.name,
        "version": chart.version,
        "app_version": chart.app_version,
        "description": chart.description,
        "icon": chart.icon,
        "updated": moment(chart.updated),
        "deprecated": chart.deprecated,
        "also_in": [{"source": source, "name": name} for source, name in item.also_in],
        "matched": [{"field": one.field, "snippet": one.snippet} for one in item.matched],
        "recommended": recommended(item.recommendation),
    }


class NotYetShape(TypedDict):
    """Why whoever asks may not use a version: it is above the ``ceiling`` of the team."""

    team: str
    ceiling: str
    note: str


def not_yet(one: NotYet | None) -> NotYetShape | None:
    """Why a version may not be used."""
    return {"team": one.team, "ceiling": one.ceiling, "note": one.note} if one else None


def recommended(one: Recommendation | None) -> RecommendationShape | None:
    """What a team says for a chart."""
    return {"team": one.team, "note": one.note, "versions": one.versions} if one else None


class SuggestionShape(TypedDict):
    """A chart that a text may become."""

    text: str
    source: str
    name: str


class Suggestions(TypedDict):
    """Charts that a text may become, best first."""

    items: list[SuggestionShape]


def suggestions(found: Sequence[Suggestion]) -> Suggestions:
    """Suggestions for a search box."""
    return {"items": [{"text": one.text, "source": one.source, "name": one.name} for one in found]}


class VersionItem(TypedDict):
    """One line of a chart's list of versions. ``valid``: a version that Helm accepts."""

    version: str
    app_version: str
    created: str | None
    digest: str
    deprecated: bool
    prerelease: bool
    repushed: bool
    valid: bool


class ChartShape(TypedDict):
    """A chart: the facts of its latest version, and all its versions, newest first."""

    source: str
    name: str
    version: str
    app_version: str
    description: str
    icon: str
    home: str
    keywords: list[str]
    maintainers: list[str]
    kube_version: str
    type: str
    updated: str | None
    deprecated: bool
    versions: list[VersionItem]


def chart(summary: ChartSummary, versions: Sequence[VersionSummary]) -> ChartShape:
    """One chart with its versions."""
    return {
        "source": summary.source,
        "name": summary.name,
        "version": summary.version,
        "app_version": summary.app_version,
        "description": summary.description,
        "icon": summary.icon,
        "home": summary.home,
        "keywords": list(summary.keywords),
        "maintainers": list(summary.maintainers),
        "kube_version": summary.kube_version,
        "type": summary.type,
        "updated": moment(summary.updated),
        "deprecated": summary.deprecated,
        "versions": [_version_item(one) for one in versions],
    }


def _version_item(one: VersionSummary) -> VersionItem:
    return {
        "version": one.version,
        "app_version": one.app_version,
        "created": moment(one.created),
        "digest": one.digest,
        "deprecated": one.deprecated,
        "prerelease": one.prerelease,
        "repushed": one.repushed,
        "valid": one.valid,
    }


class MaintainerShape(TypedDict):
    """Who keeps a chart."""

    name: str
    email: str
    url: str


class DependencyShape(TypedDict):
    """A chart that this one brings along."""

    name: str
    version: str
    repository: str
    alias: str
    condition: str
    tags: list[str]


class FileShape(TypedDict):
    """A text file of the archive, named by its path in the chart's folder."""

    path: str
    text: str


class ArchiveShape(TypedDict):
    """Whether the version's archive could be read. ``notes``: what was seen in it and not read."""

    state: Literal["ready", "partial", "failed"]
    digest: str
    size: int
    notes: list[str]
    error: ErrorShape | None


class ChangeLinkShape(TypedDict):
    """An address that a change names."""

    name: str
    url: str


class ChangeNoteShape(TypedDict):
    """One thing that changed; ``kind`` is empty where nobody says it."""

    kind: NoteKind
    description: str
    links: list[ChangeLinkShape]


class VersionShape(TypedDict):
    """One version in full. What only the archive tells is null where the archive could not be had; ``values`` and
    ``schema`` are text as the archive holds it, empty where it has none. ``changes`` says what changed in this version,
    ``changes_from`` who says so: its annotation, its CHANGELOG, or else a comparison with the version before it where
    both archives are at hand."""

    source: str
    name: str
    version: str
    app_version: str
    created: str | None
    digest: str
    urls: list[str]
    deprecated: bool
    prerelease: bool
    repushed: bool
    valid: bool
    description: str
    icon: str
    home: str
    keywords: list[str]
    sources: list[str]
    maintainers: list[MaintainerShape]
    kube_version: str
    type: str
    annotations: dict[str, str]
    changes: list[ChangeNoteShape]
    changes_from: Literal["annotation", "changelog", "comparison", ""]
    dependencies: list[DependencyShape]
    readme: str | None
    values: str | None
    schema: str | None
    templates: list[FileShape] | None
    crds: list[FileShape] | None
    images: list[ImageShape] | None
    archive: ArchiveShape
    signature: SignatureShape
    not_yet: "NotYetShape | None"


def version(page: VersionPage, comparisons: Comparisons, mirrors: Mirrors, signature: Signature) -> VersionShape:
    """One version with what its archive holds."""
    facts, content = page.metadata, page.content
    changes = comparisons.changelog(page)
    needed = content.dependencies if content and content.dependencies else facts.dependencies
    return {
        **_version_item(page.version),
        "source": page.chart.source,
        "name": page.chart.name,
        "urls": [without_userinfo(url) for url in page.version.urls],
        "description": facts.description,
        "icon": facts.icon,
        "home": facts.home,
        "keywords": list(facts.keywords),
        "sources": list(facts.sources),
        "maintainers": [{"name": one.name, "email": one.email, "url": one.url} for one in facts.maintainers],
        "kube_version": facts.kube_version,
        "type": facts.type,
        "annotations": dict(facts.annotations),
        "changes": [_change_note(one) for one in changes.notes],
        "changes_from": changes.origin,
        "dependencies": [_dependency(one) for one in needed],
        "readme": content.readme if content else None,
        "values": content.values if content else None,
        "schema": content.schema if content else None,
        "templates": _files(content.templates) if content else None,
        "crds": _files(content.crds) if content else None,
        "images": image_shapes(shown_images(content.images, mirrors)) if content and not content.outdated else None,
        "archive": archive(page),
        "signature": signed(signature),
        "not_yet": not_yet(page.not_yet),
    }


def _change_note(one: ChangeNote) -> ChangeNoteShape:
    links: list[ChangeLinkShape] = [{"name": link.name, "url": without_userinfo(link.url)} for link in one.links]
    return {"kind": one.kind, "description": one.description, "links": links}


def _dependency(one: Dependency) -> DependencyShape:
    return {
        "name": one.name,
        "version": one.version,
        "repository": one.repository,
        "alias": one.alias,
        "condition": one.condition,
        "tags": list(one.tags),
    }


def _files(files: Sequence[ArchiveFile]) -> list[FileShape]:
    return [{"path": one.path, "text": one.text} for one in files]


def archive(page: VersionPage) -> ArchiveShape:
    """Whether the archive could be read."""
    content, error = page.content, page.content_error
    whole = content is not None and not content.partial
    return {
        "state": "ready" if whole else "partial" if content else "failed",
        "digest": content.digest if content and whole else "",
        "size": content.size if content else 0,
        "notes": list(content.notes) if content else [],
        "error": error_shape(error) if error else None,
    }


# -- sources


class AttemptShape(TypedDict):
    """One try to sync a source. ``bytes``: of the index as received; 0 for "not modified"."""

    id: int
    source: str
    started: str | None
    seconds: float
    outcome: Outcome
    added: int
    updated: int
    removed: int
    repushed: int
    problems: int
    bytes: int
    error: ErrorShape | None


class AttemptsPage(TypedDict):
    """A source's ledger, newest first."""

    total: int
    items: list[AttemptShape]


def attempts_page(total: int, attempts: Sequence[Attempt]) -> AttemptsPage:
    """A page of a source's ledger."""
    return {"total": total, "items": [attempt(one) for one in attempts]}


def attempt(one: Attempt) -> AttemptShape:
    """One row of the ledger."""
    return {
        "id": one.id,
        "source": one.source,
        "started": moment(one.started),
        "seconds": round(one.seconds, 3),
        "outcome": one.outcome,
        "added": one.added,
        "updated": one.updated,
        "removed": one.removed,
        "repushed": one.repushed,
        "problems": one.problems,
        "bytes": one.bytes,
        "error": _attempt_error(one),
    }


def _attempt_error(one: Attempt) -> ErrorShape | None:
    return error_shape(describe(one.error_id, one.error_params)) if one.error_id else None


class ProgressShape(TypedDict):
    """How far a running sync is; ``total`` and ``of_bytes`` 0 where that is not known."""

    started: str | None
    step: Step
    done: int
    total: int
    bytes: int
    of_bytes: int


class HeldShape(TypedDict):
    """A large fall of a catalog that waits for a second equal answer or a person."""

    since: str | None
    removed: int
    of: int
    reason: str


class SettingsShape(TypedDict):
    """What else a source is made of, by the names under which it is changed. Times in seconds."""

    timeout: int
    max_index_bytes: int
    insecure_skip_verify: bool
    credential_origins: list[str]
    proxy: str
    include: list[str]
    exclude: list[str]
    versions: str
    prereleases: bool
    projects: list[str]
    repositories: list[str]
    content: ContentPolicy
    captain_repo: str
    private: bool
    approval: bool


class SourceShape(TypedDict):
    """A source. ``configured``: declared in the configuration file, hence read-only here. ``interval`` in seconds.

    ``next_due`` is when it is asked next, ``due_reason`` why then; ``failures`` are those in a row, the first of which
    began at ``failing_since``; ``last_change`` is the newest attempt that changed the catalog. ``parent`` is the Harbor
    of which it is a project, with whose settings; empty for all others. A Harbor's charts and versions are those of its
    projects together. ``kind_given``: whether somebody said the kind. ``secrets``: which ones are kept for it;
    ``is_private``: whether it is read with credentials, wherever they are. ``url`` is empty for a folder on the server
    whose source the caller may not change.
    """

    name: str
    title: str
    description: str
    url: str
    kind: SourceKind
    kind_given: bool
    parent: str
    project: str
    enabled: bool
    configured: bool
    is_private: bool
    secrets: list[str]
    interval: int
    settings: SettingsShape
    state: Literal["ok", "held", "failing", "never", "disabled"]
    running: bool
    progress: ProgressShape | None
    last_attempt: AttemptShape | None
    last_change: AttemptShape | None
    next_due: str | None
    due_reason: DueReason
    failures: int
    failing_since: str | None
    charts: int
    versions: int
    problems: int
    held: HeldShape | None


class SourcesPage(TypedDict):
    """Sources by name."""

    total: int
    items: list[SourceShape]


def sources_page(total: int, states: Sequence[SourceState]) -> SourcesPage:
    """A page of sources."""
    return {"total": total, "items": [source(one) for one in states]}


def source(state: SourceState) -> SourceShape:
    """One source. Neither the user name nor where its password stands is told."""
    return {
        "name": state.source.name,
        "title": state.source.title,
        "description": state.source.description,
        "url": state.shown_url,
        "kind": state.source.kind,
        "kind_given": state.source.kind_given,
        "parent": state.source.parent,
        "project": state.source.project,
        "enabled": state.source.enabled,
        "configured": state.source.configured,
        "is_private": state.source.is_private,
        "secrets": [NAMES[one] for one in state.source.stored_secrets if one in NAMES],
        "interval": state.source.interval,
        "settings": _settings(state.source),
        "state": state.health,
        "running": state.running is not None,
        "progress": _progress(state.running) if state.running else None,
        "last_attempt": attempt(state.last_attempt) if state.last_attempt else None,
        "last_change": attempt(state.last_change) if state.last_change else None,
        "next_due": moment(state.next_due),
        "due_reason": state.due_reason,
        "failures": state.failures,
        "failing_since": moment(state.failing_since),
        "charts": state.charts,
        "versions": state.versions,
        "problems": state.problems,
        "held": _held(state.held) if state.held else None,
    }


def _settings(source: Source) -> SettingsShape:
    return {
        "timeout": source.timeout,
        "max_index_bytes": source.max_index_bytes,
        "insecure_skip_verify": source.insecure_skip_verify,
        "credential_origins": list(source.credential_origins),
        "proxy": source.proxy,
        "include": list(source.include),
        "exclude": list(source.exclude),
        "versions": source.versions,
        "prereleases": source.prereleases,
        "projects": list(source.projects),
        "repositories": list(source.repositories),
        "content": source.content,
        "captain_repo": source.captain_repo,
        "private": source.private,
        "approval": source.approval,
    }


def _progress(progress: Progress) -> ProgressShape:
    return {
        "started": moment(progress.started),
        "step": progress.step,
        "done": progress.done,
        "total": progress.total,
        "bytes": progress.bytes,
        "of_bytes": progress.of_bytes,
    }


def _held(held: Held) -> HeldShape:
    return {"since": moment(held.since), "removed": held.removed, "of": held.of, "reason": held.reason}


class EntryProblem(TypedDict):
    """What is wrong with one entry of an index; ``line`` counts from 1."""

    chart: str
    version: str
    line: int | None
    cause: str


class SyncShape(TypedDict):
    """What one sync came to."""

    source: str
    outcome: Outcome
    added: int
    updated: int
    removed: int
    repushed: int
    problems: list[EntryProblem]
    error: ErrorShape | None
    seconds: float
    bytes: int


def sync(result: SyncResult) -> SyncShape:
    """One sync that has ended."""
    one = result.attempt
    return {
        "source": one.source,
        "outcome": one.outcome,
        "added": one.added,
        "updated": one.updated,
        "removed": one.removed,
        "repushed": one.repushed,
        "problems": [_entry_problem(problem) for problem in result.problems],
        "error": _attempt_error(one),
        "seconds": round(one.seconds, 3),
        "bytes": one.bytes,
    }


def _entry_problem(problem: Problem) -> EntryProblem:
    return {"chart": problem.chart, "version": problem.version, "line": problem.line, "cause": problem.cause}


# -- changes


class ChangeShape(TypedDict):
    """One row of the change log."""

    id: int
    at: str | None
    source: str
    name: str
    version: str
    kind: Literal["added", "updated", "removed", "repushed"]


class ChangesPage(TypedDict):
    """Changes, oldest first; ask again with ``since`` set to ``next``."""

    items: list[ChangeShape]
    next: int


def changes_page(next_row: int, rows: Sequence[Change]) -> ChangesPage:
    """Rows of the change log."""
    items: list[ChangeShape] = [
        {
            "id": one.id,
            "at": moment(one.at),
            "source": one.source,
            "name": one.name,
            "version": one.version,
            "kind": one.kind,
        }
        for one in rows
        if one.kind != "content"
    ]
    return {"items": items, "next": next_row}


# -- clusters and what is installed there


class ClusterShape(TypedDict):
    """A cluster. ``serves``: the versions of app.alauda.io that know HelmRequests there; ``api_version``: the one that
    is used. ``captain``: what is known of captain there, as far as it may be seen. ``impersonate``: it is asked as the
    person who asks; ``own_token``: with the token of that person's own sign-in. ``asked``: when it answered last; null
    where it has not yet."""

    name: str
    default: bool
    state: Literal["ok", "problem"]
    reachable: bool
    version: str
    serves: list[str]
    api_version: str
    captain_namespace: str
    captain: list[check_shapes.CheckShape]
    impersonate: bool
    own_token: bool
    asked: str | None
    error: ErrorShape | None


class ClustersList(TypedDict):
    """Every cluster, as configured."""

    items: list[ClusterShape]


def clusters(configured: Sequence[ClusterConfig], states: Sequence[ClusterState], default: str) -> ClustersList:
    """Clusters with their health; ``default`` is the name of the one that is meant where none is named."""
    found = {one.cluster: one for one in states}
    return {"items": [_cluster(one, found[one.name], default=one.name == default) for one in configured]}


def _cluster(config: ClusterConfig, state: ClusterState, *, default: bool) -> ClusterShape:
    late = ClusterTimedOut(cluster=config.name, seconds=LIST_PATIENCE)
    health = state.health or ClusterHealth(config.name, reachable=False, error=late)
    return {
        "name": config.name,
        "default": default,
        "state": health.state,
        "reachable": health.reachable,
        "version": health.version,
        "serves": list(health.serves),
        "api_version": config.api_version,
        "captain_namespace": state.captain_namespace,
        "captain": [check_shapes.check(one) for one in state.checks],
        "impersonate": config.impersonate,
        "own_token": config.own_token,
        "asked": moment(state.asked),
        "error": error_shape(health.error) if health.error else None,
    }


class InstallItem(TypedDict):
    """A HelmRequest in a list. ``version`` is the one asked for, ``installed_version`` the one that captain has
    installed; ``phase`` is captain's word; ``headline`` and ``detail`` say it in plain ones."""

    cluster: str
    namespace: str
    name: str
    source: str
    chart: str
    version: str
    installed_version: str
    phase: str
    state: Literal["waiting", "installing", "upgrading", "running", "failed", "retrying", "deleting", "gone", "unknown"]
    reason: str
    headline: str
    detail: str
    managed: bool
    created: str | None


class ClusterFailure(TypedDict):
    """A cluster that could not be listed."""

    cluster: str
    error: ErrorShape


class InstallRow(InstallItem):
    """The same with what was sent and what the catalog knows: ``owner`` installed it, ``changed_by`` sent its last
    revision; ``behind`` counts the releases that are newer; ``drift``: somebody else changed it since; ``gone``: what
    of it is no longer in the catalog; ``images``: those that were asked for."""

    owner: str
    changed_by: str
    changed: str | None
    behind: int
    newest: str
    drift: bool
    deprecated: bool
    repushed: bool
    gone: Literal["", "source", "chart", "version"]
    images: list[str]


class InstallsPage(TypedDict):
    """HelmRequests. ``errors``: clusters that did not answer, whose HelmRequests are told as they were before;
    ``waiting``: those that have not yet; ``partial``: clusters of which only namespaces that Chartroom has installed to
    may be listed; ``unread``: HelmRequests whose images nobody knows, where an image was asked for."""

    total: int
    items: list[InstallRow]
    errors: list[ClusterFailure]
    waiting: list[str]
    partial: list[str]
    unread: int


def installs_page(found: Found, offset: int, limit: int) -> InstallsPage:
    """A page of HelmRequests."""
    failed = ((one.cluster, one.error) for one in found.listings if one.error)
    return {
        "total": len(found.rows),
        "items": [_install_row(one, found) for one in found.rows[offset : offset + limit]],
        "errors": [{"cluster": name, "error": error_shape(error)} for name, error in failed],
        "waiting": [one.cluster for one in found.listings if one.waiting],
        "partial": [one.cluster for one in found.listings if one.partial],
        "unread": found.unread,
    }


def _install_row(row: AppRow, found: Found) -> InstallRow:
    return {
        **_install_item(row.app),
        "source": row.source,
        "owner": row.owner,
        "changed_by": row.person,
        "changed": moment(row.changed),
        "behind": row.behind,
        "newest": row.newest,
        "drift": row.drifted,
        "deprecated": row.deprecated,
        "repushed": row.repushed,
        "gone": row.gone,
        "images": list(found.images.get(row.content_digest, ())),
    }


def _install_item(app: App) -> InstallItem:
    return {
        "cluster": app.cluster,
        "namespace": app.namespace,
        "name": app.name,
        "source": app.source,
        "chart": app.chart,
        "version": app.version,
        "installed_version": app.status.version,
        "phase": app.phase,
        "state": app.state,
        "reason": app.reason,
        "headline": app.status.headline,
        "detail": app.status.detail,
        "managed": app.managed,
        "created": moment(app.created),
    }


class InstallShape(InstallItem):
    """One HelmRequest as the cluster has it; null once it is gone. ``revision``: of what Chartroom sent last, or 0.
    ``resource_version``: send it along with a change, and nobody's change in between is written over. What looks like
    a secret is left out of ``helmrequest``."""

    revision: int
    resource_version: str
    notes: str
    helmrequest: dict[str, Any] | None


def install(found: AppDetail) -> InstallShape:
    """One HelmRequest."""
    return {
        **_install_item(found.app),
        "revision": found.revision,
        "resource_version": found.resource_version,
        "notes": found.app.status.notes,
        "helmrequest": found.shown,
    }


class RevisionShape(TypedDict):
    """What was sent, without the values: they may hold secrets."""

    revision: int
    action: RevisionAction
    source: str
    chart: str
    version: str
    chart_digest: str
    person: str
    at: str | None
    why: str
    outcome: RevisionOutcome
    outcome_reason: str
    based_on: int


class HistoryList(TypedDict):
    """What was sent for one HelmRequest, newest first."""

    items: list[RevisionShape]


def history(revisions: Sequence[Revision]) -> HistoryList:
    """The revisions of an install."""
    return {"items": [_revision(one) for one in revisions]}


def _revision(one: Revision) -> RevisionShape:
    return {
        "revision": one.number,
        "action": one.action,
        "source": one.source,
        "chart": one.chart,
        "version": one.version,
        "chart_digest": one.chart_digest,
        "person": one.person,
        "at": moment(one.at),
        "why": one.why,
        "outcome": one.outcome,
        "outcome_reason": one.outcome_reason,
        "based_on": one.based_on,
    }


# -- test connection


class RungShape(TypedDict):
    """One step of the way to the charts. ``facts``: what ``cause`` was made of, for programs."""

    id: RungId
    state: RungState
    ms: int
    cause: str
    remedy: str
    facts: dict[str, Any]


class CertificateShape(TypedDict):
    """A certificate that the server showed; what cannot be read of it is empty or null. ``fingerprint``: SHA-256."""

    subject: str
    issuer: str
    names: list[str]
    starts: str | None
    ends: str | None
    fingerprint: str
    pem: str
    is_authority: bool
    is_self_signed: bool


class TrustShape(TypedDict):
    """Added to ``ca`` of the source, ``pem`` makes the server believed; ``meaning`` says what that trusts."""

    kind: Literal["self", "root", "issuer", "server"]
    subject: str
    fingerprint: str
    pem: str
    ends: str | None
    meaning: str


class DiagnosisShape(TypedDict):
    """The ladder, the first rung first. ``kind``: as a sync would read the source. ``certificates``: as they were sent,
    the server's own first. ``trust``: null where trusting something is not all that is missing."""

    rungs: list[RungShape]
    kind: SourceKind
    certificates: list[CertificateShape]
    trust: TrustShape | None


def diagnosis(found: Diagnosis) -> DiagnosisShape:
    """What a test of a connection found."""
    return {
        "rungs": [_rung(one) for one in found.rungs],
        "kind": found.source.kind,
        "certificates": [_certificate(one) for one in found.certificates],
        "trust": _trust(found.trust) if found.trust else None,
    }


def _rung(one: Rung) -> RungShape:
    return {
        "id": one.id,
        "state": one.state,
        "ms": one.ms,
        "cause": one.cause_words,
        "remedy": one.remedy_words,
        "facts": dict(one.facts),
    }


def _certificate(one: Certificate) -> CertificateShape:
    return {
        "subject": one.subject,
        "issuer": one.issuer,
        "names": list(one.names),
        "starts": moment(one.starts),
        "ends": moment(one.ends),
        "fingerprint": one.fingerprint,
        "pem": one.pem,
        "is_authority": one.is_authority,
        "is_self_signed": one.is_self_signed,
    }


def _trust(one: Trust) -> TrustShape:
    return {
        "kind": one.kind,
        "subject": one.certificate.subject,
        "fingerprint": one.certificate.fingerprint,
        "pem": one.certificate.pem,
        "ends": moment(one.certificate.ends),
        "meaning": fill(**one.meaning),
    }


class InsideShape(TypedDict):
    """A source as it is seen from where captain stands. ``phase`` and ``reason`` are captain's own words; ``job``: YAML
    of a Job that checks name and port from there, empty where there is no host."""

    cluster: str
    namespace: str
    state: Literal["ok", "waiting", "failing", "absent", "unknown"]
    repo: str
    phase: str
    reason: str
    cause: str
    remedy: str
    job: str


class InsideList(TypedDict):
    """One view for each cluster, in the configured order."""

    total: int
    items: list[InsideShape]


def inside(found: Sequence[Inside]) -> InsideList:
    """What is seen from inside clusters."""
    return {"total": len(found), "items": [_inside(one) for one in found]}


def _inside(one: Inside) -> InsideShape:
    return {
        "cluster": one.cluster,
        "namespace": one.namespace,
        "state": one.state,
        "repo": one.repo,
        "phase": one.phase,
        "reason": one.reason,
        "cause": fill(**one.cause),
        "remedy": fill(**one.remedy) if one.remedy else "",
        "job": one.job,
    }


# -- captain's ChartRepos


class LimitShape(TypedDict):
    """Something to know of captain and this source."""

    id: str
    cause: str


class PublicationShape(TypedDict):
    """That captain of a cluster knows a source. ``phase`` and ``reason`` are captain's own words; ``warning``: what
    taking it back does."""

    cluster: str
    source: str
    mode: Literal["direct", "helm"]
    state: Literal["waiting", "published", "failing", "refused", "unknown", "leaving"]
    repo: str
    url: str
    phase: str
    reason: str
    cause: str
    remedy: str
    last_sync: str | None
    checked: str | None
    limits: list[LimitShape]
    warning: str


class PublicationsList(TypedDict):
    """Publications by cluster; the mode that is taken unless another one is said, and why not ``direct``."""

    total: int
    items: list[PublicationShape]
    default_mode: Literal["direct", "helm"]
    why_not_direct: list[LimitShape]


def publications(
    found: Sequence[Published], mode: PublicationMode, why_not_direct: Sequence[Limit]
) -> PublicationsList:
    """All publications of a source."""
    return {
        "total": len(found),
        "items": [publication(one) for one in found],
        "default_mode": mode,
        "why_not_direct": [_limit(one) for one in why_not_direct],
    }


def _limit(one: Limit) -> LimitShape:
    return {"id": one.id, "cause": one.cause}


def publication(one: Published) -> PublicationShape:
    """One publication."""
    return {
        "cluster": one.cluster,
        "source": one.source,
        "mode": one.mode,
        "state": one.state,
        "repo": one.repo,
        "url": one.url,
        "phase": one.phase,
        "reason": one.reason,
        "cause": one.cause,
        "remedy": one.remedy,
        "last_sync": moment(one.last_sync),
        "checked": moment(one.checked),
        "limits": [_limit(limit) for limit in one.limits],
        "warning": WARNING,
    }


class OfferShape(TypedDict):
    """A ChartRepo that somebody else made. ``name``: of the source that it would be, or is; ``reason``: why captain
    cannot read it; ``cause``: why it cannot be a source."""

    cluster: str
    repo: str
    url: str
    state: Literal["offered", "registered", "impossible"]
    name: str
    with_credentials: bool
    phase: str
    reason: str
    cause: str


class OffersList(TypedDict):
    """ChartRepos by name."""

    total: int
    items: list[OfferShape]


def offers(found: Sequence[Offer]) -> OffersList:
    """What the ChartRepos of a cluster offer; neither user names nor passwords are told."""
    return {"total": len(found), "items": [_offer(one) for one in found]}


def _offer(one: Offer) -> OfferShape:
    return {
        "cluster": one.cluster,
        "repo": one.repo,
        "url": without_userinfo(one.url).partition("?")[0],
        "state": one.state,
        "name": one.name,
        "with_credentials": one.with_credentials,
        "phase": one.phase,
        "reason": one.reason,
        "cause": fill(**one.why_not) if one.why_not else "",
    }
