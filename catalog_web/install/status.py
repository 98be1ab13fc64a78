"""A HelmRequest as the cluster holds it, and what that means in plain words. Pure; nothing foreign makes it raise.

captain's phases alone say too little: a new HelmRequest has none at all until captain takes it up, one that fails
alternates between Failed and Pending (and Pending carries no reason), and after a change the old Synced stays until
captain has looked. So `advance` follows one HelmRequest from sight to sight and keeps what the last one told.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from catalog_web.install.reading import labels, mapping, mappings, moment, number, text, texts
from indexer.errors import N_, fill

State = Literal["waiting", "installing", "upgrading", "running", "failed", "retrying", "deleting", "gone", "unknown"]

FINALIZER = "captain.cpaas.io"
"""captain's first sign of life on a HelmRequest, some hundredths of a second after its creation."""

NO_SYNC = "captain-no-sync"
"""Annotation that makes captain leave a HelmRequest as it is."""

PATIENCE = timedelta(seconds=60)
"""A HelmRequest that captain has not taken up after this long gets a sentence that says so."""

GIVE_UP = timedelta(minutes=10)
"""After a change: captain's hash stays as it was where the change was taken back before it looked."""

LONGEST_DELETABLE = 53

WORDS: Mapping[State, str] = {
    "waiting": N_("waiting"),
    "installing": N_("installing"),
    "upgrading": N_("upgrading"),
    "running": N_("installed"),
    "failed": N_("failed"),
    "retrying": N_("retrying"),
    "deleting": N_("being removed"),
    "gone": N_("removed"),
    "unknown": N_("unknown"),
}
"""What a person reads for a state: captain does not watch what runs, so nobody is told that something does."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a page says about a state: templates over `AppStatus.params`, translated where they are shown."""

    state: State
    headline: str
    detail: str


