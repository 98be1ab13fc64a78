"""The objects of a rendered chart, or of a release: told apart, with their namespace, and without their secrets. Pure.

The text is helm's: documents of YAML, each below a line that names its template. What a Secret holds is never shown;
so that a change of it is seen all the same, its values are known by fingerprints that mean nothing elsewhere.
"""

import base64
import hmac
import re
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog_web.install.helmrequest import manifest_yaml
from indexer.errors import EntryError
from indexer.parse import as_list, as_mapping, load_values

HIDDEN = "(hidden)"
MAX_OBJECTS = 5_000
_SHORTEST_SECRET = 4
"""Characters; shorter ones stand everywhere by chance."""
_KEY = secrets.token_bytes(32)
_DOCUMENT = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)
_SOURCE = re.compile(r"\n*# Source: (.{1,1000})\n")
_METADATA = re.compile(r"^metadata:[ \t]*(?:#.*)?\n(?=([ \t]+)\S)", re.MULTILINE)
_SECRET = re.compile(r"kind:\s*[\"']?Secret\b")
_HOOK = "helm.sh/hook"
_CRDS = "/crds/"
_CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "ComponentStatus",
        "CSIDriver",
        "CSINode",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IngressClass",
        "IPAddress",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PodSecurityPolicy",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "ServiceCIDR",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)
"""Kinds of Kubernetes itself that are in no namespace."""
_BUILT_IN = re.compile(r"(v1|(apps|batch|autoscaling|policy|extensions|[a-z.]+\.k8s\.io)/v[0-9a-z]+)")


@dataclass(frozen=True, slots=True)
class ManifestObject:
    """One object."""

    api_version: str
    kind: str
    """Empty where the document cannot be read; then ``text`` tells what there is."""
    namespace: str
    """Where it goes; empty for what is in none."""
    name: str
    text: str
    """YAML as the template made it, with its namespace, and without what a Secret holds."""
    template: str = ""
    """``chart/templates/file.yaml``."""
    hooks: tuple[str, ...] = ()
    """When helm runs it, such as ``pre-install``; it is no part of the release."""
    hidden: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Fingerprints of what is hidden, by key."""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What it is the same object by, in any version of its API: group, kind, namespace and name."""
        return self.api_version.rpartition("/")[0], self.kind, self.namespace, self.name

    @property
    def is_crd(self) -> bool:
        """Whether it brings a kind of its own."""
        return self.kind == "CustomResourceDefinition"

    @property
    def stays(self) -> bool:
        """Whether helm neither changes nor removes it after the install: a CRD from the folder ``crds``."""
        return self.is_crd and _CRDS in self.template


def read_manifests(text: str, namespace: str, hide: Collection[str] = ()) -> tuple[ManifestObject, ...]:
    """The objects of ``text`` in its order, at most `MAX_OBJECTS`; those without a namespace go to ``namespace``.

    ``hide`` are texts that are secret wherever they stand. Nothing in ``text`` makes it raise.
    """
    words = _words(hide)
    found: list[ManifestObject] = []
    own_kinds: dict[tuple[str, str], bool] = {}
    for document in _documents(text):
        for template, thing, body in _objects(document):
            own_kinds.update(_kind_made(thing))
            found.append(_object(template, thing, body, namespace, own_kinds, words))
            if len(found) == MAX_OBJECTS:
                return tuple(found)
    return tuple(found)


def _documents(text: str) -> Iterator[str]:
    start = 0
    for match in _DOCUMENT.finditer(text):
        yield text[start : match.start()]
        start = match.end() + 1
    yield text[start:]


def _objects(document: str) -> Iterator[tuple[str, Mapping[str, Any] | None, str]]:
    """Template, content and text of each object of a document: none in an empty one, several in a List."""
    source = _SOURCE.match(document)
    template = source[1].strip() if source else ""
    body = document[source.end() if source else 0 :].lstrip("\n")
    try:
        thing = load_values(body)
    except EntryError:
        yield template, None, body
        return
    items = [one for one in as_list(thing.get("items")) if isinstance(one, dict)]
    if str(thing.get("kind", "")).endswith("List") and items:
        yield from ((template, one, manifest_yaml(one)) for one in items)
    elif thing:
        yield template, thing, body


