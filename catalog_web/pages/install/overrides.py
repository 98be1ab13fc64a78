"""Values that hold in one of several clusters only."""

from catalog_web.pages.install.typed import Typed
from catalog_web.values.reading import parse_values
from indexer.errors import UsageError


def mistakes(wanted: Typed) -> dict[str, str]:
    """What is wrong with the values of single clusters, by the field."""
    found = {}
    for cluster, text in wanted.overrides.items():
        try:
            parse_values(text, cluster)
        except UsageError as error:
            found[f"override/{cluster}"] = error.cause
    return found
