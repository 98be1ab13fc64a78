"""The catalogs and figures that measuring rests on."""

from itertools import product

import pytest

from indexer.model import ArchiveContent, ChartMetadata
from tests.bench.catalogs import Original, content, made_charts
from tests.bench.figures import Times

README = "\n\n".join(f"Paragraph {number} of the readme." for number in range(400))


@pytest.fixture
def originals() -> list[Original]:
    """Two sources that have a chart of one name in common."""
    return [
        Original(source, ChartMetadata(name, "1.0.0"), archive(name))
        for source, name in [*product(("a", "b"), ("redis", "nginx")), ("a", "kafka")]
    ]


def archive(name: str) -> ArchiveContent:
    metadata = ChartMetadata(name, "1.0.0")
    return ArchiveContent("", 1, metadata, f"# {name}\n\n{README}", "", "", (), (), ())


def test_a_made_catalog_begins_with_the_real_charts_and_has_none_twice(originals):
    made = made_charts(originals, 1_000)
    assert [(one.source, one.name) for one in made[:5]] == [(one.source, one.metadata.name) for one in originals]
    assert len({(one.source, one.name) for one in made}) == 1_000


def test_a_made_catalog_is_the_same_every_time(originals):
    first, second = (made_charts(originals, 40)[-1] for _ in range(2))
    assert content(first, originals) == content(second, originals)


def test_a_renamed_chart_has_a_readme_of_its_own_that_speaks_of_it(originals):
    former, made = made_charts(originals, 40)[-2:]
    readme = content(made, originals).readme
    assert made.name in readme
    assert 3_000 < len(readme) <= 4_000
    assert readme != content(former, originals).readme


def test_figures_are_times_that_were_measured():
    assert Times.of(range(1, 101)) == Times(50, 95, 100)
    assert Times.of([7.0]) == Times(7.0, 7.0, 7.0)
