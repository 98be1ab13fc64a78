"""Which foreign addresses become links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.links import relative_link, without_userinfo
from catalog_web.markdown import safe_link


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org:8080/a/b?c=d&e=f#g",
        "HTTPS://Example.org/",
        "https://例子.example/图表",
        "https://[2001:db8::1]/",
        "mailto:me@example.org",
        "mailto:me@example.org?subject=Hello",
    ],
)
def test_web_and_mail_addresses_are_links_as_they_are(url):
    assert safe_link(url) == url


def test_blanks_around_an_address_are_dropped():
    assert safe_link(" https://example.org\n") == "https://example.org"


@pytest.mark.parametrize(
    "url",
    [
        *("", " ", "example.org", "/a", "#a", "?a", "//example.org", "https:example.org", "https:/example.org"),
        *("javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x", "ssh://a", "ftp://a"),
        *(
            "https://user@evil.example",
            "https://user:pass@evil.example",
            "https://a\\@b",
            "https://a b",
            "https://a\nb",
        ),
        *("https://[", "https://[::1", "https://a:x", "mailto:", "mailto:nobody", "mailto://me@a", "https://a/\u202eb"),
        *("javascript&colon;alert(1)", "javascript&#58;alert(1)", "https://", "http://:80", "https://a/" + "b" * 2048),
    ],
)
def test_F2_anything_else_is_shown_as_text(url):
    assert safe_link(url) is None


@given(st.text())
def test_F2_whatever_passes_is_a_web_or_mail_address(url):
    passed = safe_link(url)
    assert passed is None or passed.lower().startswith(("http://", "https://", "mailto:"))


def test_a_relative_link_needs_a_base():
    assert relative_link("a", "") is None
    assert relative_link("a", "https://example.org/b/") == "https://example.org/b/a"
    assert relative_link("[::1", "https://example.org/b/") == "https://example.org/b/[::1"


@pytest.mark.parametrize(
    "url", ["//evil", "\\\\evil", "javascript:x", "https://evil/", "https:evil", "", "#a", "//[", "https://["]
)
def test_a_relative_link_stays_on_its_host(url):
    assert relative_link(url, "https://example.org/") is None


@pytest.mark.parametrize(
    ("listed", "shown"),
    [
        ("https://me:secret@x.example/a.tgz", "https://x.example/a.tgz"),
        ("//me@x.example/a.tgz", "//x.example/a.tgz"),
        ("https://x.example/a@b.tgz", "https://x.example/a@b.tgz"),
        ("a@b-1.0.0.tgz", "a@b-1.0.0.tgz"),
        (" http://a:b@c:d@x.example/", "http://x.example/"),
    ],
)
def test_an_address_is_shown_without_its_user_and_password(listed: str, shown: str) -> None:
    assert without_userinfo(listed) == shown
