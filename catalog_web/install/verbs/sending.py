"""What all that is sent has in common: an id that finds it again, and answers that say what came of it."""

import uuid
from collections.abc import Sequence

from catalog_web.install.checks.check import Check
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.helmrequest import LABEL_REQUEST, label_value
from catalog_web.install.recorded import captain_annotations
from catalog_web.install.status import seen
from catalog_web.install.verbs.context import Context
from indexer.errors import (
    CaptainAbsent,
    ChartroomError,
    ClusterError,
    ClusterRefused,
    Conflict,
    Forbidden,
    ImpersonationRefused,
    InstallNotFound,
    ObjectConflict,
    ObjectInvalid,
    OwnTokenAbsent,
    OwnTokenUnavailable,
    UsageError,
    fill,
)
from indexer.model import Revision

REFUSALS = (ObjectInvalid, ClusterRefused, CaptainAbsent)
"""Answers that say for certain that nothing was made; after any other the same request may be sent again."""

NOT_SENT = (ImpersonationRefused, OwnTokenAbsent, OwnTokenUnavailable)
"""The cluster was not asked. That says nothing of an earlier try of the same request, which may have arrived."""

_MOST_NAMED = 10
"""Values that an error names; the checks have them all."""


def request_id_of(text: str) -> str:
    """``text`` as the label of a HelmRequest can carry it; a new one for none."""
    return label_value(text) or uuid.uuid4().hex


def is_uncertain(error: ChartroomError) -> bool:
    """Whether what was sent may have arrived, so that the next try must be the same request."""
    return isinstance(error, ClusterError) and not isinstance(error, (*REFUSALS, ObjectConflict))


def is_made_by(thing: Object, request_id: str) -> bool:
    """Whether ``thing`` is what that request made, or made last."""
    return seen(thing).labels.get(LABEL_REQUEST) == request_id


def create(context: Context, cluster: Cluster, revision: Revision) -> Object:
    """Make the HelmRequest of ``revision``, which is kept already; after a lost answer it is looked for.

    Raises `ClusterError`; where that says for certain that nothing was made, the revision is withdrawn.
    """
    try:
        thing = cluster.create(revision.manifest, dry_run=False)
    except REFUSALS:
        context.revisions.withdraw(revision.request_id)
        raise
    except ClusterError as error:
        thing = _read_back(context, cluster, revision, error)
    remember(context, revision, thing)
    return thing


def remember(context: Context, revision: Revision, answer: Object, spec_hash: str = "") -> None:
    """Keep what the cluster made of ``revision``; ``spec_hash`` is captain's from before, where another will follow."""
    one, annotations = seen(answer), captain_annotations(answer)
    context.revisions.sent(revision.request_id, one.uid, one.generation, annotations, spec_hash)


def _read_back(context: Context, cluster: Cluster, revision: Revision, error: ClusterError) -> Object:
    """The HelmRequest, if this request did make it although the answer was ``error``; else raises that."""
    try:
        thing = cluster.get(revision.namespace, revision.name)
    except (ClusterError, InstallNotFound):
        raise error from None
    if not is_made_by(thing, revision.request_id):
        context.revisions.withdraw(revision.request_id)  # the name is somebody else's, so nothing was made
        raise error
    return thing


def as_error(checks: Sequence[Check]) -> ChartroomError:
    """The failed ones of ``checks`` as one error."""
    bad = [one for one in checks if one.state == "fail"]
    told = next((one.error for one in bad if isinstance(one.error, ClusterError | Forbidden)), None)
    if told is not None:
        return told
    what, hint = " ".join(_told(one) for one in bad), bad[0].remedy
    if bad[0].id in ("name-free", "release-free"):
        return Conflict(what=what, hint=hint)
    return UsageError(what=what, hint=hint)


def _told(check: Check) -> str:
    """Its cause, and the values it names; an error has no other place for them."""
    named = check.problems[:_MOST_NAMED]
    return " ".join(
        [check.cause, *(f"{one.name}: {fill(one.message['text'], one.message['params'])}" for one in named)]
    )
