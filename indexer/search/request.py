"""The questions that callers ask and the answers that they get."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from indexer.errors import BadQuery, fill

Sort = Literal["relevance", "updated", "name"]
Facet = Literal["source", "keyword", "category", "license", "deprecated", "installed", "upgradeable", "recommended"]
Part = tuple[str, bool]
ChartKey = tuple[str, str]
"""Source and name."""
MatchField = Literal[
    "name",
    "description",
    "keywords",
    "readme",
    "images",
    "crds",
    "values",
    "dependencies",
    "maintainers",
    "category",
    "license",
    "source",
    "app",
]

MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search. Within one filter any value will do; between filters all must hold.

    Raises BadQuery for an order that does not exist. ``limit`` and ``offset`` out of range are moved into it.
    """

    text: str = ""
    sources: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()
    kube: str = ""
    """A version of Kubernetes that the chart must allow."""
    deprecated: bool | None = None
    installed: bool | None = None
    upgradeable: bool | None = None
    recommended: bool | None = None
    exact: bool = False
    """Search for the text as typed: correct nothing."""
    sort: Sort = "relevance"
    limit: int = 24
    offset: int = 0

    def __post_init__(self) -> None:
        if self.sort not in get_args(Sort):
            raise BadQuery(what=f"There is no order “{self.sort}”.", hint=f"Use one of {', '.join(get_args(Sort))}.")

    @property
    def page(self) -> slice:
        """The part of all hits that is asked for, at most 100."""
        start = max(self.offset, 0)
        return slice(start, start + min(max(self.limit, 0), MAX_LIMIT))


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence for the reader: ``text`` is marked for translation, ``params`` are the facts that it names."""

    text: str
    what: str = ""
    """The piece of the search text that the sentence is about."""

    @property
    def params(self) -> Mapping[str, str]:
        """The facts, as ``fill`` takes them."""
        return {"what": self.what}

    @property
    def sentence(self) -> str:
        """In English, as API and terminal show it."""
        return fill(self.text, self.params)


@dataclass(frozen=True, slots=True)
class Match:
    """Where a hit matched. ``parts`` are plain text, each marked if it was searched for; escape it as any text."""

    field: MatchField
    parts: tuple[Part, ...]

    @property
    def snippet(self) -> str:
        """The text without marks."""
        return "".join(text for text, _ in self.parts)


@dataclass(frozen=True, slots=True)
class Hit:
    """A chart that was found, best first."""

    source: str
    name: str
    matched: tuple[Match, ...] = ()
    also_in: tuple[ChartKey, ...] = ()
    """The same chart in other sources."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What is known of charts beside the catalog, and changes without it."""

    installed: frozenset[ChartKey] = frozenset()
    upgradeable: frozenset[ChartKey] = frozenset()
    recommended: frozenset[ChartKey] = frozenset()
    """By whoever the person who asks listens to: first among charts of equal score."""


NO_MARKS = Marks()


@dataclass(frozen=True, slots=True)
class Unseen:
    """What is not there for whoever asks: it is neither found nor counted, corrected to nor suggested."""

    sources: frozenset[str] = frozenset()
    charts: frozenset[ChartKey] = frozenset()

    def hides(self, key: ChartKey) -> bool:
        """Whether the chart is not seen."""
        return key[0] in self.sources or key in self.charts


ALL_SEEN = Unseen()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of hits and what stands beside them."""

    total: int
    """Charts under all filters; one that is in several sources counts once."""
    hits: tuple[Hit, ...]
    facets: Mapping[Facet, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    """(value, count), most first, under the text and the *other* filters, a chart counted in each of its sources. Of
    keywords the top 20 and the chosen."""
    notes: tuple[Note, ...] = ()
    """Where the text was not taken as it may have been meant."""
    corrected: str = ""
    """The text that was searched instead, as nothing was found for the one typed; else empty."""
    did_you_mean: str = ""
    """A text that finds more than the one typed; else empty."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A chart that the text may become."""

    text: str
    source: str
    name: str
