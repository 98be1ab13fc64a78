"""Foreign HTML, taken apart and built anew: known tags only, closed in order, never deep, with nothing that loads.

It stands between the markdown renderer and nh3. nh3 alone would be safe but slow to the point of a denial of service:
its parser is quadratic in open elements (40,000 ``<div>`` took 5 s) and, by HTML's rules for misnested formatting, can
make a hundred elements out of one tag. What leaves here is well-formed, at most ``MAX_DEPTH`` deep and in the order
that HTML's tree construction wants, so that nh3 has one element to make for each tag. Tags are recognised by
CommonMark's grammar ("Raw HTML"); what does not follow it is text.
"""

import re
from html import escape, unescape
from posixpath import basename
from urllib.parse import unquote, urlsplit

from catalog_web.links import relative_link, safe_link

MAX_DEPTH = 100
ANCHOR_PREFIX = "readme-"
"""Before every id, so that a README cannot take the place of an element of the page."""

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LOWERED = {f"h{level}": f"h{min(level + 1, 6)}" for level in range(1, 7)}
"""The page has a heading of its own above the README's."""
_BLOCKS = _HEADINGS | {
    *("blockquote", "details", "dd", "div", "dl", "dt", "hr", "li", "ol", "p", "pre", "summary", "table", "ul"),
}
_TABLE_PARENTS = {
    "thead": ("table",),
    "tbody": ("table",),
    "tfoot": ("table",),
    "tr": ("table", "thead", "tbody", "tfoot"),
    "td": ("tr",),
    "th": ("tr",),
}
_TABLE_FRAME = frozenset({"table", "thead", "tbody", "tfoot", "tr"})
_INLINE = frozenset(
    {
        *("a", "abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span"),
        *("strong", "sub", "sup", "tt", "u", "var"),
    }
)
_VOID = frozenset({"br", "hr"})
TAGS = _BLOCKS | frozenset(_TABLE_PARENTS) | _INLINE | _VOID