SENTENCES: Mapping[str, Sentence] = {
    "not-seen": Sentence(
        "waiting",
        N_("Waiting for captain"),
        N_("The cluster has the HelmRequest; captain has not taken it up yet. That usually takes less than a second."),
    ),
    "busy": Sentence(
        "waiting",
        N_("Waiting for its turn"),
        N_(
            "captain works on one HelmRequest after another and is busy with {other}. "
            "One that hangs may hold up all others for three minutes."
        ),
    ),
    "not-taken-up": Sentence(
        "waiting",
        N_("captain has not taken it up for {minutes} min"),
        N_(
            "captain works on one HelmRequest after another, so it may be busy with another one; or it does not run. "
            "Its log in the cluster tells."
        ),
    ),
    "taken-up": Sentence(
        "waiting", N_("captain has taken it up"), N_("captain has marked the HelmRequest and begins with it.")
    ),
    "stuck": Sentence(
        "waiting",
        N_("Made {minutes} min ago; captain took it up and has said nothing since"),
        N_(
            "captain works on one HelmRequest after another, so it may be busy with another one; or it cannot begin. "
            "Its log in the cluster tells."
        ),
    ),
    "dependency": Sentence(
        "waiting",
        N_("Waiting for {dependencies}"),
        N_("It depends on other HelmRequests in its namespace: captain begins when all of them are Synced. {reason}"),
    ),
    "installing": Sentence("installing", N_("Being installed"), N_("captain fetches version {wanted} of the chart.")),
    "installing-loaded": Sentence(
        "installing",
        N_("Being installed"),
        N_("captain has the chart and gives its objects to the cluster; hooks of the chart may take minutes."),
    ),
    "upgrading": Sentence("upgrading", N_("Being upgraded"), N_("captain goes from version {installed} to {wanted}.")),
    "change-not-seen": Sentence(
        "upgrading",
        N_("Waiting for captain to see the change"),
        N_("The change is stored; captain still shows version {installed} as it was before."),
    ),
    "running": Sentence(
        "running",
        N_("Installed"),
        N_(
            "captain has installed version {installed}: the cluster accepted all of its objects. "
            "Whether its pods are up is not watched by captain."
        ),
    ),
    "failed": Sentence(
        "failed",
        N_("Failed"),
        N_(
            "captain could not do it and tries again by itself, after longer and longer pauses; "
            "a corrected HelmRequest is tried at once."
        ),
    ),
    "upgrade-failed": Sentence(
        "failed",
        N_("The upgrade failed, {installed} is still running"),
        N_(
            "captain could not go from {installed} to {wanted} and tries again by itself, after longer and longer "
            "pauses. What it had changed before it failed stays changed until it succeeds."
        ),
    ),
    "change-failed": Sentence(
        "failed",
        N_("The change failed, {installed} still runs as before"),
        N_(
            "captain could not carry the change out and tries again by itself, after longer and longer pauses. "
            "What it had changed before it failed stays changed until it succeeds."
        ),
    ),
    "failed-in-part": Sentence(
        "failed", N_("Installed in some clusters only"), N_("captain has it in these clusters: {clusters}.")
    ),
    "running-elsewhere": Sentence(
        "running",
        N_("Installed in {clusters}"),
        N_(
            "captain here has installed version {installed} in other clusters of its own: {clusters}. "
            "Its objects are there, and are not looked at from here."
        ),
    ),
    "nowhere": Sentence(
        "unknown",
        N_("Installed in no cluster at all"),
        N_("It is to be installed in all clusters that captain knows, and captain knows none: nothing was done."),
    ),
    "frozen": Sentence(
        "running",
        N_("Installed, and captain is told not to touch it"),
        N_(
            "captain has installed version {installed}. The annotation captain-no-sync holds every change back until "
            "it is taken off."
        ),
    ),
    "retrying": Sentence(
        "retrying",
        N_("Trying again after a failure"),
        N_("captain tries again now; the reason below is that of the last try."),
    ),
    "deleting": Sentence(
        "deleting", N_("Being removed"), N_("captain uninstalls the release; the HelmRequest goes when that is done.")
    ),
    "deleting-slowly": Sentence(
        "deleting",
        N_("Being removed for {minutes} min"),
        N_(
            "captain may be busy with another HelmRequest, or it does not run. "
            "The HelmRequest stays until captain has uninstalled the release."
        ),
    ),
    "deleting-frozen": Sentence(
        "deleting",
        N_("captain is told not to remove it"),
        N_("The annotation captain-no-sync holds the removal back until it is taken off."),
    ),
    "deleting-never": Sentence(
        "deleting",
        N_("captain cannot remove it"),
        N_(
            "Its release name has {length} characters and captain refuses more than {limit}. "
            "Set spec.releaseName to a short name: captain then lets it go."
        ),
    ),
    "gone": Sentence("gone", N_("Removed"), N_("The HelmRequest is no longer in the cluster.")),
    "not-told": Sentence(
        "unknown",
        N_("Not known at present"),
        N_("Its cluster has not answered; this is what Chartroom sent last."),
    ),
    "unknown": Sentence(
        "unknown",
        N_("Not readable"),
        N_("What the cluster holds here does not look like a HelmRequest that captain has written to."),
    ),
}
"""Every sentence by its stable id."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The facts of one HelmRequest object, whatever was in it: a field of another type counts as absent."""

    name: str
    namespace: str
    uid: str
    generation: int
    resource_version: str
    created: datetime | None
    deleted: datetime | None
    finalizers: tuple[str, ...]
    labels: Mapping[str, str]
    chart: str
    """``<ChartRepo>/<chart>`` as in ``spec.chart``."""
    version: str
    release_name: str
    release_namespace: str
    dependencies: tuple[str, ...]
    phase: str
    reason: str
    installed: str
    notes: str
    spec_hash: str
    loaded: bool
    """captain has the chart's archive."""
    clusters: tuple[str, ...]
    readable: bool
    """False: something that matters has the wrong type."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    cluster: str = ""
    """captain's own name of the one other cluster that it is to be installed in (``spec.clusterName``)."""
    everywhere: bool = False
    """To be installed in all clusters that captain knows (``spec.installToAllClusters``)."""
    tried: datetime | None = None
    """When captain last read the chart for it, which it does at each try; in whole seconds."""

    @property
    def frozen(self) -> bool:
        """captain is told to leave it alone, its removal included."""
        return self.annotations.get(NO_SYNC) == "true"


@dataclass(frozen=True, slots=True)
class Marker:
    """What a HelmRequest looked like before a change, to tell when captain is done with the change."""

    generation: int
    spec_hash: str
    failed: bool
    resource_version: str = ""
    """Of the answer to the change: an object that still has it was not touched by captain since."""
    at: datetime | None = None
    """When it was taken; a change that captain has not looked at after `GIVE_UP` is no longer waited for."""


