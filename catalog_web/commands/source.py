"""``source add | edit | list | remove | test | inside | hook | import | publish | unpublish | discover``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import click

from catalog_web.commands.app_options import body_of
from catalog_web.commands.common import (
    EXIT_SOURCE_FAILED,
    ago,
    opened,
    print_json,
    print_table,
    server_name,
    visible,
    with_config,
    with_json,
)
from catalog_web.commands.remote import desk, whole
from catalog_web.commands.source_options import settings_given, with_source_options
from indexer.errors import UsageError

if TYPE_CHECKING:
    from catalog_web.api.shapes import SourceShape, SourcesPage


_NAMED = 5
"""Apps that a question names."""


@click.group(short_help="Add, list, remove, import sources.")
def source() -> None:
    """The chart repositories of the catalog."""


@source.command()
@click.argument("name")
@click.argument("url")
@with_source_options
@with_json
@with_config
def add(name: str, url: str, as_json: bool, **options: Any) -> None:
    """Register a chart repository.

    URL is the folder that holds index.yaml, a Harbor, an oci:// address, or a folder of this machine.
    """
    from catalog_web.api import shapes, sources
    from catalog_web.registration import add_source

    values = {**settings_given(**options), "name": name, "url": url}
    with desk(declare=True) as at:
        if at.caller:
            state = shapes.source(add_source(at.caller.services, values, operator=True, base=Path.cwd()))
        else:
            state = at.ask(sources.add, body=body_of(sources.NewSource, values))
    _tell(state, as_json, f"Added {name}. A running Chartroom syncs it at once; else: chartroom sync {name}")


@source.command()
@click.argument("name")
@click.option("--url", help="Another address. Credentials have to be given anew for another server.")
@with_source_options
@with_json
@with_config
def edit(name: str, as_json: bool, **options: Any) -> None:
    """Change what is given of a source; all else stays as it is. A file "" is none."""
    from catalog_web.api import shapes
    from catalog_web.registration import change_source

    values = {**settings_given(**options), "name": name}
    with opened(declare=True) as caller:
        state = shapes.source(change_source(caller.services, values, operator=True, base=Path.cwd()))
    _tell(state, as_json, f"Changed {name}: {state['charts']} charts. A running Chartroom syncs it at once.")


def _tell(state: "SourceShape", as_json: bool, sentence: str) -> None:
    if as_json:
        print_json(state)
    else:
        click.echo(sentence)


@source.command(name="list")
@with_json
@with_config
def list_(as_json: bool) -> None:
    """List the sources with how their syncs fare."""
    from catalog_web.api import operations, shapes, sources

    with desk(declare=True) as at:
        if at.caller:
            states = at.caller.services.catalog.sources()
            page = shapes.sources_page(len(states), states)
        else:
            page = cast("SourcesPage", whole(at, sources.listed, operations.Page))
    if as_json:
        print_json(page)
        return
    rows = [
        (
            one["name"],
            one["kind"],
            one["state"],
            str(one["charts"]),
            str(one["problems"]),
            ago(one["next_due"]),
            one["url"],
        )
        for one in page["items"]
    ]
    print_table(("NAME", "KIND", "STATE", "CHARTS", "PROBLEMS", "NEXT SYNC", "URL"), rows)


@source.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask where captain knows the source, or apps were installed from it.")
@with_config
def remove(name: str, yes: bool) -> None:
    """Take a source and its charts away. What was installed from it stays installed, with its history.

    Where captain knows the source, it forgets it as with “source unpublish”.
    """
    from catalog_web import publishing
    from catalog_web.registration import installed_from, remove_source

    if server_name():
        _remove_there(name, yes)
        return
    with opened(declare=True) as caller:
        apps = installed_from(caller.services, name)
        if not yes and apps:
            places = ", ".join(f"{one.cluster}/{one.namespace}/{one.name}" for one in apps[:_NAMED])
            more = f" and {len(apps) - _NAMED} more" if len(apps) > _NAMED else ""
            click.echo(f"Installed from it, and not to be upgraded without it: {visible(places)}{more}.")
            _confirm()
        if not yes and publishing.known_to(caller.services, name):
            _warn_of_captain()
        remove_source(caller.services, name)
    click.echo(f"Removed {name} with its charts.")


def _remove_there(name: str, yes: bool) -> None:
    """The server tells neither captain's part nor what was installed, so it is asked in any case."""
    from catalog_web.api import sources

    if not yes:
        click.echo(f"{visible(name)} and its charts go from {visible(server_name())}; captain forgets it, too.")
        _confirm()
    with desk() as at:
        at.ask(sources.remove, name)
    click.echo(f"Removed {name} with its charts.")


