"""``history``."""

from typing import TYPE_CHECKING

import click

from catalog_web.commands.app_options import with_place
from catalog_web.commands.common import ago, print_json, print_table, with_config, with_json
from catalog_web.commands.remote import desk

if TYPE_CHECKING:
    from catalog_web.api.shapes import RevisionShape


@click.command()
@click.argument("name")
@with_place
@with_json
@with_config
def history(name: str, namespace: str, cluster: str, as_json: bool) -> None:
    """List what was sent for an app, or done to it by others, newest first."""
    from catalog_web.api import installs

    with desk() as at:
        found = at.ask(installs.history, at.cluster(cluster), namespace, name)
    if as_json:
        print_json(found)
        return
    head = ("REVISION", "AT", "ACTION", "VERSION", "BY", "OUTCOME", "WHY")
    print_table(head, [_row(one) for one in found["items"]])


def _row(one: "RevisionShape") -> tuple[str, ...]:
    action = f"{one['action']} to {one['based_on']}" if one["based_on"] else one["action"]
    outcome = f"{one['outcome']}: {one['outcome_reason']}" if one["outcome_reason"] else one["outcome"]
    told = (ago(one["at"]), action, one["version"], one["person"] or "–", outcome or "–", one["why"])
    return (str(one["revision"]), *told)
