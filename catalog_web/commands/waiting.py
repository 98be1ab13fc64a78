"""Following captain from the command line, and the exit code that tells how it ended."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from catalog_web.commands.common import EXIT_PROBLEM, visible
from catalog_web.commands.remote import Desk, ServerSaid
from indexer.errors import ClusterError, ClusterRefused

if TYPE_CHECKING:
    from catalog_web.api.shapes import InstallShape

EXIT_FAILED, EXIT_TIMED_OUT, EXIT_UNDECIDED = 4, 5, 6
POLL_SECONDS = 0.5
_SERVER_ERROR = 500
_ENDS = ("failed", "retrying", "gone")


def with_waiting(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Take ``--wait`` and ``--timeout``."""
    verb = click.option("--timeout", callback=_duration, default="5m", show_default=True, help="How long to wait.")(
        verb
    )
    told = "Wait for captain: exit code 0 done, 4 failed, 5 timed out, 6 nothing was sent, an approval is waited for."
    return click.option("--wait", is_flag=True, help=told)(verb)


def _duration(_context: click.Context, _option: click.Parameter, value: str) -> float:
    """``5m``, ``90s`` or ``90`` in seconds."""
    from indexer.options import seconds

    found = seconds(value)
    if isinstance(found, str) and not (found.isdecimal() and found.isascii()):
        raise click.BadParameter(f"“{value}” is no duration; write 5m or 90s")
    return float(found)


def follow(at: Desk, made: "InstallShape", timeout: float, wanted: str) -> "InstallShape":
    """Look until captain is done or time is up, and return the last look; a cluster may be away in between.

    Each new headline is a line on stderr; on a terminal the seconds count beside it.
    """
    from catalog_web.api import installs

    deadline, last, told = time.monotonic() + timeout, made, made["headline"]
    with _progress(told) as tell:
        while last["state"] not in (wanted, *_ENDS) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            try:
                last = at.ask(installs.status, made["cluster"], made["namespace"], made["name"])
            except ClusterRefused:
                raise
            except ClusterError:
                continue
            except ServerSaid as error:
                if error.params["status"] < _SERVER_ERROR:
                    raise
                continue
            if last["headline"] != told:
                told = last["headline"]
                tell(visible(told))
    return last


@contextmanager
def _progress(first: str) -> Iterator[Callable[[str], None]]:
    if not sys.stderr.isatty():
        yield lambda text: click.echo(text, err=True)
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(visible(first), total=None)
        yield lambda text: bar.update(task, description=text)


def exit_code(end: "InstallShape", wanted: str) -> int:
    """0 where it ended as wanted, 4 failed, 5 not in time, 1 gone although that was not wanted."""
    if end["state"] == wanted:
        return 0
    return {"failed": EXIT_FAILED, "retrying": EXIT_FAILED, "gone": EXIT_PROBLEM}.get(end["state"], EXIT_TIMED_OUT)
