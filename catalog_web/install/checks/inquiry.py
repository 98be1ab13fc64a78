"""Whom to ask about what, and many questions at the same time: bounded, and a failure is the answer to its own."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus

from catalog_web.install.capabilities import CAPABILITIES, CapabilityId, grant
from catalog_web.install.checks.check import Check, failed
from catalog_web.install.checks.facts import Facts
from catalog_web.install.cluster import Cluster
from catalog_web.install.doors import Door
from catalog_web.install.helmrequest import InstallForm
from indexer.errors import N_, ChartroomError, ClusterError, ClusterRefused, ClusterTimedOut

SECONDS = 20.0
"""For all questions together; what has no answer by then is unknown."""
_AT_ONCE = 3
"""A cluster takes four calls at the same time; one is left for other people."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Whom to ask about what."""

    cluster: Cluster
    """As Chartroom itself."""
    person: Cluster
    """As the person who installs, where Chartroom acts as that; else the same."""
    form: InstallForm
    facts: Facts
    own_user: str = ""
    """What the cluster calls Chartroom; empty where it does not tell."""
    user: str = ""
    """What it calls the person."""

    @property
    def acts_as_person(self) -> bool:
        """Whether the cluster is asked as the person."""
        return self.person is not self.cluster

    @property
    def where(self) -> dict[str, str]:
        """What texts about the place may name."""
        return {
            "cluster": self.cluster.name,
            "namespace": self.form.namespace,
            "name": self.form.name,
            "user": self.user or "Chartroom",
        }

    def role(self, *wanted: CapabilityId, own: bool = False) -> Door:
        """YAML that gives the person, or Chartroom itself (``own``), what is wanted."""
        namespace = self.form.namespace
        if any(CAPABILITIES[one].scope == "captain" for one in wanted):
            namespace = self.cluster.captain_namespace
        text = grant(wanted, self.own_user if own else self.user, namespace)
        return Door("role", N_("Role for who runs the cluster"), self.where, text)


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask a cluster. Where that is refused, the check ``id`` is unknown, and ``needs`` would allow it."""

    id: str
    ask: Callable[[Inquiry], Iterable[Check]]
    needs: CapabilityId


def at_once(questions: Iterable[Question], inquiry: Inquiry, seconds: float = SECONDS) -> list[Check]:
    """The checks that answer ``questions``, in their order. Never raises a `ClusterError`."""
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="checks")
    try:
        end = time.monotonic() + seconds
        asked = [(one, pool.submit(_answer, one, inquiry)) for one in questions]
        return [check for one, answer in asked for check in _by(end, one, answer, inquiry, seconds)]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _by(
    end: float, question: Question, answer: Future[tuple[Check, ...]], inquiry: Inquiry, seconds: float
) -> tuple[Check, ...]:
    try:
        return answer.result(timeout=max(end - time.monotonic(), 0))
    except TimeoutError:
        late = ClusterTimedOut(cluster=inquiry.cluster.name, seconds=seconds)
        return (failed(question.id, late, state="unknown"),)


def _answer(question: Question, inquiry: Inquiry) -> tuple[Check, ...]:
    try:
        return tuple(question.ask(inquiry))
    except ClusterError as error:
        return (unanswered(question, error, inquiry),)


def unanswered(question: Question, error: ChartroomError, inquiry: Inquiry) -> Check:
    """The check of a question that ``error`` ended: not known, and what would let it be."""
    check = failed(question.id, error, state="unknown")
    if not isinstance(error, ClusterRefused) or error.params.get("status") != HTTPStatus.FORBIDDEN:
        return check
    door = inquiry.role(question.needs, own=True)
    return Check(check.id, check.state, check.cause_text, check.remedy_text, check.params, error, (door,))
