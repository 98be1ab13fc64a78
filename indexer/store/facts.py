"""What a chart's row keeps of its newest version for the search, beside what a card shows."""

from typing import Any

from indexer.model import ChartMetadata

_ANNOTATION = "artifacthub.io/"
_MOST = 50
"""Of each list; what an entry has beyond is read where the whole entry is shown."""
_LONGEST = 300


def facts_of(latest: ChartMetadata) -> dict[str, Any]:
    """As JSON; ``tables.charts.facts`` holds it."""
    said = latest.annotations
    return {
        "category": said.get(f"{_ANNOTATION}category", "")[:_LONGEST],
        "license": latest.licence[:_LONGEST],
        "other_names": _names(said.get(f"{_ANNOTATION}alternativeName", "")),
        "sources": [one[:_LONGEST] for one in latest.sources[:_MOST]],
        "dependencies": [one.name[:_LONGEST] for one in latest.dependencies[:_MOST]],
        "digest": latest.digest,
    }


def _names(text: str) -> list[str]:
    return [name for one in text[:_LONGEST].split(",") if (name := one.strip())]
