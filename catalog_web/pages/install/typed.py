"""What was typed into an install form beside its values, and the `InstallForm` of each cluster that it means."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from flask import request
from flask_babel import gettext

from catalog_web.auth import current_person, decides, default_cluster, source_refused
from catalog_web.catalog import VersionPage
from catalog_web.install.apps import Place
from catalog_web.install.helmrequest import InstallForm
from catalog_web.pages.install.addresses import archive_address
from catalog_web.pages.names import release_name
from catalog_web.pages.view import known_sources, seen_catalog, seen_clusters, services
from catalog_web.values.reading import default_values
from catalog_web.values_wanted import Wanted
from indexer.errors import AddressNotListed, Forbidden

Taking = Literal["repo", "http", "oci"]
_WAYS = ("repo", "http", "oci")
_LONGEST_ID, _LONGEST_WHY = 63, 500


@dataclass(frozen=True, slots=True)
class Typed:
    """The place, the note and the way; as typed, not yet judged."""

    version: str
    clusters: tuple[str, ...]
    """Each is installed to; in the order of the configuration. Unknown ones are kept at the end, to be refused."""
    namespace: str
    name: str
    request_id: str
    why: str = ""
    create_namespace: bool = False
    taking: Taking = "repo"
    source_url: str = ""
    source_secret: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)
    """YAML that holds in one cluster only, by cluster."""
    preset: str = ""
    """Name of a team's, or ``file:`` and the path of a chart's."""
    preset_name: str = ""
    preset_note: str = ""


def from_address(source: str, chart: str, version: str) -> Typed:
    """What the address of an empty form says."""
    asked = request.args
    return Typed(
        version=version,
        clusters=_ordered(asked.getlist("cluster")) or _default(source),
        namespace=asked.get("namespace", "")[:253],
        name=asked.get("name", release_name(chart))[:253],
        request_id=uuid.uuid4().hex,
        preset=asked.get("preset", "")[:200],
    )


def from_form(version: str) -> Typed:
    """What was sent; fields that no form has are not looked at."""
    sent = request.form
    texts = {name: sent.get(name, "").strip() for name in _TEXTS}
    return Typed(
        version=sent.get("version", "").strip() or version,
        clusters=_ordered(sent.getlist("cluster")),
        namespace=texts["namespace"],
        name=texts["name"],
        request_id=sent.get("request_id", "")[:_LONGEST_ID] or uuid.uuid4().hex,
        why=texts["why"][:_LONGEST_WHY],
        create_namespace=sent.get("create_namespace") == "on",
        taking=cast(Taking, texts["taking"]) if texts["taking"] in _WAYS else "repo",
        source_url=texts["source_url"],
        source_secret=texts["source_secret"],
        overrides={one: _lines(f"override/{one}") for one in _ordered(sent.getlist("cluster"))},
        preset=texts["preset"],
        preset_name=texts["preset_name"],
        preset_note=texts["preset_note"],
    )


_TEXTS = ("namespace", "name", "why", "taking", "source_url", "source_secret", "preset", "preset_name", "preset_note")


def renewed(typed: Typed) -> Typed:
    """The same as another request: one that was refused may be sent with another content."""
    return replace(typed, request_id=uuid.uuid4().hex)


def ways() -> dict[Taking, str]:
    """How captain may get the chart, in the reader's words."""
    return {
        "repo": gettext("from a ChartRepo"),
        "http": gettext("by the address of the archive"),
        "oci": gettext("from an OCI registry by its address"),
    }


def _ordered(names: list[str]) -> tuple[str, ...]:
    """Each once, those that are configured first and in their order."""
    configured = [one.name for one in seen_clusters()]
    return tuple(dict.fromkeys([*(one for one in configured if one in names), *(one for one in names if one)]))


def _default(source: str) -> tuple[str, ...]:
    found = default_cluster(current_person(), [one.name for one in seen_clusters()], source)
    return (found,) if found else ()


def _lines(name: str) -> str:
    """A browser sends the lines of a text area with CR LF."""
    return request.form.get(name, "").replace("\r\n", "\n")


# -- what it means


def install_form(shown: VersionPage, typed: Typed, values: Wanted, cluster: str = "") -> InstallForm:
    """The install into one of the clusters. Raises UsageError for an override that is no YAML."""
    source = known_sources()[shown.chart.source].source
    defaults = shown.content.values if shown.content else ""
    return InstallForm(
        source=source.name,
        chart_repo=source.chart_repo,
        chart=shown.chart.name,
        version=shown.version.version,
        cluster=cluster,
        namespace=typed.namespace,
        name=typed.name,
        values_yaml=values.differing(default_values(defaults), typed.overrides.get(cluster, "")),
        request_id=_request_id(typed, cluster),
        person=current_person().name,
        chart_digest=shown.version.archive_digest or shown.version.digest,
        chart_type=shown.metadata.type,
        has_schema=bool(shown.content and shown.content.schema),
        archive_error=shown.content_error,
        secret_paths=values.secret_paths,
        why=typed.why,
        create_namespace=typed.create_namespace,
        taking=typed.taking,
        source_url=typed.source_url,
        source_secret=typed.source_secret,
        decides=decides(current_person())(source.name),
        refused=shown.refused or _source_refused(shown, typed, cluster),
    )


def _source_refused(shown: VersionPage, typed: Typed, cluster: str) -> Forbidden | None:
    """Why no chart of the source may go there. An address that somebody typed may be of any source."""
    listed = typed.taking == "repo" or typed.source_url == archive_address(shown)
    target, ask = Place(cluster, typed.namespace, typed.name).target, services().config.ask_for_access
    refused = source_refused(current_person(), "app.install", target, shown.chart.source if listed else "", ask)
    return refused if refused or listed else _address_refused()


def _address_refused() -> Forbidden | None:
    """What is behind a typed address would pass by what approvals and teams say of charts."""
    person, sources = current_person(), services().store.sources.all()
    is_asked = any(one.source.approval and not decides(person)(one.source.name) for one in sources)
    return AddressNotListed(person=person.name) if is_asked or seen_catalog().sight.teams is not None else None


def _request_id(typed: Typed, cluster: str) -> str:
    """One a cluster, always the same for the same form, so that no second click makes a second HelmRequest."""
    if not cluster:
        return typed.request_id
    part = hashlib.sha256(cluster.encode("utf-8", "replace")).hexdigest()[:12]
    return f"{typed.request_id[: _LONGEST_ID - len(part) - 1]}-{part}"
