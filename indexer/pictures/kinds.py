"""What a picture is by its first bytes: the only truth, whatever a name or a server says."""

import re

SVG = "image/svg+xml"
_KINDS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    (
        SVG,
        re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,4096}?-->\s*)?<svg[\s>]", re.DOTALL),
    ),
)
"""All that ``decode`` makes."""


def media_type(start: bytes) -> str | None:
    """The type of a picture that begins with ``start`` and was made here; None for anything else."""
    return next((kind for kind, begins in _KINDS if begins.match(start)), None)
