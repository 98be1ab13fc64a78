"""Changes of what is installed: upgrade, roll back, captain's annotations, import; one app, or several at once."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from catalog_web.api import approval_shapes, shapes
from catalog_web.api.check_shapes import CheckShape, ValueProblemShape, check
from catalog_web.api.installs import BODY_LIMIT, DryRunQuery, Name
from catalog_web.api.operations import Caller, Question, Reply, operation
from catalog_web.auth import decides
from catalog_web.checking import facts_of
from catalog_web.install.apps import Place
from catalog_web.install.helmrequest import manifest_yaml
from catalog_web.install.recorded import FORCE_ADOPT, KEEP_RESOURCES, NO_SYNC, values_of, with_values
from catalog_web.install.service import UpgradeForm
from catalog_web.upgrades import Proposal, Result, Sender, Wanted
from catalog_web.values.difference import only_differing
from catalog_web.values.paths import ABSENT
from catalog_web.values.reading import default_values, parse_values
from catalog_web.values.three_way import ConflictKind, Decision, ValueConflict
from indexer.errors import Forbidden

_ERRORS = (404, 409, 422, 502, 503, 504)
_APP = "/api/v1/installs/{cluster}/{namespace}/{name}"
_TARGET = "app/{cluster}/{namespace}/{name}"
_MOST = 100
"""Apps that are upgraded in one request."""

Why = Annotated[str, Field(max_length=2000)]
RequestId = Annotated[str, Field(max_length=200)]
Path = Annotated[str, Field(max_length=500)]
Decisions = Annotated[dict[Path, Decision], Field(max_length=500)]


class UpgradeBody(Question):
    """An upgrade. ``version`` empty: the newest release of the source that the app came from. Values whole, as an
    object or as YAML text; without either the present ones stay, with ``decisions`` about those whose defaults changed
    (by dotted path). ``secret_paths``: dotted paths of given values that go to a Secret; absent: those that look like
    secrets. ``kept_secrets``: dotted paths of secret values that stay as they are; absent: all that are not given.
    ``resource_version``: as GET answered it; then nothing that changed since is written over (409). Send ``request_id``
    again with a repeated request, and nothing is written twice."""

    version: Name = ""
    values: dict[str, Any] | None = None
    values_yaml: str | None = None
    decisions: Decisions = Field(default_factory=dict)
    secret_paths: list[Path] | None = Field(None, max_length=200)
    kept_secrets: list[Path] | None = Field(None, max_length=200)
    resource_version: Name = ""
    request_id: RequestId = ""
    why: Why = ""

    @model_validator(mode="after")
    def _one_way_of_values(self) -> "UpgradeBody":
        if self.values is not None and self.values_yaml is not None:
            raise ValueError("give either values or values_yaml")
        return self

    @property
    def text(self) -> str | None:
        """The values as YAML text; None where none were given."""
        if self.values is not None:
            return manifest_yaml(self.values) if self.values else ""
        return self.values_yaml


class RollBackBody(Question):
    """Back to ``revision``. ``secret_values``: of values that are not kept any more (409 ``secrets-needed`` names
    them)."""

    revision: int = Field(ge=1, le=2**31 - 1)
    secret_values: dict[str, Any] = Field(default_factory=dict)
    resource_version: Name = ""
    request_id: RequestId = ""
    why: Why = ""


class NoteBody(Question):
    """A note for the history."""

    why: Why = ""


class AnnotationsBody(Question):
    """captain's annotations: true sets one, false removes it, null leaves it as it is."""

    keep_resources: bool | None = None
    """captain leaves all objects when the HelmRequest is deleted."""
    no_sync: bool | None = None
    """captain does not look at the HelmRequest."""
    force_adopt: bool | None = None
    """captain takes over objects that exist already."""
    why: Why = ""


class AdoptBody(Question):
    """An import. ``source``: where its chart is upgraded from; ``labels``: mark the HelmRequest, too."""

    source: Name = ""
    labels: bool = False


