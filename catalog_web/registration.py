"""Who may register which source, and change it: the same rules for API and command line.

What a person sends over the network may not name files of the server: no folder as a source, and no file as a
password, which would be handed to whatever host the address names. On the command line of the server both are meant.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog_web.services import Services
from catalog_web.source_values import (
    Given,
    SourceMistakes,
    carried_over,
    given,
    is_elsewhere,
    is_shared_with_more,
    kept_after,
    key_fault,
    merged,
)
from indexer.access import closed_address
from indexer.config import Config
from indexer.errors import N_, AddressRefused, ChartroomError, ConfigError, Conflict, SourceNotFound, UsageError
from indexer.http import check_url
from indexer.model import InstalledApp, SecretField, Source, SourceState
from indexer.settings import FILES, faults_in_files, make_source

_NAMELESS = "unnamed"
"""Of a source that is tried before anybody gave it a name."""


class SourcesFixed(ChartroomError):
    """``sources_only_configured`` is set."""

    id = "sources-only-configured"
    cause_text = N_("Sources are only declared in the configuration file here.")
    remedy_text = N_("Ask who runs Chartroom to add it to “sources” there, or to unset “sources_only_configured”.")
    status = 403


class SourceReadOnly(ChartroomError):
    """The source is declared in the configuration file."""

    id = "source-read-only"
    cause_text = N_("The source “{source}” is declared in the configuration file.")
    remedy_text = N_("Change it there and start Chartroom again.")
    status = 403


class ProjectFixed(Conflict):
    """The source is one project of a Harbor, and has its settings."""

    id = "source-of-harbor"
    cause_text = N_("The source “{source}” is a project of “{parent}” and has its settings.")
    remedy_text = N_("Change “{parent}” instead; its “projects” say which are shown.")


class ServerFileNamed(ChartroomError):
    """Somebody on the network names a file or folder of the server."""

    id = "server-file"
    cause_text = N_("{what} names a file of the server, which is not taken over the network.")
    remedy_text = N_(
        "An address begins with https:// or http://. What lies on the server is declared in the configuration file, or "
        "added there with “chartroom source add”."
    )
    status = 403


class SourceDisabled(Conflict):
    """A disabled source is never synced."""

    id = "source-disabled"
    cause_text = N_("The source “{source}” is disabled, so it is not synced.")
    remedy_text = N_("Enable it first.")


class AddressClosed(AddressRefused):
    """The address that was given can be told to be refused at every sync."""

    status = 400


class ForeignSecret(ChartroomError):
    """Somebody on the network names a Kubernetes Secret outside captain's namespace."""

    id = "foreign-secret"
    cause_text = N_("{secret} is no Secret in captain's namespace of a cluster that is configured.")
    remedy_text = N_("Put it there, declare the source in the configuration file, or type the credentials instead.")
    status = 403


class OthersSecret(ForeignSecret):
    """Somebody who administers some sources names a Secret of captain's, where the credentials of all are: they would
    be sent to whatever address that one chooses."""

    id = "others-secret"
    cause_text = N_("{secret} may hold the credentials of sources that are not yours.")
    remedy_text = N_("Type the credentials instead, or ask an administrator of everything to name the Secret.")


def add_source(
    services: Services,
    values: Mapping[str, Any],
    *,
    operator: bool,
    base: Path,
    names_secrets: bool = False,
    any_secret: bool = False,
) -> SourceState:
    """Register a source; it is due at once. ``base`` is what relative paths count from; ``names_secrets``: captain's
    Secrets are this person's to name; ``any_secret``: the one that it names was found, not typed.

    Raises SourcesFixed, ServerFileNamed, ForeignSecret, SourceMistakes, BadUrl, AddressClosed, Conflict.
    """
    with services.audit.recorded("source.add", f"source/{values.get('name', '')}") as told:
        _check_open(services)
        source, sent = _new(
            services, values, operator=operator, names_secrets=names_secrets, base=base, any_secret=any_secret
        )
        _judge(services, source)
        told |= {"url": source.shown_url, **_secrets_told(None, sent)}
        services.store.sources.add(source, _now(), _to_keep(sent))
    return services.catalog.source(source.name)


