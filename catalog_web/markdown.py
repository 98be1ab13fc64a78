"""A chart's README as HTML that is safe to put into a page.

    text ──markdown-it──▶ HTML ──readme_html.rebuild──▶ well-formed, known, shallow ──nh3──▶ SafeHtml

Nothing in it runs, submits, or loads from elsewhere; ids and fragments have a prefix of their own. A README at the cap
takes a second or two, one made to be slow up to ten: callers render outside a request and keep the result by the
README's digest and ``README_RENDERER_VERSION``.
"""

from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from catalog_web.links import safe_link
from catalog_web.readme_html import ATTRIBUTES, TAGS, anchor, rebuild

__all__ = ["README_BYTES", "README_RENDERER_VERSION", "SafeHtml", "render_readme", "safe_link"]

README_RENDERER_VERSION = 2
"""Raised with every change that shows: what was rendered by another version is rendered again."""

README_BYTES = 512 * 1024
"""Rendered of a README, in UTF-8; the rest is left out."""


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """HTML that may stand in a page unescaped. ``truncated``: the README was longer than ``README_BYTES``."""

    html: str
    truncated: bool


def render_readme(text: str, *, link_base: str = "") -> SafeHtml:
    """Render ``text``, whatever it is; never raises.

    ``link_base`` is the absolute web address that relative links of this README mean; without it they are plain text.
    Images become links to themselves.
    """
    kept, truncated = _capped(text)
    return SafeHtml(html=_clean(rebuild(_MARKDOWN.render(kept), link_base)), truncated=truncated)


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
    for heading, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if heading.type != "heading_open":
            continue
        shown = (child.content for child in inline.children or () if child.type in ("text", "code_inline"))
        name = anchor("".join(shown))
        count = seen[name] = seen.get(name, -1) + 1
        heading.attrSet("id", f"{name}-{count}" if count else name)


_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_MARKDOWN.core.ruler.push("heading_ids", _add_heading_ids)