class BulkItem(Question):
    """One of several apps."""

    cluster: Name
    namespace: Name
    name: Name
    version: Name = ""
    decisions: Decisions = Field(default_factory=dict)
    resource_version: Name = ""


class BulkBody(Question):
    """Several upgrades. ``apply`` false: only say what each would mean."""

    apps: list[BulkItem] = Field(min_length=1, max_length=_MOST)
    apply: bool = False
    request_id: RequestId = ""
    why: Why = ""


# -- shapes


class SideShape(TypedDict):
    """A value on one side; not ``present``: that side has no such key."""

    present: bool
    value: Any


class ConflictShape(TypedDict):
    """A value that was set and whose default changed."""

    path: str
    kind: ConflictKind
    old: SideShape
    mine: SideShape
    new: SideShape
    decided: Literal["", "mine", "new"]
    moved_to: str


class ProposalShape(TypedDict):
    """What an upgrade would mean. ``behind``: releases that are newer than the present version. ``error``: why there is
    none, or null. Where a dry run asked for it: ``helmrequest``, as it would be written; ``checks``, what speaks for or
    against it; ``problems``, what the new schemas refuse of the values."""

    cluster: str
    namespace: str
    name: str
    source: str
    chart: str
    from_version: str
    to_version: str
    behind: int
    newer: list[str]
    values_yaml: str
    conflicts: list[ConflictShape]
    redundant: list[str]
    kept_secrets: list[str]
    resource_version: str
    helmrequest: dict[str, Any] | None
    checks: list[CheckShape]
    problems: list[ValueProblemShape]
    error: shapes.ErrorShape | None


class BulkResult(TypedDict):
    """What came of one of them; ``install`` once it was sent."""

    cluster: str
    namespace: str
    name: str
    proposal: ProposalShape | None
    install: shapes.InstallShape | None
    error: shapes.ErrorShape | None


class BulkReport(TypedDict):
    """One report for all, in the order that was asked for."""

    items: list[BulkResult]


# -- operations


@operation(
    "PUT",
    _APP,
    action="app.upgrade",
    target=_TARGET,
    summary="Upgrade an app, or change its values, or ask for the approval that its source demands; with ``dry_run`` "
    "say what that means (200)",
    query=DryRunQuery,
    body=UpgradeBody,
    body_limit=BODY_LIMIT,
    answer=shapes.InstallShape | approval_shapes.ApprovalShape,
    other={200: ProposalShape},
    status=202,
    errors=_ERRORS,
)
def upgrade(
    caller: Caller, cluster: str, namespace: str, name: str, *, query: DryRunQuery, body: UpgradeBody
) -> shapes.InstallShape | Reply:
    """Upgrade, or look only. Raises NotFound, UsageError, Conflict, ClusterError."""
    proposal = look(caller, Place(cluster, namespace, name), body)
    if query.dry_run:
        return Reply(tried(caller, proposal, body), 200)
    return approval_shapes.or_asked(caller, lambda: send(caller, proposal, body))


def look(caller: Caller, place: Place, body: UpgradeBody) -> Proposal:
    """What ``body`` would mean for the app. Raises InstallNotFound, ClusterNotFound, ClusterError."""
    named = Place(caller.services.installs.cluster(place.cluster).name, place.namespace, place.name)
    return caller.upgrades.propose(named, body.version, body.decisions, body.text)


def send(caller: Caller, proposal: Proposal, body: UpgradeBody) -> shapes.InstallShape:
    """Upgrade. Raises why there is no proposal, and what `Installs.upgrade` raises."""
    return shapes.install(caller.services.installs.upgrade(_form(caller, proposal, body), proposal.facts))


