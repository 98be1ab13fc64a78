"""Changes to a person's YAML text, path by path: all that is not touched stays as it was, byte for byte. Pure.

An edit replaces the span of one value, as the parser's marks tell it. It is then read again: a text that does not mean
what it should (anchors and merge keys can do that) is given up for one that is written anew, without comments.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catalog_web.values import writing
from catalog_web.values.changing import with_value, without_value
from catalog_web.values.paths import ABSENT, Path, checked, value_at
from catalog_web.values.reading import Values, parse_values, same
from catalog_web.values.spans import Spans
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
    return _edited(text, wanted, lambda one: _put(one, path, wanted))


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
    return _edited(text, without_value(values, path), lambda one: _drop(one, path))


def _is_only(values: Values, path: Path) -> bool:
    """Whether nothing stands beside ``path``."""
    return len(value_at(values, path[:-1])) == 1


def _steps(path: Path, present: Any, value: Any) -> list[Callable[[str], str]]:
    """A mapping or list that takes the place of one, as changes of its parts; none where it is replaced as a whole."""
    if not present or not value or type(present) is not type(value):
        return []
    if isinstance(value, dict):
        changed = [key for key in value if not same(present.get(key, ABSENT), value[key])]
        gone = [key for key in present if key not in value]
    elif isinstance(value, list):
        changed = [at for at in range(len(value)) if at >= len(present) or not same(present[at], value[at])]
        gone = list(range(len(value), len(present)))[::-1]
    else:
        return []
    if len(changed) + len(gone) > _MOST_STEPS or not (
        value.keys() & present.keys() if gone and isinstance(value, dict) else True
    ):
        return []
    puts = [_putting((*path, step), value[step]) for step in changed]
    return [*puts, *(_dropping((*path, step)) for step in gone)]


def _putting(path: Path, value: object) -> Callable[[str], str]:
    return lambda text: put(text, path, value)


def _dropping(path: Path) -> Callable[[str], str]:
    return lambda text: drop(text, path)


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
    except (ValueError, UsageError, YamlFault):
        pass
    return bom + (writing.block(wanted) if wanted else "")


def _put(spans: Spans, path: Path, wanted: Values) -> str:
    """The edit at the place on the way down ``path`` where the text has no place of its own for the rest of it."""
    root = spans.document.root
    if root is None:
        return _appended(spans.text, writing.block(wanted), spans.line_break)
    node, in_flow = root, False
    for depth, step in enumerate(path, 1):
        in_flow = in_flow or spans.is_flow(node)
        value = value_at(wanted, path[:depth])
        site = _site(spans, node, step, in_flow)
        if site is None:
            return _inserted(spans, node, step, value, in_flow)
        if depth == len(path) or site.is_elsewhere or not _leads_on(site.node, path[depth], in_flow):
            return _replaced(spans, site, value, in_flow)
        node = site.node
    raise ValueError(path)


def _leads_on(node: Node, step: str | int, in_flow: bool) -> bool:
    """Whether a change below ``node`` can be made inside it; ``{}`` and null give way to lines of their own."""
    if node.kind != ("list" if isinstance(step, int) else "mapping"):
        return False
    return bool(node.items or node.entries) or in_flow


@dataclass(frozen=True, slots=True)
class _Site:
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


def _site(spans: Spans, above: Node, step: str | int, in_flow: bool) -> _Site | None:
    """The place of ``step`` in ``above``; None where its text has none."""
    if isinstance(step, int):
        return _item_site(spans, above, step, in_flow) if step < len(above.items) else None
    entry = dict(spans.own_entries(above)).get(step)
    if entry is None:
        return None
    start = spans.after_colon(entry)
    token = spans.offset(entry.key)
    return _Site(entry.node, start, entry.key.column, token, is_elsewhere=spans.is_alias(start, entry.node))


def _item_site(spans: Spans, above: Node, index: int, in_flow: bool) -> _Site:
    node = above.items[index]
    if spans.is_alias(spans.offset(above.start), node):
        raise ValueError(index)
    start = spans.offset(node.start)
    if in_flow:
        return _Site(node, start, node.start.column, start)
    dash = _dash(spans, above, node)
    return _Site(node, dash + 1, above.start.column, dash, is_item=True)


def _dash(spans: Spans, above: Node, item: Node) -> int:
    """Where the dash of ``item`` is: in the column in which the list begins."""
    for line in range(item.start.line, above.start.line - 1, -1):
        at = spans.line_start(line) + above.start.column
        if spans.text.startswith("-", at) and at < max(spans.offset(item.start), at + 1):
            return at
    raise ValueError(item)


# -- replace


def _replaced(spans: Spans, site: _Site, value: object, in_flow: bool) -> str:
    text, node = spans.text, site.node
    if site.is_elsewhere:
        return _over_alias(spans, site, value, in_flow)
    start, end = spans.offset(node.start), spans.offset(node.end)
    if in_flow:
        blank = " " if start == site.start and text[start - 1 : start] == ":" else ""
        return text[:start] + blank + writing.flow(value) + text[end:]
    head, tail = _lines(value, site, spans.line_break)
    if _is_block(spans, node):
        last = spans.last_line(node)
        stop = spans.line_start(last + 1)
        ended = _without_break(text[:stop])
        kept = _behind_header(spans, site)
        return text[: site.start] + head + kept + tail + text[len(ended) :]
    comment = spans.comment_end(end)
    kept = text[end:comment]
    return text[: site.start] + _quoted_alike(text[start:end], value, head) + kept + tail + text[comment:]


def _over_alias(spans: Spans, site: _Site, value: object, in_flow: bool) -> str:
    text = spans.text
    end = site.start
    while end < len(text) and text[end] in " \t":
        end += 1
    while end < len(text) and text[end] not in " \t\r\n,]}":
        end += 1
    if in_flow:
        return f"{text[: site.start]} {writing.flow(value)}{text[end:]}"
    head, tail = _lines(value, site, spans.line_break)
    comment = spans.comment_end(end)
    return text[: site.start] + head + text[end:comment] + tail + text[comment:]


def _lines(value: object, site: _Site, line_break: str) -> tuple[str, str]:
    """``value`` as it follows a colon or dash: what stands on that line, and the lines below."""
    written = writing.block([value])[1:] if site.is_item else writing.block({"k": value})[2:]
    written = written.removesuffix("\n")
    head, *lines = written.split("\n")
    return head, "".join(line_break + _indented(line, site.column) for line in lines)


def _indented(line: str, column: int) -> str:
    return " " * column + line if line else line


def _is_block(spans: Spans, node: Node) -> bool:
    """Whether it has lines of its own: a mapping or list without brackets, or a text behind ``|`` or ``>``."""
    if node.kind in ("mapping", "list"):
        return not spans.is_flow(node)
    return spans.text[spans.offset(node.start) : spans.offset(node.start) + 1] in ("|", ">")


def _behind_header(spans: Spans, site: _Site) -> str:
    """The comment behind ``key:`` or ``key: |``."""
    start = site.start
    if site.node.kind == "text":
        header = spans.offset(site.node.start)
        start = header + len(spans.text[header:].split(maxsplit=1)[0])
    return spans.text[start : spans.comment_end(start)].rstrip()


def _quoted_alike(old: str, value: object, head: str) -> str:
    """``head`` in the quotes of the text that it replaces."""
    if not isinstance(value, str) or not value.isprintable():
        return head
    if old[:1] == "'":
        return " '" + value.replace("'", "''") + "'"
    return f' "{value}"' if old[:1] == '"' and head == f" {value}" else head


def _without_break(text: str) -> str:
    return text[:-2] if text.endswith("\r\n") else text[:-1] if text[-1:] in ("\n", "\r") else text


# -- insert


def _inserted(spans: Spans, above: Node, step: str | int, value: object, in_flow: bool) -> str:
    written = [value] if isinstance(step, int) else {step: value}
    if in_flow:
        return _in_brackets(spans, above, writing.flow(written)[1:-1])
    entries = list(spans.own_entries(above))
    column = entries[0][1].key.column if entries else above.start.column
    lines = writing.block(written).removesuffix("\n").split("\n")
    at = spans.line_start(spans.last_line(above) + 1)
    new = spans.line_break.join(_indented(line, column) for line in lines)
    return _appended(spans.text[:at], new + spans.line_break, spans.line_break) + spans.text[at:]


def _in_brackets(spans: Spans, above: Node, written: str) -> str:
    text, close = spans.text, spans.offset(above.end) - 1
    before = text[:close].rstrip()
    comma = "" if before[-1:] in ("{", "[") else " " if before.endswith(",") else ", "
    return before + comma + written + text[len(before) :]


def _appended(text: str, more: str, line_break: str) -> str:
    ended = not text or text[-1:] in ("\n", "\r")
    return text + ("" if ended else line_break) + (more if line_break == "\n" else _with_breaks(more, line_break))


def _with_breaks(text: str, line_break: str) -> str:
    return line_break.join(text.replace(line_break, "\n").split("\n"))


# -- drop


def _drop(spans: Spans, path: Path) -> str:
    node, in_flow = spans.document.root, False
    for step in path[:-1]:
        if node is None:
            raise ValueError(path)
        in_flow = in_flow or spans.is_flow(node)
        site = _site(spans, node, step, in_flow)
        if site is None or site.is_elsewhere:
            raise ValueError(path)
        node = site.node
    if node is None:
        raise ValueError(path)
    in_flow = in_flow or spans.is_flow(node)
    site = _site(spans, node, path[-1], in_flow)
    if site is None:
        raise ValueError(path)
    return _out_of_brackets(spans, node, site) if in_flow else _out_of_lines(spans, node, site)


def _out_of_lines(spans: Spans, above: Node, site: _Site) -> str:
    text = spans.text
    if spans.is_alone(site.token):
        first = text.rfind("\n", 0, site.token) + 1
        last = spans.last_line(site.node) if not site.is_elsewhere else _line_number(text, site.start)
        return text[:first] + text[spans.line_start(last + 1) :]
    following = [one for one in _tokens(spans, above) if one > site.token]
    if not following:
        raise ValueError(site)
    return text[: site.token] + text[following[0] :]


def _line_number(text: str, offset: int) -> int:
    return text.count("\n", 0, offset)


def _tokens(spans: Spans, above: Node) -> list[int]:
    """Where the keys, or the dashes, of a mapping or list are."""
    if above.kind == "list":
        return [_dash(spans, above, one) for one in above.items]
    return [spans.offset(entry.key) for _, entry in spans.own_entries(above)]


def _out_of_brackets(spans: Spans, above: Node, site: _Site) -> str:
    text = spans.text
    starts = _flow_starts(spans, above)
    place = starts.index(site.token)
    if place + 1 < len(starts):
        return text[: site.token] + text[starts[place + 1] :]
    end = spans.offset(above.end) - 1
    before = text[: site.token].rstrip().removesuffix(",")
    tail = text[:end]
    return before + tail[len(tail.rstrip()) :] + text[end:]


def _flow_starts(spans: Spans, above: Node) -> list[int]:
    if above.kind == "list":
        return [spans.offset(one.start) for one in above.items]
    return [spans.offset(entry.key) for _, entry in spans.own_entries(above)]
