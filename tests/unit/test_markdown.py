"""A README as a reader sees it."""

import pytest
from readme_checks import Page, assert_harmless

from catalog_web.markdown import README_BYTES, ReadmeLinks, render_readme


def html(text, links=None):
    rendered = render_readme(text, links).html
    assert_harmless(rendered, own=tuple(links.files.values()) if links else ())
    return rendered.strip()


def test_headings_lists_emphasis_and_code_are_rendered():
    assert html("Some *fine* **bold** `code`\n\n- one\n- two\n") == (
        "<p>Some <em>fine</em> <strong>bold</strong> <code>code</code></p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>"
    )


def test_a_code_block_keeps_its_language():
    assert html("```yaml\na: <b>\n```") == '<pre><code class="language-yaml">a: &lt;b&gt;\n</code></pre>'


def test_a_language_with_odd_characters_is_dropped():
    assert html('```a"b\nx\n```') == "<pre><code>x\n</code></pre>"


def test_a_table_keeps_its_columns_aligned_without_styles():
    page = Page(html("| a | b |\n|---|--:|\n| 1 | 2 |\n"))
    assert page.tags() == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    assert page.elements[4] == ("th", {"align": "right"})


def test_strikethrough_is_rendered():
    assert html("~~old~~") == "<p><s>old</s></p>"


def test_a_table_of_contents_leads_to_the_headings_of_the_readme():
    page = Page(html("[Install](#installing-the-chart)\n\n## Installing the `Chart`!\n"))
    assert page.links() == ["#readme-installing-the-chart"]
    assert ("h3", {"id": "readme-installing-the-chart"}) in page.elements


def test_equal_headings_get_different_ids_as_on_github():
    page = Page(html("# Values\n\n# Values\n\n# 值\n"))
    assert [attributes["id"] for _, attributes in page.elements] == ["readme-values", "readme-values-1", "readme-值"]


def test_anchors_written_by_hand_work():
    page = Page(html('<a name="Top"></a>\n\n[up](#Top) [percent](#%74op)\n'))
    assert page.elements[1][1]["id"] == "readme-top"
    assert page.links() == ["#readme-top", "#readme-top"]


def test_links_to_the_web_carry_no_referrer_and_no_rank():
    assert html("[x](https://example.org/?a=1&b=2)") == (
        '<p><a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener noreferrer">x</a></p>'
    )


def test_an_address_in_angle_brackets_is_a_link():
    assert Page(html("<https://example.org> <me@example.org>")).links() == [
        "https://example.org",
        "mailto:me@example.org",
    ]


def test_relative_links_are_text_without_a_base():
    assert html("[docs](docs/x.md)") == "<p>docs</p>"


def test_relative_links_lead_below_the_base_when_there_is_one():
    base = "https://example.org/repo/tree/main/charts/demo/"
    page = Page(html("[a](docs/x.md) [b](../other#c) ![c](logo.png)", links=ReadmeLinks(base=base)))
    assert page.links() == [
        f"{base}docs/x.md",
        "https://example.org/repo/tree/main/charts/other#c",
        f"{base}logo.png",
    ]


@pytest.mark.parametrize("url", ["//evil.example/x", "/\\evil.example", "\\\\evil.example", "https:evil.example"])
def test_a_relative_link_never_leaves_the_base_host(url):
    links = Page(html(f'<a href="{url}">x</a>', links=ReadmeLinks(base="https://example.org/a/"))).links()
    assert all(link.startswith("https://example.org/") for link in links)


def test_html_that_readmes_use_stays():
    text = '<p align="center"><b>Demo</b><br/>x</p>\n<details open><summary>More</summary>\n\n*text*\n\n</details>\n'
    assert html(text).replace("\n", "") == (
        '<p align="center"><b>Demo</b><br>x</p><details open=""><summary>More</summary><p><em>text</em></p></details>'
    )


