"""What a chart's row keeps for the search."""

from indexer.model import ChartMetadata, Dependency
from indexer.store.facts import facts_of


def test_other_names_category_and_license_come_from_the_annotations():
    said = {
        "artifacthub.io/alternativeName": "postgres, pg ,",
        "artifacthub.io/category": "database",
        "artifacthub.io/license": "Apache-2.0",
    }
    facts = facts_of(ChartMetadata("postgresql", "1.0.0", annotations=said))
    assert facts["other_names"] == ["postgres", "pg"]
    assert (facts["category"], facts["license"]) == ("database", "Apache-2.0")


def test_a_license_is_found_under_the_names_that_publishers_give_it():
    said = {"licenses": "Apache-2.0"}
    assert facts_of(ChartMetadata("redis", "1.0.0", annotations=said))["license"] == "Apache-2.0"
    said["artifacthub.io/license"] = "MIT"
    assert facts_of(ChartMetadata("redis", "1.0.0", annotations=said))["license"] == "MIT"


def test_long_lists_and_texts_are_cut():
    needed = tuple(Dependency(f"n{number}" * 500) for number in range(500))
    facts = facts_of(ChartMetadata("large", "1.0.0", dependencies=needed, sources=("x" * 9_000,) * 500))
    assert sum(map(len, (*facts["dependencies"], *facts["sources"]))) < 50_000


def test_a_chart_that_says_nothing_has_nothing_to_be_found_by():
    facts = facts_of(ChartMetadata("plain", "1.0.0"))
    assert not any(facts.values())
