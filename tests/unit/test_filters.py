"""What a source takes of its repository."""

from typing import Any

import pytest

from indexer import plan
from indexer.filters import Filter, filter_of, filtered
from indexer.model import ListedChart, ListedVersion, Listing, Problem, Source

CHARTS = {"nginx": ("1.0.0", "2.0.0-rc.1"), "nginx-ingress": ("0.9.0", "1.4.0"), "redis": ("18.1.0",)}


def listed(name: str, version: str) -> ListedVersion:
    return ListedVersion(name, version, "", None, "", (), False, b"", version.encode())


def listing(*, kept: tuple[str, ...] = (), problems: tuple[Problem, ...] = ()) -> Listing:
    charts = {
        name: ListedChart(
            name, b"f", () if name in kept else tuple(listed(name, one) for one in versions), name in kept
        )
        for name, versions in CHARTS.items()
    }
    return Listing(charts, problems, b"f", True, 5)


def left(chosen: Filter) -> dict[str, tuple[str, ...]]:
    found = filtered(listing(), chosen).charts
    return {name: tuple(one.version for one in chart.versions) for name, chart in found.items()}


def test_no_filter_leaves_everything() -> None:
    whole = listing()
    assert filtered(whole, Filter()) is whole
    assert Filter().admits_all


@pytest.mark.parametrize(
    ("settings", "charts"),
    [
        ({"include": ("nginx",)}, ["nginx"]),
        ({"include": ("nginx*",)}, ["nginx", "nginx-ingress"]),
        ({"include": ("nginx*",), "exclude": ("*-ingress",)}, ["nginx"]),
        ({"exclude": ("nginx*",)}, ["redis"]),
        ({"include": ("[n-r]edis", "nginx-??gress")}, ["nginx-ingress", "redis"]),
        ({"include": ("NGINX",)}, []),
        ({"exclude": ("*",)}, []),
    ],
)
def test_charts_are_chosen_by_globs_of_their_names(settings: dict[str, Any], charts: list[str]) -> None:
    assert list(left(Filter(**settings))) == charts


def test_versions_are_chosen_by_a_range_and_a_chart_without_any_goes() -> None:
    assert left(Filter(versions="<1 || >=18")) == {"nginx-ingress": ("0.9.0",), "redis": ("18.1.0",)}
    assert left(Filter(versions=">=2.0.0-0 <3")) == {"nginx": ("2.0.0-rc.1",)}


def test_prereleases_are_left_out_on_demand() -> None:
    assert left(Filter(prereleases=False))["nginx"] == ("1.0.0",)
    assert left(Filter(versions=">=1-0", prereleases=False))["nginx"] == ("1.0.0",)


def test_a_chart_that_is_kept_was_filtered_when_it_was_stored() -> None:
    found = filtered(listing(kept=("nginx", "redis")), Filter(include=("nginx",), versions=">=1"))
    assert (list(found.charts), found.charts["nginx"].kept) == (["nginx"], True)


def test_problems_of_what_is_left_out_are_nobodys() -> None:
    problems = tuple(
        Problem(chart, version, 1, "skipped", "x")
        for chart, version in (("nginx", "1.0.0"), ("nginx", "0.1.0"), ("redis", "1.0.0"), ("nginx", ""), ("", ""))
    )
    found = filtered(listing(problems=problems), Filter(include=("nginx",), versions=">=1"))
    assert [(one.chart, one.version) for one in found.problems] == [("nginx", "1.0.0"), ("nginx", ""), ("", "")]


def test_a_new_filter_takes_away_what_it_leaves_out_and_is_never_held() -> None:
    made = plan.exclude(CHARTS, Filter(exclude=("redis",), versions="<2"))
    assert dict(made.removed) == {"redis": ("18.1.0",)}
    assert [(one.chart.name, one.latest, one.removed) for one in made.charts] == [("nginx", "1.0.0", ("2.0.0-rc.1",))]
    everything = plan.exclude(CHARTS, Filter(exclude=("*",)))
    assert (set(everything.removed), everything.held, everything.removals) == (set(CHARTS), None, 5)
    assert plan.exclude(CHARTS, Filter()).changes == 0


def test_the_filter_is_what_the_source_says() -> None:
    source = Source("a", "https://x.example", include=("a",), exclude=("b",), versions="1.x", prereleases=False)
    assert filter_of(source) == Filter(("a",), ("b",), "1.x", False)
