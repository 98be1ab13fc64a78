"""``install``, ``apps``, ``uninstall``."""

import sys
import textwrap
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from catalog_web.commands.common import EXIT_PROBLEM, opened, print_json, print_table, visible, with_config, with_json
from catalog_web.commands.search import chart_name
from indexer.errors import ClusterError, ClusterRefused, UsageError

if TYPE_CHECKING:
    from catalog_web.api.check_shapes import CheckShape, PreviewShape
    from catalog_web.api.operations import Caller
    from catalog_web.api.shapes import InstallItem, InstallShape

EXIT_FAILED, EXIT_TIMED_OUT = 4, 5
POLL_SECONDS = 0.5
_PATIENCE = 10.0
"""Seconds that a list waits for all clusters together."""


def _duration(_context: click.Context, _option: click.Parameter, value: str) -> float:
    """``5m``, ``90s`` or ``90`` in seconds."""
    from indexer.options import seconds

    found = seconds(value)
    if isinstance(found, str) and not (found.isdecimal() and found.isascii()):
        raise click.BadParameter(f"“{value}” is no duration; write 5m or 90s")
    return float(found)


def _with_waiting(verb: Callable[..., Any]) -> Callable[..., Any]:
    verb = click.option("--timeout", callback=_duration, default="5m", show_default=True, help="How long to wait.")(
        verb
    )
    return click.option("--wait", is_flag=True, help="Wait for captain: exit code 0 done, 4 failed, 5 timed out.")(verb)


def _with_place(verb: Callable[..., Any]) -> Callable[..., Any]:
    verb = click.option("--cluster", default="", help="By default the first one that is configured.")(verb)
    return click.option("--namespace", "-n", required=True, help="The namespace of the HelmRequest.")(verb)


@click.command()
@click.argument("chart", metavar="SOURCE/NAME")
@click.option("--version", default="", help="An exact version; the latest one by default.")
@click.option("--name", required=True, help="Of the HelmRequest and its release.")
@_with_place
@click.option("--values", "-f", "files", multiple=True, type=click.File(encoding="utf-8"), help="A file of values.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="One value, as helm takes it.")
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="PATH",
    help="A value that goes to a Secret, such as auth.password; by default what looks like one.",
)
@click.option("--no-secrets", is_flag=True, help="Keep all values in the HelmRequest, where many can read them.")
@click.option("--create-namespace", is_flag=True, help="Make the namespace where it is not there.")
@click.option("--why", default="", help="A note for the history.")
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
@_with_waiting
@with_json
@with_config
def install(chart: str, version: str, name: str, namespace: str, cluster: str, **options: Any) -> None:
    """Create the HelmRequest that installs a chart; with --dry-run, print it and create nothing."""
    from catalog_web.api import installs

    source, chart_ = chart_name(chart)
    body = {"source": source, "chart": chart_, "version": version, "name": name, "namespace": namespace}
    values = _values(options["files"], options["settings"])
    with opened() as caller:
        asked = _body(installs.InstallBody, {**body, "cluster": cluster, "values": values, **_wishes(options)})
        if options["tool"]:
            click.echo(installs.export(caller, asked, options["tool"]).commented, nl=False)
            return
        if options["dry_run"]:
            _print_preview(installs.look(caller, asked), options["output"], as_json=options["as_json"])
            return
        made = installs.install(caller, asked)
        end = _follow(caller, made, options["timeout"], wanted="running") if options["wait"] else made
        _print_install(end, options["output"], as_json=options["as_json"])
    if options["wait"]:
        sys.exit(_exit_code(end, "running"))


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


@click.command()
@click.argument("name")
@_with_place
@_with_waiting
@with_json
@with_config
def uninstall(name: str, namespace: str, cluster: str, wait: bool, timeout: float, as_json: bool) -> None:
    """Delete a HelmRequest; captain then uninstalls its release."""
    from catalog_web.api import installs

    with opened() as caller:
        place = caller.services.installs.cluster(cluster).name
        end = installs.remove(caller, place, namespace, name)
        if wait:
            end = _follow(caller, end, timeout, wanted="gone")
        _print_install(end, None, as_json=as_json)
    if wait:
        sys.exit(_exit_code(end, "gone"))


def _wishes(options: dict[str, Any]) -> dict[str, Any]:
    """What the options say of secrets, of the namespace and for the history."""
    told = {"create_namespace": options["create_namespace"], "why": options["why"]}
    if options["no_secrets"]:
        return {**told, "secret_paths": []}
    return {**told, "secret_paths": list(options["secrets"])} if options["secrets"] else told


def _values(files: tuple[Any, ...], settings: tuple[str, ...]) -> dict[str, Any]:
    """What ``-f`` and ``--set`` mean together. Raises UsageError."""
    from catalog_web.install.values import assemble

    try:
        texts = [(file.name, file.read()) for file in files]
    except UnicodeDecodeError:
        raise UsageError(what="A file of values is not UTF-8.", hint="Save it as UTF-8.") from None
    return assemble(texts, settings)


def _body(model: Any, values: dict[str, Any]) -> Any:
    """The body that the API would get. Raises UsageError."""
    from pydantic import ValidationError

    try:
        return model.model_validate(values)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise UsageError(what=f"{told}.", hint="“chartroom install --help” explains them.") from None


def _follow(caller: "Caller", made: "InstallShape", timeout: float, wanted: str) -> "InstallShape":
    """Look until captain is done or time is up, and return the last look; a cluster may be away in between."""
    from catalog_web.api import installs

    deadline, last = time.monotonic() + timeout, made
    while last["state"] not in (wanted, "failed", "retrying", "gone") and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        try:
            last = installs.status(caller, made["cluster"], made["namespace"], made["name"])
        except ClusterRefused:
            raise
        except ClusterError:
            continue
        if last["headline"] != made["headline"]:
            click.echo(visible(last["headline"]), err=True)
            made = last
    return last


def _exit_code(end: "InstallShape", wanted: str) -> int:
    if end["state"] == wanted:
        return 0
    return {"failed": EXIT_FAILED, "retrying": EXIT_FAILED, "gone": EXIT_PROBLEM}.get(end["state"], EXIT_TIMED_OUT)


def _print_install(end: "InstallShape", output: str | None, *, as_json: bool) -> None:
    from catalog_web.install.helmrequest import manifest_yaml

    if as_json:
        print_json(end)
    elif output == "yaml":
        click.echo(manifest_yaml(end["helmrequest"] or {}), nl=False)
    else:
        place = f"{end['cluster']}/{end['namespace']}/{end['name']}"
        click.echo(f"{place}: {visible(end['headline'])}. {visible(end['detail'])}")
        if end["reason"]:
            click.echo(visible(end["reason"]), err=True)


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