def tried(caller: Caller, proposal: Proposal, body: UpgradeBody) -> ProposalShape:
    """What it would mean, and all checks. Raises what `Installs.preview_upgrade` raises."""
    if proposal.why_not is not None or proposal.page is None:
        return proposal_shape(proposal)
    services, form = caller.services, _form(caller, proposal, body)
    found = services.installs.preview_upgrade(form, facts_of(services, proposal.page, form.cluster, proposal.old))
    wanted = found.helmrequest or {}
    public, _ = services.installs.public(values_of(wanted))
    checks = [check(one) for one in found.checks]
    problems = [problem for one in checks for problem in one["problems"]]
    return {**proposal_shape(proposal, with_values(wanted, public)), "checks": checks, "problems": problems}


def _form(caller: Caller, proposal: Proposal, body: UpgradeBody) -> UpgradeForm:
    """Only what differs from the defaults is sent of an object; a text is a person's, and stays as they wrote it."""
    form = caller.upgrades.form(proposal, _sender(caller), body.why, body.request_id or uuid.uuid4().hex)
    page = proposal.page
    text = form.values_yaml
    if body.values and page and page.content:
        differing = only_differing(parse_values(text), default_values(page.content.values))
        text = manifest_yaml(differing) if differing else ""
    secret = form.secret_paths if body.secret_paths is None else tuple(body.secret_paths)
    kept = form.kept_secrets if body.kept_secrets is None else tuple(body.kept_secrets)
    return replace(
        form,
        values_yaml=text,
        secret_paths=secret,
        kept_secrets=tuple(one for one in kept if one not in secret),
        resource_version=body.resource_version,
    )


def _sender(caller: Caller) -> Sender:
    return Sender(caller.person, decides(caller.who), _refused(caller))


def _refused(caller: Caller) -> Callable[[Place, str], Forbidden | None]:
    return lambda place, source: caller.source_refused("app.upgrade", place.target, source)


@operation(
    "POST",
    f"{_APP}/rollback",
    action="app.upgrade",
    target=_TARGET,
    summary="Send the spec of an earlier revision again, also after the app was removed; or ask for the approval that "
    "its source demands",
    body=RollBackBody,
    answer=shapes.InstallShape | approval_shapes.ApprovalShape,
    status=202,
    errors=_ERRORS,
)
def roll_back(
    caller: Caller, cluster: str, namespace: str, name: str, *, body: RollBackBody
) -> shapes.InstallShape | Reply:
    """Go back. Raises UsageError, SecretsNeeded, ArchiveNotKept, Conflict, ClusterError."""
    place = Place(caller.services.installs.cluster(cluster).name, namespace, name)
    return approval_shapes.or_asked(caller, lambda: send_back(caller, place, body))


def send_back(caller: Caller, place: Place, body: RollBackBody) -> shapes.InstallShape:
    """Go back. Raises as `Installs.roll_back`."""
    installs = caller.services.installs
    found = installs.roll_back(
        *place,
        body.revision,
        person=caller.person,
        why=body.why,
        request_id=body.request_id,
        secret_values=manifest_yaml(body.secret_values) if body.secret_values else "",
        resource_version=body.resource_version,
        decides=decides(caller.who),
        refused=partial(_refused(caller), place),
    )
    return shapes.install(found)


@operation(
    "POST",
    f"{_APP}/resync",
    action="app.upgrade",
    target=_TARGET,
    summary="Have captain run Helm again for the spec that is there",
    body=NoteBody,
    answer=shapes.InstallShape,
    status=202,
    errors=_ERRORS,
)
def resync(caller: Caller, cluster: str, namespace: str, name: str, *, body: NoteBody) -> shapes.InstallShape:
    """Sync again. Raises InstallNotFound, ClusterError."""
    return shapes.install(caller.services.installs.resync(cluster, namespace, name, caller.person, body.why))


@operation(
    "POST",
    f"{_APP}/annotations",
    action="app.upgrade",
    target=_TARGET,
    summary="Set or remove captain's own annotations",
    body=AnnotationsBody,
    answer=shapes.InstallShape,
    status=202,
    errors=_ERRORS,
)
def annotate(caller: Caller, cluster: str, namespace: str, name: str, *, body: AnnotationsBody) -> shapes.InstallShape:
    """Set or remove them. Raises InstallNotFound, ClusterError."""
    wanted = {KEEP_RESOURCES: body.keep_resources, NO_SYNC: body.no_sync, FORCE_ADOPT: body.force_adopt}
    changes = {key: "true" if value else None for key, value in wanted.items() if value is not None}
    found = caller.services.installs.annotate(cluster, namespace, name, changes, caller.person, body.why)
    return shapes.install(found)


