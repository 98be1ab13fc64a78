"""Names that the form suggests."""

import re

from catalog_web.install.helmrequest import MAX_NAME


def release_name(chart: str) -> str:
    """Make a release name out of a chart's: a DNS label of at most 53 characters, empty where nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", chart.lower())[:MAX_NAME].strip("-")
