"""A chart's README as HTML that is safe to put into a page.

    text ──markdown-it──▶ HTML ──readme_html.rebuild──▶ well-formed, known, shallow ──nh3──▶ SafeHtml

Nothing in it runs, submits, or loads from elsewhere; ids and fragments have a prefix of their own. A README at the cap
takes a second or two, one made to be slow up to ten: callers render outside a request and keep the result by the
README's digest and ``README_RENDERER_VERSION``.
"""

import re
from dataclasses import dataclass
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from catalog_web.links import safe_link
from catalog_web.readme_html import ANCHOR_PREFIX, ATTRIBUTES, TAGS, ReadmeLinks, anchor, rebuild
from indexer.parse import label

__all__ = [
    "README_BYTES",
    "README_RENDERER_VERSION",
    "Heading",
    "ReadmeLinks",
    "SafeHtml",
    "render_readme",
    "safe_link",
]

README_RENDERER_VERSION = 3
"""Raised with every change that shows: what was rendered by another version is rendered again."""

README_BYTES = 512 * 1024
"""Rendered of a README, in UTF-8; the rest is left out."""


_MAX_HEADINGS = 200
_DEEPEST_HEADING = 3
_LONGEST_HEADING = 120
_TURNING = {one: f"⟦U+{one:04X}⟧" for one in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Characters that turn the order of others round, made visible (hostile case F10)."""
_UNSEEN = dict.fromkeys((0xAD, 0x200B, *range(0x2060, 0x2065), 0xFEFF))
"""Characters without a width: a reader would copy them with a command."""
_ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of a README's table of contents."""

    level: int
    """1 to 3."""
    text: str
    id: str
    """The id of its place in the HTML."""


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """HTML that may stand in a page unescaped. ``truncated``: the README was longer than ``README_BYTES``."""

    html: str
    truncated: bool
    headings: tuple[Heading, ...] = ()


def render_readme(text: str, links: ReadmeLinks | None = None) -> SafeHtml:
    """Render ``text``, whatever it is; never raises.

    ``links`` say where its addresses lead; without them relative links are plain text, and pictures are links to
    themselves.
    """
    kept, truncated = _capped(text)
    found: dict[str, Any] = {}
    html = _clean(rebuild(_MARKDOWN.render(kept, found), links or ReadmeLinks()))
    return SafeHtml(html.translate(_UNSEEN).translate(_TURNING), truncated, tuple(found.get("headings", ())))


def _capped(text: str) -> tuple[str, bool]:
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= README_BYTES:
        return encoded.decode("utf-8"), False
    head = encoded[:README_BYTES]
    head = head[: head.rfind(b"\n") + 1] or head
    return head.decode("utf-8", "ignore"), True


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags={"script", "style"},
        attributes=ATTRIBUTES,
        strip_comments=True,
        link_rel="nofollow noopener noreferrer",
        url_schemes={"http", "https", "mailto"},
    )


def _add_heading_ids(state: StateCore) -> None:
    """Give every heading the id that a table of contents on GitHub links to."""
    seen: dict[str, int] = {}
    headings: list[Heading] = state.env.setdefault("headings", [])
    for heading, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if heading.type != "heading_open":
            continue
        text = "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))
        name = anchor(text)
        count = seen[name] = seen.get(name, -1) + 1
        name = f"{name}-{count}" if count else name
        heading.attrSet("id", name)
        level = int(heading.tag[1:])
        text = label(text)[:_LONGEST_HEADING]
        if text and anchor(name) and level <= _DEEPEST_HEADING and len(headings) < _MAX_HEADINGS:
            headings.append(Heading(level, text, ANCHOR_PREFIX + anchor(name)))


def _mark_alerts(state: StateCore) -> None:
    """Give quotations that begin with ``[!NOTE]`` and its like a class and a title, as GitHub does."""
    for at in range(len(state.tokens) - 3, -1, -1):
        quote, paragraph, inline = state.tokens[at : at + 3]
        if (quote.type, paragraph.type, inline.type) != ("blockquote_open", "paragraph_open", "inline"):
            continue
        children = inline.children or []
        found = _ALERT.fullmatch(children[0].content.strip()) if children else None
        if found and (len(children) == 1 or children[1].type in ("softbreak", "hardbreak")):
            quote.attrSet("class", f"alert-{found[1].lower()}")
            inline.children = children[2:]
            state.tokens[at + 1 : at + 1] = _title(found[1].capitalize())


def _title(text: str) -> list[Token]:
    inline = Token("inline", "", 0)
    word = Token("text", "", 0, content=text)
    inline.children = [Token("strong_open", "strong", 1), word, Token("strong_close", "strong", -1)]
    return [Token("paragraph_open", "p", 1, block=True), inline, Token("paragraph_close", "p", -1, block=True)]


_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_MARKDOWN.core.ruler.push("heading_ids", _add_heading_ids)
_MARKDOWN.core.ruler.push("alerts", _mark_alerts)
