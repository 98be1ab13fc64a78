"""What a source was registered with, as far as it is not the default. Secrets are told to be there, never shown."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext

from catalog_web.i18n import duration
from catalog_web.i18n import size as size_text
from catalog_web.pages.view import counted
from indexer.model import Source

_DEFAULT = Source("", "")


@dataclass(frozen=True, slots=True)
class Fact:
    """One setting in words."""

    label: str
    texts: tuple[str, ...]
    verbatim: bool = False
    """What somebody typed, shown letter by letter."""


def facts(source: Source) -> tuple[Fact, ...]:
    """The settings of ``source`` that differ from the defaults."""
    people = (*_seen(source), *_installing(source))
    return (*people, *_sign_in(source), *_trust(source), *_reading(source), *_connection(source))


def _seen(source: Source) -> Iterator[Fact]:
    if source.private:
        yield Fact(gettext("Seen by"), (gettext("those to whom a role names it"),))


def _installing(source: Source) -> Iterator[Fact]:
    if source.approval:
        yield Fact(gettext("Installs"), (gettext("an administrator approves each first"),))


def _sign_in(source: Source) -> Iterator[Fact]:
    if source.username:
        yield Fact(gettext("User name"), (source.username,), verbatim=True)
    if source.secret_ref:
        yield Fact(gettext("Kubernetes Secret"), (source.secret_ref,), verbatim=True)
    secrets = tuple(_secrets(source))
    if secrets:
        yield Fact(gettext("Secrets"), secrets)
    if source.credential_origins:
        yield Fact(gettext("Credentials also go to"), source.credential_origins, verbatim=True)


def _secrets(source: Source) -> Iterator[str]:
    stored = source.stored_secrets
    if source.password_file:
        yield gettext("the password is in a file on the server")
    elif "password" in stored:
        yield gettext("a password is stored")
    if source.token_file:
        yield gettext("the token is in a file on the server")
    elif "token" in stored:
        yield gettext("a token is stored")
    if source.client_cert or source.client_cert_file:
        yield gettext("a client certificate with its key")
    if "hook" in stored or source.hook_secret_file:
        yield gettext("a secret of its webhook")


def _trust(source: Source) -> Iterator[Fact]:
    if source.insecure_skip_verify:
        yield Fact(gettext("Trust"), (gettext("the server’s certificate is not verified"),))
    elif source.ca:
        count = source.ca.count("-----BEGIN CERTIFICATE-----")
        words = counted(
            "public authorities and %(num)s certificate", "public authorities and %(num)s certificates", count
        )
        yield Fact(gettext("Trust"), (words,))
    elif source.ca_file:
        yield Fact(gettext("Trust"), (gettext("public authorities, and those of a file on the server"),))


def _reading(source: Source) -> Iterator[Fact]:
    lists = (
        (gettext("Projects"), source.projects),
        (gettext("Repositories"), source.repositories),
        (gettext("Only charts named"), source.include),
        (gettext("Except charts named"), source.exclude),
        (gettext("Versions"), (source.versions,) if source.versions else ()),
    )
    yield from (Fact(label, texts, verbatim=True) for label, texts in lists if texts)
    if not source.prereleases:
        yield Fact(gettext("Pre-releases"), (gettext("left out"),))
    if source.content != _DEFAULT.content:
        archives = gettext("read of all versions") if source.content == "all" else gettext("read when somebody looks")
        yield Fact(gettext("Archives"), (archives,))


def _connection(source: Source) -> Iterator[Fact]:
    if source.proxy:
        yield Fact(gettext("Proxy"), (source.proxy,), verbatim=True)
    if source.timeout != _DEFAULT.timeout:
        yield Fact(gettext("Time-out"), (duration(source.timeout),))
    if source.max_index_bytes != _DEFAULT.max_index_bytes:
        yield Fact(gettext("Largest index"), (size_text(source.max_index_bytes),))
