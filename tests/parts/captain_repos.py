"""Plays captain's reading of ChartRepos on a real API server, as captain 1.5.0 was recorded to do it.

One call of `read_repos` is one round of captain: what is due is fetched, and its Charts and its status are written.
"""

import base64
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import yaml
from kubernetes import client

from tests.parts.fake_captain import GROUP, LAST_SYNC, FakeCaptain, chart_of, stamp

SKIP = timedelta(seconds=60)
"""A Synced repository is not read again so soon after its last sync."""
VERSION = "v1beta1"

Entries = Mapping[str, Sequence[Mapping[str, Any]]]


class NotRead(Exception):
    """Why a repository could not be read, in captain's words."""


@dataclass(frozen=True, slots=True)
class Login:
    """What a Secret holds; both empty where none is named."""

    username: str = ""
    password: str = ""


def is_due(repo: Mapping[str, Any], now: datetime) -> bool:
    """Whether captain reads it in this round."""
    last = (repo["metadata"].get("annotations") or {}).get(LAST_SYNC)
    if (repo.get("status") or {}).get("phase") != "Synced" or not last:
        return True
    return now - datetime.fromisoformat(last) >= SKIP


def fetch(url: str, login: Login) -> Entries:
    """The entries of a repository's index. Raises `NotRead`."""
    address = f"{url.rstrip('/')}/index.yaml"
    if urlsplit(url).scheme not in ("http", "https"):
        raise NotRead(f'Get "{quote(address)}": unsupported protocol scheme ""')
    found = yaml.load(download(address, login), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {name: listed for name, listed in found["entries"].items() if listed}


def download(address: str, login: Login) -> bytes:
    """What is there. TLS is never verified. Raises `NotRead`."""
    request = urllib.request.Request(address)
    if login.username:
        pair = base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {pair}")
    trusting = urllib.request.HTTPSHandler(context=ssl._create_unverified_context())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), trusting)
    try:
        with opener.open(request, timeout=30) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        error.close()
        raise NotRead(f"failed to fetch {address} : {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise NotRead(f'Get "{address}": {_dialled(address, error.reason)}') from None


def _dialled(address: str, reason: Any) -> str:
    host = urlsplit(address).netloc
    if isinstance(reason, socket.gaierror):
        return f"dial tcp: lookup {urlsplit(address).hostname}: no such host"
    return f"dial tcp {host}: connect: connection refused"


def read_repos(captain: FakeCaptain, namespace: str = "captain", now: datetime | None = None) -> None:
    """One round: every ChartRepo of captain's namespace that is due."""
    moment = now or datetime.now(UTC)
    listed: Any = captain.objects.list_namespaced_custom_object(GROUP, VERSION, namespace, "chartrepos")
    for repo in listed["items"]:
        if is_due(repo, moment):
            _read(captain, repo, moment)


def _read(captain: FakeCaptain, repo: dict[str, Any], now: datetime) -> None:
    try:
        entries = _entries(captain, repo["spec"], repo["metadata"]["namespace"])
    except NotRead as error:
        before = repo.get("status") or {}
        if (before.get("phase"), before.get("reason")) != ("Failed", str(error)):  # an equal one is not written again
            _patch(captain, repo, {"status": {"phase": "Failed", "reason": str(error)}})
        return
    _write_charts(captain, repo, entries)
    noted = {"metadata": {"annotations": {LAST_SYNC: stamp(now)}}}
    _patch(captain, repo, {**noted, "status": {"phase": "Synced", "reason": None}})


def _entries(captain: FakeCaptain, spec: Mapping[str, Any], namespace: str) -> Entries:
    if spec["type"] in ("Git", "SVN") and not spec.get("source"):
        raise NotRead(f"no source specified for {spec['type'].lower()} repo")
    return fetch(spec["url"], login_of(captain, spec.get("secret") or {}, namespace))


def login_of(captain: FakeCaptain, reference: Mapping[str, str], own: str) -> Login:
    """User name and password of a ChartRepo's `spec.secret`. Raises `NotRead`."""
    if not reference.get("name"):
        return Login()
    namespace = reference.get("namespace") or own
    try:
        data: Any = captain.core.read_namespaced_secret(reference["name"], namespace).data or {}
    except client.ApiException:
        raise NotRead(f'secrets "{reference["name"]}" not found') from None
    texts = [base64.b64decode(data.get(key, "")).decode() for key in ("username", "password")]
    return Login(*texts)


def _write_charts(captain: FakeCaptain, repo: dict[str, Any], entries: Entries) -> None:
    """A Chart for each chart; those that are gone go."""
    namespace, label = repo["metadata"]["namespace"], f"repo={repo['metadata']['name']}"
    listed: Any = captain.objects.list_namespaced_custom_object(
        GROUP, VERSION, namespace, "charts", label_selector=label
    )
    place = (GROUP, VERSION, namespace, "charts")
    present = {one["metadata"]["name"]: one for one in listed["items"]}
    made = {chart["metadata"]["name"]: chart for chart in (chart_of(repo, *one) for one in entries.items())}
    for name in present.keys() - made.keys():
        captain.objects.delete_namespaced_custom_object(*place, name)
    for name, chart in made.items():
        if name not in present:
            captain.objects.create_namespaced_custom_object(*place, chart)
        elif present[name]["spec"] != chart["spec"]:
            version = present[name]["metadata"]["resourceVersion"]
            chart["metadata"]["resourceVersion"] = version
            captain.objects.replace_namespaced_custom_object(*place, name, chart)


def _patch(captain: FakeCaptain, repo: dict[str, Any], patch: dict[str, Any]) -> None:
    meta = repo["metadata"]
    captain.objects.patch_namespaced_custom_object(
        GROUP,
        VERSION,
        meta["namespace"],
        "chartrepos",
        meta["name"],
        patch,
        field_manager="captain",
        _content_type="application/merge-patch+json",
    )
