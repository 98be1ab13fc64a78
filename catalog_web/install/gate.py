"""The last question before anything is kept or sent: may this go now? Whoever answers knows more than a cluster does,
such as that an administrator decides first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.upgrade_form import UpgradeForm

SendingAction = Literal["install", "upgrade", "rollback"]


@dataclass(frozen=True, slots=True)
class Sending:
    """What is about to be sent; all that could be checked was, and nothing speaks against it."""

    action: SendingAction
    cluster: str
    namespace: str
    name: str
    source: str
    chart: str
    version: str
    person: str
    request_id: str
    why: str
    decides: bool
    """The person decides what is installed from the source."""
    wish: Any = field(repr=False)
    """The `InstallForm`, `UpgradeForm` or `RollBack`, which holds the values that are secret; made again from what was
    kept of it, it means the same."""
    made: Mapping[str, Any]
    """The HelmRequest as it would be; it never holds a secret."""
    back_to: str = ""
    """Of a roll back: the request that made the revision."""


def sending_of(action: SendingAction, form: InstallForm | UpgradeForm, made: Mapping[str, Any]) -> Sending:
    """What is about to be sent for ``form``, which is the wish itself."""
    return Sending(
        action=action,
        cluster=form.cluster,
        namespace=form.namespace,
        name=form.name,
        source=form.source,
        chart=form.chart,
        version=form.version,
        person=form.person,
        request_id=form.request_id,
        why=form.why,
        decides=form.decides,
        wish=form,
        made=made,
    )


class Gate(Protocol):
    """Lets pass what may be sent now."""

    def expect_open(self, sending: Sending) -> None:
        """Return where it may go now. Raises `ApprovalWanted` where somebody else decides first."""


class _Open:
    """Nobody has to be asked."""

    def expect_open(self, sending: Sending) -> None:
        return None


OPEN: Gate = _Open()
