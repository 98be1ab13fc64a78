"""The pages as a person with a browser and no scripts meets them: text, links and forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from werkzeug.test import TestResponse

from tests.web import HOST, Web

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_INLINE = frozenset({"b", "code", "em", "mark", "span", "strong"})
_UNSEEN = frozenset({"script", "style", "title", "datalist", "option"})
_BOUNDARY = "a-boundary-of-the-test"
Attributes = dict[str, str]


@dataclass
class Form:
    """A form with what it would send as it stands."""

    action: str
    method: str
    multipart: bool
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """One answer, read as HTML; it fails on tags that are not closed."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.status = answer.status_code
        self.headers = answer.headers
        self.html = answer.get_data(as_text=True)
        self.tags: list[tuple[str, Attributes]] = []
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        """Address by text."""
        self._open: list[str] = []
        self._words: list[str] = []
        self._link: tuple[str, list[str]] | None = None
        self._area = self._select = ""
        self.feed(self.html)
        assert self._open == [], f"not closed: {self._open}"

    @property
    def text(self) -> str:
        """What is to be read, with single blanks."""
        return " ".join("".join(self._words).split())

    def all(self, tag: str, **wanted: str) -> list[Attributes]:
        """Attributes of every ``tag`` that has the ``wanted`` ones (``class_`` means one of its classes)."""
        found = [attributes for name, attributes in self.tags if name == tag]
        kind = wanted.pop("class_", "")
        return [
            one for one in found if (not kind or kind in one.get("class", "").split()) and wanted.items() <= one.items()
        ]

    def form(self, action: str = "", having: str = "") -> Form:
        """The form that leads to an address with ``action`` in it, or has a field."""
        return next(one for one in self.forms if action in one.action and (not having or having in one.fields))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        self._part(tag)
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "a":
            self._link = (attributes.get("href", ""), [])
        if tag == "form":
            multipart = attributes.get("enctype", "") == "multipart/form-data"
            self.forms.append(Form(attributes.get("action", ""), attributes.get("method", "get"), multipart))
        self._take_field(tag, attributes)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Inside svg an element may close itself."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag, f"</{tag}> closes something else"
        self._part(tag)
        if tag == "a" and self._link:
            self.links.setdefault(" ".join("".join(self._link[1]).split()), self._link[0])
            self._link = None
        if tag == "textarea":
            self.forms[-1].fields[self._area] = self.forms[-1].fields[self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area] += data
        if self._link:
            self._link[1].append(data)
        if not _UNSEEN & set(self._open):
            self._words.append(data)

    def _part(self, tag: str) -> None:
        if tag not in _INLINE:
            self._words.append(" ")

    def _take_field(self, tag: str, attributes: Attributes) -> None:
        if not self.forms or "form" not in self._open:
            return
        fields, name = self.forms[-1].fields, attributes.get("name", "")
        if attributes.get("type") in ("checkbox", "radio") and "checked" not in attributes:
            return
        if tag == "input" and name:
            fields[name] = attributes.get("value", "")
        elif tag == "textarea":
            self._area = name
            fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and "select" in self._open and ("selected" in attributes or self._select not in fields):
            fields[self._select] = attributes["value"]


@dataclass
class Browser:
    """Asks the application and sends its forms, with cookies, as a browser does."""

    running: Web
    language: str = "en"

    def get(self, path: str, status: int = 200, **headers: str) -> Page:
        """The page at ``path``; every page is looked over for what none may have."""
        answer = self.running.client.get(path, headers=self._headers(headers))
        assert answer.status_code == status, answer.get_data(as_text=True)
        return checked(Page(answer))

    def send(self, form: Form, page: str = "/", **values: str) -> TestResponse:
        """Send ``form`` with some ``values`` changed, from the page at ``page``."""
        data = {**form.fields, **values}
        headers = self._headers({"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"})
        action = urlsplit(urljoin(page, form.action))
        path = action.path + (f"?{action.query}" if action.query else "")
        if form.multipart:
            kind = f"multipart/form-data; boundary={_BOUNDARY}"
            return self.running.client.post(path, data=_multipart(data), content_type=kind, headers=headers)
        return self.running.client.post(path, data=data, headers=headers)

    def sent(self, form: Form, page: str = "/", status: int = 200, **values: str) -> Page:
        """The page that answers to ``send``."""
        answer = self.send(form, page, **values)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return checked(Page(answer))

    def followed(self, form: Form, page: str = "/", **values: str) -> Page:
        """The page that ``send`` leads to."""
        answer = self.send(form, page, **values)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return self.get(answer.headers["Location"].partition("#")[0])

    def _headers(self, more: Mapping[str, str]) -> dict[str, Any]:
        return {"Host": HOST, "Accept-Language": self.language, **more}


def _multipart(fields: Mapping[str, str]) -> bytes:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return "".join([*parts, f"--{_BOUNDARY}--\r\n"]).encode()


def checked(page: Page) -> Page:
    """Fail where a page has what none may have: anything inline, anything foreign that is loaded, two equal ids."""
    loading = [("script", "src"), ("img", "src"), ("link", "href"), ("form", "action"), ("iframe", "src")]
    for tag, attributes in page.tags:
        assert tag not in {"style", "iframe", "object", "embed", "base"}, tag
        assert "style" not in attributes, attributes
        assert not [name for name in attributes if name.startswith("on")], attributes
        for name, place in loading:
            if tag == name and place in attributes:
                assert not urlsplit(attributes[place]).netloc, attributes
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert all(one.get("src") for one in scripts)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids)), sorted(one for one in set(ids) if ids.count(one) > 1)
    return page
