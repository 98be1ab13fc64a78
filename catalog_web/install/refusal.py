"""What a failed request to an API server means, as one typed error. Pure.

The texts come from the server, so they are cleaned, cut, and freed of the token that was sent; a page of HTML, as a
load balancer answers, is never quoted.
"""

import json
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from indexer.errors import (
    AdmissionDenied,
    CaptainAbsent,
    ChartroomError,
    ClusterBusy,
    ClusterError,
    ClusterRefused,
    ClusterUnreachable,
    InstallNotFound,
    ManifestInvalid,
    NotFound,
    NotServed,
    ObjectConflict,
    ObjectInvalid,
    ObjectNotFound,
    WebhookDown,
)

MAX_DETAIL = 2_000
"""Characters of a server's message that are kept."""
MAX_CAUSES = 50
HELM_REQUEST, _NAMESPACE = "HelmRequest", "Namespace"

_UNKNOWN_FIELD = re.compile(r'(?:unknown|duplicate) field "[^"]{0,300}"')
_LOGIN = re.compile(r"(?<=://)[^/?#\s\"]{1,1000}@")
"""A ChartRepo's address may hold one, and captain quotes it."""
_NOT_ACCEPTED = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)
_SECONDS = re.compile(r"\d{1,9}", re.ASCII)
_MAX_RETRY_AFTER = 3_600
_DENIED = re.compile(r'admission webhook ".{1,300}" denied the request')
"""Comes with whatever code the webhook chose, 403 or 422 for the most part."""
_WEBHOOK_DOWN = "failed calling webhook"
_TOO_LARGE_FOR_ETCD = "request is too large"
"""Comes with a 500."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of which cluster, to name it in the error."""

    cluster: str
    api_version: str
    """Group and version, such as ``app.alauda.io/v1alpha1``."""
    namespace: str = ""
    name: str = ""
    """The object that a 404 would be about; empty for lists and discovery."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Texts that must not appear anywhere."""
    kind: str = HELM_REQUEST
    """Of that object."""
    of_captain: bool = True
    """It is about captain's own group."""


def refusal(asked: Asked, status: int, body: str, retry_after: str = "") -> ChartroomError:
    """The error that the answer ``status`` with ``body`` to ``asked`` stands for.

    ``retry_after`` is the header of that name, in seconds as Kubernetes sends it.
    """
    told = _status_object(body)
    detail = clean(told.get("message"), asked.secrets)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _busy(asked, retry_after)
    if _DENIED.match(detail):
        return AdmissionDenied(cluster=asked.cluster, status=status, detail=detail)
    if _WEBHOOK_DOWN in detail:
        return WebhookDown(cluster=asked.cluster, status=status, detail=detail)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return ClusterRefused(cluster=asked.cluster, status=status, detail=detail or "it gives no reason")
    if status == HTTPStatus.NOT_FOUND:
        return _not_found(asked, told, body)
    if status == HTTPStatus.CONFLICT:
        return _conflict(asked, told, detail)
    if _is_of_another(told):
        detail = f"another {asked.kind} has the name “{asked.name}” now."
        return ObjectConflict(cluster=asked.cluster, detail=detail, deleting=False, taken=False, stale=True)
    if status in _NOT_ACCEPTED or _TOO_LARGE_FOR_ETCD in detail:
        return _invalid(asked, _per_field(told, detail, asked.secrets))
    return ClusterError(cluster=asked.cluster, status=status, detail=detail or _unexplained(body))


def _status_object(body: str) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _busy(asked: Asked, retry_after: str) -> ClusterBusy:
    seconds = min(int(retry_after), _MAX_RETRY_AFTER) if _SECONDS.fullmatch(retry_after) else 0
    when = f"in {seconds} seconds" if seconds else "later"
    return ClusterBusy(cluster=asked.cluster, status=429, detail=f"it asks to come back {when}", retry_after=seconds)


