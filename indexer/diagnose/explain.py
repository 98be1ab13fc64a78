"""From the error that a sync would meet to the rung that it belongs to, and what to tell there. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from indexer.diagnose.instead import Instead
from indexer.diagnose.result import RungId
from indexer.errors import (
    N_,
    AuthenticationFailed,
    BadEncoding,
    ConnectionFailed,
    CredentialsUnreadable,
    CutOff,
    DirectoryUnreadable,
    HarborWithoutIndex,
    IndexCutOff,
    IndexRefused,
    NameNotResolved,
    NotAnIndex,
    NotARegistry,
    Phrase,
    ProjectsAbsent,
    ProxyFailed,
    RealmRefused,
    RegistryInvalid,
    RepositoriesUnknown,
    RepositoryAbsent,
    SourceError,
    TlsFailed,
    TlsUnusable,
    TooLarge,
    TooSlow,
    phrase,
)
from indexer.model import Source

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404


@dataclass(frozen=True, slots=True)
class Told:
    """Which rung fails, and what is said there."""

    rung: RungId
    cause: Phrase
    remedy: Phrase | None


_RUNGS: tuple[tuple[tuple[type[SourceError], ...], RungId], ...] = (
    ((ProxyFailed,), "proxy"),
    ((TlsUnusable,), "tls"),
    ((CredentialsUnreadable, AuthenticationFailed, RealmRefused), "auth"),
    ((NotAnIndex, NotARegistry, HarborWithoutIndex), "kind"),
    ((TooLarge, TooSlow, CutOff, BadEncoding, IndexCutOff, IndexRefused), "read"),
    ((RegistryInvalid, RepositoriesUnknown, RepositoryAbsent, ProjectsAbsent, DirectoryUnreadable), "read"),
)
"""All others: ``http``."""
_OF_A_HOST: tuple[tuple[type[SourceError], RungId], ...] = (
    (NameNotResolved, "dns"),
    (TlsFailed, "tls"),
    (ConnectionFailed, "http"),
)
"""They belong to that rung if they are of the source's own server, and else to a redirect."""


def explain(error: SourceError, source: Source) -> Told:
    """Where ``error`` belongs, in the words of the rung."""
    if isinstance(error, AuthenticationFailed):
        return _refused(error, source)
    if isinstance(error, RepositoriesUnknown) and not source.is_private and _is_refusal(error):
        return _nobody(dict(error.params))
    if source.kind == "index" and error.params.get("status") == _NOT_FOUND:
        return _absent(error)
    return Told(rung_of(error, source), phrase(error.cause_text, **error.params),
                phrase(error.remedy_text, **error.params))  # fmt: skip


def rung_of(error: SourceError, source: Source) -> RungId:
    """The rung at which ``error`` ends the way."""
    for kind, rung in _OF_A_HOST:
        if isinstance(error, kind):
            return rung if _host(str(error.params.get("host", ""))) == _host(source.host) else "http"
    return next((rung for kinds, rung in _RUNGS if isinstance(error, kinds)), "http")


def _host(authority: str) -> str:
    return (urlsplit(f"//{authority}").hostname or "").rstrip(".")


def _absent(error: SourceError) -> Told:
    text = N_("The server answers that there is nothing at {url} (404).")
    remedy = N_(
        "Check the path: index.yaml is looked for right below it. A Harbor since 2.8 has none; give its address "
        "without a path then."
    )
    return Told("kind", phrase(text, **error.params), phrase(remedy))


def _refused(error: AuthenticationFailed, source: Source) -> Told:
    told = {**error.params, "user": source.username or "?"}
    if type(error) is not AuthenticationFailed:
        return Told("auth", phrase(error.cause_text, **told), phrase(error.remedy_text, **told))
    if not source.is_private:
        return _nobody(told)
    if told["status"] == _FORBIDDEN:
        text = N_("The server knows the account, which may not read there (403): {detail}.")
        return Told(
            "auth", phrase(text, **told), phrase(N_("Have the account given the right to read, or use another."))
        )
    text = N_("The server does not take these credentials ({status}): {detail}.")
    remedy = N_(
        "Check user name and password. The name of a robot account is written in full, such as robot$team+name."
    )
    return Told("auth", phrase(text, **told), phrase(remedy))


def _nobody(told: dict[str, Any]) -> Told:
    text = N_("The server wants to know who asks, and this source has no credentials.")
    return Told("auth", phrase(text, **told), phrase(N_("Give a user name and password, or a token.")))


def _is_refusal(error: RepositoriesUnknown) -> bool:
    """Whether the list of repositories was kept from nobody in particular."""
    detail = error.params.get("detail")
    return isinstance(detail, Mapping) and detail["params"].get("status") in (_UNAUTHORIZED, _FORBIDDEN)


def explain_instead(error: SourceError, source: Source, found: Instead) -> Told:
    """The same where something else than an index was ``found``."""
    told = {"url": found.url, "said": found.said}
    if found.kind == "sign-in":
        text = N_("A page for people to sign in answers at {url}.")
        if found.is_elsewhere:
            text = N_("The server sends Chartroom to {url}, a page for people to sign in.")
        remedy = N_("Give credentials that the server takes by itself (user name and password, or a token); Chartroom "
                    "fills in no pages. A sign-in in front of the server has to let Chartroom pass.")  # fmt: skip
        return Told("auth", phrase(text, **told), phrase(remedy))
    if found.kind == "page":
        text = N_("A web page answers there: “{said}”.") if found.said else N_("A web page answers there.")
        return Told("kind", phrase(text, **told), phrase(_NO_INDEX))
    if found.kind == "empty":
        return Told("kind", phrase(N_("The server answers with nothing at all."), **told), phrase(_NO_INDEX))
    if found.kind == "error":
        text = N_("The server answers 200, and an error in place of an index.")
        if found.said:
            text = N_("The server answers 200, and an error in place of an index: “{said}”.")
        return Told(
            "kind", phrase(text, **told), phrase(N_("Ask who runs the server what it means; check the address."))
        )
    return explain(error, source)


_NO_INDEX = N_(
    "Check the address: the folder that holds index.yaml. Of a Harbor since 2.8, give the address without a path; of "
    "an OCI registry, one with oci://."
)
