"""``uninstall``."""

import sys

import click

from catalog_web.commands.app_options import print_app, with_place, with_why
from catalog_web.commands.common import with_config, with_json
from catalog_web.commands.remote import desk
from catalog_web.commands.waiting import exit_code, follow, with_waiting


@click.command()
@click.argument("name")
@with_place
@click.option("--keep-resources", is_flag=True, help="Let captain leave all objects of the release.")
@click.option(
    "--keep-secrets", is_flag=True, help="Leave the Secrets with values, so that a rollback asks for nothing."
)
@with_why
@with_waiting
@with_json
@with_config
def uninstall(
    name: str,
    namespace: str,
    cluster: str,
    keep_resources: bool,
    keep_secrets: bool,
    why: str,
    wait: bool,
    timeout: float,
    as_json: bool,
) -> None:
    """Delete a HelmRequest; captain then uninstalls its release."""
    from catalog_web.api import installs

    wanted = installs.RemovalQuery(keep_resources=keep_resources, keep_secrets=keep_secrets, why=why)
    with desk() as at:
        end = at.ask(installs.remove, at.cluster(cluster), namespace, name, query=wanted)
        if wait:
            end = follow(at, end, timeout, wanted="gone")
        print_app(end, None, as_json=as_json)
    if wait:
        sys.exit(exit_code(end, "gone"))
