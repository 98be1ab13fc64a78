"""The chart of a HelmRequest and its values: found, or refused in the words that captain was recorded to use."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import yaml
from kubernetes import client

from tests.parts.captain_repos import VERSION, Login, NotRead, download, login_of
from tests.parts.fake_captain import GROUP, FakeCaptain

MAX_NAME = 53


class Failure(Exception):
    """Why a try failed: what captain writes under `status.reason`."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that was found."""

    name: str
    version: str
    archive: bytes | None
    """None where the index names no address: then nothing is rendered."""


def chart_of_request(captain: FakeCaptain, request: Mapping[str, Any], namespace: str) -> Chart:
    """The chart that `spec` means, with its archive; ChartRepos are those of `namespace`. Raises `Failure`."""
    spec = request["spec"]
    source = spec.get("source") or {}
    if source.get("http"):
        return _by_address(captain, spec, source["http"], request["metadata"]["namespace"])
    if source.get("oci"):
        return Chart(source["oci"]["repo"].rpartition("/")[2], _tag(source["oci"]["repo"], spec), None)
    repo, slash, name = spec.get("chart", "").partition("/")
    if not slash or not name or "/" in name:
        raise Failure("cannot parse chart name")
    return _listed(captain, namespace, repo, name, spec.get("version", ""))


def _listed(captain: FakeCaptain, namespace: str, repo: str, name: str, version: str) -> Chart:
    owner = _one(captain, namespace, "chartrepos", repo)
    full = f"{name.lower()}.{repo}"
    versions = _one(captain, namespace, "charts", full)["spec"]["versions"]
    # Without a version the first one is taken, a pre-release too.
    entry = next((one for one in versions if not version or one["version"] == version), None)
    if entry is None:
        raise Failure(f"cannot find version {version} for chart {full}")
    return Chart(name, entry["version"], _archive(captain, owner, entry))


def _archive(captain: FakeCaptain, owner: Mapping[str, Any], entry: Mapping[str, Any]) -> bytes | None:
    if not entry.get("urls"):
        return None
    try:
        login = login_of(captain, owner["spec"].get("secret") or {}, owner["metadata"]["namespace"])
        return download(urljoin(f"{owner['spec']['url'].rstrip('/')}/", entry["urls"][0]), login)
    except NotRead as error:
        raise Failure(str(error)) from None


def _by_address(captain: FakeCaptain, spec: Mapping[str, Any], http: Mapping[str, str], namespace: str) -> Chart:
    url = http["url"]
    if urlsplit(url).scheme not in ("http", "https"):
        raise Failure(f"URL {url} does not start with HTTP or HTTPS")
    login = Login()
    if http.get("secretRef"):
        login = _credentials(captain, namespace, http["secretRef"])
    try:
        archive = download(url, login)
    except NotRead as error:
        raise Failure(str(error).replace(url, "URL")) from None
    name, _, version = url.rpartition("/")[2].removesuffix(".tgz").rpartition("-")
    return Chart(name, spec.get("version") or version, archive)


def _credentials(captain: FakeCaptain, namespace: str, name: str) -> Login:
    try:
        login = login_of(captain, {"name": name, "namespace": namespace}, namespace)
    except NotRead as error:
        raise Failure(str(error)) from None
    if not (login.username and login.password):
        raise Failure(f"can not find username or password in the secret {namespace}/{name}")
    return login


def _tag(repo: str, spec: Mapping[str, Any]) -> str:
    if "://" in repo:
        raise Failure("ref may only contain a single colon character (:) unless specifying a port number")
    if not spec.get("version"):
        raise Failure("tag explicitly required")
    return str(spec["version"])


def _one(captain: FakeCaptain, namespace: str, plural: str, name: str) -> Any:
    try:
        return captain.objects.get_namespaced_custom_object(GROUP, VERSION, namespace, plural, name)
    except client.ApiException as error:
        if error.status != 404:
            raise
        raise Failure(f'{plural}.{GROUP} "{name}" not found') from None


# -- values


def values_of(captain: FakeCaptain, request: Mapping[str, Any]) -> dict[str, Any]:
    """What `valuesFrom` and then `values` say; later ones win. Raises `Failure`."""
    found: dict[str, Any] = {}
    for entry in request["spec"].get("valuesFrom") or ():
        found = merged(found, _referred(captain, request["metadata"]["namespace"], entry))
    return merged(found, request["spec"].get("values") or {})


def merged(below: Any, above: Any) -> Any:
    """Mappings key by key, everything else as it is above."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {key: _chosen(key, below, above) for key in {**below, **above}}


def _chosen(key: str, below: Mapping[str, Any], above: Mapping[str, Any]) -> Any:
    if key not in above:
        return below[key]
    return merged(below[key], above[key]) if key in below else above[key]


def _referred(captain: FakeCaptain, namespace: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    kind = "secret" if entry.get("secretKeyRef") else "configmap"
    reference = entry.get("secretKeyRef") or entry.get("configMapKeyRef") or {}
    name, key = reference["name"], reference["key"]
    try:
        text = _texts(captain, namespace, kind, name).get(key)
    except client.ApiException as error:
        if error.status != 404:
            raise
        text = None
        if not reference.get("optional"):
            raise Failure(f'{kind}s "{name}" not found') from None
    if text is None:
        if reference.get("optional"):
            return {}
        raise Failure(f"key {key} missing in {kind} {name}")
    return _mapping(text)


def _texts(captain: FakeCaptain, namespace: str, kind: str, name: str) -> Mapping[str, str]:
    if kind == "configmap":
        data: Any = captain.core.read_namespaced_config_map(name, namespace).data or {}
        return dict(data)
    packed: Any = captain.core.read_namespaced_secret(name, namespace).data or {}
    return {key: base64.b64decode(one).decode() for key, one in packed.items()}


def _mapping(text: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise Failure(f"error converting YAML to JSON: {error}") from None
    if not isinstance(found, dict):
        raise Failure("error unmarshaling JSON: json: cannot unmarshal into Go value of type map[string]interface {}")
    return found
