"""Comparisons of two versions of a chart of the catalog, kept while they are looked at; and what changed in short."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from catalog_web.catalog import LOOK_PATIENCE, Catalog, VersionPage
from indexer import versions
from indexer.changelog import Changelog, ChangeNote, changelog_of
from indexer.compare import Comparison, compare
from indexer.compare.result import FileKind, FilesComparison, ValueKind
from indexer.errors import N_, ChartroomError, Phrase, VersionNotFound, fill, phrase
from indexer.model import ArchiveContent, ChartMetadata

_KEPT = 16
_PATIENCE = 2.0
"""Seconds that a request waits for its turn: the two largest archives that are read take some seconds, and others must
not hold every thread of the server meanwhile."""


class ComparisonsBusy(ChartroomError):
    """Others are being made."""

    id = "comparisons-busy"
    cause_text = N_("Other versions are being compared just now.")
    remedy_text = N_("Look again in a few seconds.")
    status = 503


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions and what differs between them."""

    old: VersionPage
    new: VersionPage
    found: Comparison


@dataclass(frozen=True, slots=True)
class Count:
    """How many things of a kind changed, as a part of a summary."""

    anchor: str
    """Where they are told on the page of the comparison."""
    label: Phrase
    number: int


_Key = tuple[str, str, str, str]
"""Source, chart, and the two versions."""
_Known = tuple[ChartMetadata, str, bool, bool]
"""What a comparison knew of a version: equal where it would be the same again."""


class Comparisons:
    """Makes one comparison at a time, for each may take a second, and keeps the last 16. Safe to use from several
    threads; who asks for one that is kept waits for nobody."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._turn, self._lock = threading.Lock(), threading.Lock()
        self._kept: OrderedDict[_Key, tuple[tuple[_Known, _Known], Comparison]] = OrderedDict()

    def get(self, source: str, name: str, old: str = "", new: str = "", *, patience: float = LOOK_PATIENCE) -> Compared:
        """Compare ``old`` with ``new``, by default the version before it with the latest one.

        Archives that are looked at first are fetched; each is waited for ``patience`` seconds. One that cannot be had,
        or not yet, is told in its page. Raises ChartNotFound, and VersionNotFound also where there is no version before
        ``new``; ComparisonsBusy where others keep it from its turn.
        """
        now = self._catalog.version(source, name, new, patience)
        before = old or versions.previous(now.version.version, (one.version for one in now.versions))
        if not before:
            raise VersionNotFound(source=source, chart=name, version=f"< {now.version.version}")
        was = self._catalog.version(source, name, before, patience)
        return Compared(was, now, self._compare(was, now))

    def with_content(self, old: ArchiveContent, new: VersionPage) -> Comparison:
        """Compare an archive that was kept, whose version may have left its source, with a version that is there.

        Raises ComparisonsBusy.
        """
        with self.in_turn():
            return compare(old.metadata, old, new.metadata, new.content)

    def with_previous(self, page: VersionPage) -> Compared | None:
        """Compare a version with the one before it if both archives are at hand; nothing is fetched. None also where
        others keep it from its turn."""
        before = versions.previous(page.version.version, (one.version for one in page.versions))
        summary = next((one for one in page.versions if one.version == before), None)
        if page.content is None or page.content.partial or summary is None or summary.archive != "ready":
            return None
        was = self._catalog.version(page.chart.source, page.chart.name, summary.version)
        try:
            return Compared(was, page, self._compare(was, page))
        except ComparisonsBusy:
            return None

    def changelog(self, page: VersionPage) -> Changelog:
        """What changed in a version: as its publisher says, else by a comparison with the version before it, in one
        English line, if both archives are at hand."""
        told = publisher_says(page)
        compared = None if told.notes else self.with_previous(page)
        return Changelog("comparison", (_in_one_line(compared),)) if compared else told

    def _compare(self, old: VersionPage, new: VersionPage) -> Comparison:
        key = (new.chart.source, new.chart.name, old.version.version, new.version.version)
        known = (_known(old), _known(new))
        found = self._find(key, known)
        if found is None:
            with self.in_turn():
                found = self._find(key, known) or compare(old.metadata, old.content, new.metadata, new.content)
                self._keep(key, known, found)
        return found

    def _find(self, key: _Key, known: tuple[_Known, _Known]) -> Comparison | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept[0] != known:
                return None
            self._kept.move_to_end(key)
            return kept[1]

    def _keep(self, key: _Key, known: tuple[_Known, _Known], found: Comparison) -> None:
        with self._lock:
            self._kept[key] = (known, found)
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Keep all others from comparing meanwhile. Raises ComparisonsBusy."""
        if not self._turn.acquire(timeout=_PATIENCE):
            raise ComparisonsBusy
        try:
            yield
        finally:
            self._turn.release()


def _known(page: VersionPage) -> _Known:
    content = page.content
    digest = content.digest if content else ""
    return page.metadata, digest, bool(content and content.partial), bool(content and content.outdated)


def publisher_says(page: VersionPage) -> Changelog:
    """What changed in a version, as its publisher says."""
    text = page.content.changelog if page.content else ""
    return changelog_of(page.version.version, page.metadata.annotations, text)


def _in_one_line(compared: Compared) -> ChangeNote:
    told = "; ".join(f"{fill(**one.label)}: {one.number:,}" for one in counts(compared.found))
    return ChangeNote("", f"Compared with {compared.found.old}: {told or 'nothing that is looked at changed'}.")


def counts(found: Comparison) -> tuple[Count, ...]:
    """How many things of each kind changed, the weightiest first; what did not change is left out."""
    return tuple(one for one in (*_values(found), *_others(found)) if one.number)


_VALUES: dict[ValueKind, str] = {
    "removed": N_("values removed"),
    "moved": N_("values moved"),
    "type": N_("values of another type"),
    "default": N_("defaults changed"),
    "added": N_("values added"),
    "comment": N_("comments changed"),
}
_TEMPLATES: dict[FileKind, str] = {
    "removed": N_("templates removed"),
    "changed": N_("templates changed"),
    "renamed": N_("templates renamed"),
    "added": N_("templates added"),
}


def _values(found: Comparison) -> Iterator[Count]:
    for kind, label in _VALUES.items():
        some = found.values.of_kind(kind) if found.values else ()
        keys = sum(one.keys for one in some) if kind in ("added", "removed") else len(some)
        yield Count(f"values-{kind}", phrase(label), keys)


def _others(found: Comparison) -> Iterator[Count]:
    schema = found.schema
    yield Count("schema", phrase(N_("changes of the schema")), (len(schema.changes) or 1) if schema else 0)
    yield Count("crds", phrase(N_("custom resources changed")), len(found.definitions) or _files(found.crds).total())
    templates = _files(found.templates)
    for kind, label in _TEMPLATES.items():
        yield Count("templates", phrase(label), templates[kind])
    yield Count("images", phrase(N_("images changed")), len(found.images or ()))
    yield Count("dependencies", phrase(N_("dependencies changed")), len(found.dependencies))
    yield Count("facts", phrase(N_("facts changed")), len(found.facts))


def _files(files: FilesComparison | None) -> Counter[FileKind]:
    return Counter(one.kind for one in files.changes) if files else Counter()