@dataclass(frozen=True, slots=True)
class AppStatus:
    """What is known about one HelmRequest, in plain words."""

    id: str
    """Key of `SENTENCES`."""
    state: State
    phase: str = ""
    """As captain reports it; empty where it has said nothing."""
    reason: str = ""
    """The last error; kept while captain tries again."""
    version: str = ""
    """The chart version that is really installed; empty before the first success."""
    notes: str = ""
    settled: bool = False
    """Nothing more is to be expected until somebody changes something."""
    uid: str = ""
    generation: int = 0
    spec_hash: str = ""
    awaiting: Marker | None = None
    """How it looked before the change that captain has not finished with."""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def headline_text(self) -> str:
        """Template of the headline, to be translated."""
        return SENTENCES[self.id].headline

    @property
    def detail_text(self) -> str:
        """Template of the sentence below it, to be translated."""
        return SENTENCES[self.id].detail

    @property
    def headline(self) -> str:
        """The headline in English."""
        return fill(self.headline_text, dict(self.params))

    @property
    def detail(self) -> str:
        """The sentence below it in English."""
        return fill(self.detail_text, dict(self.params)).strip()


NOT_TOLD = AppStatus("not-told", "unknown")
"""Of a HelmRequest that was sent to a cluster that does not answer."""


# -- reading


def seen(thing: object) -> Seen:
    """Read whatever a cluster returned as a HelmRequest."""
    whole, meta = mapping(thing), mapping(mapping(thing).get("metadata"))
    spec, status = mapping(whole.get("spec")), mapping(whole.get("status"))
    name, namespace = text(meta.get("name")), text(meta.get("namespace"))
    return Seen(
        name=name,
        namespace=namespace,
        uid=text(meta.get("uid")),
        generation=number(meta.get("generation")),
        resource_version=text(meta.get("resourceVersion")),
        created=moment(meta.get("creationTimestamp")),
        deleted=moment(meta.get("deletionTimestamp")),
        finalizers=texts(meta.get("finalizers")),
        labels=labels(meta.get("labels")),
        chart=text(spec.get("chart")),
        version=text(spec.get("version")),
        release_name=text(spec.get("releaseName")) or name,
        release_namespace=text(spec.get("namespace")) or namespace,
        dependencies=texts(spec.get("dependencies")),
        phase=text(status.get("phase")),
        reason=text(status.get("reason")),
        installed=text(status.get("version")),
        notes=text(status.get("notes")),
        spec_hash=text(status.get("lastSpecHash")),
        loaded=_loaded(status.get("conditions")),
        clusters=texts(status.get("syncedClusters")),
        readable=_readable(whole),
        annotations=labels(meta.get("annotations")),
        cluster=text(spec.get("clusterName")),
        everywhere=spec.get("installToAllClusters") is True,
        tried=_tried(status.get("conditions")),
    )


def _readable(whole: Mapping[str, Any]) -> bool:
    status = whole.get("status", {})
    if not isinstance(whole.get("spec"), dict) or not isinstance(status, dict):
        return False
    return all(isinstance(status.get(key, ""), str) for key in ("phase", "reason", "version", "lastSpecHash"))


def _loaded(conditions: object) -> bool:
    return any(one.get("reason") == "ChartLoaded" for one in mappings(conditions))


def _tried(conditions: object) -> datetime | None:
    return next((moment(one.get("lastTransitionTime")) for one in mappings(conditions)), None)


def spec_digest(thing: object) -> str:
    """Equal for two HelmRequests that want the same, however they say so: what is empty, a whole number with a fraction
    and the names that captain takes by default make no difference. ``source`` neither: v1alpha1 does not show it.
    """
    one, whole = seen(thing), mapping(thing)
    spec = {key: value for key, value in mapping(whole.get("spec")).items() if value and key != "source"}
    told = {**spec, "releaseName": one.release_name, "namespace": one.release_namespace}
    try:
        return hashlib.sha256(json.dumps(_whole_numbers(told), sort_keys=True).encode()).hexdigest()
    except RecursionError:
        return ""


