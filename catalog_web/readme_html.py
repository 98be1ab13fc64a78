"""Foreign HTML, taken apart and built anew: known tags only, closed in order, never deep, with nothing that loads.

Pictures are shown from here or not at all: an address of somebody else's becomes one of ours, or the picture's text.
It stands between the markdown renderer and nh3. nh3 alone would be safe but slow to the point of a denial of service:
its parser is quadratic in open elements (40,000 ``<div>`` took 5 s) and, by HTML's rules for misnested formatting, can
make a hundred elements out of one tag. What leaves here is well-formed, at most ``MAX_DEPTH`` deep and in the order
that HTML's tree construction wants, so that nh3 has one element to make for each tag. Tags are recognised by
CommonMark's grammar ("Raw HTML"); what does not follow it is text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from posixpath import basename, normpath
from urllib.parse import unquote, urlsplit

from catalog_web.links import raw_address, relative_link, safe_link

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
_BUILT = _BLOCKS | frozenset(_TABLE_PARENTS) | _INLINE | _VOID
TAGS = _BUILT | {"img"}

ATTRIBUTES = {
    "*": {"id"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "code": {"class"},
    "blockquote": {"class"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height", "loading"},
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
_ALERT = re.compile(r"alert-(?:note|tip|important|warning|caution)")
_LINE = re.compile(r"L[0-9]{1,6}")
_ALIGN_STYLE = re.compile(r"text-align:(left|center|right)")
_SIZE = re.compile(r"[0-9]{1,4}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReadmeLinks:
    """Where the addresses in a README lead."""

    base: str = ""
    """The absolute web address that relative ones mean; without it they are plain text."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Addresses of our own for files and folders of the chart, by path."""
    picture: Callable[[str], str | None] = lambda _: None
    """From a picture's absolute address to where it is served here; None where it is not."""
    owner: str = ""
    """Whose README it is: with equal texts, bases and owners all else is equal."""


def rebuild(html: str, links: ReadmeLinks) -> str:
    """Build ``html`` anew. Takes time in proportion to its length, whatever stands in it."""
    builder = _Builder(links)
    builder.feed(html)
    return builder.finish()


def anchor(name: str) -> str:
    """The id for a heading's text, an ``id`` or a ``#fragment``, formed as GitHub does; empty where nothing is left."""
    return re.sub(r"[^\w\- ]", "", name.strip().lower())[:100].replace(" ", "-")


class _Builder:
    def __init__(self, links: ReadmeLinks) -> None:
        self._links = links
        self._ids: set[str] = set()
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
        elif name in _BUILT and self._fits(name):
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
        """The picture as it is served here; else its text, as a link to it that the reader may follow."""
        source = attributes.get("src", "")
        text = escape((attributes.get("alt", "").strip() or _file_name(source))[:200])
        address = self._picture(source)
        if address:
            sizes = "".join(f' {key}="{value}"' for key, value in attributes.items() if _is_size(key, value))
            self._out.append(f'<img src="{escape(address)}" alt="{text}"{sizes} loading="lazy">')
            return
        target = self._target(source)
        if target and "a" not in self._open and len(self._open) < MAX_DEPTH:
            text = f'<a href="{escape(target)}">{text}</a>'
        self._out.append(text)

    def _picture(self, source: str) -> str | None:
        absolute = safe_link(source) or relative_link(source, self._links.base)
        return self._links.picture(raw_address(absolute)) if absolute else None

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
                return self._id(value)
            case "class":
                return value if _LANGUAGE.fullmatch(value) or _ALERT.fullmatch(value) else None
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

    def _id(self, value: str) -> str | None:
        """The id, unless it is empty or was given before."""
        name = anchor(value)
        if not name or name in self._ids:
            return None
        self._ids.add(name)
        return ANCHOR_PREFIX + name

    def _target(self, url: str) -> str | None:
        return safe_link(url) or self._own_file(url) or relative_link(url, self._links.base)

    def _own_file(self, url: str) -> str | None:
        """Where a file of the chart itself is shown here."""
        try:
            parts = urlsplit(url.strip())
        except ValueError:
            return None
        if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
            return None
        found = self._links.files.get(normpath(unquote(parts.path)))
        if found is None:
            return None
        if found.startswith("#"):
            return self._fragment(f"#{parts.fragment}") or found
        return f"{found}#{parts.fragment}" if _LINE.fullmatch(parts.fragment) else found


def _is_size(key: str, value: str) -> bool:
    return key in ("width", "height") and _SIZE.fullmatch(value) is not None


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
