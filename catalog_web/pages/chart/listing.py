"""Texts with numbered lines."""

from catalog_web import yaml_text


def is_cut(text: str) -> bool:
    """Whether a listing shows only the beginning of ``text``."""
    return text.count("\n") > yaml_text.MAX_LINES
