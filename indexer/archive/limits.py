"""How much of a foreign archive is read at most, and the refusal that says so.

Helm's own numbers are 100 MiB unpacked and 5 MiB a file; ChartMuseum takes packages up to 20 MiB; a ratio over 50:1
above 64 MiB is PyPI's rule. Entries, header size and names are bounded by nobody else: without a bound 1.4 MB of empty
directories cost a reader seconds, and a 65 kB header block hundreds of megabytes.
"""

from dataclasses import dataclass

MIB = 1024 * 1024

PACKED_BYTES = 20 * MIB
UNPACKED_BYTES = 100 * MIB
FILE_BYTES = 5 * MIB
ENTRIES = 10_000
MEMBERS = 10_000
"""Gzip members in one file; writers that work in blocks make one for 64 KiB."""
HEADER_BYTES = 1 * MIB
"""PAX records and GNU long names before one entry, together."""
HEADERS = 4
"""Extension headers before one entry: PAX, GNU long name, GNU long link, and one to spare."""
NAME_CHARACTERS = 1024
RATIO = 50
RATIO_ABOVE = 64 * MIB

METADATA_BYTES = 1 * MIB
"""Chart.yaml and requirements.yaml."""
README_BYTES = 1 * MIB
"""Kept of a README; a longer one is cut at a line."""
CHANGELOG_BYTES = 1 * MIB
LICENCE_BYTES = 256 * 1024
PRESETS = 20
"""Files such as values-production.yaml that are kept of a chart."""
PRESET_BYTES = 1 * MIB
TEXT_BYTES = 2 * MIB
"""One template or CRD; a longer one is named and not kept."""
ALL_TEXT_BYTES = 16 * MIB
"""Templates and CRDs of one chart, together."""
SUBCHARTS = 100
"""Charts below ``charts/`` that are read, on all levels."""
SUBCHART_DEPTH = 3
"""Folders ``charts/a/charts/b/charts/c``."""
NESTED_DEPTH = 3
"""Archives in an archive in an archive; the one that was fetched makes the fourth level."""
SUBCHART_BYTES = 16 * MIB
"""Values and templates of all subcharts together."""
NESTED_BYTES = 8 * MIB
"""Packed archives below ``charts/``, which are held until all else is read, together."""
NESTED_RATIO_ABOVE = 4 * MIB
NOTES = 50


@dataclass(slots=True)
class Budget:
    """What is left for an archive and all that is nested in it, together."""

    unpacked: int = UNPACKED_BYTES
    """Bytes."""
    entries: int = ENTRIES


class Refusal(Exception):
    """Why an archive is refused, as the end of a sentence. Outside this package it is a BadArchive."""
