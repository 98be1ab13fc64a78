"""``user add | list | disable | enable | password``."""

from typing import TYPE_CHECKING

import click

from catalog_web.commands.common import ago, opened, print_json, print_table, visible, with_config, with_json

if TYPE_CHECKING:
    from indexer.people import Role

_MOST = 10_000


@click.group(short_help="Add, list and disable accounts.")
def user() -> None:
    """The accounts of people and programs."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(["viewer", "developer", "admin"]), help="What it may, everywhere.")
@click.option("--service", is_flag=True, help="The account of a program, for tokens.")
@click.option("--email", default="", metavar="ADDRESS")
@click.option("--group", "groups", multiple=True, metavar="GROUP", help="May be given several times.")
@with_config
def add(name: str, role: "Role | None", service: bool, email: str, groups: tuple[str, ...]) -> None:
    """Add an account, and print the one-time key with which its owner sets a password."""
    from catalog_web.audit.origin import OPERATOR
    from catalog_web.signin import administering

    with opened() as caller:
        administering.add_account(
            caller.services,
            name,
            "service" if service else "local",
            by=OPERATOR,
            role=role,
            email=email,
            groups=groups,
        )
        click.echo(f"Added {visible(name)}.")
        if service:
            click.echo(f"Make a token for it: chartroom token create {visible(name)} --name WHAT --scope read")
        else:
            _tell_key(administering.password_key(caller.services, name))


@user.command(name="list")
@click.argument("text", default="")
@with_json
@with_config
def list_accounts(text: str, as_json: bool) -> None:
    """List accounts; of those whose name or e-mail address has TEXT in it."""
    from catalog_web.api import people_shapes

    with opened() as caller:
        found, total = caller.services.store.users.some(text, 0, _MOST)
    shapes = [people_shapes.user(one) for one in found]
    if as_json:
        print_json({"total": total, "items": shapes})
        return
    rows = [
        (one["name"], one["kind"], "disabled" if one["disabled"] else "", ago(one["last_sign_in"]), one["email"])
        for one in shapes
    ]
    print_table(("NAME", "KIND", "", "LAST SIGN-IN", "E-MAIL"), rows)


@user.command()
@click.argument("name")
@with_config
def disable(name: str) -> None:
    """Close an account: its sessions and tokens end at once."""
    from catalog_web.audit.origin import OPERATOR
    from catalog_web.signin import administering

    with opened() as caller:
        administering.set_disabled(caller.services, name, True, by=OPERATOR)
    click.echo(f"Disabled {visible(name)}.")


@user.command()
@click.argument("name")
@with_config
def enable(name: str) -> None:
    """Open an account again; sessions and tokens of before stay dead."""
    from catalog_web.audit.origin import OPERATOR
    from catalog_web.signin import administering

    with opened() as caller:
        administering.set_disabled(caller.services, name, False, by=OPERATOR)
    click.echo(f"Enabled {visible(name)}.")


@user.command()
@click.argument("name")
@with_config
def password(name: str) -> None:
    """Print a one-time key with which the owner sets another password."""
    from catalog_web.signin import administering

    with opened() as caller:
        _tell_key(administering.password_key(caller.services, name))


def _tell_key(key: str) -> None:
    click.echo(f"Within a day, at /sign-in/password, this one-time key sets a password:\n    {key}")
