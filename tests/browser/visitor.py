"""A person at a browser, and what a well-behaved page never does to one."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect

WIDE, NARROW = 1440, 390
PATIENCE = 20_000.0
"""Milliseconds that a page gets for what it has to show."""
BROWSER_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
expect.set_options(timeout=PATIENCE)
_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`);
});
"""
_WIDER = """
() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return "";
  const wide = [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
    .map((one) => `${one.tagName.toLowerCase()}.${one.className}`);
  return `${root.scrollWidth} px wide because of ${wide.slice(0, 5).join(", ")}`;
}
"""


class Visitor:
    """One window with cookies of its own; remembers every request and every complaint of the browser."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        *,
        width: int = WIDE,
        scheme: str = "light",
        language: str = "en",
        javascript: bool = True,
        any_certificate: bool = False,
        beside: Sequence[str] = (),
    ) -> None:
        """``beside``: other servers that may be asked, such as the provider where one signs in."""
        self._context = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": 900 if width == WIDE else 844},
            color_scheme="dark" if scheme == "dark" else "light",
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            java_script_enabled=javascript,
            reduced_motion="reduce",
            ignore_https_errors=any_certificate,
        )
        self._context.set_default_timeout(PATIENCE)
        self._hosts = {urlsplit(one).netloc for one in (url, *beside)}
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._expected: list[str] = []
        self.look = f"{width}-{scheme}-{language}"
        if javascript:
            self._context.add_init_script(_TELL_VIOLATIONS)
        self.page: Page = self._context.new_page()
        self._context.on("request", self._asked)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        self.page.on("framenavigated", lambda _: self.navigations.append(self.page.url))
        self.navigations: list[str] = []

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    # -- doing

    def open(self, path: str) -> Page:
        """Go to an address of Chartroom."""
        self.page.goto(path)
        return self.page

    def button(self, name: str) -> Locator:
        """A button by its name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        """A link by its name."""
        return self.page.get_by_role("link", name=name, exact=True)

    def type_values(self, text: str) -> None:
        """Type into the editor of the values, or into the text area where there is no editor."""
        self.button("YAML").click()
        scripted = self.page.locator("html.js").count()
        self.page.locator(".cm-content" if scripted else "#values_yaml").click()
        self.page.keyboard.insert_text(text)

    def check(self) -> None:
        """Have an install checked, whether or not that has been done before."""
        self.page.locator("#review button[value=check]").click()

    def picture(self, name: str) -> None:
        """Save what is seen, where $CHARTROOM_SCREENSHOTS names a folder."""
        folder = os.environ.get("CHARTROOM_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}-{self.look}.png", full_page=True)

    # -- judging

    def sees(self, text: str) -> None:
        """Fail unless the text comes into sight."""
        expect(self.page.locator("main")).to_contain_text(text, use_inner_text=True)

    def heading(self, text: str) -> None:
        """Fail unless the page is headed so."""
        expect(self.page.get_by_role("heading", level=1).first).to_have_text(text)

    def mark(self) -> None:
        """Leave something in the window that a reload would lose."""
        self.page.evaluate("window.untouched = true")
        self.navigations.clear()

    def stayed(self) -> None:
        """Fail if the page was loaded again since `mark`."""
        assert self.page.evaluate("window.untouched") is True
        assert self.navigations == []

    def fits(self) -> None:
        """Fail if anything must be scrolled sideways to be seen."""
        wider = self.page.evaluate(_WIDER)
        assert not wider, f"{self.page.url} is {wider}"

    def expect_complaint(self, pattern: str) -> None:
        """What the browser may complain about, as a regular expression: an answer that says 409, for example."""
        self._expected.append(pattern)

    def leave(self) -> None:
        """Close the window; fail if the page asked a foreign host for something, or made the browser complain."""
        self._context.close()
        foreign = [
            url for url in self.requests if urlsplit(url).netloc not in self._hosts and not url.startswith("data:")
        ]
        assert not foreign, foreign
        left = [one for one in self.complaints if not any(re.search(known, one) for known in self._expected)]
        assert not left, left
