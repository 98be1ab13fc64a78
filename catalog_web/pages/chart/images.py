"""The images that the version would pull, as a page and as text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask_babel import gettext

from catalog_web.auth import rule
from catalog_web.catalog import VersionPage
from catalog_web.images import ShownImage, as_text, shown_images
from catalog_web.pages.chart.blueprint import pages
from catalog_web.pages.view import seen_catalog, services
from indexer.errors import N_, NotFound
from indexer.model import ArchiveContent, ImageDoubt

_LONGEST_FIND = 200
_DOUBTS: Mapping[ImageDoubt, str] = {
    "tag": N_("No tag is given, so it is taken for the app version."),
    "off": N_("The default values leave it out."),
    "disabled": N_("The default values leave its subchart out; %(hint)s switches it on."),
    "unclear": N_("It depends on the cluster whether it is pulled."),
    "setting": N_("It is handed to a program as a setting, which may run it."),
    "test": N_("Only “helm test” runs it."),
    "unseen": N_("It stands in the values; what the templates make of it is not known."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An image as the table shows it."""

    shown: ShownImage
    doubt: str
    """Why it is a guess, as a sentence; empty where it is certain."""
    values_path: str
    """The key of values.yaml that sets it; empty where the chart's own values.yaml has none."""
    template: str
    """The chart's own template that names it."""


@pages.get("/charts/<source>/<name>/<version>/images.txt")
@rule("catalog.read", "chart/{source}/{name}")
def images_file(source: str, name: str, version: str) -> Response:
    """Send one reference a line, for those who mirror images: ``certain=1`` without guesses, ``mirrored=1`` with the
    places at the mirrors."""
    shown = seen_catalog().version(source, name, version)
    if not is_known(shown.content):
        raise shown.content_error or NotFound
    text = as_text(_images(shown), certain=_asked("certain"), mirrored=_asked("mirrored"))
    return Response(text, mimetype="text/plain")


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    images = _images(shown)
    wanted = request.args.get("find", "").strip()[:_LONGEST_FIND]
    sure = request.args.get("sure", "")
    chosen = [one for one in images if _matches(one, wanted.casefold()) and sure in ("", _sureness(one))]
    mirrors = bool(services().mirrors)
    return {
        "known": is_known(shown.content),
        "images": images,
        "rows": [_row(one, shown.content) for one in chosen],
        "certain": sum(one.image.certain for one in images),
        "sure": sure if sure in ("certain", "guessed") else "",
        "wanted": wanted,
        "mirrors": mirrors,
        "as_lines": as_text(chosen),
        "as_pairs": as_text(chosen, mirrored=True) if mirrors else "",
    }


def is_known(content: ArchiveContent | None) -> bool:
    """Whether the images were looked for: an archive that an older program read may wait to be read again."""
    return content is not None and not content.outdated


def _images(shown: VersionPage) -> tuple[ShownImage, ...]:
    return shown_images(shown.content.images if shown.content else (), services().mirrors)


def _asked(name: str) -> bool:
    return request.args.get(name, "") == "1"


def _matches(one: ShownImage, needle: str) -> bool:
    texts = (one.image.reference, one.full, one.image.where, one.image.chart, one.placed.mirrored)
    return not needle or any(needle in text.casefold() for text in texts)


def _sureness(one: ShownImage) -> str:
    return "certain" if one.image.certain else "guessed"


def _row(one: ShownImage, content: ArchiveContent | None) -> Row:
    image = one.image
    doubt = _DOUBTS.get(image.doubt, "")
    is_template = image.where.startswith("templates/")
    is_set = image.origin in ("values", "dependency") and not is_template and _has_key(content, image.where)
    return Row(
        shown=one,
        doubt=gettext(doubt, hint=image.hint) if doubt else "",
        values_path=image.where if is_set else "",
        template=image.where if is_template and not image.chart else "",
    )


def _has_key(content: ArchiveContent | None, path: str) -> bool:
    """Whether the chart's own values.yaml begins what ``path`` leads to."""
    key = re.escape(re.split(r"[.\[]", path)[0])
    return content is not None and bool(re.search(rf"^[\"']?{key}[\"']?[ \t]*:", content.values, re.MULTILINE))
