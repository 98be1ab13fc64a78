"""What a row of the audit log is about, in words; the names of actions are for programs, and stay as they are."""

from collections.abc import Mapping
from typing import cast

from catalog_web.auth.actions import DEEDS, Action
from indexer.audited import AuditEntry
from indexer.errors import N_

STEPS: Mapping[str, str] = {
    "account sign-in": N_("sign in"),
    "account sign-out": N_("sign out"),
    "account password": N_("set a password"),
    "account first-administrator": N_("make the first administrator"),
    "account end": N_("end a sign-in"),
    "account withdraw": N_("withdraw a request"),
    "notice.write test": N_("send a test of a notice"),
    "notice.write send": N_("send a notice again"),
}
"""Actions that say too little by themselves, with what was done or the last word of the route."""
DONE: Mapping[str, str] = {
    "account.add": N_("add an account"),
    "account.disable": N_("close an account"),
    "account.enable": N_("open an account again"),
    "account.password-key": N_("make a one-time key for a password"),
    "account.sign-out": N_("end all sessions and tokens of an account"),
    "app.adopt": N_("keep the history of an app"),
    "app.annotate": N_("set captain’s switches of an app"),
    "app.resync": N_("have captain run Helm again"),
    "app.rollback": N_("roll an app back"),
    "audit.retention": N_("remove old rows of the audit log"),
    "chartrepo.sync": N_("have captain read a repository"),
    "namespace.create": N_("make a namespace"),
    "notice.add": N_("add a notice"),
    "notice.change": N_("change a notice"),
    "notice.remove": N_("delete a notice"),
    "secrets.forget": N_("forget stored secrets"),
    "source.accept": N_("accept the removals of a source"),
    "source.add": N_("add a source"),
    "source.change": N_("change a source"),
    "source.publish": N_("publish a source to captain"),
    "source.remove": N_("remove a source"),
    "source.unpublish": N_("have captain forget a source"),
    "store.restore": N_("restore a backup"),
    "token.add": N_("make a token"),
    "token.revoke": N_("revoke a token"),
}
"""Actions that are recorded where they are done. All others are those that routes ask for."""


def words_of(entry: AuditEntry) -> str:
    """What was done or tried, marked for translation; empty for an action that this version does not know."""
    step = str(entry.detail.get("route", "")).rpartition("/")[2] or entry.target
    known = STEPS.get(f"{entry.action} {step}") or DONE.get(entry.action)
    return known or DEEDS.get(cast(Action, entry.action), "")
