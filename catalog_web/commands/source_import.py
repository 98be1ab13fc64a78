"""helm's own list of repositories as sources: each entry whole, or not at all and with the reason."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.errors import ChartroomError, UsageError
from indexer.settings import split_login

if TYPE_CHECKING:
    from catalog_web.services import Services

_LARGEST_FILE = 16 * 1024 * 1024
_LONGEST_NAME = 63
_OPTIONS = {
    "username": "username",
    "password": "password",
    "certFile": "client_cert_file",
    "keyFile": "client_key_file",
    "caFile": "ca_file",
    "insecure_skip_tls_verify": "insecure_skip_verify",
}
"""helm's name of a setting, and ours. helm looks for files from where it is run."""
_OTHERS = ("name", "url", "pass_credentials_all")


def read_repositories(file: Path) -> list[dict[str, Any]]:
    """The entries of helm's file. Raises UsageError."""
    import yaml

    try:
        with file.open("rb") as opened_file:
            content = yaml.safe_load(opened_file.read(_LARGEST_FILE))
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(what=f"{file} cannot be read as YAML ({type(error).__name__}).", hint=_hint()) from None
    listed = content.get("repositories") if isinstance(content, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise UsageError(what=f"{file} has no list named “repositories”.", hint=_hint())
    return listed


def take_over(services: "Services", entry: Mapping[str, Any]) -> dict[str, str]:
    """Register one entry. Returns the ``name`` of its source, its ``state`` (added, present, skipped), and why."""
    from catalog_web.registration import add_source

    listed, url = str(entry.get("name", "")), str(entry.get("url", ""))
    reason = _why_not(entry)
    if reason:
        return _told(listed, "skipped", reason)
    present = {one.name: one.url for one in services.store.sources.registered()}
    name, is_there = _free_name(listed, url, present)
    if is_there:
        return _told(name, "present", "")
    values = {ours: entry[theirs] for theirs, ours in _OPTIONS.items() if entry.get(theirs)}
    try:
        add_source(services, {**values, "name": name, "url": url, "kind": "index"}, operator=True, base=Path.cwd())
    except ChartroomError as error:
        return _told(listed, "skipped", error.cause)
    return _told(name, "added", "")


def _why_not(entry: Mapping[str, Any]) -> str:
    """Why an entry cannot be taken over as it is meant, or nothing."""
    if entry.get("pass_credentials_all") and entry.get("password"):
        return (
            "it gives its password to every server (pass_credentials_all); add it with “chartroom source add” and a "
            "--credential-origin for each that needs it"
        )
    unknown = sorted(str(one) for one, value in entry.items() if value and one not in {*_OPTIONS, *_OTHERS})
    return f"it has settings that are not known here: {', '.join(unknown)}" if unknown else ""


def _free_name(listed: str, url: str, present: Mapping[str, str]) -> tuple[str, bool]:
    """A name for the source, made from helm's, and whether a source of that name has this address already."""
    fit = re.sub(r"[^a-z0-9-]+", "-", listed.lower()).strip("-")[:_LONGEST_NAME].strip("-")
    plain = split_login(url)[0].rstrip("/")
    name, number = fit, 1
    while name in present and present[name].rstrip("/") != plain:
        number += 1
        name = f"{fit[: _LONGEST_NAME - len(str(number)) - 1]}-{number}"
    return name, name in present


def _told(name: str, state: str, reason: str) -> dict[str, str]:
    return {"name": name, "state": state, "reason": reason}


def _hint() -> str:
    return "Give helm's repositories.yaml; “helm env HELM_REPOSITORY_CONFIG” says where it is."
