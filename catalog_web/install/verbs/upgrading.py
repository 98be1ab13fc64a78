"""Upgrade: another version of the same chart, or other values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from catalog_web.install.apps import AppDetail
from catalog_web.install.checks import NO_FACTS, Facts, Preview, preview_upgrade
from catalog_web.install.checks.schema import check_schema
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.gate import Sending, sending_of
from catalog_web.install.recorded import manifest_of, spec_of, token, values_of
from catalog_web.install.secret_values import SecretValues, carried_over, divide, drop, keep
from catalog_web.install.status import seen
from catalog_web.install.upgrade_form import UpgradeForm, source_url, taken_as_now, upgraded, with_references
from catalog_web.install.verbs import looking
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.replacing import Remake, expect_editable, expect_still, put, read
from catalog_web.install.verbs.sending import as_error, is_made_by, remember, request_id_of
from catalog_web.values.reading import merge, parse_values
from catalog_web.values.secrets import split, without
from indexer.errors import Conflict
from indexer.model import Revision


@dataclass(frozen=True, slots=True)
class Planned:
    """What an upgrade would write over any state of the object."""

    remake: Remake
    secret: SecretValues | None
    values: Mapping[str, Any] = field(repr=False)
    """All of the person's own, those that are secret too."""


def upgrade(context: Context, form: UpgradeForm, facts: Facts = NO_FACTS) -> AppDetail:
    """Write what ``form`` means over the HelmRequest, once per ``request_id``, and return what the cluster then has.

    Raises `AppChanged` where somebody else changed it since the person looked, `ManagedElsewhere`, `Conflict`,
    `SecretValuesGone`, `UsageError` for the values, of which those that the schemas in ``facts`` refuse,
    `ApprovalWanted`, `InstallNotFound`, `ClusterError`. After `ClusterTimedOut` or `ClusterUnreachable` the
    same form may be sent again.
    """
    cluster = context.acting(form.cluster, form.person)
    form = replace(form, cluster=cluster.name, request_id=request_id_of(form.request_id))
    stored = context.revisions.find_request(form.request_id)
    if stored is not None:
        _expect_same(stored, form)
        if stored.uid:
            return looking.status(context, cluster.name, form.namespace, form.name)
    present = read(cluster, form.namespace, form.name)
    if stored is not None and is_made_by(present, form.request_id):
        remember(context, stored, present)
        return looking.detail(context, cluster, present)
    sent = _send(context, cluster, _taken(context, form, present), present, facts)
    return looking.detail(context, cluster, sent)


def look(context: Context, form: UpgradeForm, facts: Facts = NO_FACTS) -> Preview:
    """What would be written, and all checks; what a cluster refuses of these is a check. Raises as `upgrade`."""
    cluster = context.acting(form.cluster, form.person)
    form = replace(form, cluster=cluster.name, request_id=request_id_of(form.request_id))
    present = read(cluster, form.namespace, form.name)
    form = _taken(context, form, present)
    found = _plan(context, cluster, form, present)
    asked = context.clusters.get(form.cluster)
    return preview_upgrade(asked, form, present, found.remake(present), found.values, facts)


def _taken(context: Context, form: UpgradeForm, present: Object) -> UpgradeForm:
    """`taken_as_now`; but Chartroom's own address, which a roll back wrote for a version that had left its source, is
    for that version alone."""
    if form.version != seen(present).version and context.archives.serves(source_url(present)):
        return form
    return taken_as_now(form, present)


def _plan(context: Context, cluster: Cluster, form: UpgradeForm, present: Object) -> Planned:
    """What ``form`` makes of ``present``. Raises as `upgrade`."""
    expect_editable(present)
    _expect_same_source(context, cluster, form)
    if form.resource_version:
        expect_still(context, cluster, present, form.resource_version)
    values = merge(_kept(cluster, form, present), parse_values(form.values_yaml))
    public, secret = _divided(form, values)
    _expect_noticed(present, upgraded(present, form, public), secret)
    references = [secret.reference] if secret else []

    def remake(thing: Object) -> Object:
        return with_references(upgraded(thing, form, public), references)

    return Planned(remake, secret, values)


