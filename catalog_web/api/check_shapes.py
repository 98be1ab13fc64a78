"""The checks before an install or upgrade, as the API answers them."""

from typing import Any, Literal
from urllib.parse import quote

from typing_extensions import TypedDict

from catalog_web.install.checks import Check, Preview
from catalog_web.install.doors import Door, DoorId
from indexer.errors import fill

_ADDRESSES = {
    "create-namespace": ("POST", "/api/v1/clusters/{cluster}/namespaces", ("namespace",)),
    "publish": ("POST", "/api/v1/sources/{source}/publications", ("cluster",)),
    "sync": ("POST", "/api/v1/clusters/{cluster}/chartrepos/{repo}/sync", ()),
    "upgrade": ("PUT", "/api/v1/installs/{cluster}/{namespace}/{name}", ()),
    "source": ("GET", "/api/v1/sources/{source}/attempts", ()),
}
"""Method, address and the facts that its body holds, of each door that is an address."""
_FIELDS = {"namespace": "name"}
"""What a fact is called in the body, where it is called otherwise there."""


class DoorShape(TypedDict):
    """A way out of what a check found: a request to make (``method``, ``path``, ``body``), or ``text`` to copy, such as
    the YAML of a Role for the one who runs the cluster."""

    id: DoorId
    label: str
    text: str
    method: str
    path: str
    body: dict[str, str]


class ValueProblemShape(TypedDict):
    """Something wrong at one place of the values; ``line`` counts from 1 in the text that was sent, and is null where
    the place is not in it."""

    path: str
    message: str
    line: int | None


class CheckShape(TypedDict):
    """One thing that was looked at before an install."""

    id: str
    state: Literal["ok", "warn", "fail", "unknown"]
    cause: str
    remedy: str
    doors: list[DoorShape]
    problems: list[ValueProblemShape]


class PreviewShape(TypedDict):
    """The HelmRequest that would be sent; null where the values cannot be read. And what speaks for and against it."""

    helmrequest: dict[str, Any] | None
    checks: list[CheckShape]


def preview(found: Preview) -> PreviewShape:
    """What would be sent."""
    return {"helmrequest": found.helmrequest, "checks": [check(one) for one in found.checks]}


def check(one: Check) -> CheckShape:
    """What was looked at."""
    return {
        "id": one.id,
        "state": one.state,
        "cause": one.cause,
        "remedy": one.remedy,
        "doors": [door(each) for each in one.doors],
        "problems": [
            {"path": each.name, "message": fill(each.message["text"], each.message["params"]), "line": each.line}
            for each in one.problems
        ],
    }


def door(one: Door) -> DoorShape:
    """A way out."""
    method, path, fields = _ADDRESSES.get(one.id, ("", "", ()))
    parts = {key: quote(str(value), safe="") for key, value in one.params.items()}
    body = {_FIELDS.get(key, key): str(one.params[key]) for key in fields}
    return {
        "id": one.id,
        "label": one.label,
        "text": one.text,
        "method": method,
        "path": path.format(**parts),
        "body": body,
    }
