"""Holds back what an administrator has to approve, and lets pass what one approved."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from catalog_web.approvals import kept
from catalog_web.approvals.states import TEXTS, state_at
from catalog_web.install.gate import Sending
from indexer.errors import N_, ApprovalWanted, Conflict, RequestDecided, SourceNotFound, phrase
from indexer.model import Approval
from indexer.store import Store

Tell = Callable[[Approval], None]


def nobody_told(_approval: Approval) -> None:
    """Where there is nobody to be told of requests."""


class ApprovalGate:
    """Asked by `Installs` before anything is kept or sent. Safe to use from several threads."""

    def __init__(
        self, store: Store, tell: Tell = nobody_told, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """``tell`` is called once for every new request."""
        self._store, self._tell, self._now = store, tell, now

    def expect_open(self, sending: Sending) -> None:
        """Let pass what needs no approval, or has it. Raises `ApprovalWanted` with the id of the request that waits,
        `RequestDecided` where that was refused, `Conflict` where it is another one, CredentialsUnreadable."""
        found = self._store.approvals.find_request(sending.request_id)
        if found is None:
            if self._is_free(sending):
                return
            found = self._asked(sending)
        self._expect_same(found, sending)
        if found.state == "approved":
            return
        if state_at(found, self._now()) == "waiting":
            raise ApprovalWanted(request=found.id, source=found.source)
        raise RequestDecided(state=phrase(TEXTS[state_at(found, self._now())], person=found.decided_by))

    def _is_free(self, sending: Sending) -> bool:
        """Whether nobody need be asked: the source demands nothing, who sends it decides about the source, or a roll
        back sends what was approved before."""
        if sending.decides or not self._demands(sending.source):
            return True
        before = self._store.approvals.find_request(sending.back_to) if sending.back_to else None
        return before is not None and before.state == "done"

    def _demands(self, source: str) -> bool:
        """Of a source that is gone nobody is left to decide, and only a roll back can still be of it."""
        try:
            return self._store.sources.get(source).source.approval if source else False
        except SourceNotFound:
            return False

    def _asked(self, sending: Sending) -> Approval:
        approval = self._store.approvals.ask(_request(sending, self._now()), kept.secrets(sending.wish))
        self._tell(approval)
        return approval

    def _expect_same(self, found: Approval, sending: Sending) -> None:
        opened = self._store.approvals.secrets(found)
        settled = found.state not in ("waiting", "approved")  # which keeps no secrets to compare
        if not settled and not kept.is_same(sending, found.form["wish"], opened):
            raise Conflict(
                what=phrase(N_("This very request was already sent with another content.")),
                hint=phrase(N_("Open the page again and send it from there.")),
            )


def _request(sending: Sending, now: datetime) -> Approval:
    return Approval(
        id=uuid4().hex,
        state="waiting",
        person=sending.person,
        at=now,
        source=sending.source,
        chart=sending.chart,
        version=sending.version,
        cluster=sending.cluster,
        namespace=sending.namespace,
        name=sending.name,
        action=sending.action,
        request_id=sending.request_id,
        form={"wish": kept.public(sending.wish), "helmrequest": sending.made},
        sealed="",
        why=sending.why,
    )
