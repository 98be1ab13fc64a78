"""Who waits for whom when something is written, and what both kinds of database share beside."""

import json
from typing import Literal, get_args

Turn = Literal["catalog", "apps", "searches", "people", "audit", "notices", "running", "looks"]
"""What a transaction writes: writers of one turn come one after another, on whatever machine. SQLite knows one turn.

``catalog``: sources, charts, what archives hold, and the change log, whose rows must become visible in the order of
their numbers, or followers would overlook some; the only turn that may append to it. ``apps``: revisions, presets,
publications. ``searches``, ``people`` (accounts, sessions, tokens, roles, teams, requests), ``audit``, ``notices``,
``running`` (leases, replicas), ``looks`` (what pages look for beside an archive): their own tables.
"""

TURNS: tuple[Turn, ...] = get_args(Turn)
"""In the order in which who needs several takes them. Append only: the place is the number of a lock, and programs of
two versions may run side by side."""

PATIENCE = 20
"""Seconds that a writer waits for another one. The longest write is the first sync of a large repository, a few
seconds."""

JSON_TEXT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""How JSON is kept."""
