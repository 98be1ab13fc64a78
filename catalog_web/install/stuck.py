"""Why an app is stuck or failed, in one place: what captain says, and what is seen around it. Pure.

captain's reason comes first, as it is captain that is waited for; then what may hold captain up; then what does not
run although captain is content; last what could not be looked at. Each is said once, with what to try.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from catalog_web.install.back_off import next_try
from catalog_web.install.doors import Door
from catalog_web.install.health import health_of
from catalog_web.install.pod_health import Health
from catalog_web.install.reading import mapping, moment, number, spec, status, text
from catalog_web.install.reasons import Plain, door, plain
from catalog_web.install.refusal import clean
from catalog_web.install.release_record import ReleaseRecord
from catalog_web.install.status import AppStatus, Seen
from indexer.errors import N_, ChartroomError, Phrase, fill, phrase
from indexer.parse.text import shown

ClueState = Literal["bad", "busy", "info"]

RECENT = timedelta(minutes=30)
MAX_EVENTS = 5
_LONGEST = 400
ABSENT = frozenset({"not-seen", "not-taken-up", "stuck", "busy", "deleting-slowly", "change-not-seen"})
"""Sentences of a status that mean that captain has not come to it."""
FAILING = frozenset({"failed", "retrying"})
_OF_THE_REPOSITORY = frozenset({"chart-unknown", "repo-unknown", "version-unknown", "archive-absent", "login"})
_INTERRUPTED = timedelta(minutes=5)
"""A hook may run for three; a release that is pending for longer was left behind."""


@dataclass(frozen=True, slots=True)
class Around:
    """What was seen around a HelmRequest; what could not be looked at is None, or stands among the errors."""

    repo: Mapping[str, Any] | None = None
    """captain's ChartRepo."""
    repo_known: bool = False
    """False: it was not looked for, or could not be."""
    events: Sequence[object] = ()
    """About the HelmRequest."""
    others: Sequence[object] = ()
    """Of the namespace, about anything else."""
    busy_with: str = ""
    """``namespace/name`` of the HelmRequest that captain works on."""
    controller: Sequence[object] | None = None
    """captain's own Deployments."""
    records: Sequence[ReleaseRecord] = ()
    """Of the release, newest first."""
    trouble: tuple[str, Health] | None = None
    """The first object of the release that is not well, as ``Deployment web``."""
    missing: Sequence[Phrase] = ()
    """What may not be looked at."""
    role: str = ""
    """YAML that would let it be looked at, for the one who runs the cluster."""
    errors: Sequence[ChartroomError] = ()


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that may be why."""

    id: str
    state: ClueState
    cause: Phrase
    remedy: Phrase | None = None
    doors: tuple[Door, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    """Dotted paths of values that are not taken, each with what is wrong there."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """All clues, the likeliest first; none where all is well as far as can be seen."""

    clues: tuple[Clue, ...]
    next_try: datetime | None = None
    """About when captain tries again by itself; None where that cannot be told."""

    @property
    def is_serious(self) -> bool:
        """Whether something is to be done, or waited for."""
        return any(one.state != "info" for one in self.clues)


def why(one: Seen, found: AppStatus, around: Around, now: datetime, changed: datetime | None = None) -> Stuck:
    """What holds the HelmRequest ``one`` up, whose status is ``found``. ``changed``: when its spec was changed last."""
    said = plain(found.reason, one) if found.reason else None
    clues = (
        *_said(said, found),
        *_repository(one, said, around),
        *_captain_absent(one, found, around, now),
        *_frozen(one),
        *_deletion(one, found),
        *_release(one, found, around, now),
        *_objects(around),
        *_events(one, around, now),
        *_unseen(one, around),
    )
    failing = found.state in FAILING
    again = next_try(one, around.events, changed) if failing else None
    return Stuck(tuple(clues), again if again and again > now else None)


# -- what captain says


def _said(said: Plain | None, found: AppStatus) -> Iterator[Clue]:
    if said is not None:
        state: ClueState = "bad" if found.state in FAILING else "busy"
        yield Clue(said.id, state, said.cause, said.remedy, said.doors, said.values)


def _repository(one: Seen, said: Plain | None, around: Around) -> Iterator[Clue]:
    """The ChartRepo, where captain's reason has to do with it."""
    if said is None or said.id not in _OF_THE_REPOSITORY or not around.repo_known:
        return
    repo = one.chart.partition("/")[0]
    told = status(around.repo)
    phase = text(told.get("phase"))
    if around.repo is None:
        if said.id != "repo-unknown":
            gone = N_("captain has no ChartRepo {repo} any more.")
            yield Clue("repo-gone", "bad", phrase(gone, repo=repo), None, (door("publish", one),))
    elif phase == "Failed":
        cause = phrase(N_("captain cannot read its ChartRepo {repo}: {reason}"), repo=repo,
                       reason=shown(clean(told.get("reason")), _LONGEST))  # fmt: skip
        yield Clue("repo-failing", "bad", cause, phrase(N_("Until it can, it keeps the charts that it had.")),
                   (door("source", one), door("sync", one)))  # fmt: skip
    elif phase != "Synced":
        yield Clue("repo-waiting", "busy", phrase(N_("captain has not read its ChartRepo {repo} yet."), repo=repo))


