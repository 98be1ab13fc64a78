"""Which apps pull an image: what the archives of their charts name, as the charts have it without anybody's values."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock

from catalog_web.inventory.rows import AppRow
from indexer.image_reference import read_reference
from indexer.store import Store

_KEPT = 2_000
"""Archives whose images are kept, about 1 kB each."""


class Images:
    """The images of archives by the digest of their content."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._lock = Lock()

    def of(self, rows: Sequence[AppRow], wanted: str) -> Mapping[str, tuple[str, ...]]:
        """The images like ``wanted`` of each content of ``rows``, by its digest; only of those that have any.

        Raises StoreUnavailable.
        """
        name, tag = _parts(wanted)
        digests = {row.content_digest for row in rows if row.content_digest}
        told = self._store.contents.repositories(digests)
        likely = [one for one in digests if one not in told or any(name in repository for repository in told[one])]
        found = {digest: _like(self._images(digest), name, tag) for digest in likely}
        return {digest: images for digest, images in found.items() if images}

    def _images(self, digest: str) -> tuple[str, ...]:
        with self._lock:
            kept = self._kept.get(digest)
        if kept is None:
            content = self._store.contents.get(digest)
            kept = tuple(one.reference for one in content.images) if content else ()
        with self._lock:
            self._kept[digest] = kept
            self._kept.move_to_end(digest)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return kept


def _parts(wanted: str) -> tuple[str, str]:
    """The name and the tag of what was typed: a colon before a slash belongs to a registry's port."""
    text = wanted.strip().lower()
    name, colon, tag = text.rpartition(":")
    return (name, tag) if colon and "/" not in tag else (text, "")


def _like(images: Iterable[str], name: str, tag: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in images if _is_like(one, name, tag)))


def _is_like(image: str, name: str, tag: str) -> bool:
    read = read_reference(image)
    if read is None or name not in read.full_repository.lower():
        return False
    return not tag or read.tag.lower() == tag or read.tag.lower().startswith((f"{tag}.", f"{tag}-"))
