"""What changed in the shown version, beside every tab: as its publisher says, else by a comparison in short."""

from dataclasses import dataclass

from flask import render_template

from catalog_web.auth import rule
from catalog_web.catalog import VersionPage
from catalog_web.comparisons import counts, publisher_says
from catalog_web.links import safe_link
from catalog_web.pages.chart.blueprint import pages
from catalog_web.pages.view import seen_catalog, services
from indexer import versions
from indexer.changelog import ChangeNote, NoteKind


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that changed, with the addresses that may become links."""

    kind: NoteKind
    text: str
    links: tuple[tuple[str, str], ...]
    """(text, address)"""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is told beside the tabs."""

    notes: tuple[Note, ...]
    left_out: int
    before: str
    """The version before; empty where there is none."""
    comparable: bool
    """Both archives are at hand and nobody says what changed: so it can be told by a comparison."""


def changes(shown: VersionPage) -> Changes:
    """What changed in ``shown``."""
    told = publisher_says(shown)
    before = versions.previous(shown.version.version, [one.version for one in shown.versions]) or ""
    ready = any(one.version == before and one.archive == "ready" for one in shown.versions)
    has_archive = shown.content is not None and not shown.content.partial
    return Changes(tuple(map(_note, told.notes)), told.left_out, before, ready and has_archive and not told.notes)


@pages.get("/charts/<source>/<name>/<version>/changed")
@rule("catalog.read", "chart/{source}/{name}", cost="compare")
def changed(source: str, name: str, version: str) -> str:
    """What a comparison with the version before says, in short, for a page that is already shown."""
    shown = seen_catalog().version(source, name, version)
    compared = services().comparisons.with_previous(shown)
    return render_template(
        "chart/changed.html", shown=shown, compared=compared, counts=counts(compared.found) if compared else ()
    )


def _note(note: ChangeNote) -> Note:
    links = ((link.name or link.url, safe_link(link.url) or "") for link in note.links)
    return Note(note.kind, note.description, tuple(one for one in links if one[1].startswith("http")))
