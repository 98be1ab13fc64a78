"""How Whoosh holds the charts: the only module that knows the engine.

A folder ``index-…`` holds a whole Whoosh index, the file ``current`` names the one in use. A commit is Whoosh's own (a
new table of contents, renamed into place); building anew writes another folder, then replaces ``current``. The row of
the change log up to which the index has followed is a document of the index itself, so both change in one rename: a
process killed at any moment leaves the state before or the state after.

Each segment has two files of our own beside Whoosh's: its charts' rows, and its terms with their charts and weights as
sorted arrays (postings). Both are held in memory while the commit is open, and a segment that the next commit still
has is not read again. Whoosh's own postings cost ten times as much to write and a hundred times as much to read; it
keeps what it is good at: commits, segments and their merging, removed documents, and what is read a chart at a time.
"""

import errno
import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple, dataclass, replace
from functools import cache, cached_property, lru_cache
from itertools import count, islice
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import Any, Self, TypeVar

import numpy as np
from filelock import FileLock, Timeout
from whoosh import fields, index
from whoosh.codec.whoosh3 import W3Codec
from whoosh.columns import VarBytesColumn
from whoosh.filedb.filestore import FileStorage
from whoosh.writing import SegmentWriter

from indexer.errors import ChartroomError, SearchUnavailable
from indexer.search.answers import Answer, Engine
from indexer.search.columns import Columns
from indexer.search.document import Document, Feed, weights
from indexer.search.highlight import Highlighter
from indexer.search.postings import Gatherer, Part, Postings, Table
from indexer.search.prose import plain
from indexer.search.query import Query, parse
from indexer.search.request import (
    ALL_SEEN,
    NO_MARKS,
    Hit,
    Marks,
    SearchRequest,
    SearchResult,
    Suggestion,
    Unseen,
)
from indexer.search.rows import Row, from_bytes, row_of, to_bytes
from indexer.search.texts import Texts, values_lines

FORMAT = 2
"""Raised with every change of what is indexed or how: an index of another format is built anew."""
BATCH = 2_000
"""Rows of the change log read at once; all of them go into one commit."""
LOCK_WAIT = 300.0
"""Seconds to wait for another process that follows; building 15,000 charts takes under a minute."""
SEGMENT = 25_000
"""Charts that a new index has in one segment: so many take about 400 MB while they are written."""
DELETED_SHARE = 0.5
"""Above this share of removed documents a commit writes everything into one segment."""
CACHED_ANSWERS = 64
"""Answers that are remembered until the next commit is opened."""
NARROWED_ENGINES = 16
"""Engines of those who do not see all, one for all who see the same: some 20 MB each at 15,000 charts, made in less
than a second when the first of them asks."""

T = TypeVar("T")
_OPENINGS = count(1)

_log = logging.getLogger(__name__)

_PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EACCES, errno.EPERM)
_CURRENT = "current"
_ROWS, _POSTINGS = ".row", ".pos"
_NO_TERMS: Mapping[str, float] = MappingProxyType({})
_STATE_KEY = "/"
"""The document that holds the state; a chart's key is source/name and never this."""


class _Codec(W3Codec):  # type: ignore[misc]
    """Without field lengths, which cost a look at the disk for every posting."""

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
    return fields.Schema(key=fields.ID(), texts=fields.COLUMN(VarBytesColumn()), state=fields.STORED())


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


@dataclass(frozen=True, slots=True)
class _Segment:
    """What is held in memory of a segment. It never changes; which of its charts were removed, the commit says."""

    rows: Sequence[Row | None]
    """By number; None is the document that holds the state."""
    postings: Postings

    @classmethod
    def read(cls, reader: Any) -> Self:
        """Of a Whoosh reader of one segment. Raises ValueError where a file is damaged."""
        rows, postings = (_read_file(reader, extension) for extension in (_ROWS, _POSTINGS))
        return cls(from_bytes(rows), Postings.from_bytes(postings))