ATTRIBUTES = {
    "*": {"id"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "code": {"class"},
    "details": {"open"},
    "ol": {"start"},
    **{tag: {"align"} for tag in (*_HEADINGS, "div", "p", "table")},
    **{tag: {"align", "colspan", "rowspan"} for tag in ("td", "th")},
}

_UNSEEN = "iframe|math|noembed|noframes|noscript|object|plaintext|script|select|style|svg|template|textarea|title|xmp"
_UNSEEN_END = {name: re.compile(rf"</{name}(?=[\s/>])[^>]*>", re.IGNORECASE | re.ASCII) for name in _UNSEEN.split("|")}
"""Elements that go with all that is in them: code, or text that a browser would not show as such."""

_ATTRIBUTE = r"""\s++[A-Za-z_:][A-Za-z0-9_:.-]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'=<>`]++))?"""
_TAG = re.compile(rf"<(/?)([A-Za-z][A-Za-z0-9-]*+)((?:{_ATTRIBUTE})*+)\s*+/?>", re.ASCII)
_ATTRIBUTES = re.compile(r"""\s++([^\s=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'=<>`]++)))?""", re.ASCII)
_LANGUAGE = re.compile(r"language-[A-Za-z0-9_+#.-]{1,40}")
_ALIGN_STYLE = re.compile(r"text-align:(left|center|right)")
_NUMBER = re.compile(r"[0-9]{1,3}", re.ASCII)


def rebuild(html: str, link_base: str) -> str:
    """Build ``html`` anew. Takes time in proportion to its length, whatever stands in it."""
    builder = _Builder(link_base)
    builder.feed(html)
    return builder.finish()


def anchor(name: str) -> str:
    """The id for a heading's text, an ``id`` or a ``#fragment``, formed as GitHub does; empty where nothing is left."""
    return re.sub(r"[^\w\- ]", "", name.strip().lower())[:100].replace(" ", "-")


class _Builder:
    def __init__(self, link_base: str) -> None:
        self._link_base = link_base
        self._out: list[str] = []
        self._open: list[str] = []

    def feed(self, html: str) -> None:
        at = 0
        while (start := html.find("<", at)) >= 0:
            self._text(html[at:start])
            at = self._markup(html, start)
        self._text(html[at:])

    def finish(self) -> str:
        self._close_down_to(0)
        return "".join(self._out)

    def _markup(self, html: str, start: int) -> int:
        """Handle what begins with the ``<`` at ``start``; returns where to go on."""
        if html.startswith(("<!", "<?"), start):
            end = "-->" if html.startswith("<!--", start) else ">"
            found = html.find(end, start)
            return found + len(end) if found >= 0 else len(html)
        tag = _TAG.match(html, start)
        if tag is None:
            self._text("<")
            return start + 1
        name = tag[2].lower()
        name = _LOWERED.get(name, name)
        if tag[1]:
            self._close(name)
        elif name in _UNSEEN_END:
            end_tag = _UNSEEN_END[name].search(html, tag.end())
            return end_tag.end() if end_tag else len(html)
        else:
            self._start(name, tag)
        return tag.end()

    def _text(self, text: str) -> None:
        self._out.append(text.replace("<", "&lt;").replace(">", "&gt;"))

    def _start(self, name: str, tag: re.Match[str]) -> None:
        attributes = _attributes(tag[3])
        if name == "img":
            self._image(attributes)
        elif name in TAGS and self._fits(name):
            self._make_room(name)
            if len(self._open) >= MAX_DEPTH:
                self._text(tag[0])
                return
            kept = self._kept(name, attributes)
            if name == "a" and not kept:
                return  # it leads nowhere and nothing leads to it
            self._out.append(f"<{name}{kept}>")
            if name not in _VOID:
                self._open.append(name)

    def _fits(self, name: str) -> bool:
        """Whether HTML would build this element where it stands, rather than move it or close another for it."""
        parent = self._open[-1] if self._open else ""
        if name in _TABLE_PARENTS:
            return parent in _TABLE_PARENTS[name]
        return parent not in _TABLE_FRAME and not (name == "a" and "a" in self._open)

    def _make_room(self, name: str) -> None:
        """Close what this element's start closes by HTML's rules: a paragraph, a heading, the item before it."""
        if name in _BLOCKS:
            for position, other in enumerate(self._open):
                if other == "p" or (other in _HEADINGS and name in _HEADINGS):
                    self._close_down_to(position)
                    break
        if name in ("li", "dd", "dt"):
            self._close_item(("li",) if name == "li" else ("dd", "dt"))

    def _close_item(self, names: tuple[str, ...]) -> None:
        for position in range(len(self._open) - 1, -1, -1):
            if self._open[position] in names:
                self._close_down_to(position)
                return
            if self._open[position] in _BLOCKS - {"div"} or self._open[position] in _TABLE_PARENTS:
                return

    def _close(self, name: str) -> None:
        """Close the innermost such element, yet never out of the table cell that the end tag stands in."""
        for position in range(len(self._open) - 1, -1, -1):
            if self._open[position] == name:
                self._close_down_to(position)
                return
            if self._open[position] in ("td", "th") and name not in _TABLE_FRAME:
                return

    def _close_down_to(self, position: int) -> None:
        while len(self._open) > position:
            self._out.append(f"</{self._open.pop()}>")

    def _image(self, attributes: dict[str, str]) -> None:
        """The image's text, as a link to it: what the reader's browser loads is the reader's to decide."""
        source = attributes.get("src", "")
        shown = escape((attributes.get("alt", "").strip() or _file_name(source))[:200])
        target = self._target(source)
        if target and "a" not in self._open and len(self._open) < MAX_DEPTH:
            shown = f'<a href="{escape(target)}">{shown}</a>'
        self._out.append(shown)

    def _kept(self, name: str, attributes: dict[str, str]) -> str:
        allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(name, set())
        if name in ("td", "th") and (aligned := _ALIGN_STYLE.fullmatch(attributes.get("style", ""))):
            attributes["align"] = aligned[1]
        if name == "a":
            attributes.setdefault("id", attributes.get("name", ""))
        checked = ((key, self._checked(key, value)) for key, value in attributes.items() if key in allowed)
        return "".join(f' {key}="{escape(value)}"' for key, value in checked if value is not None)

    def _checked(self, key: str, value: str) -> str | None:
        """An attribute's value as it may stand, or None."""
        match key:
            case "href":
                return self._fragment(value) if value.strip().startswith("#") else self._target(value)
            case "id":
                return ANCHOR_PREFIX + anchor(value) if anchor(value) else None
            case "class":
                return value if _LANGUAGE.fullmatch(value) else None
            case "align":
                return value if value in ("left", "center", "right") else None
            case "colspan" | "rowspan" | "start":
                return value if _NUMBER.fullmatch(value) else None
            case "open":
                return ""
            case _:
                return value[:200]

    def _fragment(self, value: str) -> str | None:
        name = anchor(unquote(value.strip()[1:]).removeprefix(ANCHOR_PREFIX))
        return f"#{ANCHOR_PREFIX}{name}" if name else None

    def _target(self, url: str) -> str | None:
        return safe_link(url) or relative_link(url, self._link_base)


def _attributes(text: str) -> dict[str, str]:
    """Attributes of a tag by lower-case name, entities resolved; of equal names the first counts, as in HTML."""
    found: dict[str, str] = {}
    for one in _ATTRIBUTES.finditer(text):
        found.setdefault(one[1].lower(), unescape(one[2] or one[3] or one[4] or ""))
    return found


def _file_name(source: str) -> str:
    """What an image without a text is called."""
    address = safe_link(source)
    return (unquote(basename(urlsplit(address).path)) if address else "") or "image"
