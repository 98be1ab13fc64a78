"""How Whoosh holds the charts: the only module that knows the engine.

A folder ``index-…`` holds a whole Whoosh index, the file ``current`` names the one in use. A commit is Whoosh's own (a
new table of contents, renamed into place); building anew writes another folder, then replaces ``current``. The row of
the change log up to which the index has followed is a document of the index itself, so both change in one rename: a
process killed at any moment leaves the state before or the state after.

One field holds every term of a chart with its weight, put in when the chart is indexed; scoring is adding them up
(ranking). A plain field a place (name, description, README) costs several times the postings and the time.
"""

import errno
import logging
import shutil
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, replace
from functools import cached_property, lru_cache
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeVar

from filelock import FileLock, Timeout
from whoosh import fields, formats, index
from whoosh.codec.whoosh3 import W3Codec
from whoosh.columns import VarBytesColumn
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import TermNotFound

from indexer.errors import ChartroomError, SearchUnavailable
from indexer.search.columns import Columns, Row
from indexer.search.document import Document, Feed, keyword_labels, keyword_words, name_words, plain, weights
from indexer.search.highlight import Highlighter
from indexer.search.query import Query, parse
from indexer.search.ranking import rank, suggest
from indexer.search.request import NO_MARKS, Facet, Hit, Marks, Note, SearchRequest, SearchResult, Suggestion

FORMAT = 1
"""Raised with every change of what is indexed or how: an index of another format is built anew."""
BATCH = 2_000
"""Rows of the change log read at once; all of them go into one commit."""
LOCK_WAIT = 300.0
"""Seconds to wait for another process that follows; building 15,000 charts takes under a minute."""
BUILD_MEMORY = 64
"""MB of postings held while writing before they go to temporary files."""
DELETED_SHARE = 0.5
"""Above this share of removed documents a commit writes everything into one segment."""
CACHED_WORDS = 512
CACHED_ANSWERS = 64

T = TypeVar("T")
_OPENINGS = count(1)

_log = logging.getLogger(__name__)

_PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EACCES, errno.EPERM)
_CURRENT = "current"
_STATE_KEY = "/"
"""The document that holds the state; a chart's key is source/name and never this."""