def _read_file(reader: Any, extension: str) -> bytes:
    storage, name = reader.storage(), reader.segment().make_filename(extension)
    with closing(storage.open_file(name)) as file:
        data: bytes = file.read(storage.file_length(name))
        return data


class _TextsFile:
    """Reads texts of charts one at a time: Whoosh's readers share their positions in files."""

    def __init__(self, reader: Any) -> None:
        self._column = reader.column_reader("texts", translate=False)
        self._turn = threading.Lock()
        self._closed = False

    def __call__(self, number: int) -> Texts:
        """Raises _Unreadable, also when it was closed meanwhile."""
        with self._turn, _reading():
            if self._closed:
                raise ValueError("another commit has taken its place")
            packed = self._column[number]
        with _reading():
            return Texts.from_bytes(packed)

    def close(self) -> None:
        with self._turn:
            self._closed = True


class _Opened:
    """One commit of the index, opened for reading; ``former`` is the one before, whose segments it may share."""

    def __init__(self, folder: Path, former: "_Opened | None" = None) -> None:
        self.folder = folder
        self.number = next(_OPENINGS)
        self._files = _Files(folder)
        self._known = former.segments if former else {}
        try:
            with _reading():
                self._index = index.FileIndex(self._files)
                self._reader = self._index.reader()
                self.state = self._read_state()
        except _Unreadable:
            self._files.close_all()
            raise

    def close(self) -> None:
        """Let go of the files. Who still asks is answered from memory, or told that it is unreadable."""
        if "texts" in self.__dict__:
            self.texts.close()
        self._files.close_all()

    def is_newest(self, folder: Path) -> bool:
        """Whether ``folder`` is in use and nobody has committed since: one listing, so it is asked for every question.

        Reads no open file, so any thread may ask."""
        return self.folder == folder and bool(self._index.latest_generation() == self._reader.generation())

    def warm(self) -> None:
        """Read all that is held in memory; at 15,000 charts it takes about a second."""
        with _reading():
            _ = self.texts, self.engine

    @cached_property
    def segments(self) -> Mapping[str, _Segment]:
        """What is held of each segment, by its id."""
        named = [(leaf.segment().segment_id(), leaf) for leaf, _ in self._reader.leaf_readers()]
        return {name: self._known.get(name) or _Segment.read(leaf) for name, leaf in named}

    @cached_property
    def texts(self) -> _TextsFile:
        return _TextsFile(self._reader)

    @cached_property
    def engine(self) -> Engine:
        """Answers those who see everything."""
        engine = self._engine(ALL_SEEN)
        self._known = {}
        return engine

    @cached_property
    def engine_for(self) -> Callable[[Unseen], Engine]:
        """The engine of those who do not see some charts. It knows nothing of these: so nothing that it counts,
        corrects, weighs or groups tells of them, nor the time that it takes."""
        narrowed = lru_cache(NARROWED_ENGINES)(self._engine)
        return lambda unseen: narrowed(unseen) if unseen != ALL_SEEN else self.engine

    def _engine(self, unseen: Unseen) -> Engine:
        rows: list[Row | None] = []
        parts: list[Part] = []
        for leaf, first in self._reader.leaf_readers():
            segment, removed = self.segments[leaf.segment().segment_id()], list(leaf.segment().deleted_docs())
            stays = np.ones(len(segment.rows), bool)
            stays[removed] = False
            if unseen != ALL_SEEN:
                stays &= np.array([row is None or not unseen.hides(row.key) for row in segment.rows], bool)
            parts.append(Part(first, segment.postings, None if stays.all() else stays))
            rows += [row if kept else None for row, kept in zip(segment.rows, stays.tolist(), strict=True)]
        return Engine(Table(parts), Columns(rows), self.texts)

    @cached_property
    def answer(self) -> Callable[[Query, SearchRequest, Marks, Unseen], Answer]:
        """``Engine.answer``, which remembers the last answers."""

        def ask(query: Query, request: SearchRequest, marks: Marks, unseen: Unseen) -> Answer:
            return self.engine_for(unseen).answer(query, request, marks)

        return lru_cache(CACHED_ANSWERS)(ask)

    def _read_state(self) -> _State:
        found = self._reader.postings("key", _STATE_KEY)
        return _State(*self._reader.stored_fields(found.id())["state"])

    def search(self, query: Query, request: SearchRequest, marks: Marks, unseen: Unseen) -> SearchResult:
        answer = self.answer(query, replace(request, text="", limit=0, offset=0), marks, unseen)
        show, columns = Highlighter(answer.query), self.engine_for(unseen).columns
        return SearchResult(
            total=len(answer.ordered),
            hits=tuple(self._hit(columns, number, show) for number in answer.ordered[request.page].tolist()),
            facets=answer.facets,
            notes=answer.notes,
            corrected=answer.corrected,
            did_you_mean=answer.did_you_mean,
        )

    def _hit(self, columns: Columns, number: int, show: Highlighter) -> Hit:
        row = columns.row(number)
        matched = tuple(show.matches(row, cache(lambda: self.texts(number))))
        return Hit(row.source, row.name, matched, columns.also_in(number))


