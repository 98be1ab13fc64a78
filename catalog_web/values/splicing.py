"""One change at one place of a YAML text: another value, one more, one less. Pure."""

from catalog_web.values import writing
from catalog_web.values.sites import NoSite, Site, tokens
from catalog_web.values.spans import Spans
from indexer.parse.commented import Node

# -- replace


def replaced(spans: Spans, site: Site, value: object, in_flow: bool) -> str:
    """The text with ``value`` at ``site``; the comment behind what was there stays."""
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


def _over_alias(spans: Spans, site: Site, value: object, in_flow: bool) -> str:
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


def _lines(value: object, site: Site, line_break: str) -> tuple[str, str]:
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


def _behind_header(spans: Spans, site: Site) -> str:
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


def inserted(spans: Spans, above: Node, step: str | int, value: object, in_flow: bool) -> str:
    """The text with one more entry or item at the end of ``above``."""
    written = [value] if isinstance(step, int) else {step: value}
    if in_flow:
        return _in_brackets(spans, above, writing.flow(written)[1:-1])
    entries = list(spans.own_entries(above))
    column = entries[0][1].key.column if entries else above.start.column
    lines = writing.block(written).removesuffix("\n").split("\n")
    at = spans.line_start(spans.last_line(above) + 1)
    new = spans.line_break.join(_indented(line, column) for line in lines)
    return appended(spans.text[:at], new + spans.line_break, spans.line_break) + spans.text[at:]


def _in_brackets(spans: Spans, above: Node, written: str) -> str:
    text, close = spans.text, spans.offset(above.end) - 1
    before = text[:close].rstrip()
    comma = "" if before[-1:] in ("{", "[") else " " if before.endswith(",") else ", "
    return before + comma + written + text[len(before) :]


def appended(text: str, more: str, line_break: str) -> str:
    """``text`` and on lines of their own ``more``."""
    ended = not text or text[-1:] in ("\n", "\r")
    return text + ("" if ended else line_break) + (more if line_break == "\n" else _with_breaks(more, line_break))


def _with_breaks(text: str, line_break: str) -> str:
    return line_break.join(text.replace(line_break, "\n").split("\n"))


# -- remove


def removed(spans: Spans, above: Node, site: Site, in_flow: bool) -> str:
    """The text without the entry or item at ``site``. Raises NoSite."""
    return _out_of_brackets(spans, above, site) if in_flow else _out_of_lines(spans, above, site)


def _out_of_lines(spans: Spans, above: Node, site: Site) -> str:
    text = spans.text
    if spans.is_alone(site.token):
        first = text.rfind("\n", 0, site.token) + 1
        last = spans.last_line(site.node) if not site.is_elsewhere else _line_number(text, site.start)
        return text[:first] + text[spans.line_start(last + 1) :]
    following = [one for one in tokens(spans, above, in_flow=False) if one > site.token]
    if not following:
        raise NoSite
    return text[: site.token] + text[following[0] :]


def _line_number(text: str, offset: int) -> int:
    return text.count("\n", 0, offset)


def _out_of_brackets(spans: Spans, above: Node, site: Site) -> str:
    text = spans.text
    starts = tokens(spans, above, in_flow=True)
    place = starts.index(site.token)
    if place + 1 < len(starts):
        return text[: site.token] + text[starts[place + 1] :]
    end = spans.offset(above.end) - 1
    before = text[: site.token].rstrip().removesuffix(",")
    tail = text[:end]
    return before + tail[len(tail.rstrip()) :] + text[end:]
