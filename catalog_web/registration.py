"""Who may register which source, and change it: the same rules for API and command line.

What a person sends over the network may not name files of the server: no folder as a source, and no file as a
password, which would be handed to whatever host the address names. On the command line of the server both are meant.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog_web.services import Services
from indexer.config import Config, make_source
from indexer.errors import N_, ChartroomError, ConfigError, Conflict, UsageError
from indexer.http import check_url, same_origin
from indexer.model import Source, SourceState


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
    remedy_text = N_("Declare it in the configuration file, or use “chartroom source add” on the server.")
    status = 403


class SourceDisabled(Conflict):
    """A disabled source is never synced."""

    id = "source-disabled"
    cause_text = N_("The source “{source}” is disabled, so it is not synced.")
    remedy_text = N_("Enable it first.")


def add_source(services: Services, values: Mapping[str, Any], *, operator: bool, base: Path) -> SourceState:
    """Register a source; it is due at once. ``base`` is what relative paths count from.

    Raises SourcesFixed, ServerFileNamed, UsageError, BadUrl, Conflict.
    """
    _check_open(services)
    source = _built(values, operator=operator, base=base)
    services.store.sources.add(source, _now())
    return services.catalog.source(source.name)


def change_source(services: Services, values: Mapping[str, Any], *, operator: bool, base: Path) -> SourceState:
    """Replace the settings of a source; its credentials stay as they are, and go to no other host.

    Raises SourceNotFound, and what `add_source` raises.
    """
    present = _writable(services, values["name"])
    source = _built(values, operator=operator, base=base)
    if present.username:
        if source.kind != "index" or not same_origin(source.url, present.url):
            raise Conflict(
                what=f"“{source.name}” has a password, which must not go to another host.",
                hint="Remove the source and add it anew with the credentials that belong to the new address.",
            )
        source = replace(source, username=present.username, password_file=present.password_file)
    if present.operator and source.url == present.url:
        source = replace(source, operator=True)
    services.store.sources.change(source, _now())
    return services.catalog.source(source.name)


def remove_source(services: Services, name: str) -> None:
    """Take a source and its charts away, a Harbor with its projects.

    Raises SourceNotFound, SourcesFixed, SourceReadOnly, ProjectFixed.
    """
    _writable(services, name)
    services.store.sources.remove(name, _now())


def request_sync(services: Services, name: str) -> SourceState:
    """Make a source due now. Raises SourceNotFound, SourceDisabled."""
    if not services.store.sources.get(name).source.enabled:
        raise SourceDisabled(source=name)
    services.store.sources.request(name, _now())
    return services.catalog.source(name)


def accept_removals(services: Services, name: str) -> SourceState:
    """Let a held fall be carried out by the next sync, which is due now. Raises SourceNotFound, Conflict."""
    services.store.sources.accept(name, _now())
    return services.catalog.source(name)


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
    services.store.secrets.put(name, "hook", text)
    base = _own_address(services.config)
    return HookSettings(name, text, f"{base}/hooks/harbor", f"{base}/hooks/generic")


def _own_address(config: Config) -> str:
    host = f"[{config.listen_host}]" if ":" in config.listen_host else config.listen_host
    return config.public_url or f"http://{host}:{config.listen_port}"


def _check_open(services: Services) -> None:
    if services.config.sources_only_configured:
        raise SourcesFixed


def _writable(services: Services, name: str) -> Source:
    source = services.store.sources.get(name).source
    _check_open(services)
    if source.parent:
        raise ProjectFixed(source=name, parent=source.parent)
    if source.configured:
        raise SourceReadOnly(source=name)
    return source


def _built(values: Mapping[str, Any], *, operator: bool, base: Path) -> Source:
    if "://" in str(values.get("url", "")):
        check_url(values["url"])
    try:
        source = make_source(base, **values)
    except ConfigError as error:
        raise UsageError(what=f"The source has mistakes: {'; '.join(error.mistakes)}.", hint="Correct them.") from None
    if source.kind == "index":
        check_url(source.url)
    elif not operator:
        raise ServerFileNamed(what=f"“{values['url']}”")
    elif not Path(source.url).is_dir():
        raise UsageError(
            what=f"There is no folder {source.url}.",
            hint="Give the address of a repository with http:// or https://, or an existing folder.",
        )
    if source.password_file and not operator:
        raise ServerFileNamed(what="password_file")
    return replace(source, operator=operator)


def _now() -> datetime:
    return datetime.now(UTC)