def test_a_table_in_html_stays():
    text = '<table><tr><td colspan="2">a<td>b</table>'
    assert Page(html(text)).tags() == ["table", "tbody", "tr", "td"]
    assert "colspan" in html(text)


def test_tags_left_open_are_closed():
    assert html("<div><b>x") == "<div><b>x</b></div>"


def test_paragraphs_and_items_left_open_end_where_the_next_begins():
    assert html("<ul><li>a<li>b</ul><p>c<p>d") == "<ul><li>a</li><li>b</li></ul><p>c</p><p>d</p>"
    assert html("<dl><dt>a<dd>b<dt>c</dl>") == "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"


def test_comments_are_dropped():
    assert html("a\n\n<!-- not\nseen -->\n\nb <!-- nor this --> c").replace("\n", "") == "<p>a</p><p>b  c</p>"


def test_what_is_no_tag_is_text():
    assert html("1 < 2 and <%= x %> and <3") == "<p>1 &lt; 2 and &lt;%= x %&gt; and &lt;3</p>"


def test_F6_an_image_is_a_link_to_itself_by_its_text():
    assert html("![The logo](https://example.org/logo.png)") == (
        '<p><a href="https://example.org/logo.png" rel="nofollow noopener noreferrer">The logo</a></p>'
    )


def test_F6_an_image_without_a_text_is_named_by_its_file():
    assert Page(html("![](https://example.org/a/logo%20big.png?raw=1)")).text.strip() == "logo big.png"
    assert Page(html('<img src="https://">')).text.strip() == "image"
    assert Page(html('<img src="https://example.org/">')).text.strip() == "image"


def test_F6_a_badge_in_a_link_is_its_text_in_that_link():
    assert html("[![Build](https://ci.example/x.svg)](https://ci.example/)") == (
        '<p><a href="https://ci.example/" rel="nofollow noopener noreferrer">Build</a></p>'
    )


@pytest.mark.parametrize(
    "text",
    [
        "![x](//tracker.example/x.png)",
        '<img src="https://tracker.example/x.png" srcset="https://tracker.example/y.png 2x" alt="x">',
        '<picture><source srcset="https://tracker.example/x.png"><img src="https://tracker.example/x.png"></picture>',
        '<video poster="https://tracker.example/x.png" src="https://tracker.example/x.mp4" autoplay></video>',
        '<p background="https://tracker.example/x.png">x</p>',
        '<div style="background:url(https://tracker.example/x.png)">x</div>',
        '<link rel="stylesheet" href="https://tracker.example/x.css">',
        "![x][1]\n\n[1]: https://tracker.example/x.png",
    ],
)
def test_F6_nothing_is_loaded_from_elsewhere(text):
    assert not set(Page(html(text)).tags()) & {"img", "picture", "source", "video", "link"}


def test_F5_links_of_a_readme_never_act_on_this_server():
    page = Page(html('[x](/api/tokens/1/delete)\n\n<a href="/logout">y</a> <img src=/logout>'))
    assert page.links() == []


def test_an_empty_readme_is_empty():
    assert render_readme("").html == ""


