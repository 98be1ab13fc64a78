"""All images of a chart, from everything that names one, each once."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from indexer.gotemplate import UNKNOWN, Evaluator, Exhausted, Library, TemplateFault, Value
from indexer.gotemplate.values import TooDeep, copied
from indexer.image_reference import Reference, read_reference
from indexer.images.annotation import annotated_images
from indexer.images.chart import ChartParts, PlacedChart, default_values, placed
from indexer.images.manifests import named_images
from indexer.images.values import Candidate, candidates
from indexer.model import ChartImage, ChartMetadata, ImageDoubt, ImageOrigin

MOST_IMAGES = 500
_TELLS_IMAGES = re.compile(r"image|Image|Containers")
"""What a template has in it that could write an image, itself or through what it includes."""
_NO_MANIFEST = ("NOTES.txt",)


def chart_images(chart: ChartParts) -> tuple[ChartImage, ...]:
    """The images that ``chart`` would pull, certain ones first in their order; at most 500. Never raises."""
    tree = placed(chart)
    renderer = _Renderer(tree)
    found = [image for one in tree for image in _of_chart(one, renderer)]
    return _distinct([*found, *_listed(chart.metadata)])


def values_images(values: str, metadata: ChartMetadata) -> tuple[ChartImage, ...]:
    """The same where nothing but ``values`` (a values.yaml) and the metadata is known."""
    found = (_guess(one, metadata, "unseen") for one in candidates(default_values(values)))
    return _distinct([*_listed(metadata), *found])


def _listed(metadata: ChartMetadata) -> Iterator[ChartImage]:
    """What the author lists."""
    for name, one in annotated_images(metadata.annotations):
        yield ChartImage(one.text, True, "annotation", name)


@dataclass(frozen=True, slots=True)
class _Written:
    """An image that a template writes."""

    reference: Reference
    doubt: ImageDoubt
    file: str
    """Path below its chart's folder."""


class _Renderer:
    """Works out the templates of a tree of charts, all of them under one budget."""

    def __init__(self, tree: Sequence[PlacedChart]) -> None:
        files = {f"{one.folder}/{file.path}": file.text for one in _deepest_first(tree) for file in one.parts.templates}
        self._library = Library(files.items())
        self._evaluator = Evaluator(self._library)

    def images(self, chart: PlacedChart) -> tuple[list[_Written], bool]:
        """What the templates of ``chart`` write, and whether all of them could be worked out."""
        found: dict[tuple[str, ImageDoubt], _Written] = {}
        root = root_of(chart)
        whole = root["Values"] is not UNKNOWN
        for file in _manifests(chart):
            path = f"{chart.folder}/{file}"
            if not self._library.mentions(path, _TELLS_IMAGES):
                continue
            try:
                text = self._evaluator.render(path, root | {"Template": _template(chart, path)})
            except TemplateFault:
                whole = False
                continue
            except Exhausted:
                return list(found.values()), False
            for one in named_images(text):
                if len(found) >= MOST_IMAGES:
                    break
                found.setdefault((one.reference.text, one.doubt), _Written(one.reference, one.doubt, file))
        return list(found.values()), whole


def _deepest_first(tree: Iterable[PlacedChart]) -> list[PlacedChart]:
    """Helm's order: what a parent defines counts over what its subcharts define."""
    return sorted(tree, key=lambda one: -len(one.path))


def _manifests(chart: PlacedChart) -> Iterator[str]:
    if chart.parts.metadata.type == "library":
        return
    for file in chart.parts.templates:
        name = file.path.rpartition("/")[2]
        if not name.startswith("_") and name not in _NO_MANIFEST:
            yield file.path


def _template(chart: PlacedChart, path: str) -> dict[str, Value]:
    return {"Name": path, "BasePath": f"{chart.folder}/templates"}


