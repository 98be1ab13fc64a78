"""READMEs as safe HTML, rendered beside the requests and kept by their digest.

Rendering takes milliseconds for most, seconds for a README made to be slow: a request waits a moment and else shows the
text as it is, until the next look.
"""

import hashlib
import threading
from collections import OrderedDict
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet

from catalog_web.markdown import README_RENDERER_VERSION, ReadmeLinks, SafeHtml, render_readme

_KEPT = 128
_KEPT_CHARACTERS = 16 * 1024 * 1024
"""Of HTML in all: most have some 50,000, a README of nothing but angle brackets makes 1.6 million."""
_PATIENCE = 2.0
"""Seconds that a request waits."""
_NO_LINKS = ReadmeLinks()


class Readmes:
    """Renders one README at a time; keeps the last 128, and no more than 16 million characters of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._known: OrderedDict[str, Future[SafeHtml]] = OrderedDict()

    def get(self, text: str, links: ReadmeLinks = _NO_LINKS, patience: float = _PATIENCE) -> SafeHtml | None:
        """Return ``text`` as HTML, or None while it is still being rendered after ``patience`` seconds."""
        try:
            return self._future(text, links).result(patience)
        except NotYet:
            return None

    def _future(self, text: str, links: ReadmeLinks) -> Future[SafeHtml]:
        seed = "\0".join((str(README_RENDERER_VERSION), links.owner, links.base, text))
        key = hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()
        with self._lock:
            if key not in self._known:
                self._known[key] = self._start(text, links)
            self._known.move_to_end(key)
            found = self._known[key]
            while len(self._known) > 1 and (len(self._known) > _KEPT or self._characters() > _KEPT_CHARACTERS):
                self._known.popitem(last=False)
            return found

    def _characters(self) -> int:
        return sum(len(one.result().html) for one in self._known.values() if one.done() and not one.exception())

    def _start(self, text: str, links: ReadmeLinks) -> Future[SafeHtml]:
        future: Future[SafeHtml] = Future()

        def work() -> None:
            with self._turn:
                try:
                    future.set_result(render_readme(text, links))
                except Exception as error:
                    future.set_exception(error)

        # a daemon, so that a slow one never delays the end of the program
        threading.Thread(target=work, name="readme", daemon=True).start()
        return future
