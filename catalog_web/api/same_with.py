"""An install before it is sent, in other words: for other tools, as the HTTP request, and rendered."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from catalog_web.api.check_shapes import PreviewShape
from catalog_web.api.operations import Caller
from catalog_web.api.shapes import ErrorShape, error_shape
from catalog_web.install.exports import ChartOrigin, Export, ExportKind
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.http_request import HttpRequest
from catalog_web.previews import Shown, Subject
from catalog_web.values.reading import parse_values
from indexer.errors import ChartroomError, fill


class ExportShape(TypedDict):
    """The install for one tool: a text to copy, and what to know of it. Without a text ``error`` says why."""

    text: str
    notes: list[str]
    error: ErrorShape | None


class HttpRequestShape(TypedDict):
    """The request that would be sent, without its credentials; ``curl`` takes the token from the variable TOKEN."""

    method: str
    url: str
    headers: list[list[str]]
    body: str
    curl: str


class RenderedObjectShape(TypedDict):
    """One object of the chart; ``hooks`` says when helm runs it, ``stays`` that helm leaves it at an uninstall. What is
    secret is not in its text."""

    api_version: str
    kind: str
    namespace: str
    name: str
    template: str
    hooks: list[str]
    stays: bool
    text: str


class RenderedShape(TypedDict):
    """What the chart makes; ``error`` says why it cannot be shown."""

    objects: list[RenderedObjectShape]
    notes: list[str]
    error: ErrorShape | None


class WholePreviewShape(PreviewShape):
    """A preview, with what was asked for beside it."""

    exports: NotRequired[dict[Literal["captain", "kubectl", "helm", "flux", "k3s", "argocd"], ExportShape]]
    http_request: NotRequired[HttpRequestShape | None]
    rendered: NotRequired[RenderedShape]


def origin(caller: Caller, form: InstallForm) -> ChartOrigin:
    """Where other tools get the chart of ``form``. Raises SourceNotFound, ChartNotFound, VersionNotFound."""
    store = caller.services.store
    version, _ = store.catalog.version(form.source, form.chart, form.version)
    return caller.services.previews.origin(store.sources.get(form.source).source, form.chart, version.urls)


def exports(caller: Caller, form: InstallForm, helmrequest: dict[str, Any]) -> dict[ExportKind, ExportShape]:
    """``helmrequest`` for every tool."""
    found = caller.services.previews.exports(helmrequest, origin(caller, form), form.secret_paths)
    return {kind: _export(one) for kind, one in found.items()}


def _export(found: Export | ChartroomError) -> ExportShape:
    if isinstance(found, ChartroomError):
        return {"text": "", "notes": [], "error": error_shape(found)}
    return {"text": found.text, "notes": [fill(one["text"], one["params"]) for one in found.notes], "error": None}


def http_request(caller: Caller, form: InstallForm, helmrequest: dict[str, Any]) -> HttpRequestShape:
    """The request that sends ``helmrequest``."""
    installs = caller.services.installs
    cluster = installs.cluster(form.cluster).name if installs.clusters else ""
    made: HttpRequest = caller.services.previews.http_request(helmrequest, cluster, form.person)
    headers = [list(one) for one in made.headers]
    return {"method": made.method, "url": made.url, "headers": headers, "body": made.body, "curl": made.curl}


def rendered(caller: Caller, form: InstallForm) -> RenderedShape:
    """What the chart makes of the values of ``form``."""
    installs = caller.services.installs
    try:
        shown = caller.services.previews.show(
            Subject(
                source=form.source,
                chart=form.chart,
                version=form.version,
                namespace=form.namespace,
                name=form.name,
                values=parse_values(form.values_yaml),
                cluster=installs.cluster(form.cluster).name if installs.clusters else "",
                secret_paths=form.secret_paths,
                person=form.person,
            )
        )
    except ChartroomError as error:
        return {"objects": [], "notes": [], "error": error_shape(error)}
    return _rendered(shown)


def _rendered(shown: Shown) -> RenderedShape:
    objects: list[RenderedObjectShape] = [
        {
            "api_version": one.api_version,
            "kind": one.kind,
            "namespace": one.namespace,
            "name": one.name,
            "template": one.template,
            "hooks": list(one.hooks),
            "stays": one.stays,
            "text": one.text,
        }
        for one in shown.objects
    ]
    return {"objects": objects, "notes": [fill(one["text"], one["params"]) for one in shown.notes], "error": None}
