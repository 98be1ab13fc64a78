"""Charts as the search sees them, without a store and without files."""

from dataclasses import replace
from datetime import UTC, datetime

from indexer.search.answers import Engine
from indexer.search.columns import Columns
from indexer.search.document import Document, weights
from indexer.search.postings import Gatherer, Part, Table
from indexer.search.prose import plain
from indexer.search.query import parse
from indexer.search.request import NO_MARKS, SearchRequest
from indexer.search.rows import row_of
from indexer.search.texts import Texts, values_lines


class Shelf:
    """Some charts, and what a search finds among them."""

    def __init__(self, *charts):
        terms = Gatherer()
        for number, chart in enumerate(charts):
            terms.add(number, weights(chart, plain(chart.readme)))
        table = Table([Part(0, terms.gathered(), None)])
        texts = [Texts(plain(chart.readme), values_lines(chart.values)) for chart in charts]
        self.columns = Columns([row_of(chart) for chart in charts])
        self.engine = Engine(table, self.columns, texts.__getitem__)

    def answer(self, text="", marks=NO_MARKS, **request):
        return self.engine.answer(parse(text), SearchRequest(text, **request), marks)

    def found(self, text="", **request):
        return [self._title(number) for number in self.answer(text, **request).ordered.tolist()]

    def notes(self, text):
        return self.answer(text).notes

    def facets(self, text="", **request):
        answer = self.answer(text, **request)
        found = {self._title(number) for number in answer.ordered.tolist()}
        return found, {facet: dict(values) for facet, values in answer.facets.items()}

    def suggested(self, text, limit=8):
        return [f"{s.source}/{s.name}" for s in self.engine.suggest(parse(text), limit)]

    def _title(self, number):
        return "/".join(self.columns.row(int(number)).key)


def chart(title, description="", keywords=(), readme="", deprecated=False, year=None, **facts):
    """``source/name``, or a name alone; further facts of a Document by name."""
    source, _, name = title.rpartition("/")
    updated = datetime(year, 1, 1, tzinfo=UTC) if year else None
    plain_one = Document(source or "a", name, "1.0.0", description, tuple(keywords), (), readme, deprecated, updated)
    return replace(plain_one, **facts)
