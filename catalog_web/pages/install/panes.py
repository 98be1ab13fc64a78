"""What would be sent, told in other tongues: for other tools, as the HTTP request, and rendered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catalog_web.archive_files import archive_file
from catalog_web.catalog import VersionPage
from catalog_web.i18n import phrased, told
from catalog_web.install.checks import Preview
from catalog_web.install.exports import KINDS, ChartOrigin, export, origin_of
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.http_request import http_request
from catalog_web.install.rendering import Rendering
from catalog_web.pages.view import known_sources, services
from catalog_web.values.difference import only_differing
from catalog_web.values.form import form_of
from catalog_web.values.reading import parse_values
from catalog_web.values.secrets import split
from indexer.errors import ChartroomError

if TYPE_CHECKING:
    from catalog_web.pages.install.review import Review


@dataclass(frozen=True, slots=True)
class Pane:
    """The install for one tool."""

    key: str
    title: str
    text: str
    """Empty where the tool cannot have it; then the notes say why."""
    notes: tuple[str, ...] = ()


def same_with(shown: VersionPage, form: InstallForm, found: Preview) -> tuple[Pane, ...]:
    """The HelmRequest of ``found`` for every tool but captain; none where there is no HelmRequest."""
    return tuple(_panes(shown, form, found)) if found.helmrequest else ()


def _panes(shown: VersionPage, form: InstallForm, found: Preview) -> Iterator[Pane]:
    origin = _origin(shown)
    for kind, title in KINDS.items():
        if kind == "captain":
            continue
        try:
            made = export(found.helmrequest or {}, origin, kind, form.secret_paths)
        except ChartroomError as error:
            yield Pane(kind, title, "", (told(error).cause, told(error).remedy))
        else:
            yield Pane(kind, title, made.text, tuple(map(phrased, made.notes)))


def _origin(shown: VersionPage) -> ChartOrigin:
    source = known_sources()[shown.chart.source].source
    return origin_of(source, shown.chart.name, shown.version.urls, services().config.helm_url)


def sent_by_http(found: Preview) -> str:
    """The request that makes it, without its credentials; empty where there is no HelmRequest."""
    if not found.helmrequest:
        return ""
    return http_request(found.helmrequest).text


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the chart makes of the values, or why that cannot be shown."""

    text: str = ""
    why_not: str = ""


def rendered(shown: VersionPage, review: "Review") -> "Review":
    """``review`` with what helm makes of the chart; a sentence where it cannot."""
    form, cluster = review.form, services().installs.cluster(review.cluster) if review.cluster else None
    try:
        path, _ = archive_file(
            services().catalog, services().cache, shown.chart.source, shown.chart.name, shown.version.version
        )
        values = only_differing(
            parse_values(form.values_yaml), form_of(shown.content).defaults if shown.content else {}
        )
        secret = split(values, form.secret_paths)[1]
        made = services().renderer.render(
            Rendering(
                archive=path,
                values=values,
                release=form.name,
                namespace=form.namespace,
                kube_version=cluster.version if cluster else "",
                secret_values=tuple(_texts(secret)),
            )
        )
    except ChartroomError as error:
        words = told(error)
        return replace(review, rendered=Rendered(why_not=f"{words.cause} {words.remedy}".strip()))
    return replace(review, rendered=Rendered("---\n".join(f"{one.text.rstrip()}\n" for one in made.objects)))


def _texts(value: object) -> Iterator[str]:
    """Every text in ``value``."""
    if isinstance(value, Mapping):
        for below in value.values():
            yield from _texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below)
    elif isinstance(value, str) and value:
        yield value
