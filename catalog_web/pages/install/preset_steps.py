"""Presets inside the form: which there are, taking one as the values, and keeping the values as one."""

from dataclasses import dataclass

from flask_babel import gettext

from catalog_web import presets
from catalog_web.auth import current_person, demand
from catalog_web.catalog import VersionPage
from catalog_web.pages.install.typed import Typed
from catalog_web.pages.values_editor import Editor
from catalog_web.pages.view import services
from indexer.errors import PresetNotFound
from indexer.model import ArchiveFile, Preset

_FILE = "file:"


@dataclass(frozen=True, slots=True)
class Offered:
    """What a person may begin with."""

    team: tuple[Preset, ...]
    chart: tuple[ArchiveFile, ...]


def offered(shown: VersionPage) -> Offered:
    """The presets for the chart, of the team and of its own."""
    team = services().store.presets.of(shown.chart.source, shown.chart.name)
    return Offered(team, shown.content.values_files if shown.content else ())


def text_of(shown: VersionPage, name: str) -> str:
    """The values of the preset ``name``, ``name@number`` or ``file:path``. Raises PresetNotFound."""
    if name.startswith(_FILE):
        return _file(shown, name.removeprefix(_FILE))
    known, _, number = name.partition("@")
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0  # noqa: PLR2004
    return services().store.presets.get(shown.chart.source, shown.chart.name, known, wanted).values_yaml


def _file(shown: VersionPage, path: str) -> str:
    files = shown.content.values_files if shown.content else ()
    for one in files:
        if one.path == path:
            return one.text
    raise PresetNotFound(preset=path[:200], chart=shown.chart.name, source=shown.chart.source)


def used(shown: VersionPage, wanted: Typed, editor: Editor) -> Editor:
    """The values of the chosen preset in the place of those that are there. Raises PresetNotFound."""
    text = text_of(shown, wanted.preset)
    return editor.replaced(text, gettext("Your values are those of %(name)s now.", name=wanted.preset))


def saved(shown: VersionPage, wanted: Typed, editor: Editor) -> str:
    """Keep the values under the name that was typed, and tell what was kept.

    Raises Forbidden, UsageError, TooManyPresets.
    """
    chart = shown.chart
    demand("preset.write", f"chart/{chart.source}/{chart.name}")
    new = presets.new_preset(
        shown.content,
        (chart.source, chart.name),
        wanted.preset_name,
        wanted.preset_note,
        editor.wanted.text,
        current_person().name,
        (*services().config.secret_fields, *editor.kept),
    )
    kept = services().store.presets.save(new)
    told = [gettext("Kept as the preset %(name)s #%(number)s.", name=kept.name, number=kept.number)]
    if editor.wanted.secret_paths:
        told.append(gettext("Its secrets are not part of it."))
    return " ".join(told)