def _send(context: Context, cluster: Cluster, form: UpgradeForm, present: Object, facts: Facts) -> Object:
    found = _plan(context, cluster, form, present)
    if form.refused is not None:
        raise form.refused
    refused = [one for one in check_schema(facts, found.values, form.values_yaml) if one.state == "fail"]
    if refused:
        raise as_error(refused)
    context.gate.expect_open(_sending(form, present, found.remake(present)))
    looking.caught_up(context, cluster, present)
    if found.secret is not None:
        keep(cluster, found.secret)
    revision = context.revisions.start(_revision(context, form, found.remake(present), found.secret))
    try:
        return put(context, cluster, revision, present, found.remake, form.resource_version or token(present))
    finally:
        if found.secret is not None and context.revisions.find_request(form.request_id) is None:
            drop(cluster, found.secret.namespace, found.secret.name)  # it was refused, so nothing names it


def _sending(form: UpgradeForm, present: Object, made: Object) -> Sending:
    """What waits for somebody's decision is held to the state that it was made for."""
    held = replace(form, resource_version=form.resource_version or token(present))
    return sending_of("upgrade", held, manifest_of(made))


def _divided(form: UpgradeForm, values: Mapping[str, Any]) -> tuple[Mapping[str, Any], SecretValues | None]:
    """The values that may be seen, and those that go to a Secret: new ones, and those that stay as they are."""
    paths = (*form.secret_paths, *(one for one in form.kept_secrets if one not in form.secret_paths))
    return divide(values, paths, form.namespace, form.name, form.request_id)


def _kept(cluster: Cluster, form: UpgradeForm, present: Object) -> Mapping[str, Any]:
    """The secret values that stay: those that stood in the open go to a Secret now. Raises `SecretValuesGone`."""
    inline = split(values_of(present), form.kept_secrets)[1]
    elsewhere = [path for path in form.kept_secrets if not split(inline, [path])[1]]
    return merge(carried_over(cluster, present, elsewhere), inline)


def _expect_same(stored: Revision, form: UpgradeForm) -> None:
    sent = (stored.action, stored.namespace, stored.name, stored.version, stored.values_yaml)
    if sent != ("upgrade", form.namespace, form.name, form.version, _public_text(form)):
        raise Conflict(
            what="This very request was already sent with another content.",
            hint="Open the upgrade page again and send it from there.",
        )


def _expect_same_source(context: Context, cluster: Cluster, form: UpgradeForm) -> None:
    """An app never goes over to another source without a word: there the same name may be another chart."""
    history = context.revisions.history(cluster.name, form.namespace, form.name)
    source = next((one.source for one in history if one.source), form.source)
    if source != form.source:
        raise Conflict(
            what=f"“{form.name}” was installed from the source “{source}”, not from “{form.source}”.",
            hint="Upgrade it from there; to change the source, install it anew under another name.",
        )


def _expect_noticed(present: Object, wanted: Object, secret: SecretValues | None) -> None:
    """captain watches v1alpha1, which does not know ``spec.source``: of a change of that alone it hears nothing."""
    before, after = dict(spec_of(present)), dict(spec_of(wanted))
    moved = before.pop("source", None) != after.pop("source", None)
    if moved and secret is None and before == after:
        raise Conflict(
            what="captain would not notice that the chart’s address alone is another one.",
            hint="Choose another version with it, or change a value.",
        )


def _public_text(form: UpgradeForm) -> str:
    return without(form.values_yaml, form.secret_paths)


def _revision(context: Context, form: UpgradeForm, wanted: Object, secret: SecretValues | None) -> Revision:
    return Revision(
        number=0,
        cluster=form.cluster,
        namespace=form.namespace,
        name=form.name,
        action="upgrade",
        source=form.source,
        chart=form.chart,
        version=form.version,
        chart_digest=form.chart_digest,
        values_yaml=_public_text(form),
        manifest=manifest_of(wanted),
        request_id=form.request_id,
        person=form.person,
        at=context.now(),
        why=form.why,
        secret=secret.name if secret else "",
        secret_paths=tuple(dict.fromkeys((*form.secret_paths, *form.kept_secrets))) if secret else (),
    )