@operation(
    "POST",
    f"{_APP}/adopt",
    action="app.upgrade",
    target=_TARGET,
    summary="Import a HelmRequest that somebody else made",
    body=AdoptBody,
    answer=shapes.InstallShape,
    status=201,
    errors=_ERRORS,
)
def adopt(caller: Caller, cluster: str, namespace: str, name: str, *, body: AdoptBody) -> shapes.InstallShape:
    """Import it. Raises SourceNotFound, InstallNotFound, Conflict, ClusterError."""
    if body.source:
        caller.catalog.source(body.source)
    installs, place = caller.services.installs, (cluster, namespace, name)
    return shapes.install(installs.adopt(*place, caller.person, source=body.source, labels=body.labels))


@operation(
    "POST",
    "/api/v1/upgrades",
    action="app.upgrade",
    target="app",
    summary="Say what upgrading several apps would mean, or do it, with one report",
    body=BulkBody,
    answer=BulkReport,
    errors=(),
)
def several(caller: Caller, *, body: BulkBody) -> BulkReport:
    """Each for itself: what fails for one, or what the caller may not upgrade, is that one's error."""
    wanted = [
        Wanted(Place(one.cluster, one.namespace, one.name), one.version, one.decisions, one.resource_version)
        for one in body.apps
    ]
    places = [one.place for one in wanted]
    refused = {one: error for one in places if (error := caller.why_not("app.upgrade", one.target))}
    allowed = [one for one in wanted if one.place not in refused]
    request_id = body.request_id or uuid.uuid4().hex
    found = (
        caller.upgrades.apply_all(allowed, _sender(caller), body.why, request_id)
        if body.apply
        else caller.upgrades.propose_all(allowed, _sender(caller))
    )
    results = iter(found)
    told = (Result(one, error=refused[one]) if one in refused else next(results) for one in places)
    return {"items": [_result(one) for one in told]}


def _result(one: Result) -> BulkResult:
    return {
        "cluster": one.place.cluster,
        "namespace": one.place.namespace,
        "name": one.place.name,
        "proposal": proposal_shape(one.proposal) if one.proposal else None,
        "install": shapes.install(one.detail) if one.detail else None,
        "error": shapes.error_shape(one.error) if one.error else None,
    }


def proposal_shape(one: Proposal, helmrequest: Mapping[str, Any] | None = None) -> ProposalShape:
    """A proposal."""
    return {
        "cluster": one.app.cluster,
        "namespace": one.app.namespace,
        "name": one.app.name,
        "source": one.source,
        "chart": one.app.chart,
        "from_version": one.from_version,
        "to_version": one.to_version,
        "behind": one.behind,
        "newer": list(one.newer),
        "values_yaml": one.values_yaml,
        "conflicts": [_conflict(conflict) for conflict in one.merged.conflicts],
        "redundant": list(one.merged.redundant),
        "kept_secrets": list(one.kept_secret_paths),
        "resource_version": one.resource_version,
        "helmrequest": dict(helmrequest) if helmrequest is not None else None,
        "checks": [],
        "problems": [],
        "error": shapes.error_shape(one.why_not) if one.why_not else None,
    }


def _conflict(one: ValueConflict) -> ConflictShape:
    return {
        "path": one.path,
        "kind": one.kind,
        "old": _side(one.old),
        "mine": _side(one.mine),
        "new": _side(one.new),
        "decided": one.decided,
        "moved_to": one.moved_to,
    }


def _side(value: Any) -> SideShape:
    return {"present": value is not ABSENT, "value": None if value is ABSENT else value}
