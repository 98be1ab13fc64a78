"""What ``helm search hub --endpoint URL`` calls.

The shape is that of Monocular, as helm reads it (internal/monocular/search.go in helm/helm). Helm shows
``artifactHub.packageUrl``, or else ``URL/charts/ID``, which is where our pages of charts are.
"""

from typing import NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from catalog_web.api import shapes
from catalog_web.api.operations import MAX_LIMIT, Caller, Question, operation
from indexer.model import ChartSummary
from indexer.search.request import SearchRequest

_NEVER = "0001-01-01T00:00:00Z"
"""How Go writes the absence of a time; it reads no empty text as one."""


class HubQuery(Question):
    """The words that were typed behind ``helm search hub``."""

    q: str = Field(default="")


class HubRepository(TypedDict):
    """The source, and where helm can add it from."""

    name: str
    url: str


class HubMaintainer(TypedDict):
    """Who keeps a chart."""

    name: str


class HubAttributes(TypedDict):
    """The chart."""

    name: str
    repo: HubRepository
    description: str
    home: str
    keywords: list[str]
    maintainers: list[HubMaintainer]
    sources: list[str]
    icon: str


class HubVersion(TypedDict):
    """Its newest version."""

    version: str
    app_version: str
    created: str
    digest: str
    urls: list[str]


class HubVersionData(TypedDict):
    """The newest version, as a resource."""

    data: HubVersion


class HubRelationships(TypedDict):
    """What belongs to the chart."""

    latestChartVersion: HubVersionData


class HubPackage(TypedDict):
    """Where its page is."""

    packageUrl: str


class HubChart(TypedDict):
    """One chart that was found."""

    id: str
    type: str
    attributes: HubAttributes
    relationships: HubRelationships
    artifactHub: NotRequired[HubPackage]


class HubAnswer(TypedDict):
    """The charts that were found, best first."""

    data: list[HubChart]


@operation(
    "GET",
    "/api/chartsvc/v1/charts/search",
    action="catalog.read",
    summary="Search as ``helm search hub --endpoint URL`` does; the first 100 charts",
    query=HubQuery,
    answer=HubAnswer,
    errors=(503,),
    cost="search",
)
def search_hub(caller: Caller, *, query: HubQuery) -> HubAnswer:
    """The best charts. Raises BadQuery, SearchUnavailable."""
    found = caller.catalog.search(SearchRequest(text=query.q, limit=MAX_LIMIT))
    config = caller.services.config
    return {"data": [_chart(item.chart, config.public_url, config.helm_url) for item in found.items]}


def _chart(chart: ChartSummary, public_url: str, helm_url: str) -> HubChart:
    base = public_url or helm_url
    shown: HubChart = {
        "id": f"{chart.source}/{chart.name}",
        "type": "chart",
        "attributes": {
            "name": chart.name,
            "repo": {"name": chart.source, "url": f"{base}/helm/{chart.source}" if base else ""},
            "description": chart.description,
            "home": chart.home,
            "keywords": list(chart.keywords),
            "maintainers": [{"name": name} for name in chart.maintainers],
            "sources": list(chart.sources),
            "icon": "",
        },
        "relationships": {
            "latestChartVersion": {
                "data": {
                    "version": chart.version,
                    "app_version": chart.app_version,
                    "created": shapes.moment(chart.updated) or _NEVER,
                    "digest": chart.digest,
                    "urls": [f"{public_url}/charts/{chart.source}/{chart.name}-{chart.version}.tgz"],
                }
            }
        },
    }
    if public_url:
        shown["artifactHub"] = {"packageUrl": f"{public_url}/charts/{chart.source}/{chart.name}"}
    return shown
