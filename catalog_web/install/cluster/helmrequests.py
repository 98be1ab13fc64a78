"""HelmRequests: read, made, replaced, marked, removed."""

from collections.abc import Mapping
from typing import Any

from catalog_web.install.cluster.answers import Object
from catalog_web.install.cluster.reach import Reach, newest_served
from catalog_web.install.cluster.request import MERGE_PATCH, About, Request, delete_options, write_options
from catalog_web.install.helmrequest import GROUP, PLURAL

API_VERSIONS = ("v1alpha1", "v1")
_KEEPING = ("v1", "v1alpha1")
"""Versions for a change of metadata: one through v1alpha1 empties ``spec.source``, which only v1 knows."""


class HelmRequests(Reach):
    """Verbs about HelmRequests."""

    def create(self, manifest: Mapping[str, Any], *, dry_run: bool) -> Object:
        """Create ``manifest`` or, as a dry run, let the cluster say whether it would. Returns the (would-be) object.

        Written through the version of its ``apiVersion``. Raises `ObjectConflict`, `ObjectInvalid` and the like.
        """
        return self._one(creating(manifest, self.api_version, dry_run=dry_run))

    def get(self, namespace: str, name: str, api_version: str = "") -> Object:
        """The HelmRequest. Raises `InstallNotFound`."""
        return self._one(_about(api_version or self.api_version, namespace, name))

    def managed_fields(self, namespace: str, name: str) -> object:
        """Its ``metadata.managedFields``: which program wrote what, and when. Raises `InstallNotFound`."""
        request = _about(self.api_version, namespace, name)
        return self._within(lambda: self._connection.managed_fields(request, self._asker))

    def replace(self, wanted: Object, *, dry_run: bool = False, api_version: str = "") -> Object:
        """Put ``wanted``, a whole object as it was read and then changed, in the place of what is there.

        Its ``metadata.resourceVersion`` says what it was made from: where somebody else has changed or removed it
        since, nothing is written and `ObjectConflict` with ``stale`` true is raised; without one the cluster refuses it
        (`ObjectInvalid`). Keys that ``wanted`` lacks go, captain's finalizers too: so send those that were read. A null
        is kept, which no merge patch can do. Raises `InstallNotFound`, `ObjectInvalid`.
        """
        return self._one(replacing(wanted, api_version or _version_of(wanted, self.api_version), dry_run=dry_run))

    def annotate(self, namespace: str, name: str, annotations: Mapping[str, str | None], uid: str) -> Object:
        """Set annotations of this very object, and remove those that are None.

        captain takes any change of them for a change of the spec. Raises `InstallNotFound`, and `ObjectConflict`
        where another one has its name.
        """
        body = {"metadata": {"uid": uid, "annotations": dict(annotations)}}

        def patch(version: str) -> Object:
            about, segments = About(namespace=namespace, name=name), _place(version, namespace, name)
            return self._ask(Request(segments, about, "PATCH", write_options(), body, MERGE_PATCH))

        return self._within(lambda: newest_served(_KEEPING, patch))

    def list(self, namespace: str | None = None, patience: float | None = None) -> tuple[Object, ...]:
        """HelmRequests of a namespace, or of all; raises `ClusterRefused` where that may not be listed."""
        return self._all(Request(_place(self.api_version, namespace)), patience)

    def delete(self, namespace: str, name: str, uid: str, *, dry_run: bool = False) -> Object:
        """Delete this very object, told by its ``uid``; another one of that name is an `ObjectConflict`."""
        about, segments = About(namespace=namespace, name=name), _place(self.api_version, namespace, name)
        return self._one(Request(segments, about, "DELETE", body=delete_options(uid, dry_run=dry_run)))


def creating(manifest: Mapping[str, Any], api_version: str, *, dry_run: bool = False) -> Request:
    """What makes ``manifest``, through the version of its ``apiVersion``, or else through ``api_version``."""
    meta = manifest["metadata"]
    about = About(namespace=meta["namespace"], name=meta["name"])
    query = write_options(dry_run=dry_run, strict=True)
    place = _place(_version_of(manifest, api_version), about.namespace)
    return Request(place, about, "POST", query, dict(manifest))


def replacing(wanted: Mapping[str, Any], version: str, *, dry_run: bool = False) -> Request:
    """What puts ``wanted`` in the place of what is there, through ``version``."""
    meta = wanted["metadata"]
    about = About(namespace=meta["namespace"], name=meta["name"])
    body = {**wanted, "apiVersion": f"{GROUP}/{version}"}
    query = write_options(dry_run=dry_run, strict=True)
    return Request(_place(version, about.namespace, about.name), about, "PUT", query, body)


def _version_of(manifest: Mapping[str, Any], otherwise: str) -> str:
    group, _, version = str(manifest.get("apiVersion", "")).partition("/")
    return version if group == GROUP and version else otherwise


def _about(version: str, namespace: str, name: str) -> Request:
    return Request(_place(version, namespace, name), About(namespace=namespace, name=name))


def _place(version: str, namespace: str | None, *name: str) -> tuple[str, ...]:
    within = () if namespace is None else ("namespaces", namespace)
    return ("apis", GROUP, version, *within, PLURAL, *name)
