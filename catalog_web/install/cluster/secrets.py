"""Secrets: credentials of ChartRepos, and values that are not shown."""

from catalog_web.install.cluster.answers import Object
from catalog_web.install.cluster.reach import Reach
from catalog_web.install.cluster.request import MERGE_PATCH, About, Request, delete_options, write_options
from indexer.errors import ObjectNotFound

SECRET = "Secret"  # noqa: S105 -- a kind


class Secrets(Reach):
    """Verbs about Secrets."""

    def secret(self, namespace: str, name: str) -> Object | None:
        """A Secret with its values; None where there is none. Raises `ClusterRefused` and the like."""
        try:
            return self._one(_about(namespace, name))
        except ObjectNotFound:
            return None

    def create_secret(self, manifest: Object) -> Object:
        """Create a Secret. Raises `ObjectConflict`."""
        meta = manifest["metadata"]
        about = About(SECRET, meta["namespace"], meta["name"])
        return self._one(Request(_place(meta["namespace"]), about, "POST", write_options(), manifest))

    def patch_secret(self, namespace: str, name: str, patch: Object) -> Object:
        """Change a Secret by a merge patch. Raises `ObjectNotFound`; one with another ``uid`` is not changed."""
        one = _about(namespace, name)
        return self._one(Request(one.segments, one.about, "PATCH", write_options(), patch, MERGE_PATCH))

    def delete_secret(self, namespace: str, name: str, uid: str) -> None:
        """Delete this very Secret. Raises `ObjectNotFound`, and `ObjectConflict` where another one has its name."""
        one = _about(namespace, name)
        self._one(Request(one.segments, one.about, "DELETE", body=delete_options(uid)))


def _about(namespace: str, name: str) -> Request:
    return Request((*_place(namespace), name), About(SECRET, namespace, name))


def _place(namespace: str) -> tuple[str, ...]:
    return ("api", "v1", "namespaces", namespace, "secrets")
