"""``rollback``."""

import sys
from typing import Any

import click

from catalog_web.commands.app_options import body_of, print_app, tell_request, values_of, with_place, with_why
from catalog_web.commands.common import with_config, with_json
from catalog_web.commands.remote import desk
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

    secret = values_of(options["files"], ())
    asked = body_of(app_changes.RollBackBody, {"revision": revision, "secret_values": secret, "why": options["why"]})
    with desk() as at:
        end = at.ask(app_changes.roll_back, at.cluster(cluster), namespace, name, body=asked)
        if tell_request(end, as_json=options["as_json"], wait=options["wait"]):
            return
        if options["wait"]:
            end = follow(at, end, options["timeout"], wanted="running")
        print_app(end, None, as_json=options["as_json"])
    if options["wait"]:
        sys.exit(exit_code(end, "running"))
