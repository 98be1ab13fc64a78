"""What the verbs about apps have in common: where the app is, its values, and how it is told."""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from catalog_web.commands.common import print_json, visible
from catalog_web.commands.waiting import EXIT_UNDECIDED
from indexer.errors import UsageError

if TYPE_CHECKING:
    from catalog_web.api.shapes import InstallShape


def with_place(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Take ``--cluster`` and ``--namespace``."""
    verb = click.option("--cluster", default="", help="By default the first one that is configured.")(verb)
    return click.option("--namespace", "-n", required=True, help="The namespace of the HelmRequest.")(verb)


def with_values(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Take ``--values``, ``--set``, and what of them is secret."""
    for option in (
        click.option(
            "--no-secrets", is_flag=True, help="Keep all values in the HelmRequest, where many can read them."
        ),
        click.option(
            "--secret",
            "secrets",
            multiple=True,
            metavar="PATH",
            help="A value that goes to a Secret, such as auth.password; by default what looks like one.",
        ),
        click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="One value, as helm takes it."),
        click.option(
            "--values", "-f", "files", multiple=True, type=click.File(encoding="utf-8"), help="A file of values."
        ),
    ):
        verb = option(verb)
    return verb


def with_why(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Take ``--why``."""
    return click.option("--why", default="", help="A note for the history.")(verb)


def values_of(files: Sequence[Any], settings: Sequence[str]) -> dict[str, Any]:
    """What ``-f`` and ``--set`` mean together. Raises UsageError."""
    from catalog_web.install.values import assemble

    try:
        texts = [(file.name, file.read()) for file in files]
    except UnicodeDecodeError:
        raise UsageError(what="A file of values is not UTF-8.", hint="Save it as UTF-8.") from None
    return assemble(texts, settings)


def secrets_of(options: dict[str, Any]) -> dict[str, Any]:
    """What the options say of secrets, as the API takes it."""
    if options["no_secrets"]:
        return {"secret_paths": []}
    return {"secret_paths": list(options["secrets"])} if options["secrets"] else {}


def body_of(model: Any, values: dict[str, Any]) -> Any:
    """The body that the API would get. Raises UsageError."""
    from pydantic import ValidationError

    try:
        return model.model_validate(values)
    except ValidationError as error:
        verb = click.get_current_context().info_name
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise UsageError(what=f"{told}.", hint=f"“chartroom {verb} --help” explains them.") from None


def tell_request(end: Any, *, as_json: bool, wait: bool) -> bool:
    """Tell of a request that somebody decides about first; False where ``end`` is an app. Who wants to ``wait`` until
    it is installed must not believe that it is: the exit code is 6."""
    if "headline" in end:
        return False
    if as_json:
        print_json(end)
    else:
        click.echo(visible(f"Nothing was sent yet: an administrator of “{end['source']}” decides about it first."))
        told = (
            f"Your request {end['id']} waits. Follow it at /apps/requests/{end['id']} or /api/v1/approvals/{end['id']}."
        )
        click.echo(visible(told), err=True)
    if wait:
        sys.exit(EXIT_UNDECIDED)
    return True


def print_app(end: "InstallShape", output: str | None, *, as_json: bool) -> None:
    """An app in one line, as the cluster has it (``yaml``), or as the API answers it."""
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
