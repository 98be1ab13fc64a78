"""Who is asking, and the one question that every route asks: may this person do that?

``actions`` (what can be asked for), ``person`` (who asks), ``deciding`` (``may``), ``rules`` (a view names its action
with ``rule``), ``guard`` (asks before the view runs). A route without a rule stops the program at its start
(``check_rules``), so a forgotten one cannot be served.
"""

from catalog_web.auth.actions import ACTIONS, Action
from catalog_web.auth.deciding import Decision, decides, default_cluster, may, source_refused, why_not
from catalog_web.auth.guard import current_person, demand, install
from catalog_web.auth.person import ANONYMOUS, LOCAL, Person
from catalog_web.auth.rules import MIB, Cost, Rule, check_rules, rule, rule_of

__all__ = [
    "ACTIONS",
    "ANONYMOUS",
    "LOCAL",
    "MIB",
    "Action",
    "Cost",
    "Decision",
    "Person",
    "Rule",
    "check_rules",
    "current_person",
    "decides",
    "default_cluster",
    "demand",
    "install",
    "may",
    "rule",
    "rule_of",
    "source_refused",
    "why_not",
]
