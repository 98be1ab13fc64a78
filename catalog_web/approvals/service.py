"""What people and administrators do with requests: list, approve, refuse, withdraw.

Deciding is one step in the store that succeeds once, whoever tries it at the same time; only then is anything sent, and
exactly what was asked for, as the person who asked. The id of the request goes along, so that it is sent once however
often it is tried.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from catalog_web.approvals import kept
from catalog_web.approvals.gate import Tell, nobody_told
from catalog_web.approvals.kept import Wish
from catalog_web.approvals.states import LIFE, TEXTS, Step, after, state_at
from catalog_web.catalog import PAGE_PATIENCE, Catalog
from catalog_web.install.apps import AppDetail
from catalog_web.install.checks import NO_FACTS, Facts
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.service import NOT_SENT, Installs, UpgradeForm, is_uncertain
from catalog_web.install.verbs.rolling_back import RollBack
from indexer.errors import (
    N_,
    ChartroomError,
    Conflict,
    RequestDecided,
    RequestNotFound,
    StoreUnavailable,
    UsageError,
    phrase,
)
from indexer.model import Approval, ApprovalState
from indexer.store import Store

MOST_LISTED = 200
LONGEST_REASON = 2000
_KEPT = timedelta(days=365)
"""How long a settled request is remembered."""
OPEN: tuple[ApprovalState, ...] = ("waiting", "approved")
SETTLED: tuple[ApprovalState, ...] = ("done", "refused", "withdrawn", "expired")

Decides = Callable[[str], bool]
"""Whether a person decides what is installed from a source."""


def nothing(_source: str) -> bool:
    """Of whom it does not matter what they decide about."""
    return False


@dataclass(frozen=True, slots=True)
class Look:
    """What an administrator saw when deciding; empty: the same as who asked."""

    resource_version: str = ""
    chart_digest: str = ""


AS_ASKED = Look()


class Approvals:
    """All requests. Safe to use from several threads."""

    def __init__(
        self,
        store: Store,
        installs: Installs,
        catalog: Catalog,
        tell: Tell = nobody_told,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``tell`` is called once for every decision."""
        self._store, self._installs, self._catalog, self._tell, self._now = store, installs, catalog, tell, now

    # -- looking

    def of(self, person: str) -> tuple[Approval, ...]:
        """The newest requests of a person, newest first."""
        return self._dated(self._store.approvals.of(person, MOST_LISTED))

    def decidable(self, decides: Decides, states: Iterable[ApprovalState] = OPEN) -> tuple[Approval, ...]:
        """The newest requests that ``decides`` about, newest first."""
        wanted = frozenset(states)
        found = self._dated(self._store.approvals.all({*wanted, "waiting"}, MOST_LISTED))
        return tuple(one for one in found if one.state in wanted and decides(one.source))

    def about(self, place: tuple[str, str, str]) -> tuple[Approval, ...]:
        """What waits for one app, newest first."""
        return tuple(one for one in self._dated(self._store.approvals.at(*place)) if one.state in OPEN)

    def get(self, approval: str, person: str, decides: Decides) -> Approval:
        """One request of the person, or that they decide about; all others are not there. Raises RequestNotFound."""
        found = self._store.approvals.get(approval)
        if found.person != person and not decides(found.source):
            raise RequestNotFound()
        return self._dated([found])[0]

    def wish(self, approval: Approval) -> Wish:
        """What is to be sent, with its secrets. Raises CredentialsUnreadable."""
        opened = self._store.approvals.secrets(approval)
        return kept.wish_of(approval.action, approval.form["wish"], opened)

    # -- deciding

    def approve(self, approval: Approval, by: str, reason: str = "", look: Look = AS_ASKED) -> AppDetail:
        """Send what was asked for; of two administrators one does, and the other one is told.

        ``look``: what ``by`` saw, where that is no longer what it was when it was asked. Raises `RequestDecided`, and
        why it could not be sent, which is kept with the request: after `AppChanged` and other refusals it waits again;
        after a lost answer it stays approved, and may be approved again to send it once more.
        """
        first = approval.state != "approved"
        if first:
            approval = self._moved(approval, "approve", by, reason)
            self._tell(approval)
        try:
            detail = self._send(approval, look)
        except StoreUnavailable:
            raise
        except ChartroomError as error:
            self._returned(approval, error, first=first)
            raise
        self._done(approval)
        return detail

    def refuse(self, approval: Approval, by: str, reason: str) -> Approval:
        """Send nothing, and say why. Raises `RequestDecided`, UsageError without a reason."""
        if not reason.strip():
            raise UsageError(
                what=phrase(N_("A refusal needs a reason: who asked reads it.")), hint=phrase(N_("Write one."))
            )
        refused = self._moved(approval, "refuse", by, reason)
        self._tell(refused)
        return refused

    def withdraw(self, approval: Approval, person: str) -> Approval:
        """Who asked wants it no longer. Raises `RequestDecided`, RequestNotFound where somebody else asked."""
        if approval.person != person:
            raise RequestNotFound()
        return self._moved(approval, "withdraw", person, "")

    def tidy(self) -> int:
        """Settle what waited too long, and forget what was settled long ago; returns how many expired."""
        now = self._now()
        self._store.approvals.forget(now - _KEPT)
        return self._store.approvals.expire(now - LIFE)

    # -- how

    def _moved(self, approval: Approval, step: Step, by: str, reason: str) -> Approval:
        state = after(state_at(approval, self._now()), step)
        decision = {"decided_by": by, "decided_at": self._now(), "reason": reason.strip()[:LONGEST_REASON]}
        if state is None or not self._store.approvals.move(approval, state, problem=None, **decision):
            raise self._decided(approval.id)
        return self._store.approvals.get(approval.id)

    def _decided(self, approval: str) -> RequestDecided:
        """Who was faster, and what they decided."""
        found = self._dated([self._store.approvals.get(approval)])[0]
        return RequestDecided(state=phrase(TEXTS[found.state], person=found.decided_by))

    def _done(self, approval: Approval) -> None:
        """It was sent: that holds also where another one who tried it at the same time could not."""
        for state in OPEN:
            if self._store.approvals.move(replace(approval, state=state), "done", problem=None):
                return

    def _returned(self, approval: Approval, error: ChartroomError, *, first: bool) -> None:
        """Keep why it was not sent. Where it may have arrived, now or at an earlier try, nobody else can decide
        otherwise any more."""
        never_sent = first and isinstance(error, NOT_SENT)
        state: ApprovalState = "approved" if is_uncertain(error) and not never_sent else "waiting"
        self._store.approvals.move(approval, state, problem={"id": error.id, "params": _plain(error.params)})

    def _send(self, approval: Approval, look: Look) -> AppDetail:
        wish = kept.with_look(self.wish(approval), look.resource_version, look.chart_digest)
        if isinstance(wish, RollBack):
            return self._installs.roll_back_to(wish)
        facts = self._facts(wish)
        if isinstance(wish, InstallForm):
            return self._installs.install(wish, facts)
        return self._installs.upgrade(wish, facts)

    def _facts(self, wish: InstallForm | UpgradeForm) -> Facts:
        """What the values are held against. Raises Conflict where the chart is another one than it was, and
        VersionNotFound."""
        page = self._catalog.version(wish.source, wish.chart, wish.version, PAGE_PATIENCE)
        digest = page.version.archive_digest or page.version.digest
        if wish.chart_digest and digest and digest != wish.chart_digest:
            raise Conflict(
                what=phrase(N_("{chart} {version} was pushed again since: it is another archive now."), **_chart(wish)),
                hint=phrase(N_("Look at the request again, and decide about what is there now.")),
            )
        return Facts(content=page.content) if page.content else NO_FACTS

    def _dated(self, found: Iterable[Approval]) -> tuple[Approval, ...]:
        """Each with the state that its age gives it."""
        now = self._now()
        return tuple(replace(one, state=state_at(one, now)) for one in found)


def _chart(wish: InstallForm | UpgradeForm) -> dict[str, str]:
    return {"chart": wish.chart, "version": wish.version}


def _plain(params: dict[str, object]) -> dict[str, object]:
    """What of an error can be kept as JSON."""
    return {name: value if isinstance(value, str | int | dict | list) else str(value) for name, value in params.items()}
