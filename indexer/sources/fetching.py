"""Fetching an archive that may be had at several places."""

from collections.abc import Callable, Sequence

from indexer.errors import N_, ArchiveTooLarge, BadUrl, SourceError, TooLarge, phrase


def fetch_first(urls: Sequence[str], fetch: Callable[[str], None], place: str) -> None:
    """``fetch`` from one of ``urls`` after another, until one gives it. ``place``: what lists them, for the error.

    Raises the last error: what ``fetch`` raises of SourceError, ArchiveTooLarge, BadUrl where nothing is listed.
    """
    failed: SourceError = BadUrl(url=place, detail=phrase(N_("it lists no address for this archive")))
    for url in urls:
        try:
            fetch(url)
        except TooLarge as error:
            failed = ArchiveTooLarge(**error.params)
        except SourceError as error:
            failed = error
        else:
            return
    raise failed
