"""Requests to Harbor's own API: who asks is made sure of, and a list is read to its proven end.

Facts about Harbor that the code rests on were seen on 2.15.2 and 2.7.4:

* Wrong credentials, or a robot account that is disabled, get a 200 with what everybody may see. ``/v2/`` alone always
  tells. A wrong password locks the account for a moment, so it is tried once.
* ``Link`` is decoded once too often and loses filters, and with some page sizes it leads on for ever: never followed.
* Filters and orders that are not known are ignored without a word: whoever filters checks the rows again.
* HEAD is not served, and there is nothing to make a request conditional.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from indexer.errors import N_, BadAnswer, CutOff, HttpStatus, LoginRefused, Phrase, TooLarge, phrase
from indexer.http import Access, Client, Limits, Reply, check_url, shown_url
from indexer.sources.harbor.release import Release, release_of

API = "/api/v2.0"
OLD_API = "/api"
API_SECONDS = 60.0
"""For one answer: lists are short, and computed at once."""
"""Of Harbor 1.x."""
PAGE = 100
"""Rows; Harbor refuses to be asked for more."""
MAX_ROWS = 200_000
_MAX_PAGES = 2 * MAX_ROWS // PAGE
_SWEEPS = 2
_SMALL = 1024 * 1024
_UNAUTHORIZED, _NOT_FOUND = 401, 404
_COUNT = re.compile(r"[0-9]{1,9}")

Row = Mapping[str, Any]
Step = Callable[[int, int], None]
"""Is told how much is done, and of how much."""
Read = TypeVar("Read")


def _no_step(_done: int, _total: int) -> None:
    return


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list."""

    rows: tuple[Row, ...]
    total: int
    """Rows of the whole list, as Harbor tells."""
    url: str
    """For errors."""


class HarborApi:
    """One Harbor, at the origin of ``url``, read by ``access``.

    ``timeout``: seconds for one answer; ``budget``: bytes for all of them. Safe to use from several threads. All calls
    raise FetchError, CredentialsUnreadable.
    """

    def __init__(self, url: str, access: Access, *, timeout: float, budget: int, limits: Limits | None = None) -> None:
        parts = urlsplit(check_url(url))
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.host = parts.netloc
        self.anonymous = access.credentials is None
        self.bytes = 0
        """Received so far."""
        self._client = Client(self.origin, access, limits)
        self._timeout, self._budget = timeout, budget
        self._lock = threading.Lock()

    def verify(self) -> None:
        """Make sure that Harbor takes the credentials, if there are any: one request. Raises LoginRefused."""
        if self.anonymous:
            return
        reply = self.ask("/v2/", accept=frozenset({200, _UNAUTHORIZED}))
        if reply.status != _UNAUTHORIZED:
            return
        offered = reply.headers.get("www-authenticate", "").lower()
        if offered.startswith("bearer") and self.release().is_old:  # it takes nothing but tokens there
            return
        raise LoginRefused(url=self.origin, status=_UNAUTHORIZED, detail="")

    def release(self) -> Release:
        """Which Harbor it is. Since 2.8 it tells no number to somebody whom it does not know."""
        try:
            told = self.json(f"{API}/systeminfo")
        except HttpStatus as error:
            if error.params["status"] != _NOT_FOUND:
                raise
            told = self.json(f"{OLD_API}/systeminfo")
        return release_of(told if isinstance(told, dict) else {})

    def page(self, path: str, query: str = "", number: int = 1, size: int = PAGE) -> Page:
        """A page of the list at ``path``; ``query`` is percent-encoded as it is to be sent."""
        paging = f"page={number}&page_size={size}"
        reply = self.ask(f"{path}?{query}&{paging}" if query else f"{path}?{paging}")
        url = shown_url(reply.final_url)
        rows, count = _parsed(reply), reply.headers.get("x-total-count", "")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadAnswer(url=url, detail=phrase(N_("a list belongs there, and this is none")))
        if not _COUNT.fullmatch(count):
            raise BadAnswer(url=url, detail=phrase(N_("it does not tell how many rows there are")))
        return Page(tuple(rows), int(count), url)

    def sweep(
        self, path: str, query: str, read: Callable[[Row], Read], *, key: str = "id", step: Step = _no_step
    ) -> tuple[Read, ...]:
        """What ``read`` makes of every row of a list, in the order of ``key``, an ascending number.

        People push meanwhile, which adds rows at the end. They delete as well, by which a row may move to a page that
        was read already; then all is read once more. Raises CutOff where the rows do not become as many as told.
        """
        for _ in range(_SWEEPS):
            sweep = _Sweep(key)
            for number in range(1, _MAX_PAGES + 1):
                page = self.page(path, f"{query}&sort={key}" if query else f"sort={key}", number)
                sweep.take(page, read)
                step(len(sweep.found), page.total)
                if sweep.ended:
                    break
            if sweep.is_whole:
                return tuple(sweep.found[one] for one in sorted(sweep.found))
        detail = phrase(N_("{rows} of {total} rows came"), rows=len(sweep.found), total=sweep.total)
        raise CutOff(url=page.url, detail=detail)

    def json(self, path: str) -> Any:
        """The JSON at ``path``."""
        return _parsed(self.ask(path, limit=_SMALL))

    def ask(self, path: str, *, limit: int = 0, accept: frozenset[int] = frozenset({200})) -> Reply:
        """GET ``path`` (with its query) of this Harbor: at most ``limit`` bytes; 0: what is left of the budget.

        Raises TooLarge.
        """
        url, most = f"{self.origin}{path}", limit or max(self._budget - self.bytes, 1)
        try:
            reply = self._client.ask(url, limit=most, deadline=min(API_SECONDS, self._timeout), accept=accept)
        except TooLarge as error:
            raise TooLarge(**{**error.params, "limit": limit or self._budget}) from None
        with self._lock:
            self.bytes += len(reply.body)
        return reply


class _Sweep:
    """Rows as page after page comes."""

    def __init__(self, key: str) -> None:
        self.found: dict[int, Any] = {}
        self.total = 0
        self.ended = self._moved = False
        self._key = key

    def take(self, page: Page, read: Callable[[Row], Any]) -> None:
        before = len(self.found)
        for row in page.rows:
            number = self._number(row, page.url)
            self.found[number] = read(row)
        self._moved = page.total < self.total
        self.total = page.total
        stuck = bool(page.rows) and len(self.found) == before
        self.ended = self._moved or stuck or not page.rows or len(self.found) >= page.total
        if len(self.found) > MAX_ROWS:
            raise BadAnswer(url=page.url, detail=phrase(N_("it lists more than {limit} rows"), limit=f"{MAX_ROWS:,}"))

    @property
    def is_whole(self) -> bool:
        return not self._moved and len(self.found) == self.total

    def _number(self, row: Row, url: str) -> int:
        number = row.get(self._key)
        if not isinstance(number, int) or isinstance(number, bool):
            raise BadAnswer(url=url, detail=phrase(N_("a row has no number")))
        return number


def encoded(name: str) -> str:
    """``name`` of a project or repository as a part of a path. Harbor decodes it twice, so that a “/” survives."""
    return quote(quote(name, safe=""), safe="")


def _parsed(reply: Reply) -> Any:
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        raise BadAnswer(url=shown_url(reply.final_url), detail=_no_json(reply.body)) from None


def _no_json(body: bytes) -> Phrase:
    if body.lstrip()[:1] == b"<":
        return phrase(N_("it is a page for people, where a Harbor's API answers JSON"))
    return phrase(N_("it is no JSON"))