def root_of(chart: PlacedChart) -> dict[str, Value]:
    """What ``.`` is in the files of a chart, which share it, but for the name of the file. Values that are nested
    beyond what templates are worked out with are not known."""
    metadata = chart.parts.metadata
    name = chart.path[-1] if chart.path else metadata.name
    return {
        "Values": _known(chart.values),
        "Chart": {
            "Name": name,
            "Version": metadata.version,
            "AppVersion": metadata.app_version,
            "ApiVersion": metadata.api_version,
            "Description": metadata.description,
            "Type": metadata.type,
            "Annotations": dict(metadata.annotations),
            "IsRoot": not chart.path,
        },
        "Release": {
            "Name": "release-name",
            "Namespace": "default",
            "Service": "Helm",
            "Revision": 1,
            "IsInstall": True,
            "IsUpgrade": False,
        },
        "Capabilities": UNKNOWN,
        "Files": UNKNOWN,
        "Subcharts": UNKNOWN,
    }


def _known(values: Value) -> Value:
    try:
        return copied(values)
    except TooDeep:
        return UNKNOWN


def _of_chart(chart: PlacedChart, renderer: _Renderer) -> Iterator[ChartImage]:
    listed = candidates(chart.values, chart.children)
    written, whole = renderer.images(chart)
    used: set[str] = set()
    by_name: dict[str, list[Candidate]] = {}
    for candidate in listed:
        by_name.setdefault(candidate.reference.full_repository, []).append(candidate)
    for one in written:
        source = _source(one.reference, by_name.get(one.reference.full_repository, []))
        used |= {source.path} if source else set()
        where = _settable(chart, source.path) if source else one.file
        yield _placed_image(chart, one.reference.text, one.doubt, where, is_values=source is not None)
    doubt: ImageDoubt = "off" if whole else "unseen"
    for candidate in listed:
        if candidate.path not in used:
            guess = _guess(candidate, chart.parts.metadata, doubt)
            where = _settable(chart, candidate.path)
            yield _placed_image(chart, guess.reference, guess.doubt, where, is_values=True)


def _source(reference: Reference, same: Sequence[Candidate]) -> Candidate | None:
    """The values that an image which a template writes comes from: of those with its name the likeliest."""
    exact = [one for one in same if one.reference.full == reference.full]
    return next(iter(exact or [one for one in same if not one.reference.tag] or same), None)


def _settable(chart: PlacedChart, path: str) -> str:
    """The path in the top chart's values; ``global`` is one for all."""
    return path if path.startswith("global.") else ".".join((*chart.path, path))


def _guess(candidate: Candidate, metadata: ChartMetadata, doubt: ImageDoubt) -> ChartImage:
    reference = candidate.reference
    if not reference.tag and not reference.digest and metadata.app_version:
        reference = replace(reference, tag=metadata.app_version)
        doubt = "tag" if doubt == "unseen" else doubt
    return ChartImage(reference.text, False, "values", candidate.path, doubt=doubt)


def _placed_image(chart: PlacedChart, reference: str, doubt: ImageDoubt, where: str, *, is_values: bool) -> ChartImage:
    """``where`` in the words of the top chart; an image of a subchart that is off is a guess."""
    if not chart.enabled:
        doubt = "disabled"
    origin: ImageOrigin = "dependency" if chart.path else "values" if is_values else "template"
    hint = chart.condition if doubt == "disabled" else ""
    return ChartImage(reference, not doubt, origin, where, "/".join(chart.path), doubt, hint)


def _distinct(images: Iterable[ChartImage]) -> tuple[ChartImage, ...]:
    """Each image once, as the surest of those who name it do."""
    found: dict[str, ChartImage] = {}
    for one in images:
        reference = read_reference(one.reference)
        key = reference.full if reference else one.reference
        if key not in found or (one.certain and not found[key].certain):
            found[key] = one
    ordered = sorted(found.values(), key=lambda one: not one.certain)
    return tuple(ordered[:MOST_IMAGES])