def change_source(
    services: Services, values: Mapping[str, Any], *, operator: bool, base: Path, names_secrets: bool = False
) -> SourceState:
    """Change the settings and secrets of a source that ``values`` give; all others stay. None stands for the default,
    and forgets a secret. Credentials that are not given anew go to no other server than before.

    Raises SourceNotFound, SourceReadOnly, ProjectFixed, Conflict (somebody else changes it just now), and what
    `add_source` raises.
    """
    with services.audit.recorded("source.change", f"source/{values['name']}") as told:
        present = _writable(services, values["name"])
        source, sent = _changed(services, present, values, operator=operator, names_secrets=names_secrets, base=base)
        _judge(services, source)
        told |= {"fields": _changed_fields(present, source), **_secrets_told(present, sent)}
        services.store.sources.change(source, _now(), _to_keep(sent), before=present)
    return services.catalog.source(source.name)


@dataclass(frozen=True, slots=True)
class Tried:
    """A source as it would be, and those of its secrets that are not kept yet."""

    source: Source
    secrets: Mapping[SecretField, str] = field(repr=False, hash=False)


def tried_source(
    services: Services, values: Mapping[str, Any], *, operator: bool, base: Path, names_secrets: bool = False
) -> Tried:
    """The source that ``values`` mean, without keeping anything: a registered one by its ``name`` alone, the same as a
    change would make it, or a new one, which needs no name.

    Raises what `add_source` and `change_source` raise, except for an address that is closed.
    """
    name = values.get("name") or ""
    if values.keys() == {"name"}:
        return Tried(services.store.sources.get(name).source, {})
    _check_open(services)
    present = _registered(services, name)
    if present is None:
        fresh = {**values, "name": name or _NAMELESS}
        source, sent = _new(services, fresh, operator=operator, names_secrets=names_secrets, base=base)
    else:
        source, sent = _changed(
            services, _writable(services, name), values, operator=operator, names_secrets=names_secrets, base=base
        )
    stored = tuple(sorted(kept_after(present, sent)))
    return Tried(replace(source, stored_secrets=stored), {one: text for one, text in sent.secrets.items() if text})


def _registered(services: Services, name: str) -> Source | None:
    try:
        return services.store.sources.get(name).source
    except SourceNotFound:
        return None


def _new(
    services: Services,
    values: Mapping[str, Any],
    *,
    operator: bool,
    base: Path,
    names_secrets: bool,
    any_secret: bool = False,
) -> tuple[Source, Given]:
    sent = given({name: value for name, value in values.items() if value is not None})
    source = _built(sent, kept_after(None, sent), base)
    if not operator:
        _check_names(services, source, sent, None, names_secrets=names_secrets, any_secret=any_secret)
    _check_certificates(services, None, source, sent)
    return replace(source, operator=operator), sent


def _changed(
    services: Services, present: Source, values: Mapping[str, Any], *, operator: bool, base: Path, names_secrets: bool
) -> tuple[Source, Given]:
    sent = merged(present, given(values))
    source = _built(sent, kept_after(present, sent), base)
    if not operator:
        _check_names(services, source, sent, present, names_secrets=names_secrets)
    elsewhere, shared = is_elsewhere(present, source), is_shared_with_more(present, source)
    if carried_over(present, source, sent, operator=operator) and (elsewhere or (shared and not operator)):
        raise Conflict(
            what=f"The credentials of “{source.name}” were given for {present.shown_url}, and go nowhere else by "
            "themselves.",
            hint="Give them anew together with the new address, proxy or origins, or forget them first.",
        )
    _check_certificates(services, present, source, sent)
    return replace(source, operator=operator if elsewhere or shared else present.operator), sent


