"""Which picture somebody wants to see, and what it may be."""

import hashlib
from dataclasses import dataclass

from indexer.model import Source

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Shape:
    """What a picture may be, and what is made of it."""

    name: str
    width: int
    """Pixels of what is made of it, at most."""
    height: int
    most_bytes: int
    """As it is fetched."""
    most_pixels: int
    """As its header tells, before it is decoded."""
    seconds: float
    """For fetching it."""
    cpu_seconds: int
    """For making it into ours."""
    keeps_form: bool
    """A JPEG stays one, and so does an SVG with letters, which are drawn by whoever has a font for them."""


class PictureRefused(Exception):
    """What an address names is no picture that may be shown."""


ICON = Shape("icon", 128, 128, 1 * MIB, 4_000_000, 2.0, 1, keeps_form=False)
"""Twice as large as its largest tile, for screens that are that fine."""
README = Shape("readme", 1600, 8000, 2 * MIB, 12_000_000, 5.0, 3, keeps_form=True)
"""Screenshots and badges."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture of a chart of ``source``, as ``address`` names it: http(s), ``data:``, or relative to the source."""

    source: Source
    address: str
    shape: Shape = ICON

    @property
    def key(self) -> str:
        """Under which it is remembered. Apart for each source: one may be shown what another one may not."""
        seed = "\0".join((self.source.name, self.source.url, self.shape.name, self.address))
        return hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()

    @property
    def is_local(self) -> bool:
        """Whether it is a file in the folder of a ``directory`` source."""
        return self.source.kind == "directory" and ":" not in self.address

    @property
    def is_remote(self) -> bool:
        """Whether another server would be asked for it."""
        return not self.is_local and not self.address.startswith("data:")