def _warn_of_captain() -> None:
    """Say what captain does when it forgets a source, and ask whether that is meant."""
    from catalog_web.captain.status import WARNING

    click.echo(WARNING)
    _confirm()


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise UsageError(what="Nothing was done.", hint="Say --yes to do it.")
    click.confirm("Do it?", abort=True)


@source.command()
@click.argument("source", metavar="NAME|URL")
@with_source_options
@with_json
@with_config
def test(source: str, as_json: bool, **options: Any) -> None:
    """Test the connection to a source, registered or not, from its name to the number of its charts.

    Options are tried as if they were given to “source edit” or “source add”; nothing is kept. Exit code 3 where a sync
    would fail.
    """
    from catalog_web.api import sources
    from catalog_web.commands.ladder import print_ladder

    values = {**settings_given(**options), "url" if _is_address(source) else "name": source}
    with desk(declare=True) as at:
        shape = at.ask(sources.test, body=body_of(sources.TriedSource, values))
    if as_json:
        print_json(shape)
    else:
        print_ladder(shape)
    if any(one["state"] == "fail" for one in shape["rungs"]):
        sys.exit(EXIT_SOURCE_FAILED)


@source.command()
@click.argument("name")
@click.option("--cluster", default="", help="Whose captain [default: every cluster's].")
@with_json
@with_config
def inside(name: str, cluster: str, as_json: bool) -> None:
    """Tell how a source is seen from where captain stands, and print a Job that checks name and port from there.

    Nothing is run: apply the Job with kubectl if you may.
    """
    from catalog_web.api import shapes
    from catalog_web.connections import seen_from_clusters

    with opened(declare=True) as caller:
        found = shapes.inside(seen_from_clusters(caller.services, name, cluster))
    if as_json:
        print_json(found)
        return
    for one in found["items"]:
        click.echo(f"# captain of {visible(one['cluster'])}: {visible(one['cause'])}")
        lines = filter(None, (one["remedy"], one["reason"] and f"In its own words: {one['reason']}"))
        click.echo("\n".join([*(f"#   {visible(line)}" for line in lines), visible(one["job"])]))
    if not found["items"]:
        click.echo("No cluster is configured.")


def _is_address(text: str) -> bool:
    """Whether ``text`` is the address of a source, or a folder, and not a name."""
    return "://" in text or "/" in text


@source.command()
@with_config
def forget_secrets() -> None:
    """Take away stored passwords, tokens and keys that nothing can decrypt any more, since their key is lost."""
    with opened(locked=True) as caller, caller.services.audit.recorded("secrets.forget", "source") as told:
        names = caller.services.store.secrets.forget_locked()
        told["sources"] = list(names)
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

    Each is taken over as a whole or not at all. Passwords are kept encrypted; certificates stay in their files. Exit
    code 3 where one of them could not be taken over.
    """
    from catalog_web.commands.source_import import read_repositories, take_over

    listed = read_repositories(file)
    with opened(declare=True) as caller:
        results = [take_over(caller.services, one) for one in listed]
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
    repo = shape["repo"] or name
    click.echo(f"captain of {shape['cluster']} knows {visible(name)} as the ChartRepo {repo} now ({shape['mode']}).")
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

    if not yes:
        _warn_of_captain()
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
