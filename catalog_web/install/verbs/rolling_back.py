"""Roll back: the spec of an earlier revision again, over what is there, or anew where it was removed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from catalog_web.install.apps import AppDetail
from catalog_web.install.checks.taken import everything
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.gate import Sending
from catalog_web.install.helmrequest import (
    LABEL_CHART,
    LABEL_REQUEST,
    LABEL_SOURCE,
    MANAGED_BY,
    label_value,
    owner_of_release,
)
from catalog_web.install.recorded import manifest_of, spec_of, token
from catalog_web.install.secret_values import SecretValues, divide, drop, keep, reference
from catalog_web.install.status import seen
from catalog_web.install.upgrade_form import rewritten, with_references
from catalog_web.install.verbs import looking
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.noticing import notice_gone
from catalog_web.install.verbs.replacing import Remake, expect_editable, expect_still, put, read
from catalog_web.install.verbs.sending import create, is_made_by, remember, request_id_of
from catalog_web.values.reading import parse_values
from catalog_web.values.secrets import split
from indexer.errors import ChartroomError, ClusterRefused, Conflict, InstallNotFound, SecretsNeeded, UsageError
from indexer.model import Revision


def nobody(_source: str) -> bool:
    """Of whom it is not known whether they decide about a source."""
    return False


def nothing(_source: str) -> None:
    """Of whoever may bring charts of all sources here."""


@dataclass(frozen=True, slots=True)
class RollBack:
    """What is wanted."""

    cluster: str
    namespace: str
    name: str
    number: int
    person: str
    why: str = ""
    request_id: str = ""
    secret_values: str = field(default="", repr=False)
    """YAML of the values that are not kept any more, where the revision needs them."""
    resource_version: str = ""
    """What the person looked at; empty: what is there now."""
    decides: Callable[[str], bool] = field(default=nobody, compare=False)
    """Whether the person decides what is installed from a source."""
    refused: Callable[[str], ChartroomError | None] = field(default=nothing, compare=False)
    """Why the person may not bring a chart of a source here."""


def roll_back(context: Context, wanted: RollBack) -> AppDetail:
    """Send the spec of the revision ``number`` again, once per ``request_id``.

    Raises `Forbidden`, `UsageError` for a number that cannot be rolled back to, `SecretsNeeded`, `ArchiveNotKept`,
    `AppChanged`, `Conflict`, `ApprovalWanted`, `ClusterError`.
    """
    cluster = context.acting(wanted.cluster, wanted.person)
    request = request_id_of(wanted.request_id)
    stored = context.revisions.find_request(request)
    if stored is not None:
        _expect_same(stored, wanted)
        if stored.uid:
            return looking.status(context, cluster.name, wanted.namespace, wanted.name)
    present = _present(cluster, wanted)
    if stored is not None and present is not None and is_made_by(present, request):
        remember(context, stored, present)
        return looking.detail(context, cluster, present)
    return looking.detail(context, cluster, _send(context, cluster, wanted, request, present))


def missing_secrets(context: Context, target: Revision, person: str) -> tuple[str, ...]:
    """Dotted paths of the values that a roll back to ``target`` will ask for. Raises `ClusterError`."""
    cluster = context.acting(target.cluster, person)
    return () if not target.secret_paths or _is_there(cluster, target) else target.secret_paths


def _present(cluster: Cluster, wanted: RollBack) -> Object | None:
    try:
        return read(cluster, wanted.namespace, wanted.name)
    except InstallNotFound:
        return None


def _send(context: Context, cluster: Cluster, wanted: RollBack, request: str, present: Object | None) -> Object:
    history = context.revisions.history(cluster.name, wanted.namespace, wanted.name)
    target = _target(history, wanted)
    if (refused := wanted.refused(target.source)) is not None:
        raise refused
    if present is not None:
        _expect_fits(context, cluster, wanted, present, target)
        looking.caught_up(context, cluster, present)
    else:
        _expect_free(cluster, target)
        notice_gone(context, cluster, history)
    secret = _secret(cluster, wanted, target, request)
    remake = _remake(context, cluster, target, request, secret)
    before = present if present is not None else _blank(target)
    context.gate.expect_open(_sending(wanted, target, present, remake(before), request))
    if secret is not None:
        keep(cluster, secret)
    revision = context.revisions.start(_revision(context, wanted, target, remake(before), request, secret))
    try:
        if present is None:
            return create(context, cluster, revision)
        return put(context, cluster, revision, present, remake, wanted.resource_version or token(present))
    finally:
        if secret is not None and context.revisions.find_request(request) is None:
            drop(cluster, secret.namespace, secret.name)  # it was refused, so nothing names it


def _target(history: Sequence[Revision], wanted: RollBack) -> Revision:
    found = next((one for one in history if one.number == wanted.number), None)
    if found is None:
        what = f"“{wanted.name}” has no revision {wanted.number}."
        raise UsageError(what=what, hint="Its history lists those that there are.")
    if found.is_removal or not spec_of(found.manifest):
        what = f"Revision {wanted.number} of “{wanted.name}” is its removal."
        raise UsageError(what=what, hint="Choose one from before it.")
    return found


def _sending(wanted: RollBack, target: Revision, present: Object | None, made: Object, request: str) -> Sending:
    """What waits for somebody's decision is held to the state that it was made for."""
    looked_at = wanted.resource_version or (token(present) if present is not None else "")
    return Sending(
        action="rollback",
        cluster=target.cluster,
        namespace=target.namespace,
        name=target.name,
        source=target.source,
        chart=target.chart,
        version=target.version,
        person=wanted.person,
        request_id=request,
        why=wanted.why,
        decides=wanted.decides(target.source),
        wish=replace(wanted, cluster=target.cluster, request_id=request, resource_version=looked_at),
        made=manifest_of(made),
        back_to=target.request_id,
    )


