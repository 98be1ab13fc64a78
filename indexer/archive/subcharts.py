"""The charts below ``charts/``, as folders and as archives, all under the budget of the archive that they lie in.

A subchart that is damaged, hostile or too large costs only itself and leaves a note.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO

from indexer import parse
from indexer.archive import limits
from indexer.archive.collect import CHART, PACKED, collect
from indexer.archive.limits import Budget, Refusal
from indexer.archive.names import quoted
from indexer.archive.requirements import REQUIREMENTS, read_requirements
from indexer.archive.text import decode, is_binary
from indexer.errors import ChartroomError
from indexer.images.chart import ChartParts
from indexer.model import ArchiveFile, Dependency, Subchart

_VALUES = "values.yaml"
_SCHEMA = "values.schema.json"
_TEMPLATES = "templates/"
_BELOW = re.compile(r"charts/(?![_.])(?P<name>[^/]+)(?:/(?P<rest>.+))?")


def wanted_of_subchart(path: str) -> int:
    """How many bytes of a file below ``charts/`` are wanted: for its images and the checks of its values."""
    for _ in range(limits.SUBCHART_DEPTH):
        below = _BELOW.fullmatch(path)
        if below is None:
            return 0
        if not below["rest"]:
            return limits.FILE_BYTES if path.endswith(PACKED) else 0
        path = below["rest"]
        if wanted := wanted_of_chart(path):
            return wanted
    return 0


def wanted_of_chart(path: str) -> int:
    """The same of a file below the folder of the subchart itself."""
    if path in (CHART, REQUIREMENTS):
        return limits.METADATA_BYTES
    if path in (_VALUES, _SCHEMA):
        return limits.TEXT_BYTES
    return limits.TEXT_BYTES if path.startswith(_TEMPLATES) else 0


def read_subcharts(files: Mapping[str, bytes], budget: Budget) -> tuple[tuple[ChartParts, ...], list[str]]:
    """The charts below the one whose ``files`` these are, and notes on those that could not be read."""
    reader = _Reader(budget)
    return tuple(reader.below(files)), reader.notes


def listed(charts: Iterable[ChartParts], above: str = "") -> Iterator[Subchart]:
    """All of them in one list, parents first."""
    for one in charts:
        name = f"{above}{one.metadata.name}"
        yield Subchart(name, one.metadata.version, one.values, one.schema)
        yield from listed(one.subcharts, f"{name}/")


@dataclass(slots=True)
class _Reader:
    budget: Budget
    notes: list[str] = field(default_factory=list)
    left: int = limits.SUBCHARTS
    depth: int = 0
    """How many archives it is in, not counting the one that was fetched."""

    def below(self, files: Mapping[str, bytes]) -> Iterator[ChartParts]:
        folders: dict[str, dict[str, bytes]] = {}
        for path, data in files.items():
            found = _BELOW.fullmatch(path)
            if found and found["rest"]:
                folders.setdefault(found["name"], {})[found["rest"]] = data
            elif found and path.endswith(PACKED):
                yield from self._packed(path, data)
        for name, inside in folders.items():
            yield from self._chart(f"charts/{name}", inside)

    def _packed(self, path: str, data: bytes) -> Iterator[ChartParts]:
        if self.depth >= limits.NESTED_DEPTH:
            self.notes.append(f"{quoted(path)} is packed too deeply, not read.")
            return
        try:
            found = collect(BytesIO(data), len(data), _wanted, self.budget, limits.NESTED_RATIO_ABOVE)
        except Refusal as refusal:
            self.notes.append(f"{quoted(path)} cannot be read: {refusal}.")
            return
        self.depth += 1
        yield from self._chart(path, found.files)
        self.depth -= 1

    def _chart(self, path: str, files: Mapping[str, bytes]) -> Iterator[ChartParts]:
        if self.left <= 0:
            self.notes.append(f"{quoted(path)} is beyond the {limits.SUBCHARTS} subcharts that are read.")
            return
        self.left -= 1
        if CHART not in files:
            return  # a folder with something else in it
        try:
            metadata = parse.read_chart_yaml(files[CHART])
        except ChartroomError as error:
            self.notes.append(f"The Chart.yaml of {quoted(path)} cannot be read: {error.cause.rstrip('.')}.")
            return
        yield ChartParts(
            metadata=metadata,
            values=decode(files.get(_VALUES, b""))[0],
            schema=decode(files.get(_SCHEMA, b""))[0],
            templates=tuple(_templates(files)),
            dependencies=metadata.dependencies or self._requirements(files),
            subcharts=tuple(self.below(files)),
        )

    def _requirements(self, files: Mapping[str, bytes]) -> tuple[Dependency, ...]:
        needed, note = read_requirements(files.get(REQUIREMENTS, b""))
        self.notes += [note] if note else []
        return needed


def _wanted(path: str) -> int:
    return wanted_of_chart(path) or wanted_of_subchart(path)


def _templates(files: Mapping[str, bytes]) -> Iterator[ArchiveFile]:
    for path in sorted(files):
        if path.startswith(_TEMPLATES) and not is_binary(files[path]):
            yield ArchiveFile(path, decode(files[path])[0])
