"""Whether each shape of a query gets the right answer in a made catalog."""

from collections.abc import Iterator

from catalog_web.services import Services
from indexer.search.request import SearchRequest
from tests.bench import catalogs
from tests.bench.shapes import NOTHING, SHAPES, Shape


def mistakes(size: int) -> list[str]:
    """What is wrong, a line each."""
    with catalogs.catalog(size) as services:
        services.catalog.follow()
        found = [mistake for shape in SHAPES for mistake in _of_shape(services, shape)]
        return [*found, *_of_counts(services, size)]


def _of_shape(services: Services, shape: Shape) -> Iterator[str]:
    for request, first in shape.requests():
        page = services.catalog.search(request)
        names = [one.chart.name for one in page.items]
        told = f"{shape.name}: “{request.text}”"
        if first == NOTHING:
            if page.total:
                yield f"{told} finds {page.total} charts, should find none"
        elif not names:
            yield f"{told} finds nothing"
        elif not names[0].startswith(first):
            yield f"{told} begins with {names[0]}, should with {first}…"


def _of_counts(services: Services, size: int) -> Iterator[str]:
    page = services.catalog.search(SearchRequest(limit=1))
    sources = sum(count for _, count in page.facets["source"])
    if sources != size:
        yield f"the sources have {sources} charts together, should have {size}"
    if page.total > size:
        yield f"there are {page.total} results, more than charts"
