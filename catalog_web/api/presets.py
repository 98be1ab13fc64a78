"""Values that a team keeps under names."""

from pydantic import Field
from typing_extensions import TypedDict

from catalog_web import presets
from catalog_web.api import shapes
from catalog_web.api.operations import MIB, Caller, Question, operation
from indexer.model import Preset


class ChartQuestion(Question):
    """Which chart, and which of its versions the presets are held against; by default the newest."""

    version: str = Field(default="", max_length=256)


class NewPreset(Question):
    """Values to keep. What stands at the path of a secret is taken out."""

    name: str = Field(min_length=1, max_length=63)
    note: str = Field(default="", max_length=presets.LONGEST_NOTE)
    values_yaml: str = Field(min_length=1, max_length=presets.MAX_BYTES)


class PresetFit(TypedDict):
    """How a preset goes with a version: ``fits``; ``gone``: keys are no longer the chart's; ``invalid``: the schema
    refuses it; ``unknown``: the version's archive is not known."""

    state: str
    gone: list[str]
    problems: list[dict[str, str]]
    note: str


class PresetShape(TypedDict):
    """One number of a preset. ``secret_paths``: dotted paths of the secrets that were taken out."""

    source: str
    chart: str
    name: str
    number: int
    note: str
    values_yaml: str
    secret_paths: list[str]
    person: str
    at: str | None


class PresetWithFit(PresetShape):
    """The newest number of a name, and how it goes with the version."""

    fit: PresetFit


class PresetList(TypedDict):
    """The newest number of each name."""

    version: str
    total: int
    items: list[PresetWithFit]


class PresetHistory(TypedDict):
    """All numbers of a name, newest first."""

    total: int
    items: list[PresetShape]


@operation(
    "GET",
    "/api/v1/presets/{source}/{name}",
    action="catalog.read",
    target="chart/{source}/{name}",
    summary="Values that are kept for a chart, by name, and whether they fit a version of it",
    query=ChartQuestion,
    answer=PresetList,
    errors=(404,),
)
def listed(caller: Caller, source: str, name: str, *, query: ChartQuestion) -> PresetList:
    """The newest of each name. Raises ChartNotFound, VersionNotFound."""
    services = caller.services
    shown = caller.catalog.version(source, name, query.version)
    found = services.store.presets.of(shown.chart.source, shown.chart.name)
    items: list[PresetWithFit] = [
        {**_shape(one), "fit": _fit(services.preset_fits.of(one, shown.content))} for one in found
    ]
    return {"version": shown.version.version, "total": len(items), "items": items}


@operation(
    "GET",
    "/api/v1/presets/{source}/{name}/{preset}",
    action="catalog.read",
    target="chart/{source}/{name}",
    summary="All numbers of a preset, newest first",
    answer=PresetHistory,
    errors=(404,),
)
def history(caller: Caller, source: str, name: str, preset: str) -> PresetHistory:
    """Raises PresetNotFound."""
    store = caller.services.store.presets
    store.get(source, name, preset)
    found = store.history(source, name, preset)
    return {"total": len(found), "items": [_shape(one) for one in found]}


@operation(
    "POST",
    "/api/v1/presets/{source}/{name}",
    action="preset.write",
    target="chart/{source}/{name}",
    summary="Keep values for a chart under a name; a name that is there gets a further number",
    query=ChartQuestion,
    body=NewPreset,
    body_limit=MIB,
    answer=PresetShape,
    status=201,
    errors=(404, 409),
)
def save(caller: Caller, source: str, name: str, *, query: ChartQuestion, body: NewPreset) -> PresetShape:
    """Keep one, without its secrets. Raises UsageError, TooManyPresets, ChartNotFound, VersionNotFound."""
    services = caller.services
    shown = caller.catalog.version(source, name, query.version)
    place = (shown.chart.source, shown.chart.name)
    globs = services.config.secret_fields
    new = presets.new_preset(shown.content, place, body.name, body.note, body.values_yaml, caller.person, globs)
    return _shape(services.store.presets.save(new))


@operation(
    "DELETE",
    "/api/v1/presets/{source}/{name}/{preset}",
    action="preset.write",
    target="chart/{source}/{name}",
    summary="Delete a preset with all its numbers",
    answer=None,
    status=204,
    errors=(404,),
)
def delete(caller: Caller, source: str, name: str, preset: str) -> None:
    """Forget one. Raises PresetNotFound."""
    caller.services.store.presets.delete(source, name, preset)


def _shape(one: Preset) -> PresetShape:
    return {
        "source": one.source,
        "chart": one.chart,
        "name": one.name,
        "number": one.number,
        "note": one.note,
        "values_yaml": one.values_yaml,
        "secret_paths": list(one.secret_paths),
        "person": one.person,
        "at": shapes.moment(one.at),
    }


def _fit(one: presets.Fit) -> PresetFit:
    problems = [{"path": problem.path, "message": problem.message} for problem in one.problems]
    return {"state": one.state, "gone": list(one.gone), "problems": problems, "note": one.note}
