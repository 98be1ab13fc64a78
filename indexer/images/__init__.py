"""The container images that a version of a chart would pull, those that are certain told apart from guesses.

::

    values.yaml ─▶ chart (subcharts in their place) ─▶ values (what looks like an image) ─┐
    templates ──▶ gotemplate ──▶ manifests (what is written by default) ─────────────────▶ collecting
    annotations ─▶ annotation (what the author lists) ────────────────────────────────────┘

Certain is what the templates write with the chart's defaults, and what the author lists.
"""

from indexer.images.chart import ChartParts
from indexer.images.collecting import chart_images, values_images

__all__ = ["ChartParts", "chart_images", "values_images"]
