"""Where in a YAML text a value stands, and what stands before it. Pure."""

from dataclasses import dataclass

from catalog_web.values.spans import Spans
from indexer.parse.commented import Node


class NoSite(Exception):
    """The text has no place of its own for what is to be changed, or writes it in a way that is not understood."""


@dataclass(frozen=True, slots=True)
class Site:
    """A value with what stands before it."""

    node: Node
    start: int
    """Just behind the colon, dash, bracket or comma that it follows."""
    column: int
    """Of the key or dash."""
    token: int
    """Where the key or dash is; of an item in brackets the item."""
    is_item: bool = False
    is_elsewhere: bool = False
    """What stands here is an alias."""


def site_of(spans: Spans, above: Node, step: str | int, in_flow: bool) -> Site | None:
    """The place of ``step`` in ``above``; None where its text has none."""
    if isinstance(step, int):
        return _site_of_item(spans, above, step, in_flow) if step < len(above.items) else None
    entry = dict(spans.own_entries(above)).get(step)
    if entry is None:
        return None
    start = spans.after_colon(entry)
    token = spans.offset(entry.key)
    return Site(entry.node, start, entry.key.column, token, is_elsewhere=spans.is_alias(start, entry.node))


def _site_of_item(spans: Spans, above: Node, index: int, in_flow: bool) -> Site:
    node = above.items[index]
    if spans.is_alias(spans.offset(above.start), node):
        raise NoSite
    start = spans.offset(node.start)
    if in_flow:
        return Site(node, start, node.start.column, start)
    dash = _dash(spans, above, node)
    return Site(node, dash + 1, above.start.column, dash, is_item=True)


def _dash(spans: Spans, above: Node, item: Node) -> int:
    """Where the dash of ``item`` is: in the column in which the list begins."""
    for line in range(item.start.line, above.start.line - 1, -1):
        at = spans.line_start(line) + above.start.column
        if spans.text.startswith("-", at) and at < max(spans.offset(item.start), at + 1):
            return at
    raise NoSite


def tokens(spans: Spans, above: Node, in_flow: bool) -> list[int]:
    """Where the keys of a mapping are, or of a list the dashes, in brackets the items."""
    if above.kind == "mapping":
        return [spans.offset(entry.key) for _, entry in spans.own_entries(above)]
    return [spans.offset(one.start) if in_flow else _dash(spans, above, one) for one in above.items]
