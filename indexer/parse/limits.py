"""What one document may cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on foreign YAML. Beyond them the whole document is refused, except where another rule is named.

    No chart repository tool comes near them: bitnami's index of eight years holds 35,884 entries.
    """

    depth: int = 100
    """Nested lists and mappings; at least 10."""
    aliases: int = 10_000
    """Values that all aliases and merge keys of a document stand for together."""
    scalar: int = 1024 * 1024
    """Characters of one scalar."""
    values: int = 100_000
    """Values of one entry."""
    total_values: int = 16_000_000
    """Values of a whole document that is read by events."""
    charts: int = 100_000
    entries: int = 500_000
    """Version entries of a whole index."""
    versions: int = 50_000
    """Versions of one chart; a chart with more is set aside, the others stay."""
    problems: int = 1_000
    """Problems that are told one by one."""
