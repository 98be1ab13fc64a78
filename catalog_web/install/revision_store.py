"""What the verbs need of the store: the revisions of every app."""

from collections.abc import Sequence
from typing import Protocol

from indexer.model import Revision


class RevisionStore(Protocol):
    """What was sent to clusters."""

    def start(self, revision: Revision) -> Revision:
        """Keep it under the next number of its install; the same request id returns the one already kept."""

    def sent(self, request_id: str, uid: str) -> None:
        """Remember the uid of the object that this request made."""

    def history(self, cluster: str, namespace: str, name: str) -> Sequence[Revision]:
        """All of one install, newest first."""

    def find_request(self, request_id: str) -> Revision | None:
        """The revision of a request, or None."""

    def withdraw(self, request_id: str) -> None:
        """Forget the revision of a request that the cluster refused."""

    def namespaces(self, cluster: str) -> Sequence[str]:
        """The namespaces of a cluster that something was ever sent to."""
