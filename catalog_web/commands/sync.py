"""``sync`` and ``reindex``."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

from catalog_web.commands.common import (
    EXIT_INTERRUPTED,
    EXIT_SOURCE_FAILED,
    leave,
    opened,
    print_json,
    server_name,
    visible,
    with_config,
    with_json,
)
from catalog_web.commands.sync_there import synced_there
from indexer.errors import SourceNotFound, UsageError

if TYPE_CHECKING:
    from catalog_web.api.operations import Caller
    from catalog_web.api.shapes import SyncShape
    from indexer.model import Progress

AWAIT_SECONDS = 3600.0
"""How long a run of the same source elsewhere is awaited."""

Report = Callable[[str, "Progress"], None]


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@with_json
@click.option("--full", is_flag=True, help="Ask without validators and read every entry anew.")
@click.option("--no-archives", is_flag=True, help="Read the lists alone; READMEs and values follow later.")
@click.option("--accept-removals", is_flag=True, help="Carry out removals however many they are.")
@with_config
def sync(sources: tuple[str, ...], as_json: bool, full: bool, no_archives: bool, accept_removals: bool) -> None:
    """Sync sources now (all that are enabled, by default), a Harbor with its projects, and wait until the search knows.

    Exit code 0: all went well, also where removals are held; 3: some source failed; 130: interrupted.
    """
    if server_name():
        results = synced_there(sources, full=full, archives=not no_archives, accept=accept_removals)
        _report(results, as_json=as_json)
        return
    with opened(declare=True) as caller, _interruptible(caller), _progress(shown=_watched() and not as_json) as report:
        options = {"full": full, "archives": not no_archives, "accept": accept_removals}
        names = _names(caller, sources)
        if accept_removals:
            caller.services.audit.note("source.accept", "source", "ok", sources=names)
        results = list(_synced(caller, names, report, **options))
        caller.services.catalog.follow()
    _report(results, as_json=as_json)


def _report(results: list["SyncShape"], *, as_json: bool) -> None:
    if as_json:
        print_json(results)
    else:
        _print(results)
    if any(one["outcome"] == "failed" for one in results):
        sys.exit(EXIT_SOURCE_FAILED)


@click.command()
@with_config
def reindex() -> None:
    """Throw the search index away and build it again from the store."""
    from indexer.search.feed import StoreFeed

    with opened() as caller:
        row = caller.services.search.rebuild(StoreFeed(caller.services.store))
    click.echo(f"The search index was built anew, up to row {row} of the change log.")


def _names(caller: "Caller", wanted: tuple[str, ...]) -> list[str]:
    """The sources to sync. Raises UsageError for one that is not there."""
    states = caller.services.catalog.sources()
    known = {one.source.name for one in states}
    for name in wanted:
        if name not in known:
            missing = SourceNotFound(source=name)
            raise UsageError(what=missing.cause, hint=missing.remedy)
    return list(dict.fromkeys(wanted)) or [one.source.name for one in states if one.source.enabled]


def _synced(caller: "Caller", names: list[str], report: Report, **options: bool) -> "Iterator[SyncShape]":
    """Sync each, and behind a Harbor all its projects, which are only known by then."""
    registered = caller.services.store.sources.registered
    todo, done = list(names), set[str]()
    while todo:
        name = todo.pop(0)
        if name in done or name not in {one.name for one in registered()}:  # a Harbor may have lost a project
            continue
        done.add(name)
        yield _sync(caller, name, report, **options)
        todo = [one.name for one in registered() if one.parent == name and one.enabled] + todo


def _sync(caller: "Caller", name: str, report: Report, *, full: bool, archives: bool, accept: bool) -> "SyncShape":
    from catalog_web.api import shapes

    result = caller.services.syncer.sync(
        name,
        full=full,
        archives=archives,
        accept=accept,
        wait=AWAIT_SECONDS,
        report=lambda progress: report(name, progress),
    )
    return shapes.sync(result)


@contextmanager
def _interruptible(caller: "Caller") -> Iterator[None]:
    """Let Ctrl-C end the process at once: KeyboardInterrupt would first wait for all downloads that are under way."""

    def interrupt(_number: int, _frame: object) -> NoReturn:
        caller.services.syncer.stop.set()
        if _watched():
            click.echo("\r\x1b[?25h\x1b[K", nl=False, err=True)  # the bars have hidden the cursor
        click.echo("Interrupted; what is stored stays, and the next sync goes on from there.", err=True)
        leave(EXIT_INTERRUPTED)

    former = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def _watched() -> bool:
    return sys.stderr.isatty()


@contextmanager
def _progress(*, shown: bool) -> Iterator[Report]:
    """What a sync reports to: a bar for each source on a terminal, else nothing."""
    if not shown:
        yield lambda _name, _progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(name: str, progress: "Progress") -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=None)
            bars.update(
                tasks[name],
                description=f"{name}: {progress.step}",
                completed=progress.done,
                total=progress.total or None,
            )

        yield report


def _print(results: list["SyncShape"]) -> None:
    if not results:
        click.echo("There is no enabled source to sync. Add one: chartroom source add NAME URL")
    for one in results:
        counts = ", ".join(f"{one[kind]} {kind}" for kind in ("added", "updated", "removed", "repushed") if one[kind])
        tail = f": {counts}" if counts else ""
        click.echo(f"{one['source']}: {one['outcome']}{tail} ({one['seconds']:.1f} s)")
        if one["error"]:
            told = f"  {visible(one['error']['cause'])}\n  {visible(one['error']['remedy'])}"
            click.echo(told, err=one["outcome"] == "failed")
        _print_problems(one)


def _print_problems(one: "SyncShape", most: int = 10) -> None:
    for problem in one["problems"][:most]:
        line = f" (line {problem['line']})" if problem["line"] else ""
        name = " ".join(filter(None, (problem["chart"], problem["version"])))
        click.echo(f"  {visible(name)}{line}: {visible(problem['cause'])}")
    if len(one["problems"]) > most:
        click.echo(f"  … and {len(one['problems']) - most} more; --json shows all")