# -- captain


def _captain_absent(one: Seen, found: AppStatus, around: Around, now: datetime) -> Iterator[Clue]:
    if found.id not in ABSENT:
        return
    yield from _controller(around.controller)
    since = one.deleted or one.created
    minutes = int((now - since).total_seconds() // 60) if since and found.id != "change-not-seen" else 0
    if around.busy_with:
        other = around.busy_with
        cause = phrase(N_("captain works on one HelmRequest after another, and now on {other}."), other=other)
        held = N_("A hook of {other} that hangs holds all others up for three minutes, again and again.")
        yield Clue("busy", "busy", cause, phrase(held, other=other), (door("app", one, other=other),))
    elif minutes:
        cause = phrase(N_("captain has not looked at this for {minutes} minutes."), minutes=minutes)
        yield Clue("absent", "bad", cause, phrase(
            N_("captain works on one HelmRequest after another, so a hanging hook of another app may hold it; or it "
               "does not run. See “kubectl get pods” in its namespace, and its log.")))  # fmt: skip


def _controller(found: Sequence[object] | None) -> Iterator[Clue]:
    for deployment in found or ():
        judged = health_of(deployment)
        wanted = spec(deployment).get("replicas")
        if judged.state != "ok" or wanted == 0:
            cause = phrase(N_("captain itself does not run as it should: {why}"), why=judged.cause)
            yield Clue("captain-down", "bad", cause, judged.remedy or phrase(N_("Ask who runs the cluster.")))


def _frozen(one: Seen) -> Iterator[Clue]:
    if one.frozen:
        held = N_(
            "The annotation captain-no-sync tells captain to leave it as it is: no change and no removal happens."
        )
        yield Clue("frozen", "busy", phrase(held), None, (door("resume", one),))


# -- the end


def _deletion(one: Seen, found: AppStatus) -> Iterator[Clue]:
    place = {"namespace": one.namespace, "name": one.name}
    if found.id == "deleting-never":
        command = (
            f"kubectl patch helmrequest -n {one.namespace} {one.name} --type merge "
            f"""-p '{{"spec":{{"releaseName":"{one.name[:20].rstrip("-.")}"}}}}'"""
        )
        remedy = N_("This command shortens it. What such a release had installed, if anything, stays in the cluster.")
        yield Clue("name-long", "bad", phrase(N_("captain cannot remove a release with so long a name.")),
                   phrase(remedy), (door("copy", one, command),))  # fmt: skip
    elif found.id == "deleting-slowly":
        command = (
            f"kubectl patch helmrequest -n {one.namespace} {one.name} --type merge "
            """-p '{"metadata":{"finalizers":null}}'"""
        )
        remedy = N_(
            "It goes as soon as captain has uninstalled the release. If captain is never to come back, this command "
            "lets the HelmRequest go; all objects of the release then stay behind, and nobody removes them."
        )
        held = phrase(N_("captain's finalizer keeps {namespace}/{name} until the release is uninstalled."), **place)
        yield Clue("finalizer", "busy", held, phrase(remedy), (door("copy", one, command),))


# -- what really runs


def _release(one: Seen, found: AppStatus, around: Around, now: datetime) -> Iterator[Clue]:
    newest = around.records[0] if around.records else None
    if newest is None:
        return
    if found.settled and found.state == "running" and newest.status == "failed":
        cause = N_(
            "captain says Synced, but its newest try (release {number}) failed: the HelmRequest was put back to what "
            "it was, and captain then does nothing. Some objects may be as the failed try left them."
        )
        yield Clue("reverted", "bad", phrase(cause, number=newest.version),
                   phrase(N_("Let captain do it again: it then brings all of them back.")),
                   (door("resync", one),))  # fmt: skip
    old = newest.last_deployed is not None and now - newest.last_deployed > _INTERRUPTED
    if newest.status.startswith("pending") and old:
        cause = N_("The newest try (release {number}) was never finished: captain was interrupted in the middle.")
        yield Clue("pending-release", "bad", phrase(cause, number=newest.version), phrase(
            N_("If captain says “another operation is in progress”, delete that record; it then begins anew.")),
            (door("copy", one, _delete_record(one, newest)),))  # fmt: skip


def _delete_record(one: Seen, record: ReleaseRecord) -> str:
    name = f"sh.helm.release.v1.{one.release_name}.v{record.version}"
    return f"kubectl delete releases.app.alauda.io -n {one.release_namespace} {name}"


def _objects(around: Around) -> Iterator[Clue]:
    if around.trouble is not None:
        name, health = around.trouble
        state: ClueState = "bad" if health.is_bad else "busy"
        yield Clue("object", state, phrase(N_("{object}: {why}"), object=name, why=health.cause), health.remedy)


def _events(one: Seen, around: Around, now: datetime) -> Iterator[Clue]:
    """Warnings of the last half hour about objects of the release; captain's own are told already.

    captain ends every removal with a FailedDelete event that means nothing.
    """
    told: dict[tuple[str, str], Clue] = {}
    trouble = fill(around.trouble[1].cause["text"], around.trouble[1].cause["params"]) if around.trouble else ""
    for event in sorted(map(mapping, around.others), key=_when, reverse=True):
        about = mapping(event.get("involvedObject"))
        at = moment(event.get("lastTimestamp")) or moment(event.get("eventTime"))
        recent = at is not None and now - at <= RECENT
        if event.get("type") != "Warning" or about.get("kind") == "HelmRequest" or not recent:
            continue
        key = text(event.get("reason")), shown(text(event.get("message")), _LONGEST)
        if key not in told and key[1] not in trouble and _belongs(one, text(about.get("name"))):
            where = f"{text(about.get('kind'))} {text(about.get('name'))}"
            cause = N_("{object}: {reason}: {message} ({count} times)")
            count = number(event.get("count")) or 1
            told[key] = Clue("event", "info", phrase(cause, object=where, reason=key[0], message=key[1], count=count))
    yield from list(told.values())[:MAX_EVENTS]


def _when(event: Mapping[str, Any]) -> str:
    return text(event.get("lastTimestamp")) or text(event.get("eventTime"))


def _belongs(one: Seen, name: str) -> bool:
    """Charts name their objects after the release."""
    return name == one.release_name or name.startswith(f"{one.release_name}-")


# -- what could not be seen


def _unseen(one: Seen, around: Around) -> Iterator[Clue]:
    for missing in around.missing:
        doors = (door("role", one, around.role),) if around.role and missing is around.missing[-1] else ()
        yield Clue("missing-right", "info", missing, None, doors)
    for error in around.errors:
        yield Clue(
            "unseen", "info", phrase(error.cause_text, **error.params), phrase(error.remedy_text, **error.params)
        )
