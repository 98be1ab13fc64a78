"""``install``."""

import sys
import textwrap
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
from catalog_web.commands.remote import Desk, ServerSaid, desk
from catalog_web.commands.search import chart_name
from catalog_web.commands.waiting import exit_code, follow, with_waiting

if TYPE_CHECKING:
    from catalog_web.api.check_shapes import CheckShape, PreviewShape
    from catalog_web.api.installs import InstallBody
    from catalog_web.install.exports import ExportKind


@click.command()
@click.argument("chart", metavar="SOURCE/NAME")
@click.option("--version", default="", help="An exact version; the latest one by default.")
@click.option("--name", required=True, help="Of the HelmRequest and its release.")
@with_place
@with_values
@click.option("--create-namespace", is_flag=True, help="Make the namespace where it is not there.")
@with_why
@click.option("--dry-run", is_flag=True, help="Ask the cluster whether it would take it, and send nothing.")
@click.option(
    "--output",
    type=click.Choice(["yaml"]),
    help="Create it and print what the cluster made of it, as kubectl does; with --dry-run, print only.",
)
@click.option(
    "--as",
    "tool",
    type=click.Choice(["captain", "kubectl", "helm", "flux", "k3s", "argocd"]),
    help="Print the same install for another tool; nothing is sent and no cluster is asked.",
)
@with_waiting
@with_json
@with_config
def install(chart: str, version: str, name: str, namespace: str, cluster: str, **options: Any) -> None:
    """Create the HelmRequest that installs a chart; with --dry-run, print it and create nothing."""
    from catalog_web.api import installs

    source, chart_ = chart_name(chart)
    body = {"source": source, "chart": chart_, "version": version, "name": name, "namespace": namespace}
    wishes = {"create_namespace": options["create_namespace"], "why": options["why"], **secrets_of(options)}
    values = values_of(options["files"], options["settings"])
    with desk() as at:
        asked = body_of(installs.InstallBody, {**body, "cluster": cluster, "values": values, **wishes})
        if options["tool"]:
            click.echo(_export(at, asked, options["tool"]), nl=False)
            return
        if options["dry_run"]:
            looked = at.ask(installs.create, query=installs.DryRunQuery(dry_run=True), body=asked)
            _print_preview(looked, options["output"], as_json=options["as_json"])
            return
        made = at.ask(installs.create, query=installs.DryRunQuery(), body=asked)
        if tell_request(made, as_json=options["as_json"], wait=options["wait"]):
            return
        end = follow(at, made, options["timeout"], wanted="running") if options["wait"] else made
        print_app(end, options["output"], as_json=options["as_json"])
    if options["wait"]:
        sys.exit(exit_code(end, "running"))


def _export(at: Desk, asked: "InstallBody", tool: "ExportKind") -> str:
    """The install for a tool, with what to know of it as comments. Raises why there is none."""
    from catalog_web.api import installs
    from catalog_web.install.exports import commented

    if at.caller:
        return installs.export(at.caller, asked, tool).commented
    looked = at.ask(installs.create, query=installs.DryRunQuery(dry_run=True, exports=True), body=asked)
    found = looked.get("exports", {}).get(tool)
    if found is None or found["error"]:
        told = found["error"] if found else next(one for one in looked["checks"] if one["state"] == "fail")
        raise ServerSaid(cause=told["cause"], remedy=told["remedy"], status=0)
    return str(commented(found["text"], found["notes"]))


def _print_preview(found: "PreviewShape", output: str | None, *, as_json: bool) -> None:
    """The HelmRequest on stdout, the checks on stderr; exit code 1 where one of them failed."""
    from catalog_web.install.helmrequest import manifest_yaml

    if as_json:
        print_json(found)
    elif found["helmrequest"] is not None:
        click.echo(manifest_yaml(found["helmrequest"]), nl=False)
    for one in found["checks"]:
        if not as_json and (output is None or one["state"] == "fail"):
            _print_check(one)
    if any(one["state"] == "fail" for one in found["checks"]):
        sys.exit(EXIT_PROBLEM)


def _print_check(one: "CheckShape") -> None:
    """A line, with what is wrong in the values and what is to be copied below it."""
    told = f"{one['state']:<8}{one['cause']}" + (f" {one['remedy']}" if one["state"] != "ok" else "")
    click.echo(visible(told), err=True)
    for problem in one["problems"]:
        line = f" (line {problem['line']})" if problem["line"] else ""
        click.echo(visible(f"        {problem['path']}{line}: {problem['message']}"), err=True)
    for door in one["doors"]:
        if door["text"]:
            click.echo(textwrap.indent(f"# {door['label']}\n{door['text']}", " " * 8), err=True, nl=False)
