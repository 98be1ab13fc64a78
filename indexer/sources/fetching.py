"""Fetching an archive that may be had at several places."""

from collections.abc import Callable, Sequence

from indexer.errors import N_, ArchiveAbsent, ArchiveTooLarge, BadUrl, HttpStatus, SourceError, TooLarge, phrase

_GONE = (404, 410)


def fetch_first(urls: Sequence[str], fetch: Callable[[str], None], place: str) -> None:
    """``fetch`` from one of ``urls`` after another, until one gives it. ``place``: what lists them, for the error.

    Raises the last error: what ``fetch`` raises of SourceError, ArchiveAbsent, ArchiveTooLarge, BadUrl where nothing is
    listed.
    """
    failed: SourceError = BadUrl(url=place, detail=phrase(N_("it lists no address for this archive")))
    for url in urls:
        try:
            fetch(url)
        except TooLarge as error:
            failed = ArchiveTooLarge(**error.params)
        except HttpStatus as error:
            failed = ArchiveAbsent(**error.params) if error.params["status"] in _GONE else error
        except SourceError as error:
            failed = error
        else:
            return
    raise failed
