"""Changes to a person's YAML text, path by path: all that is not touched stays as it was, byte for byte. Pure.

An edit replaces the span of one value, as the parser's marks tell it. It is then read again: a text that does not mean
what it should (anchors and merge keys can do that) is given up for one that is written anew, without comments.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from catalog_web.values import writing
from catalog_web.values.changing import with_value, without_value
from catalog_web.values.paths import ABSENT, Path, checked, value_at
from catalog_web.values.reading import Values, parse_values, same
from catalog_web.values.sites import NoSite, site_of
from catalog_web.values.spans import Spans
from catalog_web.values.splicing import appended, inserted, removed, replaced
from indexer.errors import UsageError
from indexer.parse.commented import Node, read_commented
from indexer.parse.feed import YamlFault

_BOM = "\ufeff"
_MOST_STEPS = 100
"""Items and keys that are changed one by one to keep their comments; beyond, the whole value is replaced."""


def read(text: str) -> Values:
    """The values that a person's text means. Raises `UsageError` that names the line."""
    return parse_values(text.removeprefix(_BOM))


def put(text: str, path: Path, value: object) -> str:
    """``text`` with ``value`` at ``path``; what leads there is made, and a mapping or list is changed in place.

    Raises `UsageError` where the text cannot be read, or Helm would refuse the path (hostile case G5).
    """
    values = read(text)
    wanted = with_value(values, path, value)
    present = value_at(values, path)
    if same(present, value):
        return text
    steps = _steps(path, present, value)
    if steps:
        for change in steps:
            text = change(text)
        return text
    return _edited(text, wanted, lambda spans: _put(spans, path, wanted))


def drop(text: str, path: Path) -> str:
    """``text`` without the value at ``path``, and without mappings that it leaves empty; comments above it stay.

    A list that is emptied stays, as it hides that of the defaults; so does a mapping inside a list.
    Raises `UsageError` where the text cannot be read.
    """
    values = read(text)
    if not path or value_at(values, checked(path)) is ABSENT:
        return text
    while len(path) > 1 and _is_only(values, path) and all(isinstance(step, str) for step in path):
        path = path[:-1]
    if len(path) > 1 and _is_only(values, path):
        return put(text, path[:-1], [] if isinstance(path[-1], int) else {})
    return _edited(text, without_value(values, path), lambda spans: _drop(spans, path))


def _is_only(values: Values, path: Path) -> bool:
    """Whether nothing stands beside ``path``."""
    return len(value_at(values, path[:-1])) == 1


def _steps(path: Path, present: Any, value: Any) -> list[Callable[[str], str]]:
    """A mapping or list that takes the place of one, as changes of its parts; none where it is replaced as a whole."""
    if isinstance(present, dict) and isinstance(value, dict) and present.keys() & value.keys():
        changed: list[Any] = [key for key in value if not same(present.get(key, ABSENT), value[key])]
        gone: list[Any] = [key for key in present if key not in value]
    elif isinstance(present, list) and isinstance(value, list) and present and value:
        changed = [at for at, one in enumerate(value) if at >= len(present) or not same(present[at], one)]
        gone = list(range(len(value), len(present)))[::-1]
    else:
        return []
    if len(changed) + len(gone) > _MOST_STEPS:
        return []
    puts = [partial(put, path=(*path, step), value=value[step]) for step in changed]
    return [*puts, *(partial(drop, path=(*path, step)) for step in gone)]


# -- one edit


def _edited(text: str, wanted: Values, edit: Callable[[Spans], str]) -> str:
    """What ``edit`` makes of ``text``, where that means ``wanted``; else ``wanted`` written anew."""
    bom = _BOM if text.startswith(_BOM) else ""
    bare = text.removeprefix(_BOM)
    try:
        spans = Spans(bare, read_commented(bare))
        made = edit(spans)
        for one in (made, made + spans.line_break):  # a text in lines may need the end of its last one
            if same(parse_values(one), wanted):
                return bom + one
    except (NoSite, UsageError, YamlFault):
        pass
    return bom + (writing.block(wanted) if wanted else "")


def _put(spans: Spans, path: Path, wanted: Values) -> str:
    """The edit at the place on the way down ``path`` where the text has no place of its own for the rest of it."""
    node, in_flow = spans.document.root, False
    if node is None:
        return appended(spans.text, writing.block(wanted), spans.line_break)
    for depth, step in enumerate(path, 1):
        in_flow = in_flow or spans.is_flow(node)
        value = value_at(wanted, path[:depth])
        site = site_of(spans, node, step, in_flow)
        if site is None:
            return inserted(spans, node, step, value, in_flow)
        if depth == len(path) or site.is_elsewhere or not _leads_on(site.node, path[depth], in_flow):
            return replaced(spans, site, value, in_flow)
        node = site.node
    raise NoSite


def _leads_on(node: Node, step: str | int, in_flow: bool) -> bool:
    """Whether a change below ``node`` can be made inside it; ``{}`` and null give way to lines of their own."""
    if node.kind != ("list" if isinstance(step, int) else "mapping"):
        return False
    return bool(node.items or node.entries) or in_flow


def _drop(spans: Spans, path: Path) -> str:
    node, in_flow = spans.document.root, False
    for depth, step in enumerate(path, 1):
        if node is None:
            break
        in_flow = in_flow or spans.is_flow(node)
        site = site_of(spans, node, step, in_flow)
        if site is None:
            break
        if depth == len(path):
            return removed(spans, node, site, in_flow)
        node = None if site.is_elsewhere else site.node
    raise NoSite