class SearchIndex:
    """The search index in ``folder``: any number of processes and threads read it, one at a time follows.

    The lock is a file beside the folder, so that deleting the folder at any time loses nothing.

    A commit is opened and warmed while questions are still answered from the one before: at the end of ``follow`` in
    the process that made it, so that what was followed is found; elsewhere behind the first question that notices it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opening = threading.Lock()
        """Held while the commit that is open is found, opened or replaced; questions are answered outside of it."""
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

    def search(self, request: SearchRequest, marks: Marks = NO_MARKS, unseen: Unseen = ALL_SEEN) -> SearchResult:
        """One page of charts with facets, as if ``unseen`` were not there. Raises BadQuery, and SearchUnavailable while
        there is no index to read."""
        query = parse(request.text)
        return self._read(lambda opened: opened.search(query, request, marks, unseen))

    def suggest(self, text: str, limit: int = 8, unseen: Unseen = ALL_SEEN) -> list[Suggestion]:
        """Chart names that ``text`` may become, best first. Raises as ``search`` does."""
        query = parse(text)
        return self._read(lambda opened: opened.engine_for(unseen).suggest(query, limit))

    def lag(self, feed: Feed) -> int:
        """Rows of the change log that are not yet in the index; at least 1 while the index has to be built."""
        state = self._state()
        with self._opening, suppress(SearchUnavailable):
            self._renew_behind(self._current())
        if state is None or not _continues(state, feed):
            return feed.last_change() + 1
        return feed.last_change() - state.row

    def close(self) -> None:
        """Let go of the files; the next question opens them again."""
        with self._opening:
            self._close(self._opened)

    def _read(self, ask: Callable[[_Opened], T]) -> T:
        """Ask the opened commit. A second try is for files that were replaced between finding and opening them."""
        try:
            return self._ask(ask)
        except _Unreadable:
            pass
        try:
            return self._ask(ask)
        except _Unreadable as error:
            _log.warning("The search index cannot be read: %s", error)
            if error.for_good:
                self._drop()
            raise SearchUnavailable(detail=str(error)) from error

    def _ask(self, ask: Callable[[_Opened], T]) -> T:
        with self._opening:
            opened = self._at_hand()
        try:
            return ask(opened)
        except _Unreadable:
            with self._opening:
                self._close(opened)
            raise

    def _at_hand(self) -> _Opened:
        """The commit that is open, a newer one being opened behind; the newest where none is open."""
        folder = self._current()
        if self._opened is None:
            self._opened = self._warmed(folder)
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
            fresh = self._newest(former) or self._newest(former)  # again for files that were replaced meanwhile
            with self._opening:
                if self._opened is former:
                    former.close()
                    self._opened = fresh
                elif fresh is not None:  # closed, or opened anew by a question
                    fresh.close()

    def _is_newest(self, opened: _Opened) -> bool:
        with suppress(SearchUnavailable):
            return opened.is_newest(self._current())
        return False

    def _newest(self, former: _Opened) -> _Opened | None:
        """The newest commit, ready for questions; None where it cannot be read."""
        with suppress(_Unreadable, SearchUnavailable):
            return self._warmed(self._current(), former)
        return None

    def _warmed(self, folder: Path, former: _Opened | None = None) -> _Opened:
        """The commit in ``folder``, ready for questions."""
        opened = _Opened(folder, former)
        try:
            opened.warm()
        except _Unreadable:
            opened.close()
            raise
        return opened

    def _current(self) -> Path:
        """The folder in use."""
        try:
            return self._folder / (self._folder / _CURRENT).read_text()
        except FileNotFoundError:
            raise SearchUnavailable(detail="it has not been built yet") from None
        except (OSError, ValueError) as error:
            raise SearchUnavailable(detail=str(error)) from error

    def _close(self, opened: _Opened | None) -> None:
        """Close that commit, if it is still the one that is open."""
        if opened is not None and self._opened is opened:
            opened.close()
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
            _add(writer, feed.documents(keys))
            _add_state(writer, _State(FORMAT, feed.store_id, row))
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


class _Writer(SegmentWriter):  # type: ignore[misc]
    """Writes a segment's rows and terms beside what Whoosh writes, and takes them along when segments are merged."""

    def __init__(self, opened: index.FileIndex) -> None:
        super().__init__(opened, codec=_Codec())
        self._gathered = Gatherer()
        self._rows: list[Row | None] = []

    def add_document(self, row: Row | None = None, terms: Mapping[str, float] = _NO_TERMS, **values: object) -> None:
        """A chart, or the state."""
        self._gathered.add(self.docnum, terms)
        self._rows.append(row)
        super().add_document(**values)

    def add_postings_to_pool(self, reader: Any, startdoc: int, docmap: Mapping[int, int] | None) -> None:
        """Called for each segment that is merged into this one. ``docmap``: new numbers of those that stay."""
        super().add_postings_to_pool(reader, startdoc, docmap)
        segment = _Segment.read(reader)
        renumbered = np.arange(startdoc, startdoc + len(segment.rows), dtype=np.int32)
        if docmap is not None:
            renumbered = np.array([docmap.get(number, -1) for number in range(len(segment.rows))], np.int32)
        self._gathered.add_all(segment.postings, renumbered)
        self._rows += [row for row, number in zip(segment.rows, renumbered.tolist(), strict=True) if number >= 0]

    def _flush_segment(self) -> None:
        super()._flush_segment()
        self._write(_POSTINGS, self._gathered.gathered().to_bytes())
        self._write(_ROWS, to_bytes(self._rows))

    def _write(self, extension: str, data: bytes) -> None:
        with closing(self.newsegment.create_file(self.storage, extension)) as file:
            file.write(data)


@contextmanager
def _writing(folder: Path) -> Iterator[Any]:
    """A writer that commits at the end or, on any error, not at all."""
    files = _Files(folder)
    try:
        writer = _Writer(index.FileIndex(files))
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
    documents = iter(feed.all_documents())
    added = SEGMENT
    while added == SEGMENT:
        with _writing(folder) as writer:
            writer.merge = False
            added = _add(writer, islice(documents, SEGMENT))
            if added < SEGMENT:
                _add_state(writer, _State(FORMAT, feed.store_id, row))
    return row


def _add(writer: Any, documents: Iterable[Document]) -> int:
    """How many there were."""
    added = 0
    for added, document in enumerate(documents, 1):  # noqa: B007
        prose = plain(document.readme)
        writer.add_document(
            row=row_of(document),
            terms=weights(document, prose),
            key=_key((document.source, document.name)),
            texts=Texts(prose, values_lines(document.values)).to_bytes(),
        )
    return added


def _add_state(writer: Any, state: _State) -> None:
    writer.add_document(key=_STATE_KEY, state=astuple(state))


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
