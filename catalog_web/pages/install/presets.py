"""The presets of a chart: which there are, whether each fits a version, and deleting one."""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog_web.auth import rule
from catalog_web.pages.install.blueprint import pages
from catalog_web.pages.view import seen_catalog, services
from catalog_web.presets import Fit
from catalog_web.yaml_text import highlight
from indexer.model import ArchiveContent, Preset


@dataclass(frozen=True, slots=True)
class Shown:
    """A preset with how it goes with the version that the page is about."""

    preset: Preset
    fit: Fit
    older: tuple[Preset, ...]
    """Its other numbers, newest first."""


@pages.get("/charts/<source>/<name>/presets")
@rule("catalog.read", "chart/{source}/{name}")
def presets(source: str, name: str) -> str:
    """All presets of a chart, held against the version that the address names, by default the newest."""
    shown = seen_catalog().version(source, name, request.args.get("version", ""))
    store = services().store.presets
    found = [_shown(store.history(source, shown.chart.name, one.name), shown.content) for one in store.of(source, name)]
    chosen = next((one for one in found if one.preset.name == request.args.get("preset")), None)
    return render_template(
        "install/presets.html",
        shown=shown,
        presets=found,
        files=shown.content.values_files if shown.content else (),
        chosen=chosen,
        chosen_lines=highlight(chosen.preset.values_yaml) if chosen else [],
    )


@pages.post("/charts/<source>/<name>/presets/<preset>/delete")
@rule("preset.write", "chart/{source}/{name}")
def delete_preset(source: str, name: str, preset: str) -> Response:
    """Forget a preset with all its numbers."""
    services().store.presets.delete(source, name, preset)
    return redirect(url_for("install.presets", source=source, name=name, notice="preset-deleted"), 303)


def _shown(history: tuple[Preset, ...], content: ArchiveContent | None) -> Shown:
    return Shown(history[0], services().preset_fits.of(history[0], content), history[1:])
