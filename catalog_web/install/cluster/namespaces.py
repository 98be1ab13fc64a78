"""Namespaces, and the events in them."""

from catalog_web.install.cluster.answers import Object, meta_text
from catalog_web.install.cluster.reach import Reach
from catalog_web.install.cluster.request import About, Request, write_options
from catalog_web.install.refusal import HELM_REQUEST
from indexer.errors import ClusterRefused, ObjectNotFound

NAMESPACE = "Namespace"
_PLACE = ("api", "v1", "namespaces")


class Namespaces(Reach):
    """Verbs about namespaces."""

    def namespaces(self) -> tuple[str, ...] | None:
        """Names of all namespaces, sorted; None where that may not be listed."""
        try:
            items = self._all(Request(_PLACE, About(NAMESPACE)))
        except ClusterRefused:
            return None
        return tuple(sorted(filter(None, (meta_text(one, "name") for one in items))))

    def namespace(self, name: str) -> Object | None:
        """One namespace; None where there is none. Raises `ClusterRefused` and the like."""
        try:
            return self._one(Request((*_PLACE, name), About(NAMESPACE, "", name)))
        except ObjectNotFound:
            return None

    def create_namespace(self, name: str) -> Object:
        """Create a namespace. Raises `ObjectConflict` where there is one, `ManifestInvalid`, `ClusterRefused`."""
        body = {"apiVersion": "v1", "kind": NAMESPACE, "metadata": {"name": name}}
        return self._one(Request(_PLACE, About(NAMESPACE, "", name), "POST", write_options(), body))

    def events(self, namespace: str, name: str) -> tuple[Object, ...]:
        """The events about a HelmRequest; none where they may not be listed."""
        return self._events(namespace, f"involvedObject.name={name},involvedObject.kind={HELM_REQUEST}")

    def namespace_events(self, namespace: str) -> tuple[Object, ...]:
        """All events of a namespace; none where they may not be listed."""
        return self._events(namespace, "")

    def _events(self, namespace: str, selector: str) -> tuple[Object, ...]:
        query = {"fieldSelector": selector} if selector else {}
        try:
            return self._all(Request((*_PLACE, namespace, "events"), About("Event"), query=query))
        except ClusterRefused:
            return ()
