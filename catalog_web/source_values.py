"""From what somebody sends of a source to its settings and its secrets. Pure.

A change replaces what is given and nothing else; ``None`` puts an option back to its default and forgets a secret.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from indexer.errors import UsageError
from indexer.http import same_origin
from indexer.model import CREDENTIALS, SecretField, Source
from indexer.pem import check_key
from indexer.settings import options_of, split_login

SECRETS: Mapping[str, SecretField] = {
    "password": "password",
    "token": "token",
    "client_key": "client_key",
    "hook_secret": "hook",
}
"""Fields that hold a secret: they come in, are kept encrypted, and never go out."""
NAMES: Mapping[SecretField, str] = {field: name for name, field in SECRETS.items()}
_FILE_OF: Mapping[SecretField, str] = {
    "password": "password_file",
    "token": "token_file",
    "client_key": "client_key_file",
    "hook": "hook_secret_file",
}
_LONGEST_SECRET, _LONGEST_TOKEN = 4096, 16 * 1024
_NAMING_SECRETS = ("password_file", "token_file", "client_key_file", "secret_ref")
"""Settings that say where a credential is."""


class SourceMistakes(UsageError):
    """What was given makes no source: ``mistakes`` are sentences, each behind the option's name where it is of one."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        super().__init__(what=f"The source has mistakes: {'; '.join(mistakes)}.", hint="Correct them.")


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody sent. ``secrets``: None forgets one. ``anew``: options that were given, and are not only kept."""

    settings: Mapping[str, Any]
    secrets: Mapping[SecretField, str | None]
    anew: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"Given({', '.join((*self.settings, *self.secrets))})"


def given(values: Mapping[str, Any]) -> Given:
    """Sort ``values`` into settings and secrets; a user name and password in the address become a login.

    Raises SourceMistakes.
    """
    settings = {name: value for name, value in values.items() if name not in SECRETS}
    secrets = {field: values[name] or None for name, field in SECRETS.items() if name in values}
    settings["url"], username, password = split_login(str(settings.get("url") or ""))
    if not settings["url"]:
        del settings["url"]
    if username:
        if settings.get("username") or secrets.get("password"):
            raise SourceMistakes(("a user name stands in the address and beside it: give it once",))
        settings["username"], secrets["password"] = username, password or None
    mistakes = tuple(fault for field, text in secrets.items() if text for fault in _faults(field, text))
    if mistakes:
        raise SourceMistakes(mistakes)
    return Given(settings, secrets)


def merged(present: Source, sent: Given) -> Given:
    """All settings of ``present`` as they are after the change, and the secrets that change with them."""
    settings = {**options_of(present), **sent.settings, "name": present.name}
    secrets = dict(sent.secrets)
    for field, file in _FILE_OF.items():
        if sent.settings.get(file):
            secrets.setdefault(field, None)
        elif field in secrets:
            settings[file] = None
    for one in ("ca", "client_cert"):
        if sent.settings.get(one):
            settings[f"{one}_file"] = sent.settings.get(f"{one}_file")
        elif sent.settings.get(f"{one}_file"):
            settings[one] = None
    _take_along(settings, secrets)
    anew = frozenset(name for name, value in sent.settings.items() if value)
    return Given({name: value for name, value in settings.items() if value is not None}, secrets, anew)


def _take_along(settings: dict[str, Any], secrets: dict[SecretField, str | None]) -> None:
    """A password without its user name is none, and so is a key without its certificate."""
    belongs: tuple[tuple[SecretField, bool], ...] = (
        ("password", bool(settings.get("username"))),
        ("client_key", bool(settings.get("client_cert") or settings.get("client_cert_file"))),
    )
    for field, has_other in belongs:
        if not has_other and not secrets.get(field):
            settings[_FILE_OF[field]], secrets[field] = None, None


def kept_after(present: Source | None, sent: Given) -> frozenset[SecretField]:
    """Which secrets the store keeps once ``sent`` is taken."""
    before = frozenset(present.stored_secrets) if present else frozenset[SecretField]()
    forgotten = {field for field, text in sent.secrets.items() if text is None}
    return (before - forgotten) | {field for field, text in sent.secrets.items() if text}


def carried_over(present: Source, source: Source, sent: Given, *, operator: bool) -> bool:
    """Whether a credential that was given before is used on. Only an operator gives one anew by naming where it is."""
    stored = (frozenset(present.stored_secrets) & CREDENTIALS) - sent.secrets.keys()
    named = {name for name in _NAMING_SECRETS if getattr(present, name)} - (sent.anew if operator else frozenset())
    return bool(stored) or any(getattr(present, name) == getattr(source, name) for name in named)


def is_elsewhere(present: Source, source: Source) -> bool:
    """Whether ``source`` is read from another server than ``present``."""
    if "directory" in (present.kind, source.kind):
        return present.url != source.url
    return not same_origin(_as_http(present.url), _as_http(source.url))


def is_shared_with_more(present: Source, source: Source) -> bool:
    """Whether others than before come between, or get the credentials."""
    more = set(source.credential_origins) - set(present.credential_origins)
    return bool(more) or source.proxy not in ("", "direct", present.proxy)


def key_fault(source: Source, key: str) -> tuple[str, ...]:
    """Why the ``key`` does not go with the pasted client certificate of ``source``."""
    try:
        check_key(key, source.client_cert)
    except ValueError as error:
        return (f"client_key: {error}",)
    return ()


def _faults(field: SecretField, text: str) -> Iterator[str]:
    name = NAMES[field]
    if field == "client_key":
        try:
            check_key(text)
        except ValueError as error:
            yield f"{name}: {error}"
    elif field == "password":
        if len(text) > _LONGEST_SECRET or not text.isprintable():
            yield f"{name}: it is one line of at most {_LONGEST_SECRET} characters"
    elif len(text) > _LONGEST_TOKEN or not re.fullmatch(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?", text):
        yield f"{name}: it is one line of at most {_LONGEST_TOKEN} ASCII characters, without blanks around it"


def _as_http(url: str) -> str:
    return url.replace("oci://", "https://", 1) if url.startswith("oci://") else url
