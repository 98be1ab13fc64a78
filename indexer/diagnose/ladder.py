"""The order of a test: from a name to the number of charts. What each rung says is decided elsewhere.

Below HTTP each step is taken by itself, to see where the way ends; above, the charts are listed by the same code as in
a sync, so that a test never finds good what a sync cannot read.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from indexer.diagnose import words
from indexer.diagnose.clock import Clock, Watch
from indexer.diagnose.explain import Told, explain, explain_instead
from indexer.diagnose.handshake import Seen, client_certificate_wanted, examine, judge
from indexer.diagnose.instead import look_closer
from indexer.diagnose.listing import Read, read_charts
from indexer.diagnose.result import RUNGS, RUNGS_BY_PROXY, Diagnosis, Rung, RungId
from indexer.diagnose.road import PATIENCE, ProxyAnswer, Road, Step, proxy_asks_who
from indexer.errors import (
    AddressRefused,
    AuthenticationFailed,
    BadAnswer,
    BadUrl,
    ConnectionFailed,
    CredentialsUnreadable,
    CutOff,
    HttpStatus,
    NotAnIndex,
    ProxyFailed,
    SourceError,
    TimedOut,
    TlsFailed,
    phrase,
)
from indexer.http import Access, Client, check_url
from indexer.http.probe import look, speaks_http
from indexer.model import Source
from indexer.sources.detect import Detected, detect, has_no_index
from indexer.sources.index_yaml import index_url
from indexer.sources.oci.reference import parse_address
from indexer.sources.oci.source import origins

SECONDS = 25.0
"""For the whole ladder, but for reading what came, which goes on to its end."""
_CLOSER = 5.0
_DETECTING = 5.0
_GREETING = 64 * 1024
_ANY = frozenset({200, 401, 403, 404})
"""What registries answer to somebody whom they do not know."""
_BAD_REQUEST = 400
_UPPER: tuple[RungId, ...] = ("http", "kind", "auth", "read", "charts")


def diagnose(source: Source, access: Access, spool: Path, *, disclose: bool, seconds: float = SECONDS) -> Diagnosis:
    """Climb from the name of the server of ``source`` to its charts, reached by ``access``; nothing is kept.

    ``disclose``: of an address that may not be dialled tell which it is; else only that it may not. Whatever a server
    does becomes a rung, so nothing is raised for it.
    """
    clock = Clock(seconds)
    return _Climb(source, replace(access, until=clock.ends), spool, clock, disclose).climbed()


class _End(Exception):
    """The way ends at a rung."""


class _Climb:
    def __init__(self, source: Source, access: Access, spool: Path, clock: Clock, disclose: bool) -> None:
        self._source, self._access, self._spool = source, access, spool
        self._clock, self._disclose = clock, disclose
        self._watch = Watch()
        self._rungs: dict[RungId, Rung] = {}
        self._road: Road | None = None
        self._seen: Seen | None = None
        self._without_tls = False

    def climbed(self) -> Diagnosis:
        with suppress(_End):
            if self._source.kind == "directory":
                self._stay()
            else:
                self._road = self._way()
                self._reach(self._road)
            self._read(None)
        order = RUNGS_BY_PROXY if self._road and self._road.proxy else RUNGS
        seen = self._seen
        certificates, trust = (seen.certificates, seen.trust) if seen else ((), None)
        return Diagnosis(tuple(self._in(order)), self._source, certificates, trust)

    def _in(self, order: tuple[RungId, ...]) -> Iterator[Rung]:
        """All rungs; those behind the one that failed count as not tried, as a fault may come to light late."""
        has_failed = False
        for one in order:
            rung = self._rungs.get(one)
            yield words.not_tried(one) if rung is None or has_failed else rung
            has_failed = has_failed or (rung is not None and rung.state == "fail")

    # -- to the server

    def _stay(self) -> None:
        for rung in (*RUNGS[: RUNGS.index("kind")], "auth"):
            self._put(rung, words.no_server(), 0)

    def _way(self) -> Road:
        try:
            return Road(_first_url(self._source), self._access, self._clock)
        except BadUrl as error:
            self._fail("dns", Step("fail", phrase(error.cause_text, **error.params), phrase(error.remedy_text)))

    def _reach(self, road: Road) -> None:
        self._take("proxy", road.through_proxy)
        self._take("dns", road.name)
        self._take("tcp", road.port_answers)
        self._take("tls", lambda: self._tls(road))

    def _take(self, rung: RungId, step: Callable[[], Step]) -> None:
        """Take a step, and end where it fails."""
        try:
            found = step()
        except AddressRefused as error:
            self._closed(rung, error)
        except SourceError as error:
            told = explain(error, self._source)
            self._fail("auth" if isinstance(error, CredentialsUnreadable) else rung, _step(told))
        if found.state == "fail":
            self._fail(rung, found)
        self._put(rung, found, self._watch.lap())

    def _tls(self, road: Road) -> Step:
        if not road.is_tls:
            return words.without_tls(self._source)
        try:
            self._seen = examine(road.dial, road.host, self._access.tls, self._patience)
        except TimeoutError:
            return words.handshake_stalls()
        except (OSError, ProxyAnswer):
            return self._plain(road) or words.handshake_closed()
        found = judge(self._seen, self._access.tls)
        # nginx answers plain HTTP at the port of TLS, too, to say that it is.
        speaks_none = not self._seen.shown.chain and not self._seen.verdict.is_good
        return (self._plain(road) if speaks_none else None) or Step(found.state, found.cause, found.remedy)

    def _plain(self, road: Road) -> Step | None:
        """The step where plain HTTP is spoken at the port; None: it is not."""
        try:
            with closing(road.dial()) as wire:
                is_plain = speaks_http(wire, road.host, self._patience())
        except (OSError, ProxyAnswer):
            return None
        if not is_plain:
            return None
        self._without_tls = self._source.kind == "oci" and len(origins(self._source.host, self._access)) > 1
        return words.plain_taken() if self._without_tls else words.plain_at(road.host, road.port)

    def _patience(self) -> float:
        return self._clock.left(PATIENCE)

    # -- to the charts

    def _read(self, found: Detected | None) -> None:
        """Read as a sync does. ``found``: where the kind had to be found out."""
        self._watch.lap()
        if self._source.kind == "harbor" and found is None:
            found = self._detected()
        answers = found is not None or (self._source.kind == "oci" and self._is_answered())
        if answers:
            self._put_once("http", words.answers(), self._watch.lap())
        read = Read(has_begun=answers)
        try:
            read_charts(self._source, self._access, self._spool, self._clock, read)
        except SourceError as error:
            self._ended(error, read, found)
        else:
            self._listed(read, found)

    def _listed(self, read: Read, found: Detected | None) -> None:
        took, first = self._watch.lap(), self._first(read)
        self._put_once("http", words.answers(), first)
        self._put_once("kind", words.kind(self._source, found), 0)
        self._put_once("auth", words.signed_in(self._source), 0)
        self._put("read", words.was_read(read), took - first)
        self._put("charts", words.charts(self._source, read), 0)

    def _ended(self, error: SourceError, read: Read, found: Detected | None) -> None:
        first = self._first(read)
        if found is None and self._source.kind == "index":
            if has_no_index(self._source, error):
                self._without_index(first)
            elif isinstance(error, AuthenticationFailed):
                found = self._detected()
        told = self._told(error, read)
        took = self._watch.lap()
        if told.rung in _UPPER:
            self._below(told.rung, first, found)
        self._fail(told.rung, _step(told), took)

    def _without_index(self, first: int) -> None:
        """Something else is there. As in a sync, a Harbor is read as one where nobody said what it is."""
        found = self._detected()
        if found is None:
            return
        self._put("http", words.answers(), first)
        if self._source.kind_given or found.kind != "harbor":
            self._fail("kind", words.other_kind(found), self._watch.lap())
        self._source = replace(self._source, kind=found.kind)
        self._put("kind", words.kind(self._source, found), self._watch.lap())
        self._read(found)
        raise _End

    def _detected(self) -> Detected | None:
        return detect(self._source.url, self._access, timeout=self._clock.left(_DETECTING))

    def _is_answered(self) -> bool:
        """Whether anything speaks HTTP where the registry should be."""
        scheme = "http" if self._without_tls else "https"
        url = f"{scheme}://{self._source.host}/v2/"
        with Client(url, self._access) as client:
            try:
                client.ask(url, limit=_GREETING, deadline=self._clock.left(_DETECTING), accept=_ANY, authorization="")
            except SourceError:
                return False
        return True

    def _below(self, rung: RungId, first: int, found: Detected | None) -> None:
        """The rungs of the upper half that were passed on the way to ``rung``."""
        passed = _UPPER[: _UPPER.index(rung)]
        unknown = rung == "auth" and found is None and self._source.kind == "index" and not self._source.kind_given
        if "http" in passed:
            self._put_once("http", words.answers(), first)
        if "kind" in passed:
            self._put_once("kind", words.kind_unknown() if unknown else words.kind(self._source, found), 0)
        if "auth" in passed:
            self._put_once("auth", words.signed_in(self._source), 0)

    def _told(self, error: SourceError, read: Read) -> Told:
        """Where the way ended, with a closer look where the error does not tell enough."""
        road = self._road
        if isinstance(error, AddressRefused):
            self._closed("http", error)
        if road is not None and isinstance(error, ProxyFailed) and road.proxy and "407" in error.cause:
            return _told("proxy", proxy_asks_who(road.proxy))
        if self._wants_client_certificate(error):
            wanted = client_certificate_wanted()
            return Told("tls", wanted.cause, wanted.remedy)
        if road is not None and not road.is_tls and _is_no_http(error) and self._speaks_tls(road):
            return _told("http", words.tls_at(road.host, road.port))
        if isinstance(error, NotAnIndex) and self._source.kind == "index":
            closer = look_closer(index_url(self._source.url), self._access, self._clock.left(_CLOSER))
            return explain_instead(error, self._source, closer)
        told = explain(error, self._source)
        return replace(told, rung="read") if isinstance(error, TimedOut) and read.has_begun else told

    def _wants_client_certificate(self, error: SourceError) -> bool:
        asked = self._seen is not None and self._seen.shown.asks_client and self._access.tls.client is None
        refused = isinstance(error, TlsFailed | ConnectionFailed | CutOff) or _status(error) == _BAD_REQUEST
        return asked and refused

    def _speaks_tls(self, road: Road) -> bool:
        try:
            with closing(road.dial()) as wire:
                return bool(look(wire, road.host, self._patience()).version)
        except (OSError, ProxyAnswer):
            return False

    def _first(self, read: Read) -> int:
        return round((read.first - read.started) * 1000) if read.first else 0

    # -- rungs

    def _closed(self, rung: RungId, error: AddressRefused) -> NoReturn:
        """How long it took would tell as well whether a name is known."""
        if self._disclose:
            self._fail(rung, words.open_address(error))
        self._fail(rung, words.closed(error), 0)

    def _fail(self, rung: RungId, step: Step, ms: int | None = None) -> NoReturn:
        self._put(rung, step, self._watch.lap() if ms is None else ms)
        raise _End

    def _put_once(self, rung: RungId, step: Step, ms: int) -> None:
        if rung not in self._rungs:
            self._put(rung, step, ms)

    def _put(self, rung: RungId, step: Step, ms: int) -> None:
        self._rungs[rung] = Rung(rung, step.state, ms, step.cause, step.remedy, step.facts or {})


def _first_url(source: Source) -> str:
    """The address that is asked first. Raises BadUrl."""
    if source.kind == "oci":
        return f"https://{parse_address(source.url).host}"
    if source.kind == "harbor":
        parts = urlsplit(check_url(source.url))
        return f"{parts.scheme}://{parts.netloc}"
    return index_url(source.url)


def _step(told: Told) -> Step:
    return Step("fail", told.cause, told.remedy)


def _told(rung: RungId, step: Step) -> Told:
    return Told(rung, step.cause, step.remedy)


def _is_no_http(error: SourceError) -> bool:
    return isinstance(error, BadAnswer | ConnectionFailed | CutOff) or _status(error) == _BAD_REQUEST


def _status(error: SourceError) -> int:
    return error.params.get("status", 0) if isinstance(error, HttpStatus) else 0
