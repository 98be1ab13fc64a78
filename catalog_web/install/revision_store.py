"""What the verbs need of the store: the revisions of every app."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from indexer.model import Revision, RevisionMark, RevisionOutcome


class RevisionStore(Protocol):
    """What was sent to clusters, and what others changed there."""

    def start(self, revision: Revision) -> Revision:
        """Keep it under the next number of its install; the same request id returns the one already kept."""

    def sent(
        self,
        request_id: str,
        uid: str,
        generation: int = 0,
        annotations: Mapping[str, str] | None = None,
        spec_hash: str = "",
    ) -> None:
        """Remember what the cluster made of a request."""

    def settle(self, request_id: str, outcome: RevisionOutcome, reason: str, now: datetime) -> None:
        """Keep what captain made of a revision."""

    def history(self, cluster: str, namespace: str, name: str) -> Sequence[Revision]:
        """All of one install, newest first."""

    def newest(self, cluster: str = "") -> Sequence[RevisionMark]:
        """The newest revision of each app that its cluster took."""

    def unsettled(self, since: datetime) -> Sequence[RevisionMark]:
        """Those of ``newest`` that were sent after ``since`` and whose outcome is not known."""

    def find_request(self, request_id: str) -> Revision | None:
        """The revision of a request, or None."""

    def withdraw(self, request_id: str) -> None:
        """Forget the revision of a request that the cluster refused."""

    def namespaces(self, cluster: str) -> Sequence[str]:
        """The namespaces of a cluster that something was ever sent to."""