class _Terms(fields.FieldType):  # type: ignore[misc]
    """A field that takes {term: weight} as it is; postings carry only that weight."""

    def __init__(self) -> None:
        super().__init__(formats.Existence(), analyzer=None)

    def index(self, value: Mapping[str, float], **options: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        return ((word.encode(), 1, weight, b"") for word, weight in value.items())


class _Codec(W3Codec):  # type: ignore[misc]
    """Without field lengths, which weights do not need and which cost a look at the disk for every posting."""

    length_stats = False


class _Files(FileStorage):  # type: ignore[misc]
    """The files of one index, closed together: Whoosh leaves some open when opening breaks off half-way.

    Without memory maps: a file cut under a map ends the process (SIGBUS), a file cut under a read raises.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), supports_mmap=False)
        self._open: list[Any] = []

    def create_file(self, name: str, **options: Any) -> Any:
        self._open.append(super().create_file(name, **options))
        return self._open[-1]

    def open_file(self, name: str, **options: Any) -> Any:
        self._open.append(super().open_file(name, **options))
        return self._open[-1]

    def close_all(self) -> None:
        """Not ``close``, which Whoosh calls when it is done with one segment."""
        for file in self._open:
            if not file.is_closed:
                file.close()
        self._open.clear()


def _schema() -> fields.Schema:
    return fields.Schema(
        key=fields.ID(),
        terms=_Terms(),
        row=fields.STORED(),
        readme=fields.COLUMN(VarBytesColumn()),
        state=fields.STORED(),
    )


@dataclass(frozen=True, slots=True)
class _State:
    """What the index follows and how far it is."""

    format: int
    store_id: str
    row: int


class _Unreadable(Exception):
    """The files cannot be read: deleted, cut, of a newer Whoosh."""

    @property
    def for_good(self) -> bool:
        """Not for want of file handles, memory or rights just now."""
        return not (isinstance(self.__cause__, OSError) and self.__cause__.errno in _PASSING)


@contextmanager
def _reading() -> Iterator[None]:
    """Whoosh raises whatever comes up when its files are damaged: EOFError, MemoryError, struct.error…"""
    try:
        yield
    except Exception as error:
        raise _Unreadable(f"{type(error).__name__}: {error}") from error


class _Opened:
    """One commit of the index, opened for reading by one thread at a time (Whoosh's readers share file positions)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = next(_OPENINGS)
        self._files = _Files(folder)
        try:
            with _reading():
                self._index = index.FileIndex(self._files)
                self._reader = self._index.reader()
                self.state = self._read_state()
        except _Unreadable:
            self._files.close_all()
            raise
        self.postings = lru_cache(CACHED_WORDS)(self._postings)
        self._answer = lru_cache(CACHED_ANSWERS)(self._answered)

    def close(self) -> None:
        del self.postings, self._answer  # they hold this object, and it holds them
        self._files.close_all()

    def is_newest(self, folder: Path) -> bool:
        """Whether ``folder`` is in use and nobody has committed since: one listing, so it is asked for every question.

        Reads no open file, so any thread may ask."""
        return self.folder == folder and bool(self._index.latest_generation() == self._reader.generation())

    def warm(self) -> None:
        """Read what every question needs; at 15,000 charts it takes about a second."""
        with _reading():
            _ = self.columns.places, self._readmes

    def _read_state(self) -> _State:
        found = self._reader.postings("key", _STATE_KEY)
        return _State(*self._reader.stored_fields(found.id())["state"])

    @cached_property
    def columns(self) -> Columns:
        with _reading():
            stored = self._reader.iter_docs()
            return Columns({number: Row(*kept["row"]) for number, kept in stored if "row" in kept})

    def _postings(self, word: str) -> Mapping[int, float]:
        """The charts that have a term, with its weight there."""
        found: dict[int, float] = {}
        with _reading():
            for segment, offset in self._reader.leaf_readers():
                with suppress(TermNotFound):
                    matcher = segment.postings("terms", word)
                    while matcher.is_active():
                        found[matcher.id() + offset] = matcher.weight()
                        matcher.next()
        return found

    @cached_property
    def _readmes(self) -> Any:
        return self._reader.column_reader("readme", translate=False)

    def _readme(self, number: int) -> str:
        with _reading():
            packed = self._readmes[number]
            return zlib.decompress(packed).decode() if packed else ""

    def search(self, request: SearchRequest, query: Query) -> SearchResult:
        ordered, facets, notes = self._answer(query, replace(request, text="", limit=0, offset=0))
        show = Highlighter(query)
        hits = tuple(self._hit(number, show) for number in ordered[request.page])
        return SearchResult(total=len(ordered), hits=hits, facets=facets, notes=notes)

    def _answered(
        self, query: Query, request: SearchRequest
    ) -> tuple[list[int], dict[Facet, tuple[tuple[str, int], ...]], tuple[Note, ...]]:
        scores, notes = rank(query, self.columns, self.postings)
        found, facets = self.columns.filtered(scores.keys(), request)
        if request.sort == "relevance":
            return sorted(found, key=scores.__getitem__, reverse=True), facets, notes
        return sorted(found, key=self.columns.places[request.sort].__getitem__), facets, notes

    def _hit(self, number: int, show: Highlighter) -> Hit:
        row = self.columns.rows[number]
        return Hit(row.source, row.name, tuple(show.matches(row, lambda: self._readme(number))))


class SearchIndex:
    """The search index in ``folder``: any number of processes and threads read it, one at a time follows.

    The lock is a file beside the folder, so that deleting the folder at any time loses nothing.

    A commit is opened and warmed while questions are still answered from the one before: at the end of ``follow`` in
    the process that made it, so that what was followed is found; elsewhere behind the first question that notices it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._one_at_a_time = threading.Lock()
        """Held for every question."""
        self._renewing = threading.Lock()
        """Held while a newer commit is opened; taken before the other one."""
        self._behind: threading.Thread | None = None
        self._opened: _Opened | None = None

    # -- reading

    @property
    def commit(self) -> int:
        """Another number for every commit that answers questions here; 0 while none is open. Costs nothing."""
        opened = self._opened
        return opened.number if opened else 0

    def search(self, request: SearchRequest, marks: Marks = NO_MARKS) -> SearchResult:
        """One page of charts with facets. Raises BadQuery, and SearchUnavailable while there is no index to read."""
        query = parse(request.text)
        return self._read(lambda opened: opened.search(request, query))

    def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """Chart names that ``text`` may become, best first. Raises as ``search`` does."""
        query = parse(text)
        return self._read(lambda opened: suggest(query, opened.columns, limit))

    def lag(self, feed: Feed) -> int:
        """Rows of the change log that are not yet in the index; at least 1 while the index has to be built."""
        state = self._state()
        with self._one_at_a_time, suppress(SearchUnavailable):
            self._renew_behind(self._current())
        if state is None or not _continues(state, feed):
            return feed.last_change() + 1
        return feed.last_change() - state.row

    def close(self) -> None:
        """Let go of the files; the next question opens them again."""
        with self._one_at_a_time:
            self._close()

    def _read(self, ask: Callable[[_Opened], T]) -> T:
        """Ask the opened commit. A second try is for files that were replaced between finding and opening them."""
        with self._one_at_a_time:
            try:
                return ask(self._at_hand())
            except _Unreadable:
                self._close()
            try:
                return ask(self._at_hand())
            except _Unreadable as error:
                self._close()
                _log.warning("The search index cannot be read: %s", error)
                if error.for_good:
                    self._drop()
                raise SearchUnavailable(detail=str(error)) from error

    def _at_hand(self) -> _Opened:
        """The commit that is open, a newer one being opened behind; the newest where none is open."""
        folder = self._current()
        if self._opened is None:
            self._opened = _Opened(folder)
        self._renew_behind(folder)
        return self._opened

    def _renew_behind(self, folder: Path) -> None:
        """Start ``_renew`` in the background, unless it is not needed or under way."""
        if self._opened is None or self._opened.is_newest(folder) or (self._behind and self._behind.is_alive()):
            return
        self._behind = threading.Thread(target=self._renew, name="open-index", daemon=True)
        self._behind.start()

    def _renew(self) -> None:
        """Put the newest commit, warmed, in the place of the one that is open, if any.

        Where that fails none is open afterwards: the next question tries again, and tells why it cannot be answered.
        """
        with self._renewing:
            former = self._opened
            if former is None or self._is_newest(former):
                return
            fresh = self._warmed() or self._warmed()  # again for files that were replaced meanwhile
            with self._one_at_a_time:
                if self._opened is former:
                    former.close()
                    self._opened = fresh
                elif fresh is not None:  # closed, or opened anew by a question
                    fresh.close()

    def _is_newest(self, opened: _Opened) -> bool:
        with suppress(SearchUnavailable):
            return opened.is_newest(self._current())
        return False

    def _warmed(self) -> _Opened | None:
        """The newest commit, ready for questions; None where it cannot be read."""
        opened = None
        try:
            opened = _Opened(self._current())
            opened.warm()
        except (_Unreadable, SearchUnavailable):
            if opened is not None:
                opened.close()
            return None
        return opened

    def _current(self) -> Path:
        """The folder in use."""
        try:
            return self._folder / (self._folder / _CURRENT).read_text()
        except FileNotFoundError:
            raise SearchUnavailable(detail="it has not been built yet") from None
        except (OSError, ValueError) as error:
            raise SearchUnavailable(detail=str(error)) from error

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.close()
        self._opened = None

    def _drop(self) -> None:
        """Mark the index as unusable: the next ``follow`` builds it anew. Left alone while somebody is writing."""
        with suppress(OSError, SearchUnavailable), self._alone(wait=0):
            (self._folder / _CURRENT).unlink(missing_ok=True)

    def _state(self) -> _State | None:
        """The newest commit's, which is opened for this alone where it is not open; None where there is none."""
        opened = self._opened
        if opened is not None and self._is_newest(opened):
            return opened.state
        try:
            newest = _Opened(self._current())
        except (_Unreadable, SearchUnavailable):
            return None
        newest.close()
        return newest.state

    # -- writing

    def follow(self, feed: Feed) -> int:
        """Bring the index up to the store, in one commit, and return the row of the change log that it has reached.

        Builds it anew where it is absent, damaged, of another format or store, or behind the log. Raises
        SearchUnavailable when it cannot be written, and what ``feed`` raises; the index stays as it was then.
        """
        with self._alone(wait=LOCK_WAIT):
            row = self._continue(feed)
        self._renew()
        return row

    def rebuild(self, feed: Feed) -> int:
        """Build the index anew beside the present one, then swap. Returns and raises as ``follow`` does."""
        with self._alone(wait=LOCK_WAIT):
            row = self._rebuild(feed)
        self._renew()
        return row

    @contextmanager
    def _alone(self, wait: float) -> Iterator[None]:
        lock = FileLock(f"{self._folder}.lock", timeout=wait)
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise SearchUnavailable(detail="another process has been writing it for a long time") from error
        except OSError as error:
            raise SearchUnavailable(detail=f"it cannot be written ({error})") from error
        try:
            yield
        finally:
            lock.release()

    def _continue(self, feed: Feed) -> int:
        state = self._state()
        if state is None or not _continues(state, feed):
            return self._rebuild(feed)
        try:
            return self._apply(feed, state)
        except ChartroomError:
            raise
        except Exception as error:
            _log.warning("The search index cannot be continued (%s: %s): building it anew", type(error).__name__, error)
            return self._rebuild(feed)

    def _apply(self, feed: Feed, state: _State) -> int:
        row, keys = _changes(feed, state.row)
        if row == state.row:
            return row
        folder = self._current()
        _sweep(folder)
        with _writing(folder) as writer:
            for key in (_STATE_KEY, *map(_key, keys)):
                writer.delete_by_term("key", key)
            _add(writer, feed.documents(keys), _State(FORMAT, feed.store_id, row))
            crowded = writer.deleted_count() > DELETED_SHARE * sum(s.doc_count_all() for s in writer.segments)
            writer.optimize = crowded
        return row

    def _rebuild(self, feed: Feed) -> int:
        self._clear(keep=self._current_name())
        fresh = self._folder / f"index-{token_hex(8)}"
        try:
            fresh.mkdir(parents=True)
            row = _build(fresh, feed)
            self._swap(fresh.name)
        except ChartroomError:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        except Exception as error:
            shutil.rmtree(fresh, ignore_errors=True)
            raise SearchUnavailable(detail=f"it could not be built ({type(error).__name__}: {error})") from error
        self._clear(keep=fresh.name)
        return row

    def _current_name(self) -> str:
        with suppress(SearchUnavailable):
            return self._current().name
        return ""

    def _swap(self, name: str) -> None:
        pointer = self._folder / f"{_CURRENT}.next"
        pointer.write_text(name)
        pointer.replace(self._folder / _CURRENT)

    def _clear(self, keep: str) -> None:
        """Remove the folders of former indexes and of builds that were cut off."""
        for folder in self._folder.glob("index-*"):
            if folder.name != keep:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _writing(folder: Path) -> Iterator[Any]:
    """A writer that commits at the end or, on any error, not at all. Blocks of 4096 postings are read in one go."""
    files = _Files(folder)
    try:
        writer = index.FileIndex(files).writer(limitmb=BUILD_MEMORY, codec=_Codec(blocklimit=4096))
        try:
            yield writer
            writer.commit()
        except BaseException:
            with suppress(Exception):
                writer.cancel()
            raise
    finally:
        files.close_all()


def _build(folder: Path, feed: Feed) -> int:
    """The row is read first: what changes while the charts are read is followed again later."""
    row = feed.last_change()
    index.create_in(str(folder), _schema())
    with _writing(folder) as writer:
        _add(writer, feed.all_documents(), _State(FORMAT, feed.store_id, row))
    return row


def _add(writer: Any, documents: Iterable[Document], state: _State) -> None:
    for document in documents:
        prose = plain(document.readme)
        writer.add_document(
            key=_key((document.source, document.name)),
            terms=weights(document, prose),
            row=astuple(_row(document)),
            readme=zlib.compress(prose.encode(errors="replace"), 1),
        )
    writer.add_document(key=_STATE_KEY, state=astuple(state))


def _row(document: Document) -> Row:
    return Row(
        source=document.source,
        name=document.name,
        description=document.description,
        keywords=keyword_labels(document.keywords),
        deprecated=document.deprecated,
        updated=document.updated.timestamp() if document.updated else float("-inf"),
        name_words=name_words(document.name),
        keyword_words=keyword_words(document.keywords),
    )


def _key(chart: tuple[str, str]) -> str:
    return "/".join(chart)


def _changes(feed: Feed, since: int) -> tuple[int, set[tuple[str, str]]]:
    """All that is new, read in batches."""
    keys: set[tuple[str, str]] = set()
    while True:
        row, touched = feed.changed_charts(since, BATCH)
        if row == since:
            return row, keys
        since = row
        keys |= touched


def _continues(state: _State, feed: Feed) -> bool:
    """Whether the index can be brought up to the store by the rows that the log still has."""
    return (
        state.format == FORMAT
        and state.store_id == feed.store_id
        and feed.oldest_change() - 1 <= state.row <= feed.last_change()
    )


def _sweep(folder: Path) -> None:
    """Remove what a killed writer left and Whoosh does not: half-written tables of contents."""
    for left in folder.glob("*.toc.*"):
        left.unlink(missing_ok=True)