def _expect_fits(context: Context, cluster: Cluster, wanted: RollBack, present: Object, target: Revision) -> None:
    expect_editable(present)
    if wanted.resource_version:
        expect_still(context, cluster, present, wanted.resource_version)
    now, then = seen(present), seen(dict(target.manifest))
    if (now.release_namespace, now.release_name) != (then.release_namespace, then.release_name):
        what = f"Revision {target.number} is of the release {then.release_namespace}/{then.release_name}."
        raise Conflict(
            what=what, hint="captain would abandon the present release; install that one under its own name."
        )


def _expect_free(cluster: Cluster, target: Revision) -> None:
    """captain lets two HelmRequests of one release overwrite each other for ever."""
    then = seen(dict(target.manifest))
    others, _ = everything(cluster, then.namespace)
    owner = owner_of_release(others, then.release_namespace, then.release_name)
    if owner is not None:
        what = f"The HelmRequest “{owner.name}” in namespace {owner.namespace} owns the release by now."
        raise Conflict(what=what, hint="Remove that one first, or install under another name.")


def _blank(target: Revision) -> Object:
    """The object that is to be made anew: of its labels only those that say who made it."""
    manifest = dict(target.manifest)
    meta = {"name": target.name, "namespace": target.namespace, "labels": {MANAGED_BY: "chartroom"}}
    annotations = manifest["metadata"].get("annotations")
    return {**manifest, "metadata": {**meta, **({"annotations": annotations} if annotations else {})}}


def _remake(context: Context, cluster: Cluster, target: Revision, request: str, secret: SecretValues | None) -> Remake:
    taking = context.archives.taking(cluster, target)
    spec = dict(spec_of(target.manifest))
    if taking is not None:
        spec.pop("source", None)
        spec |= {"source": taking.source} if taking.source else {}
    marks = {
        LABEL_SOURCE: label_value(target.source),
        LABEL_CHART: label_value(target.chart),
        LABEL_REQUEST: request,
    }
    kept = [reference(target.secret)] if target.secret else []
    references = [secret.reference] if secret else kept

    def remake(thing: Object) -> Object:
        return with_references(rewritten(thing, spec, marks), references)

    return remake


def _secret(cluster: Cluster, wanted: RollBack, target: Revision, request: str) -> SecretValues | None:
    """A new Secret, where the revision's own is gone and the person gave its values again.

    Raises `SecretsNeeded` where they did not, or not all of them.
    """
    if not target.secret_paths or (not wanted.secret_values.strip() and _is_there(cluster, target)):
        return None
    given = parse_values(wanted.secret_values)
    missing = [path for path in target.secret_paths if not split(given, [path])[1]]
    if missing:
        raise SecretsNeeded(number=target.number, name=target.name, missing=", ".join(missing), paths=missing)
    _, secret = divide(given, target.secret_paths, target.namespace, target.name, request)
    return secret


def _is_there(cluster: Cluster, target: Revision) -> bool:
    """Whether captain will find the Secret; where Chartroom may not look, captain has to tell."""
    if not target.secret:
        return False
    try:
        return cluster.secret(target.namespace, target.secret) is not None
    except ClusterRefused:
        return True


def _expect_same(stored: Revision, wanted: RollBack) -> None:
    if (stored.namespace, stored.name, stored.based_on) != (wanted.namespace, wanted.name, wanted.number):
        raise Conflict(
            what="This very request was already sent with another content.",
            hint="Open the history again and send it from there.",
        )


def _revision(
    context: Context, wanted: RollBack, target: Revision, made: Object, request: str, secret: SecretValues | None
) -> Revision:
    return Revision(
        number=0,
        cluster=target.cluster,
        namespace=target.namespace,
        name=target.name,
        action="rollback",
        source=target.source,
        chart=target.chart,
        version=target.version,
        chart_digest=target.chart_digest,
        values_yaml=target.values_yaml,
        manifest=manifest_of(made),
        request_id=request,
        person=wanted.person,
        at=context.now(),
        why=wanted.why,
        based_on=target.number,
        secret=secret.name if secret else target.secret,
        secret_paths=target.secret_paths,
    )
