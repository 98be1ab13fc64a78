"""An Atom document, whatever stands in it."""

from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from hypothesis import given
from hypothesis import strategies as st

from catalog_web.feeds import Entry, Feed, document, stable_id

ATOM = {"a": "http://www.w3.org/2005/Atom"}
NOW = datetime(2026, 11, 1, 12, 30, 15, 999, tzinfo=UTC)


def feed(*entries: Entry) -> Feed:
    """A good one."""
    return Feed("urn:uuid:1", "Redis", "http://here/feed.atom", "http://here/?q=redis", NOW, entries)


def test_a_feed_has_what_readers_need() -> None:
    entry = Entry(stable_id("a"), "redis 7.0.0", "http://here/charts/shop/redis", NOW, "What <b>redis</b> does & more")
    read = Xml.fromstring(document(feed(entry)))
    assert read.tag == "{http://www.w3.org/2005/Atom}feed"
    assert [one.get("rel") for one in read.findall("a:link", ATOM)] == ["self", "alternate"]
    assert read.findtext("a:updated", "", ATOM) == "2026-11-01T12:30:15Z"
    assert read.findtext("a:author/a:name", "", ATOM) == "Chartroom"
    assert read.findtext("a:entry/a:summary", "", ATOM) == "What <b>redis</b> does & more"
    assert read.findtext("a:entry/a:id", "", ATOM) == entry.id


@given(st.text())
def test_foreign_text_never_breaks_the_document(text: str) -> None:
    read = Xml.fromstring(document(feed(Entry("urn:x", text, "http://here/", NOW, text))))
    assert len(read.findall("a:entry", ATOM)) == 1


def test_an_id_belongs_to_its_parts_alone() -> None:
    assert stable_id("store", "a", "bc") == stable_id("store", "a", "bc") != stable_id("store", "ab", "c")
