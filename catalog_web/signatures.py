"""Who signed an archive: asked of each version that somebody looks at."""

import threading
from datetime import UTC, datetime
from posixpath import basename
from urllib.parse import unquote, urlsplit

from catalog_web.catalog import VersionPage
from indexer import provenance
from indexer.errors import N_, ProvenanceAbsent, ProvenanceNotYet, SourceError, StoreUnavailable, describe, phrase
from indexer.keyring import Keyring, KeyringUnusable, load_keyring
from indexer.model import Provenance, Signature
from indexer.store import Store
from indexer.sync import Syncer

_LOOKS_AT_ONCE = 3
"""Requests that may wait for an upstream at the same time."""
_PATIENCE = 0.5
"""Seconds that another request waits for its turn."""


class Signatures:
    """Looks for provenance files when a version is looked at first, and checks them by the keyrings of now.

    ``keyring``: the file of the keys that are believed where a source names no other; empty: none.
    """

    def __init__(self, store: Store, syncer: Syncer, keyring: str = "") -> None:
        self._store, self._syncer, self._keyring = store, syncer, keyring
        self._looks = threading.BoundedSemaphore(_LOOKS_AT_ONCE)

    def of(self, page: VersionPage) -> Signature:
        """What is known of the signature of that version. Raises StoreUnavailable, VersionNotFound."""
        if page.is_being_fetched:
            return Signature("unknown", fault=phrase(N_("its archive is being fetched")))
        if page.content is None or page.content.partial:
            return Signature("unknown", fault=phrase(N_("its archive could not be had")))
        try:
            text = self.text(page)
        except ProvenanceAbsent:
            return Signature("none")
        except (SourceError, ProvenanceNotYet) as error:
            return Signature("unknown", fault=phrase(error.cause_text, **error.params))
        return provenance.check(text, _names(page), page.content.digest, self._ring(page.chart.source))

    def text(self, page: VersionPage) -> str:
        """The provenance file of that version.

        Raises ProvenanceAbsent; SourceError, ProvenanceNotYet where it could not be looked for; StoreUnavailable,
        VersionNotFound.
        """
        named = {"chart": page.chart.name, "version": page.version.version}
        known = self._known(page)
        if known is None:
            raise ProvenanceNotYet(**named)
        if known.error_id:
            raise describe(known.error_id, known.error_params)
        if not known.text:
            raise ProvenanceAbsent(**named)
        return known.text

    def _known(self, page: VersionPage) -> Provenance | None:
        """What lies beside the archive, looked for where it is time; None where that has to wait."""
        named = (page.chart.source, page.chart.name, page.version.version)
        known = self._store.provenances.get(*named)
        if known.text or (known.next_try and known.next_try > datetime.now(UTC)):
            return known
        if not self._looks.acquire(timeout=_PATIENCE):
            return known if known.next_try else None
        try:
            return self._syncer.look_for_provenance(*named)
        except StoreUnavailable:
            return None  # it cannot be kept now: the next look looks again
        finally:
            self._looks.release()

    def _ring(self, source: str) -> Keyring | None:
        """Whose signatures are believed. One that became unusable since the start believes nobody."""
        path = self._store.sources.get(source).source.keyring_file or self._keyring
        try:
            return load_keyring(path) if path else None
        except KeyringUnusable:
            return Keyring(())


def _names(page: VersionPage) -> tuple[str, ...]:
    """What the archive's file may be called: as Helm packs it, or as the index does."""
    listed = (unquote(basename(urlsplit(url).path)) for url in page.version.urls)
    return (f"{page.chart.name}-{page.version.version}.tgz", *listed)
