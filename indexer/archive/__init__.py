"""Chart archives: foreign .tgz files to text, safely and within bounds, and the cache that keeps them.

::

    .tgz ──gunzip──▶ bytes under a budget ──tar──▶ entries ──names──▶ paths ──read──▶ ArchiveContent
"""

from indexer.archive.cache import ArchiveCache
from indexer.archive.read import check_digest, read_archive, read_chart_metadata

__all__ = ["ArchiveCache", "check_digest", "read_archive", "read_chart_metadata"]