def _whole_numbers(value: Any) -> Any:
    """A cluster gives 1.0 back as 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): _whole_numbers(one) for key, one in value.items()}
    return [_whole_numbers(one) for one in value] if isinstance(value, list) else value


# -- judging


def status_of(
    thing: object,
    *,
    now: datetime,
    before: Marker | None = None,
    events: Sequence[object] = (),
    busy_with: str = "",
) -> AppStatus:
    """What one look at a HelmRequest says.

    ``before`` is the `Marker` taken before a change that is being awaited, ``events`` the cluster's events about it
    (they keep the reason that Pending drops), ``busy_with`` the HelmRequest that captain works on, where known.
    """
    one = seen(thing)
    if not one.readable:
        return _status(one, "unknown")
    if one.deleted is not None:
        return _deleting(one, now)
    if not one.phase:
        return _waiting(one, now, events, busy_with)
    judge = {"Pending": _pending, "Synced": _synced, "Failed": _failed, "PartialSynced": _partial}.get(one.phase)
    return judge(one, before, events) if judge else _status(one, "unknown")


def _deleting(one: Seen, now: datetime) -> AppStatus:
    if one.frozen:
        return _status(one, "deleting-frozen")
    length = len(one.release_name)
    if length > LONGEST_DELETABLE:
        return _status(one, "deleting-never", length=length, limit=LONGEST_DELETABLE)
    minutes = _minutes(one.deleted, now)
    return _status(one, "deleting-slowly", minutes=minutes) if minutes else _status(one, "deleting")


def _waiting(one: Seen, now: datetime, events: Sequence[object], busy_with: str) -> AppStatus:
    minutes = _minutes(one.created, now)
    if FINALIZER in one.finalizers:
        failure = _last_failure(one, events)
        if one.dependencies:
            return _status(one, "dependency", dependencies=", ".join(one.dependencies), reason=failure)
        return _status(one, "stuck" if minutes else "taken-up", told=failure, minutes=minutes)
    if busy_with:
        return _status(one, "busy", other=busy_with)
    return _status(one, "not-taken-up", minutes=minutes) if minutes else _status(one, "not-seen")


def _pending(one: Seen, before: Marker | None, events: Sequence[object]) -> AppStatus:
    reason = _last_failure(one, events) if before is None else ""
    if reason:
        return _status(one, "retrying", told=reason)
    if one.installed:
        return _status(one, "upgrading", installed=one.installed, wanted=one.version)
    return _status(one, "installing-loaded" if one.loaded else "installing", wanted=one.version)


def _synced(one: Seen, before: Marker | None, events: Sequence[object]) -> AppStatus:  # noqa: ARG001
    if before and one.generation != before.generation and one.spec_hash == before.spec_hash and not before.failed:
        return _status(one, "change-not-seen", installed=one.installed)
    if one.everywhere and not one.clusters:
        return _status(one, "nowhere", settled=True)
    where = ", ".join(one.clusters if one.everywhere else filter(None, (one.cluster,)))
    sentence = "running-elsewhere" if where else "running"
    return _status(one, "frozen" if one.frozen else sentence, settled=True, installed=one.installed, clusters=where)


def _failed(one: Seen, before: Marker | None, events: Sequence[object]) -> AppStatus:  # noqa: ARG001
    if before and before.resource_version and one.resource_version == before.resource_version:
        return _status(one, "change-not-seen", installed=one.installed)
    if not one.installed:
        return _status(one, "failed", told=one.reason)
    sentence = "change-failed" if one.version in (one.installed, "") else "upgrade-failed"
    return _status(one, sentence, told=one.reason, installed=one.installed, wanted=one.version)


def _partial(one: Seen, before: Marker | None, events: Sequence[object]) -> AppStatus:  # noqa: ARG001
    return _status(one, "failed-in-part", told=one.reason, clusters=", ".join(one.clusters) or "–")


def _status(one: Seen, sentence: str, *, settled: bool = False, told: str = "", **params: Any) -> AppStatus:
    return AppStatus(
        id=sentence,
        state=SENTENCES[sentence].state,
        phase=one.phase,
        reason=told or one.reason,
        version=one.installed,
        notes=one.notes,
        settled=settled,
        uid=one.uid,
        generation=one.generation,
        spec_hash=one.spec_hash,
        params=params,
    )


def _minutes(since: datetime | None, now: datetime) -> int:
    """Whole minutes since then, from `PATIENCE` on; 0 before."""
    if since is None or now - since < PATIENCE:
        return 0
    return int((now - since).total_seconds() // 60)


def _last_failure(one: Seen, events: Iterable[object]) -> str:
    """Message of the newest event about ``one`` if that tells of a failure, else nothing."""
    told = [
        (text(event.get("lastTimestamp")), text(event.get("reason")), text(event.get("message")))
        for event in map(mapping, events)
        if mapping(event.get("involvedObject")).get("uid") == one.uid
        and event.get("reason") in ("FailedSync", "Synced")
    ]
    _, reason, message = max(told, default=("", "", ""))
    return message if reason == "FailedSync" else ""


# -- following


def advance(
    previous: AppStatus | None,
    thing: object | None,
    *,
    now: datetime,
    before: Marker | None = None,
    events: Sequence[object] = (),
    busy_with: str = "",
) -> AppStatus:
    """The next status after ``previous``; ``thing`` is None where the cluster no longer has the HelmRequest.

    While captain tries again, the reason of the last Failed stays; after a change of the spec that was seen in
    between, the old Synced is not taken for the new one.
    """
    if thing is None:
        return AppStatus("gone", "gone", settled=True, version=previous.version if previous else "")
    awaited = before or _awaited(previous, seen(thing), now)
    current = status_of(thing, now=now, before=awaited, events=events, busy_with=busy_with)
    if not current.settled:
        current = replace(current, awaiting=awaited)
    if previous is None or not _same_try(previous, current) or current.phase != "Pending":
        return current
    reason = current.reason or previous.reason
    return replace(current, id="retrying", state="retrying", reason=reason, params={}) if reason else current


def _awaited(previous: AppStatus | None, one: Seen, now: datetime) -> Marker | None:
    if previous is None or previous.uid != one.uid:
        return None
    if previous.generation != one.generation:
        return marker(previous, at=now)
    kept = previous.awaiting
    return kept if kept and kept.at and now - kept.at < GIVE_UP else None


def _same_try(previous: AppStatus, current: AppStatus) -> bool:
    """Both are about one object whose spec did not change in between."""
    return (previous.uid, previous.generation) == (current.uid, current.generation)


def marker(status: AppStatus, resource_version: str = "", at: datetime | None = None) -> Marker:
    """What to remember of ``status`` before a change; ``resource_version`` is that of the answer to the change."""
    was_failing = status.state in ("failed", "retrying")
    return Marker(status.generation, status.spec_hash, was_failing, resource_version, at)


def busy_with(objects: Iterable[object], other_than: str) -> str:
    """``namespace/name`` of a HelmRequest that captain works on at present; empty where none can be seen.

    captain has one worker, so one that is Pending or being deleted holds up those that were not taken up.
    ``other_than`` is the uid of the one that waits.
    """
    for one in map(seen, objects):
        if one.uid != other_than and FINALIZER in one.finalizers and (one.deleted or one.phase == "Pending"):
            return f"{one.namespace}/{one.name}"
    return ""


# -- listing


@dataclass(frozen=True, slots=True)
class App:
    """One HelmRequest as a list shows it, whoever made it."""

    cluster: str
    namespace: str
    name: str
    source: str
    """Name of the source, where Chartroom made it; else empty."""
    chart_repo: str
    chart: str
    version: str
    """The version that is asked for; ``status.version`` is what is installed."""
    release_namespace: str
    release_name: str
    created: datetime | None
    managed: bool
    """Made by Chartroom."""
    uid: str
    status: AppStatus
    spec_digest: str = ""
    """Of what it wants, as ``spec_digest``."""

    @property
    def state(self) -> State:
        """As in the contract."""
        return self.status.state

    @property
    def phase(self) -> str:
        """As captain reports it."""
        return self.status.phase

    @property
    def reason(self) -> str:
        """The last error."""
        return self.status.reason


def app_of(cluster: str, thing: object, status: AppStatus) -> App:
    """``thing`` as one line of a list."""
    one = seen(thing)
    repo, _, chart = one.chart.partition("/")
    return App(
        cluster=cluster,
        namespace=one.namespace,
        name=one.name,
        source=one.labels.get("chartroom.dev/source", ""),
        chart_repo=repo if chart else "",
        chart=chart or one.chart,
        version=one.version,
        release_namespace=one.release_namespace,
        release_name=one.release_name,
        created=one.created,
        managed=one.labels.get("app.kubernetes.io/managed-by") == "chartroom",
        uid=one.uid,
        status=status,
        spec_digest=spec_digest(thing),
    )
