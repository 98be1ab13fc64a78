"""Who keeps an address: what tells a project's own repository from those that carry a copy of its chart."""

from collections.abc import Iterable
from urllib.parse import urlsplit

_SHARED = frozenset(
    ("github.com", "raw.githubusercontent.com", "gitlab.com", "ghcr.io", "quay.io", "docker.io", "registry-1.docker.io")
)
"""Hosts of many owners, who are told apart by the first part of the path."""
_PAGES = (".github.io", ".gitlab.io")
"""Hosts whose first label is the owner."""
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gov", "net", "org"))
"""Labels below a country that anybody may register under (``example.co.uk``)."""
_LEAST_LABELS = 2


def owners_of(urls: Iterable[str]) -> frozenset[str]:
    """The owners of these addresses: ``argoproj`` for ``https://argoproj.github.io/argo-helm`` as for
    ``https://github.com/argoproj/argo-cd``, ``bitnami`` for ``https://charts.bitnami.com/bitnami``."""
    return frozenset(owner for url in urls if (owner := _owner(url)))


def _owner(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if host in _SHARED:
        return parts.path.strip("/").partition("/")[0].casefold()
    for pages in _PAGES:
        if host.endswith(pages):
            return host.removesuffix(pages)
    return _domain(host)


def _domain(host: str) -> str:
    """The label that was registered; nothing for an address or a name of one label."""
    labels = host.split(".")
    if len(labels) < _LEAST_LABELS or labels[-1].isdigit():
        return ""
    if len(labels) > _LEAST_LABELS and labels[-2] in _SECOND_LEVEL:
        return labels[-3]
    return labels[-2]