def why_read_only(source: Source) -> ChartroomError | None:
    """Why nobody can change ``source`` here; None where it can be changed."""
    if source.parent:
        return ProjectFixed(source=source.name, parent=source.parent)
    return SourceReadOnly(source=source.name) if source.configured else None


def installed_from(services: Services, name: str) -> tuple[InstalledApp, ...]:
    """The apps whose charts come from a source, or from a project of it: without it they cannot be upgraded."""
    projects = {one.source.name for one in services.catalog.sources() if one.source.parent == name}
    return tuple(one for one in services.store.revisions.installed() if one.source in {name, *projects})


def remove_source(services: Services, name: str) -> None:
    """Take a source and its charts away, a Harbor with its projects. Revisions and their archives stay.

    Raises SourceNotFound, SourcesFixed, SourceReadOnly, ProjectFixed.
    """
    with services.audit.recorded("source.remove", f"source/{name}"):
        _writable(services, name)
        services.store.sources.remove(name, _now())


def request_sync(services: Services, name: str) -> SourceState:
    """Make a source due now. Raises SourceNotFound, SourceDisabled."""
    with services.audit.recorded("source.sync", f"source/{name}"):
        if not services.store.sources.get(name).source.enabled:
            raise SourceDisabled(source=name)
        services.store.sources.request(name, _now())
    return services.catalog.source(name)


def accept_removals(services: Services, name: str) -> SourceState:
    """Let a held fall be carried out by the next sync, which is due now. Raises SourceNotFound, Conflict."""
    with services.audit.recorded("source.accept", f"source/{name}"):
        services.store.sources.accept(name, _now())
    return services.catalog.source(name)


@dataclass(frozen=True, slots=True)
class HookAddresses:
    """Where webhooks are sent to."""

    harbor: str
    generic: str
    """For other programs."""
    is_told: bool
    """Whether the configuration says so; else it is how Chartroom is reached from here."""


def hook_addresses(services: Services, reached: str = "") -> HookAddresses:
    """Where webhooks are sent to. ``reached``: the address under which somebody has reached Chartroom just now."""
    public = services.config.public_url
    base = public or reached.rstrip("/") or _listened(services.config)
    return HookAddresses(f"{base}/hooks/harbor", f"{base}/hooks/generic", bool(public))


@dataclass(frozen=True, slots=True)
class HookSettings:
    """What is entered where a webhook is made."""

    source: str
    authorization: str = field(repr=False)
    """The secret: the whole text of the header “Authorization”."""
    harbor: str
    """The address for Harbor."""
    generic: str
    """The address for other programs."""


def new_hook_secret(services: Services, name: str) -> HookSettings:
    """Make the text by which a webhook names a source; it takes the place of an earlier one and is never shown again.

    Raises SourceNotFound, Conflict (it is in a file, or the source is a project of a Harbor), SecretKeyUnusable.
    """
    source = services.store.sources.get(name).source
    if source.parent:
        raise Conflict(
            what=f"“{name}” is a project of “{source.parent}”, whose webhook speaks for all of its projects.",
            hint=f"Make the webhook of “{source.parent}”.",
        )
    if source.hook_secret_file:
        raise Conflict(what=f"“{name}” has its webhook secret in a file.", hint="Change it in that file.")
    text = f"Bearer {secrets.token_urlsafe(32)}"
    with services.audit.recorded("source.change", f"source/{name}", secrets_set=["hook"]):
        services.store.secrets.put(name, "hook", text)
    addresses = hook_addresses(services)
    return HookSettings(name, text, addresses.harbor, addresses.generic)


def _listened(config: Config) -> str:
    host = f"[{config.listen_host}]" if ":" in config.listen_host else config.listen_host
    return f"http://{host}:{config.listen_port}"


def _check_open(services: Services) -> None:
    if services.config.sources_only_configured:
        raise SourcesFixed


