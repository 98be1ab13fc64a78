"""What would be sent, told in other words: for other tools, as the HTTP request, and as what the chart makes of it.

For every page that shows something before it is sent; the macros are in templates/install/preview.html.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from catalog_web import yaml_text
from catalog_web.auth import current_person
from catalog_web.catalog import VersionPage
from catalog_web.i18n import phrased, told
from catalog_web.install.exports import KINDS
from catalog_web.install.http_request import HttpRequest
from catalog_web.install.manifest_diff import ManifestDiff
from catalog_web.install.manifests import ManifestObject
from catalog_web.pages.view import known_sources, services
from catalog_web.previews import Subject
from catalog_web.rate_limits import spend
from indexer.errors import ChartroomError


@dataclass(frozen=True, slots=True)
class Tool:
    """The same install for one tool."""

    key: str
    title: str
    text: str
    """Empty where the tool cannot have it; then the notes say why."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """One object of the chart, its text as highlighted lines."""

    thing: ManifestObject
    lines: list[Markup]


@dataclass(frozen=True, slots=True)
class RenderedPane:
    """What the chart makes of the values; without objects ``notes`` say why that cannot be shown."""

    objects: tuple[Made, ...] = ()
    more: int = 0
    """Objects beyond the lines that a page shows."""
    change: ManifestDiff | None = None
    """From what runs now."""
    notes: tuple[str, ...] = ()


def tools(shown: VersionPage, helmrequest: Mapping[str, Any], secret_paths: Sequence[str]) -> tuple[Tool, ...]:
    """The install of ``helmrequest`` for every tool but captain."""
    previews, source = services().previews, known_sources()[shown.chart.source].source
    origin = previews.origin(source, shown.chart.name, shown.version.urls)
    found = previews.exports(dict(helmrequest), origin, secret_paths)
    made = []
    for kind, one in found.items():
        if isinstance(one, ChartroomError):
            words = told(one)
            made.append(Tool(kind, KINDS[kind], "", (words.cause, words.remedy)))
        elif kind != "captain":
            made.append(Tool(kind, KINDS[kind], one.text, tuple(map(phrased, one.notes))))
    return tuple(made)


def request(helmrequest: Mapping[str, Any], cluster: str, person: str) -> HttpRequest:
    """The request that sends ``helmrequest`` to ``cluster``, which is empty where none is connected."""
    return services().previews.http_request(dict(helmrequest), cluster, person)


def rendered(subject: Subject) -> RenderedPane:
    """What the chart makes of ``subject``, and what that changes, as the person may see it; or why it is not shown."""
    try:
        spend("preview")
        shown = services().previews.show(replace(subject, person=current_person().name))
    except ChartroomError as error:
        words = told(error)
        return RenderedPane(notes=(words.cause, words.remedy))
    objects = tuple(_within_limits(shown.objects))
    notes = tuple(map(phrased, shown.notes))
    if not shown.objects:
        notes = (*notes, gettext("With these values the chart makes nothing."))
    return RenderedPane(objects, len(shown.objects) - len(objects), shown.change, notes)


def _within_limits(objects: Sequence[ManifestObject]) -> Iterator[Made]:
    """As many as a page shows lines of."""
    left = yaml_text.MAX_LINES
    for one in objects:
        left -= one.text.count("\n")
        if left < 0:
            return
        yield Made(one, yaml_text.highlight(one.text))
