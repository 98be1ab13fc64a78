"""``source add | list | remove | hook | import | publish | unpublish | discover``."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from catalog_web.commands.common import (
    EXIT_SOURCE_FAILED,
    ago,
    opened,
    print_json,
    print_table,
    visible,
    with_config,
    with_json,
)
from indexer.errors import ChartroomError, UsageError

if TYPE_CHECKING:
    from catalog_web.api.operations import Caller

_LARGEST_FILE = 16 * 1024 * 1024
_TLS = ("certFile", "keyFile", "caFile", "insecure_skip_tls_verify")


@click.group(short_help="Add, list, remove, import sources.")
def source() -> None:
    """The chart repositories of the catalog."""


@source.command()
@click.argument("name")
@click.argument("url")
@click.option("--kind", type=click.Choice(["index", "directory"]), help="Told by the address by default.")
@click.option("--title", default="", help="What people read instead of the name.")
@click.option("--username", default="")
@click.option("--password-file", type=click.Path(dir_okay=False), default="", help="Read at each sync; never stored.")
@click.option("--interval", default="30m", show_default=True, help="Time between two syncs.")
@with_json
@with_config
def add(name: str, url: str, as_json: bool, **options: Any) -> None:
    """Register a chart repository: URL is the folder that holds index.yaml, or a folder of this machine."""
    from catalog_web.api import shapes
    from catalog_web.registration import add_source

    values = {key: value for key, value in options.items() if value} | {"name": name, "url": url}
    with opened(declare=True) as caller:
        state = add_source(caller.services, values, operator=True, base=Path.cwd())
    if as_json:
        print_json(shapes.source(state))
    else:
        click.echo(f"Added {name}. A running Chartroom syncs it at once; else: chartroom sync {name}")


@source.command(name="list")
@with_json
@with_config
def list_(as_json: bool) -> None:
    """List the sources with how their syncs fare."""
    from catalog_web.api import shapes

    with opened(declare=True) as caller:
        states = caller.services.catalog.sources()
    page = shapes.sources_page(len(states), states)
    if as_json:
        print_json(page)
        return
    rows = [
        (one["name"], one["state"], str(one["charts"]), str(one["problems"]), ago(one["next_due"]), one["url"])
        for one in page["items"]
    ]
    print_table(("NAME", "STATE", "CHARTS", "PROBLEMS", "NEXT SYNC", "URL"), rows)


@source.command()
@click.argument("name")
@with_config
def remove(name: str) -> None:
    """Take a source and its charts away. What was installed from it stays installed."""
    from catalog_web.registration import remove_source

    with opened(declare=True) as caller:
        remove_source(caller.services, name)
    click.echo(f"Removed {name} with its charts.")


@source.command()
@with_config
def forget_secrets() -> None:
    """Take away stored passwords, tokens and keys that nothing can decrypt any more, since their key is lost."""
    with opened(locked=True) as caller:
        names = caller.services.store.secrets.forget_locked()
    for name in names:
        click.echo(f"Forgot the secrets of {name}: give them anew.")
    if not names:
        click.echo("Every stored secret can be opened; nothing was forgotten.")


@source.command()
@click.argument("name")
@with_json
@with_config
def hook(name: str, as_json: bool) -> None:
    """Make the secret of a source's webhook and print what to enter in the registry. An earlier one ends."""
    from dataclasses import asdict

    from catalog_web.registration import new_hook_secret

    with opened(declare=True) as caller:
        made = new_hook_secret(caller.services, name)
    if as_json:
        print_json(asdict(made))
    else:
        click.echo(_HOOK.format(**asdict(made)))


_HOOK = """\
The webhook of {source}. The secret is shown this once; a new one takes its place.

Harbor, in each project under Webhooks, NEW WEBHOOK:
  Notify Type     http
  Payload Format  Default
  Event Type      Artifact pushed, Artifact deleted
  Endpoint URL    {harbor}
  Auth Header     {authorization}

Any other program, also with "chart": "NAME" and an "id" of its own for each call:
  curl -H 'Authorization: {authorization}' -H 'Content-Type: application/json' \\
    -d '{{"source": "{source}"}}' {generic}"""


@source.command(name="import")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@with_json
@with_config
def import_(file: Path, as_json: bool) -> None:
    """Register what helm's own repositories.yaml lists (“helm env HELM_REPOSITORY_CONFIG” names it).

    Exit code 3 where one of them could not be taken over.
    """
    listed = _repositories(file)
    with opened(declare=True) as caller:
        results = [_import(caller, one) for one in listed]
    if as_json:
        print_json(results)
    else:
        for one in results:
            click.echo(": ".join(filter(None, (visible(one["name"]), one["state"], visible(one["reason"])))))
    if any(one["state"] == "skipped" for one in results):
        sys.exit(EXIT_SOURCE_FAILED)


