"""``compare``."""

from typing import TYPE_CHECKING

import click

from catalog_web.commands.common import opened, print_json, print_table, visible, with_config, with_json
from catalog_web.commands.search import chart_name
from indexer.errors import fill

if TYPE_CHECKING:
    from catalog_web.comparisons import Compared
    from indexer.compare import Comparison

_SHOWN = 200
_VERDICTS = {
    "breaking": "It looks like a breaking change:",
    "maybe": "It may break something:",
    "information": "Nothing looks like a breaking change; good to know:",
    None: "Nothing looks like a breaking change.",
}


@click.command()
@click.argument("chart", metavar="SOURCE/NAME")
@click.argument("old", metavar="FROM")
@click.argument("new", metavar="TO")
@with_json
@with_config
def compare(chart: str, old: str, new: str, as_json: bool) -> None:
    """Tell what changed between two versions of a chart, and whether it looks like a breaking change."""
    from catalog_web.api.compare import compared

    source, name = chart_name(chart)
    with opened() as caller:
        found = caller.services.comparisons.get(source, name, old, new)
    if as_json:
        print_json(compared(found))
    else:
        _print(found)


def _print(one: "Compared") -> None:
    from catalog_web.comparisons import counts

    click.echo(_VERDICTS[one.found.verdict])
    for reason in one.found.reasons:
        click.echo(visible(f"  {reason.severity}: {fill(reason.sentence['text'], reason.sentence['params'])}"))
    changed = [(fill(**count.label), f"{count.number:,}") for count in counts(one.found)]
    if changed:
        print_table(("CHANGED", "NUMBER"), changed)
    elif one.old.content and one.new.content:
        click.echo("What is compared is the same in both.")
    _print_values(one.found)
    for page in (one.old, one.new):
        if page.content_error:
            click.echo(visible(f"{page.version.version}: {page.content_error.cause}"), err=True)


def _print_values(found: "Comparison") -> None:
    from indexer.yaml_lines import dotted

    changes = found.values.changes if found.values else ()
    rows = [
        (
            one.kind,
            dotted(one.path),
            one.before.text.partition("\n")[0] if one.before else "",
            one.after.text.partition("\n")[0] if one.after else "",
        )
        for one in changes[:_SHOWN]
    ]
    if rows:
        print_table(("VALUE", "KEY", "BEFORE", "AFTER"), rows)
    if len(changes) > _SHOWN:
        click.echo(f"{_SHOWN} of {len(changes)} changed values; --json shows all.", err=True)
