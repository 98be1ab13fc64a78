"""Foreign pictures (icons, and what READMEs show): fetched once, made into pictures of our own, and kept.

::

    address ──reading──▶ bytes ──child──▶ PNG, JPEG or SVG ──files──▶ served from here
        └─────────── memory: what came of it, and when it is tried again ───────────┘

``wanted`` (which picture, and what it may become), ``reading`` (where its bytes come from), ``decode`` (a program of
its own that makes the picture) and ``child`` (which runs it), ``files`` and ``memory`` (what is kept), ``pictures``
(all of it in the right order, beside the requests). ``kinds`` says by the first bytes what a picture is.
"""

from indexer.pictures.kinds import media_type
from indexer.pictures.pictures import Pictures
from indexer.pictures.wanted import ICON, README, Wanted

__all__ = ["ICON", "README", "Pictures", "Wanted", "media_type"]
