"""What of a chart is kept on disk alone: read for a page of hits, and for phrases."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_LEVEL = 1
"""Higher ones cost the index seconds and save it little."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one chart."""

    readme: str = ""
    """Its prose, as far as it is read."""
    values: str = ""
    """A line for each key of values.yaml that tells something: ``key: comment``, or the key alone."""

    def to_bytes(self) -> bytes:
        """What ``from_bytes`` reads."""
        return zlib.compress(f"{self.readme}\0{self.values}".encode(errors="replace"), _LEVEL)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """What ``to_bytes`` wrote; nothing of nothing. Raises zlib.error and ValueError where it is damaged."""
        readme, _, values = zlib.decompress(data).decode().partition("\0") if data else ("", "", "")
        return cls(readme, values)


def values_lines(values: Iterable[tuple[str, str]]) -> str:
    """Keys and their comments as a reader sees them where one explains a hit, a line each."""
    return "\n".join(f"{key}: {comment}" if comment else key for key, comment in values)