def _not_found(asked: Asked, told: dict[str, Any], body: str) -> ChartroomError:
    details = told.get("details")
    missing = details if isinstance(details, dict) else {}
    if missing.get("kind") == "namespaces" and asked.kind != _NAMESPACE:
        detail = f"the namespace {clean(missing.get('name'), asked.secrets)} does not exist"
        return _invalid(asked, detail)
    if asked.name and missing.get("name") == asked.name:
        return absent(asked)
    if "<" in body[:200]:
        return ClusterError(cluster=asked.cluster, status=404, detail=_unexplained(body))
    missing_version = CaptainAbsent if asked.of_captain else NotServed
    return missing_version(cluster=asked.cluster, api_version=asked.api_version)


def _invalid(asked: Asked, detail: str) -> ObjectInvalid:
    if asked.kind == HELM_REQUEST:
        return ObjectInvalid(cluster=asked.cluster, detail=detail)
    return ManifestInvalid(cluster=asked.cluster, kind=asked.kind, detail=detail)


def absent(asked: Asked) -> NotFound:
    """The error for an object that is not there."""
    where = {"cluster": asked.cluster, "namespace": asked.namespace, "name": asked.name}
    return InstallNotFound(**where) if asked.kind == HELM_REQUEST else ObjectNotFound(kind=asked.kind, **where)


def _conflict(asked: Asked, told: dict[str, Any], detail: str) -> ObjectConflict:
    deleting = "object is being deleted" in detail
    taken = told.get("reason") == "AlreadyExists" and not deleting
    if deleting:
        detail = f"“{asked.name}” is still being deleted; once it is gone, the name is free again."
    elif taken:
        detail = f"a {asked.kind} “{asked.name}” already exists in namespace {asked.namespace}."
    stale = told.get("reason") == "Conflict"
    why = {"deleting": deleting, "taken": taken, "stale": stale}
    return ObjectConflict(cluster=asked.cluster, detail=detail or "it gives no reason", **why)


def _is_of_another(told: dict[str, Any]) -> bool:
    """A patch that names the uid of an object which is not there any more."""
    causes = _causes(told)
    return bool(causes) and all(one.get("field") == "metadata.uid" for one in causes)


def _causes(told: dict[str, Any]) -> list[dict[str, Any]]:
    details = told.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    listed = causes if isinstance(causes, list) else []
    return [one for one in listed[:MAX_CAUSES] if isinstance(one, dict)]


def _per_field(told: dict[str, Any], detail: str, secrets: tuple[str, ...]) -> str:
    """One line a field where the server names fields, else its message."""
    lines = [f"{clean(one.get('field'), secrets)}: {clean(one.get('message'), secrets)}" for one in _causes(told)]
    return "\n".join(lines or _UNKNOWN_FIELD.findall(detail)) or detail or "it gives no reason"


def _unexplained(body: str) -> str:
    if "<" in body[:200]:
        return "a page of HTML, so it was a proxy or load balancer that answered, not the API server"
    return "it gives no reason"


def clean(text: object, secrets: tuple[str, ...] = ()) -> str:
    """``text`` without control characters, ``secrets`` and logins in addresses, cut; empty where it is no text."""
    if not isinstance(text, str):
        return ""
    text = _LOGIN.sub("", text)
    for secret in filter(None, secrets):
        text = text.replace(secret, "…")
    return "".join(c if c.isprintable() else " " for c in text[:MAX_DETAIL]).strip()


def unreachable(cluster: str, error: BaseException) -> ClusterUnreachable:
    """No usable answer came because of ``error``; its text may hold an address with a login."""
    detail = next(filter(None, map(_plainly, _chain(error))), "there is no connection")
    return ClusterUnreachable(cluster=cluster, detail=detail)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """``error`` and what lies beneath it, deepest first."""
    beneath = [error.__cause__ or error.__context__, *error.args]
    for one in beneath:
        if isinstance(one, BaseException):
            yield from _chain(one)
    yield error


def _plainly(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate was not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "the TLS handshake failed"
    if isinstance(error, socket.gaierror):
        return "its name could not be resolved"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if type(error).__name__ in ("RemoteDisconnected", "IncompleteRead"):
        return "the connection was cut off before the answer was complete"
    return ""
