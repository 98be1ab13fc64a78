"""Where the bytes of a picture come from: another server, the address itself, or the folder of a source."""

import base64
import binascii
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote_to_bytes

from indexer.errors import SourceError
from indexer.http import Access, Client, check_url, join_chart_url
from indexer.model import Source
from indexer.pictures.wanted import PictureRefused, Shape, Wanted
from indexer.sources.index_yaml import index_url

_LONGEST_DATA = 3
"""Characters of a ``data:`` address for a byte: each may be percent-encoded."""

AccessOf = Callable[[Source], Access]


def read(wanted: Wanted, target: Path, access_of: AccessOf) -> None:
    """Write the foreign bytes of ``wanted`` to ``target``.

    Raises PictureRefused for what is no picture's address or too large; SourceError where a server does not give it.
    """
    if wanted.address.startswith("data:"):
        target.write_bytes(in_address(wanted.address, wanted.shape.most_bytes))
    elif wanted.is_local:
        target.write_bytes(in_folder(Path(wanted.source.url), wanted.address, wanted.shape.most_bytes))
    else:
        _download(wanted.source, address_of(wanted.source, wanted.address), wanted.shape, target, access_of)


def in_address(address: str, most: int) -> bytes:
    """The bytes that a ``data:`` address (RFC 2397) holds. Raises PictureRefused."""
    head, comma, data = address.partition(",")
    if not comma or len(data) > _LONGEST_DATA * most:
        raise PictureRefused
    body = unquote_to_bytes(data.encode("utf-8", "replace"))
    if head.rstrip().lower().endswith(";base64"):
        try:
            body = base64.b64decode(body, validate=False)
        except binascii.Error:
            raise PictureRefused from None
    return _small(body, most)


def in_folder(folder: Path, path: str, most: int) -> bytes:
    """A file inside ``folder``. Raises PictureRefused for anything else, also for a link out of it."""
    try:
        inside = folder.resolve(strict=True)
        file = (inside / path).resolve(strict=True)
        if not path or not file.is_relative_to(inside) or not file.is_file():
            raise PictureRefused
        with file.open("rb") as opened:
            return _small(opened.read(most + 1), most)
    except (OSError, ValueError, RuntimeError):
        raise PictureRefused from None


def address_of(source: Source, listed: str) -> str:
    """The http(s) address that ``listed`` means; a relative one is meant as the archives of an index are.

    Raises BadUrl, PictureRefused.
    """
    if source.kind == "index":
        return join_chart_url(index_url(source.url), listed)
    return check_url(listed)


def _download(source: Source, url: str, shape: Shape, target: Path, access_of: AccessOf) -> None:
    """The source's credentials go to its own origin alone; every address is judged as those of archives are."""
    with Client(_home(source, url), access_of(source)) as client, target.open("wb") as file:
        client.download(url, file, limit=shape.most_bytes, deadline=shape.seconds)


def _home(source: Source, url: str) -> str:
    if source.kind == "directory":
        return url
    return source.url.replace("oci://", "https://", 1)


def _small(body: bytes, most: int) -> bytes:
    if len(body) > most:
        raise PictureRefused
    return body


FAILURES = (SourceError, PictureRefused)
"""What ``read`` raises of a picture that cannot be had."""