def _object(
    template: str,
    thing: Mapping[str, Any] | None,
    body: str,
    namespace: str,
    own_kinds: Mapping[tuple[str, str], bool],
    words: Collection[str],
) -> ManifestObject:
    if thing is None:
        return ManifestObject(
            "", "", "", "", HIDDEN + "\n" if _SECRET.search(body) else _without(body, words), template
        )
    meta = as_mapping(thing.get("metadata"))
    api_version, kind = str(thing.get("apiVersion") or ""), str(thing.get("kind") or "")
    hidden: dict[str, bytes] = {}
    if kind == "Secret":
        body, hidden = _masked(thing)
    place = ""
    if _is_namespaced(api_version, kind, own_kinds):
        place = str(meta.get("namespace") or namespace)
        body = body if meta.get("namespace") else _placed(body, namespace)
    # What lies in the folder ``crds`` is no template, whatever its annotations say.
    hooks = "" if _CRDS in template else str(as_mapping(meta.get("annotations")).get(_HOOK) or "")
    return ManifestObject(
        api_version=api_version,
        kind=kind,
        namespace=place,
        name=str(meta.get("name") or ""),
        text=_without(body.rstrip() + "\n", words),
        template=template,
        hooks=tuple(one.strip() for one in hooks.split(",") if one.strip()),
        hidden=hidden,
    )


# -- namespaces


def _kind_made(thing: Mapping[str, Any] | None) -> Mapping[tuple[str, str], bool]:
    """Group and kind that a CRD makes, and whether it is namespaced."""
    if thing is None or thing.get("kind") != "CustomResourceDefinition":
        return {}
    spec = as_mapping(thing.get("spec"))
    kind = as_mapping(spec.get("names")).get("kind")
    return {(str(spec.get("group")), str(kind)): spec.get("scope") != "Cluster"}


def _is_namespaced(api_version: str, kind: str, own_kinds: Mapping[tuple[str, str], bool]) -> bool:
    """What the chart's own CRDs say; of others a kind that is called Cluster… is taken for one without a namespace."""
    told = own_kinds.get((api_version.rpartition("/")[0], kind))
    if told is not None:
        return told
    if _BUILT_IN.fullmatch(api_version):
        return kind not in _CLUSTER_SCOPED
    return not kind.startswith("Cluster")


def _placed(body: str, namespace: str) -> str:
    """``body`` with its namespace, as helm gives it to the cluster; as it is where metadata is written in one line."""
    return _METADATA.sub(lambda found: f"{found[0]}{found[1]}namespace: {namespace}\n", body, count=1)


# -- secrets


def _masked(secret: Mapping[str, Any]) -> tuple[str, dict[str, bytes]]:
    """A Secret as YAML without its values, and their fingerprints."""
    shown = dict(secret)
    hidden: dict[str, bytes] = {}
    for part in ("data", "stringData"):
        if part in secret:
            values = as_mapping(secret[part])
            hidden |= {f"{part}.{key}": _fingerprint(value) for key, value in values.items()}
            shown[part] = dict.fromkeys(values, HIDDEN)
    return manifest_yaml(shown), hidden


def _fingerprint(value: Any) -> bytes:
    return hmac.digest(_KEY, repr(value).encode("utf-8", "surrogatepass"), "sha256")


def _words(hide: Collection[str]) -> tuple[str, ...]:
    """``hide`` as they may be written, longest first."""
    plain = {one for one in hide if len(one) >= _SHORTEST_SECRET}
    coded = {base64.b64encode(one.encode("utf-8", "surrogatepass")).decode() for one in plain}
    return tuple(sorted(plain | coded, key=len, reverse=True))


def _without(text: str, words: Collection[str]) -> str:
    for one in words:
        text = text.replace(one, HIDDEN)
    return text
