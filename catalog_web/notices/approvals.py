"""What people are told of requests for approval."""

from indexer.model import Approval
from indexer.notices import Event


def event_of(approval: Approval) -> Event:
    """That somebody asks, for those who decide; or what was decided, for whoever asked."""
    wanted = approval.state == "waiting"
    cluster, namespace, name = approval.place
    return Event(
        key=f"approval/{approval.id}/{approval.state}",
        kind="approval-wanted" if wanted else "approval-decided",
        at=approval.at if wanted else approval.decided_at or approval.at,
        source=approval.source,
        person=approval.person,
        right="approval.decide" if wanted else "",
        versions=((approval.chart, approval.version),),
        facts={
            "app": {"cluster": cluster, "namespace": namespace, "name": name},
            "approval": approval.id,
            "action": approval.action,
            "outcome": approval.state,
            "why": approval.why,
            "reason": approval.reason,
        },
    )
