"""The options of a source on the command line: for ``source add`` and ``source edit`` alike.

No secret is ever an option: processes list their options. Secrets are read from files whenever they are needed, or once
from standard input and then kept encrypted.
"""

import sys
from typing import Any

import click

from catalog_web.commands.common import Function
from indexer.errors import UsageError

_LISTS = {"credential_origin": "credential_origins"}
"""Options that are given once for each entry, whose setting has another name."""
_LONGEST_LINE = 16 * 1024


def _file(name: str, text: str) -> Any:
    return click.option(name, type=click.Path(dir_okay=False), metavar="FILE", help=text)


def _many(name: str, text: str) -> Any:
    return click.option(name, multiple=True, metavar="GLOB", help=f"{text} May be repeated; “” for none.")


_OPTIONS = (
    click.option(
        "--kind", type=click.Choice(["index", "harbor", "oci", "directory"]), help="Found out where it is not given."
    ),
    click.option("--title", help="What people read instead of the name."),
    click.option("--description", help="A few words about it."),
    click.option("--username", help="Or a robot account, such as robot$ci."),
    _file("--password-file", "Read whenever it is needed; never stored."),
    click.option("--password-stdin", is_flag=True, help="Read it from standard input, and keep it encrypted."),
    _file("--token-file", "Holds a Bearer token."),
    click.option("--secret", metavar="CLUSTER/NAMESPACE/NAME", help="A Kubernetes Secret that holds the credentials."),
    _file("--client-cert-file", "A client certificate (PEM)."),
    _file("--client-key-file", "Its key (PEM, without a password)."),
    _file("--ca-file", "Certificates to be trusted beside the system's (PEM)."),
    click.option(
        "--insecure-skip-verify/--verify", default=None, help="Believe any server, whatever certificate it shows."
    ),
    click.option(
        "--credential-origin",
        multiple=True,
        metavar="ORIGIN",
        help="Another origin (https://HOST) that may get the credentials. May be repeated; “” for none.",
    ),
    _file("--hook-secret-file", "Holds the Authorization text by which a webhook names this source."),
    click.option("--proxy", metavar="URL", help="http://HOST:PORT, or direct [default: as the environment says]."),
    click.option("--timeout", help="For one whole answer [default: 10m]."),
    click.option("--interval", help="Time between two syncs [default: 30m]."),
    click.option("--max-index-bytes", type=int, help="Larger indexes are refused [default: 64 MiB]."),
    _many("--include", "Charts that are taken [default: all]."),
    _many("--exclude", "Charts that are left out."),
    click.option("--versions", metavar="RANGE", help="Versions that are taken, such as “>=1.2 <3” [default: all]."),
    click.option("--prereleases/--no-prereleases", default=None, help="Whether versions such as 1.0.0-rc.1 are taken."),
    click.option("--private/--no-private", default=None, help="Whether only those see it to whom a role names it."),
    click.option("--approval/--no-approval", default=None, help="Whether an administrator approves installs from it."),
    _many("--projects", "Projects of a Harbor [default: all]."),
    _many("--repositories", "Repositories of a registry [default: all that it lists]."),
    click.option(
        "--content",
        type=click.Choice(["latest", "all", "none"]),
        help="Which archives are fetched after a sync [default: latest].",
    ),
    click.option("--captain-repo", help="Name of captain's ChartRepo [default: the source's name]."),
    click.option("--enable/--disable", "enabled", default=None, help="A disabled source is not synced."),
)


def with_source_options(verb: Function) -> Function:
    """Take all of them; what is not given is None or empty."""
    for option in reversed(_OPTIONS):
        verb = option(verb)
    return verb


def settings_given(*, password_stdin: bool, **options: Any) -> dict[str, Any]:
    """What was given, as `registration` takes it. Raises UsageError."""
    values = {
        _LISTS.get(name, name): tuple(filter(None, value)) if isinstance(value, tuple) else value
        for name, value in options.items()
        if value is not None and value != ()
    }
    return values | ({"password": _line()} if password_stdin else {})


def _line() -> str:
    line = sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")
    if not line:
        raise UsageError(what="There is no password on standard input.", hint="Pipe it in, as one line.")
    return line
