"""The README, with its table of contents."""

from typing import Any
from urllib.parse import urlencode

from flask import current_app, request, url_for

from catalog_web.catalog import VersionPage
from catalog_web.links import folder_link
from catalog_web.markdown import Heading, ReadmeLinks
from catalog_web.pages.icons import readme_pictures
from catalog_web.pages.view import known_sources
from catalog_web.readmes import Readmes
from indexer.model import ArchiveContent

_FEWEST_HEADINGS = 3
"""A shorter README needs no table of contents."""


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    text = shown.content.readme if shown.content else ""
    readme = _readmes().get(text, _links(shown)) if text else None
    return {"readme": readme, "headings": _table_of_contents(readme.headings) if readme else ()}


def _table_of_contents(headings: tuple[Heading, ...]) -> tuple[Heading, ...]:
    """The headings without the README's title; none where they are few."""
    titles = [one for one in headings if one.level == 1]
    shown = tuple(one for one in headings if one.level > 1) if len(titles) == 1 else headings
    return shown if len(shown) >= _FEWEST_HEADINGS else ()


def _links(shown: VersionPage) -> ReadmeLinks:
    """Relative addresses lead to the chart's own files here, else to its folder where its sources name one."""
    chart, version = shown.chart, shown.version.version
    page = url_for("chart.page", source=chart.source, name=chart.name, version=version)
    folders = (folder_link(url) for url in (*shown.metadata.sources, shown.metadata.home))
    return ReadmeLinks(
        base=next(filter(None, folders), ""),
        files=_files(shown.content, page) if shown.content else {},
        picture=readme_pictures(known_sources()[chart.source].source, chart.name),
        owner=f"{request.script_root} {page}",
    )


def _files(content: ArchiveContent, page: str) -> dict[str, str]:
    found = {"README.md": "#readme", ".": page}
    if content.values:
        found["values.yaml"] = f"{page}?tab=values"
    if content.schema:
        found["values.schema.json"] = f"{page}?tab=schema"
    presets = ((one.path, f"{page}?{urlencode({'tab': 'values', 'preset': one.path})}") for one in content.values_files)
    templates = ((one.path, f"{page}?{urlencode({'tab': 'templates', 'file': one.path})}") for one in content.templates)
    crds = ((one.path, f"{page}?{urlencode({'tab': 'crds', 'file': one.path})}") for one in content.crds)
    folders = {"templates": f"{page}?tab=templates", "crds": f"{page}?tab=crds"}
    return {**found, **dict(presets), **dict(templates), **dict(crds), **folders}


def _readmes() -> Readmes:
    found: Readmes = current_app.extensions.setdefault("chartroom_readmes", Readmes())
    return found
