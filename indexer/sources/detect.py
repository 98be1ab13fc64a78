"""What stands at an address at which no index was found."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from indexer.errors import N_, ChartroomError, HttpStatus, NotAnIndex, Phrase, SourceError, phrase
from indexer.http import Access, Client, Limits, Reply, check_url
from indexer.model import Source, SourceKind
from indexer.sources.harbor.address import project_in
from indexer.sources.harbor.api import API, HarborApi
from indexer.sources.harbor.release import Release

TIMEOUT = 10.0
"""Seconds for one answer."""
_BYTES = 64 * 1024
_OK, _UNAUTHORIZED, _NOT_FOUND = 200, 401, 404
_TAKEN = frozenset({_OK, _UNAUTHORIZED, 403, _NOT_FOUND})
_REGISTRY = "docker-distribution-api-version"
"""A header that registries send (OCI distribution specification, "Legacy Docker support")."""


@dataclass(frozen=True, slots=True)
class Detected:
    """What was found."""

    kind: SourceKind
    url: str
    """How a source of that kind is best addressed."""
    projects: tuple[str, ...]
    """Of a Harbor, those that the address names (by its number, where it is the portal's); empty: all."""
    what: Phrase
    """What it is, as a part of a sentence."""
    version: str = ""
    """As it tells; empty where it does not."""


def has_no_index(source: Source, error: ChartroomError) -> bool:
    """Whether ``error`` says that another thing than an index is at the address of ``source``, or nothing."""
    absent = isinstance(error, HttpStatus) and error.params.get("status") == _NOT_FOUND
    return source.kind == "index" and (absent or isinstance(error, NotAnIndex))


def detect(url: str, access: Access, *, timeout: float = TIMEOUT, limits: Limits | None = None) -> Detected | None:
    """Find out by a few requests whether a Harbor or another registry is at the origin of ``url`` (http or https).

    None where it is neither, or cannot be asked. Raises BadUrl, CredentialsUnreadable.
    """
    parts = urlsplit(check_url(url))
    origin = f"{parts.scheme}://{parts.netloc}"
    api = HarborApi(origin, access, timeout=timeout, budget=_BYTES, limits=limits)
    release = _harbor(api)
    if release is not None:
        named = project_in(url)
        what = phrase(N_("a Harbor {version}"), version=release.told) if release.told else phrase(N_("a Harbor"))
        return Detected("harbor", origin, (named,) if named else (), what, release.told)
    if _is_registry(origin, access, timeout, limits):
        path = parts.path.strip("/").removesuffix("index.yaml").strip("/")
        address = f"oci://{parts.netloc}" + (f"/{path}" if path else "")
        return Detected("oci", address, (), phrase(N_("an OCI registry")))
    return None


def _harbor(api: HarborApi) -> Release | None:
    """Which Harbor it is; None: none. Since 2.0 it answers a ping, and before it told its number in another place."""
    try:
        if api.ask(f"{API}/ping", limit=_BYTES, accept=_TAKEN).body.strip() == b"Pong":
            return _release(api) or Release()
    except SourceError:
        return None
    release = _release(api)
    return release if release and release.is_old else None


def _release(api: HarborApi) -> Release | None:
    try:
        return api.release()
    except SourceError:
        return None


def _is_registry(origin: str, access: Access, timeout: float, limits: Limits | None) -> bool:
    with Client(origin, access, limits) as client:
        try:
            reply: Reply = client.ask(f"{origin}/v2/", limit=_BYTES, deadline=timeout, accept=_TAKEN)
        except SourceError:
            return False
    return reply.status in (_OK, _UNAUTHORIZED) and _REGISTRY in reply.headers
