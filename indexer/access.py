"""From what a source was registered with to how it is reached."""

from functools import partial

from indexer.http import Access, Basic
from indexer.model import Source
from indexer.secret_file import read_secret


class Accesses:
    """Knows where secrets are."""

    def of(self, source: Source) -> Access:
        """How ``source`` is reached."""
        if not source.username:
            return Access()
        return Access(Basic(source.username, partial(read_secret, source.password_file)))
