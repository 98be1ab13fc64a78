"""``search`` and ``show``."""

from typing import TYPE_CHECKING

import click

from catalog_web.commands.common import (
    ago,
    print_json,
    print_table,
    print_text,
    visible,
    with_config,
    with_json,
)
from catalog_web.commands.remote import desk
from indexer.errors import N_, NotFound, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog_web.api.shapes import ChartItem, ChartShape, ChartsPage, VersionShape

_SHOWN_VERSIONS = 10


class FileAbsent(NotFound):
    """The archive has no such file, or could not be had."""

    id = "file-absent"
    cause_text = N_("{chart} {version} has no {what}.")
    remedy_text = N_("{hint}")


def chart_name(text: str) -> tuple[str, str]:
    """SOURCE/NAME in two. Raises UsageError."""
    source, slash, name = text.partition("/")
    if not source or not slash or not name or not text.isprintable():
        raise UsageError(
            what=f"“{text}” names no chart.", hint="Write it as SOURCE/NAME, for example sample/hello-web."
        )
    return source, name


@click.command()
@click.argument("words", nargs=-1, required=True)
@with_json
@click.option("--limit", default=24, show_default=True, help="How many, at most 100.")
@click.option("--exact", is_flag=True, help="Search for the words as typed: correct none.")
@with_config
def search(words: tuple[str, ...], as_json: bool, limit: int, exact: bool) -> None:
    """Search the catalog."""
    from catalog_web.api import charts

    with desk() as at:
        if at.caller and at.caller.services.catalog.lag():
            at.caller.services.catalog.follow()
        page = at.ask(charts.search, query=charts.ChartsQuery(q=" ".join(words), limit=limit, exact=exact))
    if as_json:
        print_json(page)
    else:
        _print_page(page)


def _print_page(page: "ChartsPage") -> None:
    if page["corrected"]:
        told = f"Nothing is called so: these are for “{page['corrected']}”; --exact searches as typed."
        click.echo(visible(told), err=True)
    if page["items"]:
        _print_charts(page["items"])
    else:
        click.echo("No chart has these words.")
    if page["did_you_mean"]:
        click.echo(visible(f"Did you mean “{page['did_you_mean']}”?"), err=True)
    for note in page["notes"]:
        click.echo(visible(note), err=True)
    if page["total"] > len(page["items"]) > 0:
        click.echo(f"{len(page['items'])} of {page['total']} charts; --limit shows more.", err=True)


def _print_charts(items: "Sequence[ChartItem]") -> None:
    """A table; where a chart is in several sources, with the others."""
    others = [", ".join(f"{one['source']}/{one['name']}" for one in item["also_in"]) for item in items]
    rows = [
        (f"{one['source']}/{one['name']}", one["version"], one["app_version"], more, one["description"])
        for one, more in zip(items, others, strict=True)
    ]
    head = ("CHART", "VERSION", "APP VERSION", "ALSO IN", "DESCRIPTION")
    if any(others):
        print_table(head, rows)
    else:
        print_table((*head[:3], head[4]), [(*row[:3], row[4]) for row in rows])


@click.command()
@click.argument("chart", metavar="SOURCE/NAME")
@click.argument("version", default="")
@with_json
@click.option("--values", "part", flag_value="values", help="Print its values.yaml.")
@click.option("--readme", "part", flag_value="readme", help="Print its README.")
@click.option("--schema", "part", flag_value="schema", help="Print its values.schema.json.")
@click.option("--images", "part", flag_value="images", help="Print the images it would pull, one a line.")
@with_config
def show(chart: str, version: str, as_json: bool, part: str | None) -> None:
    """Show a chart, or one version of it, or a file of that version (of the latest one by default)."""
    from catalog_web.api import charts

    source, name = chart_name(chart)
    if as_json and part:
        raise UsageError(what="--json shows all of a version.", hint="Give either --json or one of the files.")
    with desk() as at:
        whole = at.ask(charts.chart, source, name)
        wanted = version or whole["version"]
        if as_json:
            print_json(at.ask(charts.version, source, name, wanted) if version else whole)
        elif part == "images":
            _print_images(at.ask(charts.version, source, name, wanted))
        elif part:
            _print_file(at.ask(charts.version, source, name, wanted), part)
        else:
            _print_version(whole, at.ask(charts.version, source, name, wanted))


def _print_file(version: "VersionShape", part: str) -> None:
    text: str | None = version[part]  # type: ignore[literal-required]
    if not text:
        raise _absent(version, part, "The chart was packaged without it.")
    print_text(text)


def _print_images(version: "VersionShape") -> None:
    """The references alone go to stdout, for those who mirror them; what is to be known of them to stderr."""
    images = version["images"]
    if images is None:
        raise _absent(version, "known images", "Its archive has not been read yet.")
    for one in images:
        click.echo(visible(one["reference"]))
    certain = sum(one["certain"] for one in images)
    click.echo(f"{certain} certain, {len(images) - certain} guessed; --json tells where each is from.", err=True)


def _absent(version: "VersionShape", what: str, hint: str) -> FileAbsent:
    error = version["archive"]["error"]
    hint = f"{error['cause']} {error['remedy']}" if error else hint
    named = f"{version['source']}/{version['name']}"
    return FileAbsent(chart=named, version=version["version"], what=what, hint=hint)


def _print_version(chart: "ChartShape", version: "VersionShape") -> None:
    facts = [
        ("Chart", f"{chart['source']}/{chart['name']}"),
        ("Version", version["version"]),
        ("App version", version["app_version"]),
        ("Description", version["description"]),
        ("Created", ago(version["created"])),
        ("Deprecated", "yes" if version["deprecated"] else ""),
        ("Kubernetes", version["kube_version"]),
        ("Keywords", ", ".join(version["keywords"])),
        ("Home", version["home"]),
        ("Maintainers", ", ".join(one["name"] for one in version["maintainers"])),
        ("Depends on", ", ".join(f"{one['name']} {one['version']}".strip() for one in version["dependencies"])),
        ("Digest", version["digest"]),
        ("Re-pushed", "yes: the same version came with another digest" if version["repushed"] else ""),
        ("Versions", _versions(chart)),
    ]
    for label, value in facts:
        if value:
            click.echo(f"{label + ':':<13}{visible(value)}")
    if version["archive"]["error"]:
        click.echo(f"{'Archive:':<13}{visible(version['archive']['error']['cause'])}", err=True)


def _versions(chart: "ChartShape") -> str:
    names = [one["version"] for one in chart["versions"]]
    more = f" and {len(names) - _SHOWN_VERSIONS} more" if len(names) > _SHOWN_VERSIONS else ""
    return ", ".join(names[:_SHOWN_VERSIONS]) + more