def test_a_readme_at_the_cap_is_whole():
    assert not render_readme("a" * 79 + "\n").truncated
    assert not render_readme("é" * (README_BYTES // 2)).truncated


def test_a_longer_readme_is_cut_at_a_line_and_says_so():
    line = "This line is whole.\n\n"
    rendered = render_readme(line * (README_BYTES // len(line) + 2))
    assert rendered.truncated
    assert rendered.html.endswith("<p>This line is whole.</p>\n")


def test_a_longer_readme_of_one_line_is_cut_between_characters():
    rendered = render_readme("x" + "é" * README_BYTES)
    assert rendered.truncated
    assert "\ufffd" not in rendered.html


def test_a_readme_has_a_table_of_contents_of_its_headings():
    rendered = render_readme("# Demo\n\n## Install *it*\n\n### On `k3s`\n\n#### Deep\n\n## Install it\n")
    assert [(one.level, one.text, one.id) for one in rendered.headings] == [
        (1, "Demo", "readme-demo"),
        (2, "Install it", "readme-install-it"),
        (3, "On k3s", "readme-on-k3s"),
        (2, "Install it", "readme-install-it-1"),
    ]


def test_two_anchors_of_one_name_are_one():
    page = Page(html('<a name="x"></a>\n\n## X\n\n<p id="x">y</p>'))
    assert [attributes.get("id") for _, attributes in page.elements].count("readme-x") == 1


@pytest.mark.parametrize("kind", ["NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"])
def test_an_alert_is_a_quotation_with_a_class_and_a_title(kind):
    page = Page(html(f"> [!{kind}]\n> Mind *this*.\n"))
    assert page.elements[0] == ("blockquote", {"class": f"alert-{kind.lower()}"})
    assert " ".join(page.text.split()) == f"{kind.capitalize()} Mind this."


def test_an_alert_must_stand_alone_in_its_line():
    assert "class" not in html("> [!NOTE] not so\n")
    assert "class" not in html("> [!OTHER]\n> text\n")
    assert "class" not in html("> text [!NOTE]\n")
    assert "class" not in html('<blockquote class="evil">x</blockquote>')


def picture(address):
    return f"/charts/a/b/picture?of={address}"


def test_F6_a_picture_is_shown_from_here_where_it_is_served_here():
    links = ReadmeLinks(picture=picture)
    page = Page(
        html('![a "b"](https://example.org/x.png)\n\n<img src="https://e.example/y.png" width="40" onerror=x>', links)
    )
    found = [attributes for tag, attributes in page.elements if tag == "img"]
    assert found[0] == {"src": "/charts/a/b/picture?of=https://example.org/x.png", "alt": 'a "b"', "loading": "lazy"}
    assert found[1] == {"src": picture("https://e.example/y.png"), "alt": "y.png", "width": "40", "loading": "lazy"}


def test_F6_a_picture_that_a_forge_shows_on_a_page_is_asked_for_as_a_file():
    asked = []
    links = ReadmeLinks(base="https://github.com/o/r/tree/main/charts/demo/", picture=asked.append)
    render_readme(
        "![a](logo.png) ![b](https://github.com/o/r/blob/main/b.png) ![c](https://example.org/blob/c.png)", links
    )
    assert asked == [
        "https://github.com/o/r/raw/main/charts/demo/logo.png",
        "https://github.com/o/r/raw/main/b.png",
        "https://example.org/blob/c.png",
    ]


@pytest.mark.parametrize(
    "source", ["javascript:x", "//t.example/x.png", "data:image/png;base64,x", "/logout", "file:///x"]
)
def test_F6_nothing_but_a_web_address_is_ever_asked_for_as_a_picture(source):
    page = Page(html(f'<img src="{source}" alt="x">', ReadmeLinks(picture=picture)))
    assert "img" not in page.tags()


def test_F5_links_to_the_charts_own_files_lead_to_their_place_here():
    files = {"values.yaml": "/c/v?tab=values", "templates/a.yaml": "/c/v?file=a", "README.md": "#readme"}
    links = ReadmeLinks(base="https://example.org/x/", files=files)
    own = "[a](values.yaml) [b](./templates/a.yaml#L7) [c](README.md#Install) [d](README.md)"
    text = f"{own} [e](docs/x.md) [f](/values.yaml)"
    assert Page(html(text, links)).links() == [
        "/c/v?tab=values",
        "/c/v?file=a#L7",
        "#readme-install",
        "#readme",
        "https://example.org/x/docs/x.md",
        "https://example.org/values.yaml",
    ]


def test_F10_what_turns_text_round_is_visible_and_what_has_no_width_is_gone():
    assert html("a\u202eb\u200bc `x\u2066y`") == "<p>a⟦U+202E⟧bc <code>x⟦U+2066⟧y</code></p>"
    assert "⟦U+202E⟧" in html("<b>&#x202e;</b>")
    assert render_readme("# a\u202eb").headings[0].text == "ab"
