"""The HTTP request that Chartroom will send for a HelmRequest, to look at and to send by hand. Pure.

People look at these with ``kubectl -v9`` when something is odd. It holds no credentials: where the token stands, it
says so.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from catalog_web.install.helmrequest import PLURAL, here_document

MASKED = "Bearer …"
UNKNOWN_SERVER = "https://API-SERVER"
"""Stands where the address of the API server is not known."""
FIELD_MANAGER = "chartroom"
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request as it goes out, without its credentials."""

    method: Literal["POST", "PUT"]
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
        """The same as a command for a shell where TOKEN holds the token."""
        options = [f"  --header {_quoted(name, value)} \\" for name, value in self.headers]
        lines = [f"curl --request {self.method} {shlex.quote(self.url)} \\", *options]
        return "\n".join([*lines, f"  --data-binary @- {here_document(self.body)}"])


def http_request(helmrequest: Mapping[str, Any], server: str = "", person: str = "") -> HttpRequest:
    """The request that makes ``helmrequest``, or that replaces what is there where it has a resourceVersion.

    ``server`` is the address of the API server, ``person`` whom Chartroom acts as, if anybody.
    """
    meta = helmrequest["metadata"]
    replaces = bool(meta.get("resourceVersion"))
    path = f"/apis/{helmrequest['apiVersion']}/namespaces/{meta['namespace']}/{PLURAL}"
    query = urlencode({"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"})
    headers = [("Accept", _JSON), ("Content-Type", _JSON), ("User-Agent", FIELD_MANAGER), ("Authorization", MASKED)]
    return HttpRequest(
        method="PUT" if replaces else "POST",
        url=f"{_address(server)}{path}{'/' + meta['name'] if replaces else ''}?{query}",
        headers=(*headers, *([("Impersonate-User", person)] if person else [])),
        body=json.dumps(helmrequest, indent=2, ensure_ascii=False) + "\n",
    )


def _address(server: str) -> str:
    """``server`` without credentials, a query, or a slash at its end."""
    parts = urlsplit(server or UNKNOWN_SERVER)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl().rstrip("/")


def _quoted(name: str, value: str) -> str:
    """In double quotes where the shell has to fill in the token."""
    return '"Authorization: Bearer $TOKEN"' if name == "Authorization" else shlex.quote(f"{name}: {value}")
