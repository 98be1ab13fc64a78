"""Which tabs a version has, and who fills each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from catalog_web.catalog import VersionPage
from catalog_web.pages.chart import compare, crds, dependencies, images, readme, schema, templates, values, versions
from indexer.model import ArchiveContent

Content = Callable[[VersionPage], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab with how many things it shows; None where there is nothing to count."""

    key: str
    label: str
    content: Content
    """What its template ``chart/<key>.html`` needs."""
    count: int | None = None
    needs_archive: bool = True
    """Its content is read from the archive alone."""


def tabs(shown: VersionPage) -> list[Tab]:
    """The tabs of a version, in order: only those that have something to show."""
    content, needed = shown.content, dependencies.dependencies(shown)
    found = [Tab("readme", gettext("README"), readme.content), Tab("values", gettext("Values"), values.content)]
    if content and content.schema:
        found.append(Tab("schema", gettext("Schema"), schema.content))
    if content and content.templates:
        found.append(Tab("templates", gettext("Templates"), templates.content, len(content.templates)))
    if content and content.crds:
        found.append(Tab("crds", gettext("CRDs"), crds.content, len(content.crds)))
    if needed:
        found.append(
            Tab("dependencies", gettext("Dependencies"), dependencies.content, len(needed), needs_archive=False)
        )
    found.append(Tab("images", gettext("Images"), images.content, _images(content)))
    found.append(Tab("versions", gettext("Versions"), versions.content, len(shown.versions), needs_archive=False))
    if compare.is_offered(shown):
        found.append(Tab("compare", gettext("Compare"), compare.content, needs_archive=False))
    return found


def _images(content: ArchiveContent | None) -> int | None:
    return len(content.images) if content and images.is_known(content) else None
