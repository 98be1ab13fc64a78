"""One install written for other tools: kubectl, helm, Flux, k3s' helm-controller, Argo CD, and captain itself. Pure.

All start from the HelmRequest that is sent, so that they mean the same, and from where its chart is. Values that are
kept in a Secret stay there: each tool is told the Secret's name, or a note says that it can read none.
"""

from catalog_web.install.exports.chart_origin import ChartOrigin, origin_of
from catalog_web.install.exports.export import KINDS, Export, ExportKind, commented, export
from catalog_web.install.exports.wanted import Wanted, wanted_of

__all__ = ["KINDS", "ChartOrigin", "Export", "ExportKind", "Wanted", "commented", "export", "origin_of", "wanted_of"]
