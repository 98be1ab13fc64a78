"""``upgrade``."""

import sys
from typing import TYPE_CHECKING, Any

import click

from catalog_web.commands.app_options import (
    body_of,
    print_app,
    secrets_of,
    tell_request,
    values_of,
    with_place,
    with_values,
    with_why,
)
from catalog_web.commands.common import EXIT_PROBLEM, print_json, visible, with_config, with_json
from catalog_web.commands.remote import Desk, desk
from catalog_web.commands.waiting import exit_code, follow, with_waiting

if TYPE_CHECKING:
    from catalog_web.api.app_changes import ConflictShape, ProposalShape


@click.command()
@click.argument("name")
@with_place
@click.option("--version", default="", help="An exact version; the newest release by default.")
@with_values
@click.option("--reset-values", is_flag=True, help="Go back to the chart's own values, but for -f and --set.")
@click.option(
    "--take-new",
    "new",
    multiple=True,
    metavar="PATH",
    help="Take the new default at a path where it changed under a value of yours; by default yours stays.",
)
@with_why
@click.option("--dry-run", is_flag=True, help="Say what it would mean and what the cluster would have; send nothing.")
@click.option("--output", type=click.Choice(["yaml"]), help="Print what the cluster made of it.")
@with_waiting
@with_json
@with_config
def upgrade(name: str, namespace: str, cluster: str, version: str, **options: Any) -> None:
    """Bring an app to another version of its chart, or change its values; those that are not given stay."""
    from catalog_web.api import app_changes, installs

    body = {"version": version, "why": options["why"], "decisions": dict.fromkeys(options["new"], "new")}
    with desk() as at:
        place = (at.cluster(cluster), namespace, name)
        text = None if not _gives_values(options) else _text(at, place, version, options)
        given = {} if text is None else {"values_yaml": text}
        asked = body_of(app_changes.UpgradeBody, {**body, **given, **secrets_of(options)})
        query = installs.DryRunQuery(dry_run=options["dry_run"])
        end = at.ask(app_changes.upgrade, *place, query=query, body=asked)
        if options["dry_run"]:
            _print_proposal(end, options["output"], as_json=options["as_json"])
            return
        if tell_request(end, as_json=options["as_json"], wait=options["wait"]):
            return
        if options["wait"]:
            end = follow(at, end, options["timeout"], wanted="running")
        print_app(end, options["output"], as_json=options["as_json"])
    if options["wait"]:
        sys.exit(exit_code(end, "running"))


def _gives_values(options: dict[str, Any]) -> bool:
    return bool(options["files"] or options["settings"] or options["reset_values"])


def _text(at: Desk, place: tuple[str, str, str], version: str, options: dict[str, Any]) -> str:
    """The person's text with what is given put into it; all else of it stays as it is, comments too."""
    from catalog_web.api import app_changes, installs
    from catalog_web.values import editing

    text = ""
    if not options["reset_values"]:
        kept = body_of(app_changes.UpgradeBody, {"version": version, "decisions": dict.fromkeys(options["new"], "new")})
        looked = at.ask(app_changes.upgrade, *place, query=installs.DryRunQuery(dry_run=True), body=kept)
        text = looked["values_yaml"]
    for path, value in _leaves((), values_of(options["files"], options["settings"])):
        text = editing.put(text, path, value)
    return text


def _leaves(path: tuple[str | int, ...], values: dict[str, Any]) -> list[tuple[tuple[str | int, ...], Any]]:
    found: list[tuple[tuple[str | int, ...], Any]] = []
    for key, value in values.items():
        found += _leaves((*path, key), value) if isinstance(value, dict) and value else [((*path, key), value)]
    return found


def _print_proposal(found: "ProposalShape", output: str | None, *, as_json: bool) -> None:
    """What the cluster would have on stdout, what it would mean on stderr; exit code 1 where it cannot be."""
    from catalog_web.install.helmrequest import manifest_yaml

    if as_json:
        print_json(found)
    elif found["helmrequest"] is not None:
        click.echo(manifest_yaml(found["helmrequest"]), nl=False)
    if not as_json and output is None:
        versions = f"{found['from_version']} → {found['to_version']}"
        click.echo(visible(f"{found['source']}/{found['chart']}: {versions}, {found['behind']} behind"), err=True)
        for one in found["conflicts"]:
            click.echo(visible(_told(one)), err=True)
        for problem in found["problems"]:
            line = f" (line {problem['line']})" if problem["line"] else ""
            click.echo(visible(f"{'schema':<16}{problem['path']}{line}: {problem['message']}"), err=True)
    if found["error"] is not None:
        if not as_json:
            click.echo(f"{visible(found['error']['cause'])}\n{visible(found['error']['remedy'])}", err=True)
        sys.exit(EXIT_PROBLEM)


def _told(one: "ConflictShape") -> str:
    sides = ", ".join(
        f"{name} {value['value']!r}"
        for name, value in (("old", one["old"]), ("mine", one["mine"]), ("new", one["new"]))
        if value["present"]
    )
    place = f"{one['path']} → {one['moved_to']}" if one["moved_to"] else one["path"]
    return f"{one['kind']:<16}{place}: {sides}; {one['decided'] or 'mine stays'}"
