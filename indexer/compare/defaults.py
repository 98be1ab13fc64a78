"""What templates make with the chart's default values: a second opinion where their text alone cannot be judged."""

import re
from collections.abc import Sequence

from indexer.compare.manifests import Manifest, manifests
from indexer.gotemplate import MAYBE, MAYBE_END, UNKNOWN_TEXT, Evaluator, Exhausted, Library, TemplateFault
from indexer.images.chart import ChartParts, placed
from indexer.images.collecting import root_of
from indexer.model import ArchiveContent, ArchiveFile

_STEPS = 40_000
"""The largest real charts take less for all that they have."""
_MARKS = re.compile(f"[{MAYBE}{MAYBE_END}{UNKNOWN_TEXT}]")


class DefaultManifests:
    """The objects that a chart's templates make by default; helpers of subcharts are not known here."""

    def __init__(self, content: ArchiveContent) -> None:
        parts = ChartParts(content.metadata, content.values, content.templates, content.dependencies)
        self._chart = placed(parts)[0]
        self._root = root_of(self._chart)
        self._evaluator = Evaluator(
            Library((self._path(one.path), one.text) for one in content.templates), steps=_STEPS
        )
        self._made: dict[str, Sequence[Manifest]] = {}

    def made(self, like: Manifest) -> Manifest | None:
        """The object of that kind and template; None where it is not the only one, or hangs on what is not known."""
        found = [one for one in self._manifests(like.path) if one.kind == like.kind]
        if len(found) != 1 or _is_unsure(found[0]):
            return None
        return found[0]

    def _manifests(self, path: str) -> Sequence[Manifest]:
        if path not in self._made:
            self._made[path] = manifests((ArchiveFile(path, self._text(path)),))
        return self._made[path]

    def _text(self, path: str) -> str:
        template = {"Name": self._path(path), "BasePath": f"{self._chart.folder}/templates"}
        try:
            return self._evaluator.render(self._path(path), self._root | {"Template": template})
        except (TemplateFault, Exhausted):
            return ""

    def _path(self, path: str) -> str:
        return f"{self._chart.folder}/{path}"


def _is_unsure(one: Manifest) -> bool:
    return _MARKS.search("".join((one.name, one.service, *one.selector, *one.claims))) is not None