@source.command()
@click.argument("name")
@click.option("--cluster", default="", help="Whose captain [default: the first cluster].")
@click.option("--mode", type=click.Choice(["direct", "helm"]), help="Who reads the repository: captain, or Chartroom.")
@with_json
@with_config
def publish(name: str, cluster: str, mode: Literal["direct", "helm"] | None, as_json: bool) -> None:
    """Let captain know a source: its ChartRepo and Secret are made, and kept in step while Chartroom runs.

    By default captain reads the repository itself where it can, and from Chartroom (/helm/NAME) where it cannot.
    """
    from catalog_web import publishing
    from catalog_web.api import shapes

    with opened(declare=True) as caller:
        shape = shapes.publication(publishing.publish(caller.services, name, cluster, mode))
    if as_json:
        print_json(shape)
        return
    click.echo(f"{visible(name)} is {shape['repo'] or name} for captain of {shape['cluster']}, mode {shape['mode']}.")
    lines = (shape["cause"], shape["remedy"], *(one["cause"] for one in shape["limits"]))
    for line in filter(None, lines):
        click.echo(f"  {visible(line)}")


@source.command()
@click.argument("name")
@click.option("--cluster", default="", help="Whose captain [default: the first cluster].")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@with_config
def unpublish(name: str, cluster: str, yes: bool) -> None:
    """Let captain forget a source. It then deletes its Charts of it."""
    from catalog_web import publishing
    from catalog_web.captain.status import WARNING

    if not yes:
        click.echo(WARNING)
        if not sys.stdin.isatty():
            raise UsageError(what="Nothing was done.", hint="Say --yes to do it.")
        click.confirm("Do it?", abort=True)
    with opened(declare=True) as caller:
        publishing.unpublish(caller.services, name, cluster)
    click.echo(f"captain is told to forget {visible(name)}.")


@source.command()
@click.option("--cluster", default="", help="Whose captain [default: the first cluster].")
@click.option("--register", "repo", metavar="CHARTREPO", default="", help="Register this one as a source.")
@click.option("--name", default="", help="Of the new source [default: as offered].")
@with_json
@with_config
def discover(cluster: str, repo: str, name: str, as_json: bool) -> None:
    """List the ChartRepos of a cluster that Chartroom did not make, or register one as a source."""
    from catalog_web import publishing
    from catalog_web.api import shapes

    with opened(declare=True) as caller:
        if repo:
            state = publishing.register(caller.services, cluster, repo, name, operator=caller.operator)
            print_json(shapes.source(state)) if as_json else click.echo(f"Added {state.source.name}.")
            return
        page = shapes.offers(publishing.discovered(caller.services, cluster))
    if as_json:
        print_json(page)
        return
    rows = [(one["repo"], one["state"], one["name"], one["phase"], one["url"], one["cause"]) for one in page["items"]]
    print_table(("CHARTREPO", "STATE", "SOURCE", "PHASE", "URL", ""), rows)


def _repositories(file: Path) -> list[dict[str, Any]]:
    """The entries of helm's file. Raises UsageError."""
    import yaml

    try:
        with file.open("rb") as opened_file:
            content = yaml.safe_load(opened_file.read(_LARGEST_FILE))
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(what=f"{file} cannot be read as YAML ({type(error).__name__}).", hint=_hint()) from None
    listed = content.get("repositories") if isinstance(content, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise UsageError(what=f"{file} has no list named “repositories”.", hint=_hint())
    return listed


def _hint() -> str:
    return "Give helm's repositories.yaml; “helm env HELM_REPOSITORY_CONFIG” says where it is."


def _import(caller: "Caller", entry: dict[str, Any]) -> dict[str, str]:
    name, url = str(entry.get("name", "")), str(entry.get("url", ""))
    reason = _refused(entry)
    if reason:
        return {"name": name, "state": "skipped", "reason": reason}
    return _register(caller, _source_name(name), url)


def _refused(entry: dict[str, Any]) -> str:
    """Why an entry is not taken over, or nothing."""
    if entry.get("username") or entry.get("password"):
        return "it has a password; add it with “chartroom source add … --username U --password-file F”"
    if any(entry.get(one) for one in _TLS):
        return "it has TLS settings of its own, which Chartroom does not know"
    return ""


def _source_name(name: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")[:63].strip("-")


def _register(caller: "Caller", name: str, url: str) -> dict[str, str]:
    from catalog_web.registration import add_source

    present = {one.source.name: one.source.url for one in caller.services.catalog.sources()}
    if name in present and present[name].rstrip("/") == url.rstrip("/"):
        return {"name": name, "state": "present", "reason": ""}
    try:
        add_source(caller.services, {"name": name, "url": url, "kind": "index"}, operator=True, base=Path.cwd())
    except ChartroomError as error:
        return {"name": name, "state": "skipped", "reason": error.cause}
    return {"name": name, "state": "added", "reason": ""}
