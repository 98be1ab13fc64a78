"""``apps``."""

import sys
from typing import TYPE_CHECKING, cast

import click

from catalog_web.commands.common import EXIT_PROBLEM, print_json, print_table, visible, with_config, with_json
from catalog_web.commands.remote import Desk, desk, whole

if TYPE_CHECKING:
    from catalog_web.api.shapes import InstallItem, InstallsPage

_PATIENCE = 10.0
"""Seconds that a list waits for all clusters together."""


@click.command()
@click.option("--cluster", default="", help="One cluster; all by default.")
@click.option("--namespace", "-n", default="", help="One namespace; all by default.")
@with_json
@with_config
def apps(cluster: str, namespace: str, as_json: bool) -> None:
    """List HelmRequests and what captain says of them."""
    with desk() as at:
        if cluster or not as_json:
            at.cluster(cluster)  # without any, an empty list would look like nothing installed
        page = _page(at, cluster, namespace)
    if as_json:
        print_json(page)
    else:
        rows = [_row(one) for one in page["items"]]
        print_table(("CLUSTER", "NAMESPACE", "NAME", "CHART", "VERSION", "STATE", "DETAIL"), rows)
        for one in page["errors"]:
            click.echo(f"{visible(one['error']['cause'])}\n{visible(one['error']['remedy'])}", err=True)
    if page["errors"]:
        sys.exit(EXIT_PROBLEM)


def _page(at: Desk, cluster: str, namespace: str) -> "InstallsPage":
    from catalog_web.api import apps, shapes
    from catalog_web.inventory import AppFilter

    places = {"cluster": _one_or_all(cluster), "namespace": _one_or_all(namespace)}
    if at.caller is None:
        return cast("InstallsPage", whole(at, apps.listed, apps.InstallsQuery, **places))
    wanted = AppFilter(chosen={"cluster": places["cluster"], "namespace": places["namespace"]})
    found = at.caller.services.inventory.look(wanted, _PATIENCE)
    return shapes.installs_page(found, 0, len(found.rows))


def _one_or_all(name: str) -> tuple[str, ...]:
    return (name,) if name else ()


def _row(one: "InstallItem") -> tuple[str, ...]:
    """A line of the table; the headline stands there only where it says more than the state's one word."""
    from catalog_web.install.status import WORDS

    word, headline = WORDS[one["state"]], one["headline"]
    detail = "" if headline.lower() == word else headline
    return one["cluster"], one["namespace"], one["name"], one["chart"], one["version"], word, detail