def _writable(services: Services, name: str) -> Source:
    source = services.store.sources.get(name).source
    _check_open(services)
    refused = why_read_only(source)
    if refused is not None:
        raise refused
    return source


def _built(sent: Given, stored: Collection[SecretField], base: Path) -> Source:
    url = str(sent.settings.get("url", ""))
    if "://" in url:
        check_url(url.replace("oci://", "https://", 1) if url.startswith("oci://") else url)
    try:
        return make_source(base, sent.settings, stored)
    except ConfigError as error:
        raise SourceMistakes(error.mistakes) from None


def _check_names(
    services: Services,
    source: Source,
    sent: Given,
    present: Source | None,
    *,
    names_secrets: bool,
    any_secret: bool = False,
) -> None:
    """What is named over the network: no folder or file of the server, and no Secret but captain's. What was named
    before by whoever may stays."""
    if source.kind == "directory" and (present is None or present.url != source.url):
        raise ServerFileNamed(what=f"“{sent.settings['url']}”")
    for option in FILES:
        if getattr(source, option) and (present is None or getattr(present, option) != getattr(source, option)):
            raise ServerFileNamed(what=option)
    if source.secret_ref and not any_secret and (present is None or present.secret_ref != source.secret_ref):
        _check_secret(services, source.secret_ref, names_secrets=names_secrets)


def _check_secret(services: Services, reference: str, *, names_secrets: bool) -> None:
    if not names_secrets:
        raise OthersSecret(secret=reference)
    cluster, namespace, _ = reference.split("/")
    known = {one.name for one in services.config.clusters}
    if cluster in known and services.installs.cluster(cluster).captain_namespace == namespace:
        return
    raise ForeignSecret(secret=reference)


def _judge(services: Services, source: Source) -> None:
    """Refuse a source of which it can be told now that it may never be reached: no folder, or a closed address. What a
    name resolves to is judged whenever it is dialled."""
    if source.kind == "directory":
        if not Path(source.url).is_dir():
            raise UsageError(
                what=f"There is no folder {source.url}.",
                hint="Give the address of a repository with https://, http:// or oci://, or an existing folder.",
            )
        return
    cluster = source.secret_ref.partition("/")[0]
    if cluster and cluster not in {one.name for one in services.config.clusters}:
        raise SourceMistakes((f"secret: no cluster named {cluster} is configured",))
    closed = closed_address(source, services.config.network_allow)
    if closed:
        raise AddressClosed(host=closed[0], address=closed[1])


def _check_certificates(services: Services, present: Source | None, source: Source, sent: Given) -> None:
    """Files hold what they should, and a pasted certificate goes with its key, whichever of both is new.

    Comes after the check of names, so that nobody learns of a file that they may not name.
    """
    key = sent.secrets.get("client_key")
    kept = present is not None and "client_key" in present.stored_secrets and "client_key" not in sent.secrets
    if present is not None and kept and source.client_cert != present.client_cert:
        key = services.store.secrets.get(present.name, "client_key")
    faults = (*faults_in_files(source), *(key_fault(source, key) if key and source.client_cert else ()))
    if faults:
        raise SourceMistakes(faults)


def _changed_fields(before: Source, after: Source) -> list[str]:
    """The settings that are other ones now, by name; secrets aside."""
    ignored = {"stored_secrets", "operator"}
    return [one.name for one in fields(Source) if one.name not in ignored and _differs(before, after, one.name)]


def _differs(before: Source, after: Source, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))


def _secrets_told(present: Source | None, sent: Given) -> dict[str, list[str]]:
    """Which secrets are set and which removed; never what they are."""
    newly = {name for name, text in sent.secrets.items() if text}
    before = set(present.stored_secrets) if present else set[str]()
    return {"secrets_set": sorted(newly), "secrets_removed": sorted(before & sent.secrets.keys() - newly)}


def _to_keep(sent: Given) -> dict[SecretField, str | None]:
    return dict(sent.secrets)


def _now() -> datetime:
    return datetime.now(UTC)
