"""``rollback``."""

import sys
from typing import Any

import click

from catalog_web.commands.app_options import body_of, print_app, values_of, with_place, with_why
from catalog_web.commands.common import opened, with_config, with_json
from catalog_web.commands.waiting import exit_code, follow, with_waiting


@click.command()
@click.argument("name")
@click.argument("revision", type=int)
@with_place
@click.option(
    "--secret-values",
    "files",
    multiple=True,
    type=click.File(encoding="utf-8"),
    help="A file with the secret values of the revision, where they are not kept any more.",
)
@with_why
@with_waiting
@with_json
@with_config
def rollback(name: str, revision: int, namespace: str, cluster: str, **options: Any) -> None:
    """Send the spec of an earlier revision again; also after the app was removed. “chartroom history” lists them."""
    from catalog_web.api import app_changes
    from catalog_web.install.apps import Place

    secret = values_of(options["files"], ())
    asked = body_of(app_changes.RollBackBody, {"revision": revision, "secret_values": secret, "why": options["why"]})
    with opened() as caller:
        place = Place(caller.services.installs.cluster(cluster).name, namespace, name)
        end = app_changes.send_back(caller, place, asked)
        if options["wait"]:
            end = follow(caller, end, options["timeout"], wanted="running")
        print_app(end, None, as_json=options["as_json"])
    if options["wait"]:
        sys.exit(exit_code(end, "running"))
