"""``apps``."""

import sys
from typing import TYPE_CHECKING

import click

from catalog_web.commands.common import EXIT_PROBLEM, opened, print_json, print_table, visible, with_config, with_json

if TYPE_CHECKING:
    from catalog_web.api.shapes import InstallItem

_PATIENCE = 10.0
"""Seconds that a list waits for all clusters together."""


@click.command()
@click.option("--cluster", default="", help="One cluster; all by default.")
@click.option("--namespace", "-n", default="", help="One namespace; all by default.")
@with_json
@with_config
def apps(cluster: str, namespace: str, as_json: bool) -> None:
    """List HelmRequests and what captain says of them."""
    from catalog_web.api import shapes
    from catalog_web.inventory import AppFilter

    with opened() as caller:
        if cluster or not as_json:
            caller.services.installs.cluster(cluster)  # without any, an empty list would look like nothing installed
        wanted = AppFilter(chosen={"cluster": _one_or_all(cluster), "namespace": _one_or_all(namespace)})
        found = caller.services.inventory.look(wanted, _PATIENCE)
        page = shapes.installs_page(found, 0, len(found.rows))
    if as_json:
        print_json(page)
    else:
        rows = [_row(one) for one in page["items"]]
        print_table(("CLUSTER", "NAMESPACE", "NAME", "CHART", "VERSION", "STATE", "DETAIL"), rows)
        for one in page["errors"]:
            click.echo(f"{visible(one['error']['cause'])}\n{visible(one['error']['remedy'])}", err=True)
    if page["errors"]:
        sys.exit(EXIT_PROBLEM)


def _one_or_all(name: str) -> tuple[str, ...]:
    return (name,) if name else ()


def _row(one: "InstallItem") -> tuple[str, ...]:
    """A line of the table; the headline stands there only where it says more than the state's one word."""
    from catalog_web.install.status import WORDS

    word, headline = WORDS[one["state"]], one["headline"]
    detail = "" if headline.lower() == word else headline
    return one["cluster"], one["namespace"], one["name"], one["chart"], one["version"], word, detail
