"""``token create | list | revoke``."""

import click

from catalog_web.commands.common import ago, opened, print_json, print_table, visible, with_config, with_json


@click.group(short_help="Make, list and revoke API tokens of service accounts.")
def token() -> None:
    """What programs prove themselves with."""


@token.command()
@click.argument("account")
@click.option("--name", required=True, help="What uses it.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=("read",),
    show_default=True,
    metavar="SCOPE",
    help="read, install, metrics, admin, or an action by name; may be given several times.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="Until it ends [default: never].")
@with_json
@with_config
def create(account: str, name: str, scopes: tuple[str, ...], days: int | None, as_json: bool) -> None:
    """Make a token of the service account ACCOUNT and print it, this once."""
    from catalog_web.api import people_shapes
    from catalog_web.signin import administering

    with opened() as caller:
        owner = administering.service_account(caller.services, account)
        made, shown = administering.add_token(caller.services, owner, name, scopes, days)
    if as_json:
        print_json(people_shapes.new_token(made, shown))
    else:
        click.echo(shown)


@token.command(name="list")
@click.argument("account")
@with_json
@with_config
def list_tokens(account: str, as_json: bool) -> None:
    """List the tokens of an account, without what opens anything."""
    from catalog_web.api import people_shapes

    with opened() as caller:
        owner = caller.services.store.users.get(account)
        shapes = [people_shapes.token(one) for one in caller.services.store.tokens.of(owner.name)]
    if as_json:
        print_json({"items": shapes})
        return
    rows = [
        (one["id"], ",".join(one["scopes"]), ago(one["expires"]), ago(one["last_used"]), one["name"]) for one in shapes
    ]
    print_table(("ID", "SCOPES", "ENDS", "LAST USED", "NAME"), rows)


@token.command()
@click.argument("account")
@click.argument("identity", metavar="ID")
@with_config
def revoke(account: str, identity: str) -> None:
    """Let a token open nothing any more; “token list” tells its ID."""
    from catalog_web.signin import administering

    with opened() as caller:
        administering.revoke_token(caller.services, account, identity)
    click.echo(f"Revoked {visible(identity)}.")
