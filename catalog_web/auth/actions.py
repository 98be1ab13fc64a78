"""What can be asked for, by name."""

from collections.abc import Mapping
from typing import Literal, get_args

from indexer.errors import N_

Action = Literal[
    "open",
    "hook",
    "catalog.read",
    "search.save",
    "source.read",
    "source.write",
    "source.sync",
    "app.read",
    "app.install",
    "app.upgrade",
    "app.uninstall",
    "preset.write",
    "cluster.read",
    "account",
    "approval.own",
    "approval.read",
    "approval.decide",
    "team.read",
    "team.write",
    "audit.read",
    "people.read",
    "people.write",
    "notice.write",
    "metrics.read",
    "admin.read",
]
"""``app.upgrade``: whatever changes an app that is there, but for its removal. ``open``: needs no right, such as a
style sheet or the choice of a language. ``hook``: the request carries a secret of its own. ``account``: one's own
sessions and tokens, and to look at the own notices, or to end them. ``approval.own``: to follow what one asked for.
``notice.write``: to have something sent, to oneself or, for administrators, to anybody. ``team.read``: one's own team,
for its members."""

ACTIONS: frozenset[Action] = frozenset(get_args(Action))
UNASKED: frozenset[Action] = frozenset({"open", "hook"})
"""What everybody may, also who is not signed in."""
DEEDS: Mapping[Action, str] = {
    "catalog.read": N_("look at the charts"),
    "search.save": N_("keep searches"),
    "source.read": N_("look at the sources"),
    "source.write": N_("add, change or remove sources"),
    "source.sync": N_("have a source synced"),
    "app.read": N_("look at the apps"),
    "app.install": N_("install an app"),
    "app.upgrade": N_("change an app"),
    "app.uninstall": N_("uninstall an app"),
    "preset.write": N_("keep or change presets"),
    "cluster.read": N_("look at the clusters"),
    "account": N_("manage sessions and tokens"),
    "approval.own": N_("follow requests for approval"),
    "approval.read": N_("look at requests for approval"),
    "approval.decide": N_("decide about requests for approval"),
    "team.read": N_("look at a team"),
    "team.write": N_("change teams and what they see"),
    "audit.read": N_("read the audit log"),
    "people.read": N_("see the accounts of people"),
    "people.write": N_("change the accounts and roles of people"),
    "notice.write": N_("have notices sent"),
    "metrics.read": N_("read the metrics"),
    "admin.read": N_("see what is for administrators alone"),
}
"""Each action but those of UNASKED in words that follow “may not”."""
