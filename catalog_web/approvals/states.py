"""What may happen to a request, and what it is then. Pure.

::

    waiting ──approve──▶ approved ──send──▶ done
       │ ▲                  │
       │ └──────return──────┘     the app changed meanwhile, or the cluster refused it: it is decided again
       ├──refuse──▶ refused
       ├──withdraw──▶ withdrawn   by who asked
       └──expire──▶ expired       after 30 days

What is ``approved`` and not done was on its way when the answer was lost: sending it again sends nothing twice.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from indexer.errors import N_
from indexer.model import Approval, ApprovalState

Step = Literal["approve", "refuse", "withdraw", "expire", "send", "return"]
LIFE = timedelta(days=30)
"""How long a request waits for a decision."""

AFTER: Mapping[tuple[ApprovalState, Step], ApprovalState] = {
    ("waiting", "approve"): "approved",
    ("waiting", "refuse"): "refused",
    ("waiting", "withdraw"): "withdrawn",
    ("waiting", "expire"): "expired",
    ("approved", "send"): "done",
    ("approved", "return"): "waiting",
}
TEXTS: Mapping[ApprovalState, str] = {
    "waiting": N_("it waits for a decision"),
    "approved": N_("{person} approved it"),
    "done": N_("{person} approved it, and it was sent"),
    "refused": N_("{person} refused it"),
    "withdrawn": N_("who asked for it has withdrawn it"),
    "expired": N_("nobody decided within 30 days"),
}
"""Each state as a part of a sentence; ``person``: who decided."""


def state_at(approval: Approval, now: datetime) -> ApprovalState:
    """The state of a request, whether or not anybody has written down yet that its time is over."""
    over = approval.state == "waiting" and now - approval.at >= LIFE
    return "expired" if over else approval.state


def after(state: ApprovalState, step: Step) -> ApprovalState | None:
    """The state that follows; None where the step cannot be taken in ``state``."""
    return AFTER.get((state, step))
