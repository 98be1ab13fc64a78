"""Paths of keys as people write them."""

from collections.abc import Iterable


def dotted(path: Iterable[str]) -> str:
    """``server.image.tag``; a dot inside a key is ``\\\\.``, as ``helm --set`` wants it."""
    return ".".join(one.replace("\\", "\\\\").replace(".", "\\.") for one in path)
