"""What one reading of a project remembers for the next. Pure.

Whatever is odd in it, from another version of Chartroom say, is taken for forgotten.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from indexer.sources.harbor.artifacts import Artifact

FORMAT = 1
_PARTS, _NEWEST, _UPDATED = 3, 4, 3
"""How many marks there are, and what each is made of."""
Way = Literal["project", "repositories", "named"]
"""How the project is listed: as one list, a repository at a time, or, where the account may only pull, by the
repositories that somebody named."""
Mark = Sequence[Any]
"""Plain JSON that is another one after a change."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository as it was."""

    charts: tuple[str, ...] = ()
    """Names of the charts in it."""
    rows: int = 0
    """Artifacts that are charts, tagged or not ..."""
    tagged: int = 0
    """... and those that are tagged."""
    mark: Mark = ()
    """Number of artifacts of any kind and ``update_time``, where repositories are listed one by one."""


@dataclass(frozen=True, slots=True)
class Memory:
    """All of it."""

    way: Way
    release: str = ""
    marks: Mark = ()
    """Of the whole project (``Marks.json``)."""
    repositories: Mapping[str, Repository] = field(default_factory=dict)
    """By name, with the project."""
    named: Mapping[str, Any] = field(default_factory=dict)
    """What the reader of an OCI registry remembers."""
    museum: bool = False
    """Its ChartMuseum had an index."""

    def of(self, repository: str) -> Repository:
        """What is known of ``repository``; nothing where it is new."""
        return self.repositories.get(repository, _NOTHING)

    def sharing(self, repositories: frozenset[str], charts: frozenset[str]) -> frozenset[str]:
        """``repositories``, and all others that hold a chart of one of them or one of ``charts``: by its path it is
        decided which of them counts."""
        while True:
            names = charts | {chart for one in repositories for chart in self.of(one).charts}
            more = {name for name, one in self.repositories.items() if names & set(one.charts)}
            if more <= repositories:
                return repositories
            repositories |= more


_NOTHING = Repository()


def tallied(artifacts: Iterable[Artifact], marks: Mapping[str, Mark] | None = None) -> dict[str, Repository]:
    """What to remember of repositories whose charts are ``artifacts``, and of those that have nothing but a mark."""
    found: dict[str, list[Artifact]] = {name: [] for name in marks or {}}
    for one in artifacts:
        found.setdefault(one.repository, []).append(one)
    return {name: _repository(some, (marks or {}).get(name, ())) for name, some in found.items()}


def _repository(artifacts: Sequence[Artifact], mark: Mark) -> Repository:
    charts = tuple(sorted({one.chart for one in artifacts if one.chart}))
    return Repository(charts, len(artifacts), sum(one.is_tagged for one in artifacts), mark)


def to_json(memory: Memory) -> dict[str, Any]:
    """``memory`` as plain JSON."""
    repositories = {
        name: [list(one.charts), one.rows, one.tagged, list(one.mark)] for name, one in memory.repositories.items()
    }
    return {
        "format": FORMAT,
        "way": memory.way,
        "release": memory.release,
        "marks": list(memory.marks),
        "repositories": repositories,
        "named": dict(memory.named),
        "museum": memory.museum,
    }


def from_json(data: Mapping[str, Any]) -> Memory | None:
    """What ``to_json`` made; None where ``data`` is nothing, or something else."""
    if data.get("format") != FORMAT:
        return None
    if data.get("way") not in get_args(Way) or not _are_marks(data.get("marks")):
        return None
    try:
        repositories = {
            str(name): Repository(tuple(map(str, charts)), int(rows), int(tagged), tuple(mark))
            for name, (charts, rows, tagged, mark) in data["repositories"].items()
        }
        return Memory(
            way=data["way"],
            release=str(data["release"]),
            marks=tuple(data["marks"]),
            repositories=repositories,
            named=dict(data["named"]),
            museum=bool(data["museum"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _are_marks(data: Any) -> bool:
    """Whether it has the shape of ``Marks.json``, or is nothing."""
    if not isinstance(data, list) or not data:
        return data == []
    shapes = [len(one) if isinstance(one, list) else one for one in data]
    return len(data) == _PARTS and shapes[0] == _NEWEST and shapes[2] in (0, _UPDATED)
