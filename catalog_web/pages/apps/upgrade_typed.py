"""What the form of an upgrade carries beside its values, and what all of it means."""

import uuid
from dataclasses import dataclass, field, replace
from typing import cast

from flask import request

from catalog_web.auth import current_person, decides
from catalog_web.install.upgrade_form import UpgradeForm
from catalog_web.pages.apps.rollback import why_of_form
from catalog_web.pages.view import seen_upgrades, source_refused_at
from catalog_web.upgrades import Proposal, Sender
from catalog_web.values.reading import default_values
from catalog_web.values.three_way import Decision
from catalog_web.values_wanted import Wanted

DECISION = "decision:"
"""What a field about a conflict is named, before the dotted path."""
_LONGEST, _LONGEST_ID = 256, 63


@dataclass(frozen=True, slots=True)
class Typed:
    """As typed, not yet judged."""

    version: str = ""
    decisions: dict[str, Decision] = field(default_factory=dict)
    resource_version: str = ""
    """What was looked at; empty: what is there now."""
    request_id: str = ""
    why: str = ""
    seen: str = ""
    """Names what was shown, so that nothing else is sent."""

    def keeping(self, proposal: Proposal) -> "Typed":
        """The same with all of the person's own values kept where nothing was decided."""
        mine: dict[str, Decision] = {one.path: "mine" for one in proposal.merged.conflicts if not one.decided}
        return replace(self, decisions={**self.decisions, **mine})

    def renewed(self) -> "Typed":
        """The same as another request: one that was refused may be sent with another content."""
        return replace(self, request_id=uuid.uuid4().hex)


def from_address(version: str) -> Typed:
    """What the address says; ``version`` where it names none."""
    return Typed(version=request.args.get("version", "")[:_LONGEST] or version).renewed()


def from_form() -> Typed:
    """What was sent."""
    sent = request.form
    decisions = {
        key.removeprefix(DECISION): cast(Decision, value)
        for key, value in sent.items()
        if key.startswith(DECISION) and value in ("mine", "new")
    }
    typed = Typed(
        version=sent.get("version", "")[:_LONGEST],
        decisions=decisions,
        resource_version=sent.get("resource_version", "")[:_LONGEST],
        request_id=sent.get("request_id", "")[:_LONGEST_ID],
        why=why_of_form(),
        seen=sent.get("seen", ""),
    )
    return typed if typed.request_id else typed.renewed()


def sender() -> Sender:
    """The present person."""
    person = current_person()
    return Sender(person.name, decides(person), source_refused_at)


def upgrade_form(typed: Typed, proposal: Proposal, wanted: Wanted) -> UpgradeForm:
    """What is sent: the text of ``proposal``, in which all decisions are done, with the secrets of ``wanted``.

    Raises why there is no proposal.
    """
    looked_at = replace(proposal, resource_version=typed.resource_version or proposal.resource_version)
    form = seen_upgrades().form(looked_at, sender(), typed.why, typed.request_id)
    decided = replace(wanted, text=proposal.values_yaml)
    content = proposal.page.content if proposal.page else None
    return replace(
        form,
        values_yaml=decided.differing(default_values(content.values) if content else {}),
        secret_paths=decided.secret_paths,
        kept_secrets=decided.kept_secrets,
    )
