"""A feed as an Atom document. Pure. Source: RFC 4287."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as Xml

MEDIA_TYPE = "application/atom+xml"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed that has told nothing yet was updated."""
_NAMESPACE = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document may hold, not even escaped."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is told."""

    id: str
    title: str
    link: str
    """An absolute address."""
    updated: datetime
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed tells, the newest first."""

    id: str
    title: str
    link: str
    """Its own absolute address."""
    page: str
    """The address of the page that tells the same."""
    updated: datetime
    """When something last changed; without entries, when the feed began."""
    entries: Sequence[Entry]


def stable_id(*parts: str) -> str:
    """A URI that is always the same for the same ``parts`` and for nothing else."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, chr(0).join(parts))}"


def document(feed: Feed) -> bytes:
    """``feed`` as UTF-8 XML. Foreign text stands there as plain text, without what XML cannot hold."""
    root = Xml.Element("feed", xmlns=_NAMESPACE)
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", _moment(feed.updated))
    Xml.SubElement(root, "link", rel="self", type=MEDIA_TYPE, href=feed.link)
    Xml.SubElement(root, "link", rel="alternate", type="text/html", href=feed.page)
    _add(Xml.SubElement(root, "author"), "name", "Chartroom")
    for entry in feed.entries:
        _add_entry(root, entry)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _add_entry(root: Xml.Element, entry: Entry) -> None:
    element = Xml.SubElement(root, "entry")
    _add(element, "id", entry.id)
    _add(element, "title", entry.title)
    _add(element, "updated", _moment(entry.updated))
    Xml.SubElement(element, "link", rel="alternate", type="text/html", href=entry.link)
    if entry.summary:
        _add(element, "summary", entry.summary)


def _add(parent: Xml.Element, name: str, text: str) -> None:
    Xml.SubElement(parent, name).text = _NOT_XML.sub("", text)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
