"""What a browser would find in a rendered README, by Python's own HTML parser."""

from html.parser import HTMLParser

ALLOWED_SCHEMES = ("http://", "https://", "mailto:")


class Page(HTMLParser):
    """Every element, its attributes, and the visible text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.ends: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self.ends.append(tag)

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl):
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data):
        raise AssertionError(f"a processing instruction: {data}")

    def links(self) -> list[str]:
        return [attributes["href"] or "" for tag, attributes in self.elements if "href" in attributes]

    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]


TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "h1", "h2", "h3"),
    *("h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span"),
    *("strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var"),
}
PICTURE = {"src", "alt", "width", "height", "loading"}
ATTRIBUTES = {"align", "class", "colspan", "href", "id", "open", "rel", "rowspan", "start", "title"}


def assert_harmless(html: str, own: tuple[str, ...] = ()) -> Page:
    """Only elements and attributes that neither run, load, submit nor restyle, and links that lead where they may."""
    page = Page(html)
    for tag, attributes in page.elements:
        if tag == "img":  # shown from here, never from elsewhere
            assert set(attributes) <= PICTURE
            assert (attributes["src"] or "").startswith("/charts/")
            continue
        assert tag in TAGS, tag
        assert set(attributes) <= ATTRIBUTES, attributes
        if "class" in attributes:
            assert (tag, (attributes["class"] or "").partition("-")[0]) in {
                ("code", "language"),
                ("blockquote", "alert"),
            }
        if "id" in attributes:
            assert attributes["id"].startswith("readme-")
        if tag == "a" and "href" in attributes:
            assert attributes["rel"] == "nofollow noopener noreferrer"
    for link in page.links():
        assert link.startswith((*ALLOWED_SCHEMES, "#readme", *own)), link
    return page
