"""What all verbs share: the configuration file, the services, output, and how an error becomes an exit code."""

import gc
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from indexer.errors import BadUrl, ChartroomError, ConfigError, UsageError

if TYPE_CHECKING:
    from catalog_web.api.operations import Caller
    from indexer.config import Config
    from indexer.store.database import Database

SERVER = "CHARTROOM_SERVER"
"""Names the server that verbs ask."""
EXIT_PROBLEM, EXIT_USAGE, EXIT_SOURCE_FAILED, EXIT_INTERRUPTED = 1, 2, 3, 130

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(slots=True)
class Settings:
    """What was said before or after the verb."""

    config: Path | None = None
    json: bool = False


class Verbs(click.Group):
    """Names verbs in the order in which they were added, and ends with one sentence where an error comes up."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """As added, not by letter."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; an error of the tree is told and becomes the exit code."""
        try:
            return super().invoke(ctx)
        except ChartroomError as error:
            if ctx.parent is not None:
                raise
            _tell(error, as_json=ctx.ensure_object(Settings).json)
            ctx.exit(exit_code(error))


def exit_code(error: ChartroomError) -> int:
    """2 for what cannot be meant, 1 for all else."""
    return EXIT_USAGE if isinstance(error, UsageError | ConfigError | BadUrl) else EXIT_PROBLEM


def _tell(error: ChartroomError, *, as_json: bool) -> None:
    if as_json:
        from catalog_web.api.problems import problem

        print_json(error.params.get("problem") or problem(error))
    click.echo(f"Error: {visible(error.cause)}\n{visible(error.remedy)}", err=True)


def settings() -> Settings:
    """What was said on this command line."""
    return click.get_current_context().find_root().ensure_object(Settings)


def with_config(verb: Function) -> Function:
    """Take ``--config FILE``, before or after the verb."""

    def remember(_context: click.Context, _option: click.Parameter, value: Path | None) -> None:
        if value is not None:
            settings().config = value

    return click.option(
        "--config",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        expose_value=False,
        callback=remember,
        help="The configuration file [default: $CHARTROOM_CONFIG, else ./config/chartroom.yaml if it is there].",
    )(verb)


def with_json(verb: Function) -> Function:
    """Take ``--json``; an error is then printed as JSON, too."""

    def remember(_context: click.Context, _option: click.Parameter, value: bool) -> bool:
        settings().json = value
        return value

    return click.option(
        "--json", "as_json", is_flag=True, callback=remember, help="Print what the API answers to the same question."
    )(verb)


def load_config(**overrides: Any) -> "Config":
    """The configuration that this command line names. Raises ConfigError."""
    from indexer.config import load

    return load(settings().config, **overrides)


def store_database(config: "Config") -> "Database":
    """The database of the store as it is: no table is made or migrated. Raises DataFolderUnusable."""
    from indexer.errors import DataFolderUnusable
    from indexer.store import SQLITE_FILE
    from indexer.store.database import Database

    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataFolderUnusable.at(config.data_dir, error) from error
    return Database(config.data_dir / SQLITE_FILE, config.database_url)


@contextmanager
def loading() -> Iterator[None]:
    """For imports of much: what they make stays for ever, and looking for garbage in it took a fifth of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def server_name() -> str:
    """The server that the environment names; empty: the store is asked."""
    return os.environ.get(SERVER, "").strip().rstrip("/")


def expect_here() -> None:
    """Raise UsageError where a server is named: the verb works on the store itself."""
    if server_name():
        raise UsageError(
            what=f"“{click.get_current_context().command_path}” cannot be done through {SERVER}.",
            hint=f"Run it on the server itself, without {SERVER} in the environment.",
        )


@contextmanager
def opened(*, declare: bool = False, locked: bool = False, **overrides: Any) -> Iterator["Caller"]:
    """Open the services of the configuration for the operator. ``declare``: put its sources into the store; ``locked``:
    also where no key opens its secrets."""
    with loading():
        from catalog_web.api.operations import Caller
        from catalog_web.audit.origin import OPERATOR, operator_origin
        from catalog_web.services import open_services

    expect_here()
    config = load_config(**overrides)
    services = open_services(config, locked=locked, origin=operator_origin)
    try:
        if declare:
            declare_sources(services)
        yield Caller(services, OPERATOR, operator=True)
    finally:
        services.close()


def declare_sources(services: Any) -> None:
    """Make the store agree with the configuration. Without any, as when run in a wrong folder, nothing is removed."""
    from datetime import UTC, datetime

    if services.config.file or services.config.sources:
        services.store.sources.configure(services.config.sources, datetime.now(UTC))


def leave(code: int) -> NoReturn:
    """End without waiting for a download that is under way: it is repeated after the next start."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


# -- output


def print_json(shape: Any) -> None:
    """A shape, readable."""
    click.echo(json.dumps(shape, ensure_ascii=False, indent=2))


def print_text(text: str) -> None:
    """A file of a chart: byte for byte into a pipe, without escape sequences onto a terminal."""
    click.echo(visible(text) if sys.stdout.isatty() else text, nl=not text.endswith("\n"))


def visible(text: str) -> str:
    """``text`` without what would command a terminal."""
    return "".join(one if one.isprintable() or one in "\n\t" else "�" for one in text)


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Aligned columns; on a terminal the last one is cut to its width."""
    import shutil

    from rich.cells import cell_len, set_cell_size

    lines = [[visible(cell).replace("\n", " ") for cell in line] for line in (head, *rows)]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(head) - 1)]
    room = shutil.get_terminal_size().columns - sum(widths) - 2 * len(widths) if sys.stdout.isatty() else 0
    for line in lines:
        cells = [set_cell_size(cell, width) for cell, width in zip(line, widths, strict=False)]
        last = line[-1] if not 0 < room < cell_len(line[-1]) else set_cell_size(line[-1], room - 1).rstrip() + "…"
        click.echo("  ".join([*cells, last]).rstrip())


def ago(text: str | None) -> str:
    """A moment of a shape as a person reads it."""
    return text.replace("T", " ").replace("Z", " UTC") if text else "–"
