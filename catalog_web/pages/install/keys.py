"""The keys of a chart's values as the editor of YAML completes and explains them. Pure."""

from typing import TypedDict

from catalog_web.values.fields import Field
from catalog_web.values.form import form_of
from catalog_web.values.state import shown_text
from indexer.model import ArchiveContent
from indexer.parse.text import shown

_LONGEST_HELP, _LONGEST_DEFAULT, _MOST_CHOICES = 400, 80, 50


class Key(TypedDict, total=False):
    """One key; what is empty is left out."""

    help: str
    default: str
    values: list[str]


def keys_of(content: ArchiveContent) -> dict[str, Key]:
    """Every key by its path, ``hosts[].name`` for what stands in a list."""
    return {_path(one): _key(one) for one in form_of(content).walk() if "*" not in one.path}


def _path(one: Field) -> str:
    """As the editor's script builds it from the lines: the keys as they are written, between dots."""
    path = ""
    for step in one.path:
        path += "[]" if isinstance(step, int) else f".{step}"
    return path.removeprefix(".")


def _key(one: Field) -> Key:
    told = " · ".join(filter(None, (one.title, one.help)))
    default = shown_text(one, one.default) if one.kind not in ("object", "list", "map", "yaml") else ""
    choices = ["true", "false"] if one.kind == "boolean" else [each.text for each in one.choices][:_MOST_CHOICES]
    key = Key()
    if told:
        key["help"] = shown(told, _LONGEST_HELP)
    if default:
        key["default"] = shown(default, _LONGEST_DEFAULT)
    if choices:
        key["values"] = choices
    return key
