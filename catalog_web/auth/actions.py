"""What can be asked for, by name."""

from typing import Literal, get_args

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
