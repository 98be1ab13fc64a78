"""One request to an API server, before it is sent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, urlencode

from catalog_web.install.helmrequest import GROUP
from catalog_web.install.refusal import HELM_REQUEST

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
FIELD_MANAGER = "chartroom"
"""Whose fields the written ones are."""


@dataclass(frozen=True, slots=True)
class Server:
    """An API server as the kubeconfig tells it."""

    url: str
    has_token: bool = True
    """Whether it is signed in to with a token; else with a certificate, or not at all."""


@dataclass(frozen=True, slots=True)
class About:
    """The object that a 404 or 409 would be about; without a name for lists and discovery."""

    kind: str = HELM_REQUEST
    namespace: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of an API server."""

    segments: tuple[str, ...]
    """Of the path, such as ``("api", "v1", "namespaces")``."""
    about: About = About()
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    content_type: str = JSON
    accept: str = JSON

    @property
    def address(self) -> str:
        """Path and query, quoted."""
        path = "".join(f"/{quote(one, safe='')}" for one in self.segments)
        return f"{path}?{urlencode(self.query)}" if self.query else path

    @property
    def is_proper(self) -> bool:
        """No segment would lead elsewhere: Kubernetes itself allows no name that is empty or dots, or has a slash."""
        return not any(one in ("", ".", "..") or "/" in one for one in self.segments)

    @property
    def of_captain(self) -> bool:
        """It is about captain's own group."""
        return self.segments[:2] == ("apis", GROUP)

    @property
    def api_version(self) -> str:
        """Group and version, such as ``app.alauda.io/v1alpha1``, or ``v1``."""
        return "/".join(self.segments[1:3] if self.segments[0] == "apis" else self.segments[1:2])


def write_options(*, dry_run: bool = False, strict: bool = False) -> dict[str, str]:
    """The query of a write. ``strict``: unknown fields are refused, not dropped."""
    return {
        "fieldManager": FIELD_MANAGER,
        **({"fieldValidation": "Strict"} if strict else {}),
        **({"dryRun": "All"} if dry_run else {}),
    }


def delete_options(uid: str, *, dry_run: bool = False) -> dict[str, Any]:
    """The body of a delete of this very object.

    All options are in the body: an API server ignores those of the query as soon as there is a body, and would
    really delete.
    """
    return {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "gracePeriodSeconds": 0,
        "propagationPolicy": "Foreground",
        "preconditions": {"uid": uid},
        **({"dryRun": ["All"]} if dry_run else {}),
    }
