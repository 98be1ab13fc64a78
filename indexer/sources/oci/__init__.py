"""Registries that speak the OCI distribution protocol, as Helm uses them since 3.8.

``reference`` knows the names, ``challenge``, ``links`` and ``manifest`` read what registries write, ``token`` meets
challenges, ``registry`` makes the requests, ``selection`` says which repositories are meant, ``look`` which tags have
to be asked about given what is stored and remembered (``memory``), ``reading`` asks, ``listing`` makes charts of it,
and ``sweep`` calls them in the right order. ``source`` is the kind of source; a Harbor whose account may only pull is
read by ``read_repositories`` as well.
"""

from indexer.sources.oci.registry import Registry
from indexer.sources.oci.source import OciSource, fetch_chart, fetch_provenance
from indexer.sources.oci.sweep import read_repositories

__all__ = ["OciSource", "Registry", "fetch_chart", "fetch_provenance", "read_repositories"]
