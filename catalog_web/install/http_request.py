"""The HTTP request that Chartroom will send for a HelmRequest, to look at and to send by hand. Pure.

People look at these with ``kubectl -v9`` when something is odd. It holds no credentials: where the token stands, it
says so.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from catalog_web.install.cluster import ITSELF, Asker, Server, impersonation
from catalog_web.install.cluster.helmrequests import creating, replacing
from catalog_web.install.cluster.request import FIELD_MANAGER, Request
from catalog_web.install.helmrequest import here_document

MASKED = "Bearer …"
UNKNOWN = Server("https://API-SERVER")
"""Stands where the address of the API server is not known."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request as it goes out, without its credentials."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str
    """JSON, laid out to be read."""

    @property
    def text(self) -> str:
        """As on the wire, the body laid out."""
        parts = urlsplit(self.url)
        head = [f"{self.method} {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}"]
        head += [f"{name}: {value}" for name, value in self.headers]
        return "\n".join([*head, "", self.body])

    @property
    def curl(self) -> str:
        """The same as a command for a shell where TOKEN holds the token; a certificate is for the person to name."""
        options = [f"  --header {_quoted(name, value)} \\" for name, value in self.headers]
        lines = [f"curl --request {self.method} {shlex.quote(self.url)} \\", *options]
        return "\n".join([*lines, f"  --data-binary @- {here_document(self.body)}"])


def http_request(helmrequest: Mapping[str, Any], server: Server = UNKNOWN, asker: Asker = ITSELF) -> HttpRequest:
    """The request that makes ``helmrequest``, or that replaces what is there where it has a resourceVersion.

    ``asker`` is whom Chartroom acts as.
    """
    request = _request(helmrequest)
    headers = [("Accept", request.accept), ("User-Agent", FIELD_MANAGER), ("Content-Type", request.content_type)]
    headers += impersonation(asker)
    if server.has_token:
        headers.append(("Authorization", MASKED))
    return HttpRequest(
        method=request.method,
        url=_without_credentials(server.url) + request.address,
        headers=tuple(headers),
        body=json.dumps(request.body, indent=2, ensure_ascii=False) + "\n",
    )


def _request(helmrequest: Mapping[str, Any]) -> Request:
    version = str(helmrequest["apiVersion"]).rpartition("/")[2]
    if helmrequest["metadata"].get("resourceVersion"):
        return replacing(helmrequest, version)
    return creating(helmrequest, version)


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl().rstrip("/")


def _quoted(name: str, value: str) -> str:
    """In double quotes where the shell has to fill in the token."""
    return '"Authorization: Bearer $TOKEN"' if name == "Authorization" else shlex.quote(f"{name}: {value}")
