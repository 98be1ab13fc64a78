"""The pictures of READMEs, served from here: which of them a reader's browser may ask for.

An address is signed for the chart whose README shows it. So the route that serves them fetches what READMEs name and
nothing else, and needs no README to tell.
"""

import hmac
import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

from indexer.model import Source
from indexer.pictures import README, Pictures, Wanted

_KEY_BYTES = 32
_LONGEST = 2048
_ASKED_AHEAD = 50
"""Pictures of one README that are fetched before a browser asks for them."""


class PictureLinks:
    """Makes and checks the addresses of READMEs' pictures."""

    def __init__(self, pictures: Pictures, key: bytes) -> None:
        self._pictures, self._key = pictures, key

    def of_chart(self, source: Source, chart: str, path: str) -> Callable[[str], str | None]:
        """From the absolute address of a picture in the README of ``chart`` to where it is served here, at ``path``.

        None for what is not to be had: no http(s) address, or one beyond all measure, or no remote picture is wanted at
        all. What it is called with is fetched meanwhile.
        """
        asked = set[str]()

        def link(address: str) -> str | None:
            if not self._pictures.remote or len(address) > _LONGEST or not address.startswith(("http://", "https://")):
                return None
            if address not in asked and len(asked) < _ASKED_AHEAD:
                asked.add(address)
                self._pictures.known(Wanted(source, address, README))
            return f"{path}?{urlencode({'of': address, 'by': self._signature(source.name, chart, address)})}"

        return link

    def admits(self, source: str, chart: str, address: str, signature: str) -> bool:
        """Whether ``address`` was signed here for that chart."""
        return hmac.compare_digest(self._signature(source, chart, address).encode(), signature.encode())

    def _signature(self, source: str, chart: str, address: str) -> str:
        seed = "\0".join((source, chart, address)).encode("utf-8", "replace")
        return hmac.new(self._key, seed, sha256).hexdigest()[:32]


def signing_key(file: Path) -> bytes:
    """The key in ``file``, made by whichever process needs it first. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        key = file.read_bytes()
        if len(key) == _KEY_BYTES:
            return key
        file.unlink()  # whoever wrote it was cut off
    with tempfile.NamedTemporaryFile(dir=file.parent) as made:
        made.write(secrets.token_bytes(_KEY_BYTES))
        made.flush()
        os.fsync(made.fileno())
        with suppress(FileExistsError):  # another process was faster
            os.link(made.name, file)
    return file.read_bytes()
