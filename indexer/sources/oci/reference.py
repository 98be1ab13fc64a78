"""Names in a registry: addresses that people enter, repositories, tags and digests. Pure.

The grammar is the OCI distribution specification's (1.1, "Pulling manifests"), read strictly: whatever a registry or a
person says becomes a part of a path, so nothing beyond it is let through.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from indexer import versions
from indexer.errors import N_, BadUrl, Phrase, phrase
from indexer.http import check_url, masked_url

SCHEME = "oci://"
MAX_NAME = 255
"""Characters of a repository's name; registries count the host in, so theirs are shorter."""
MAX_TAG = 128

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9._-]{{0,{MAX_TAG - 1}}}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ALIASES = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}
"""Docker Hub is known by names that do not serve the registry's API."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where charts lie: a registry, and a repository or what the names of repositories begin with."""

    host: str
    """``host`` or ``host:port``, in lower case."""
    path: str
    """Empty for the whole registry."""


def parse_address(url: str) -> Address:
    """Read ``oci://host[:port][/path]``.

    Raises BadUrl, also for a tag or a digest at the end: a source is a place, not one version.
    """
    if url[: len(SCHEME)].lower() != SCHEME:
        raise BadUrl(url=masked_url(url), detail=phrase(N_("it does not start with oci://")))
    host = _checked_host(url)
    path = url[len(SCHEME) :].partition("/")[2].rstrip("/")
    fault = _path_fault(path) if path else None
    if fault:
        raise BadUrl(url=masked_url(url), detail=fault)
    return Address(_ALIASES.get(host, host), path)


def is_repository(name: str) -> bool:
    """Whether ``name`` may be a repository's."""
    return len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None


def is_tag(tag: str) -> bool:
    """Whether ``tag`` is one."""
    return _TAG.fullmatch(tag) is not None


def is_digest(digest: str) -> bool:
    """Whether ``digest`` is a SHA-256 as registries write it (``sha256:`` and hexadecimal digits)."""
    return _DIGEST.fullmatch(digest) is not None


def version_of(tag: str) -> str:
    """The version that Helm pushes as ``tag``: a tag may not hold the ``+`` of build metadata, so Helm writes ``_``."""
    return tag.replace("_", "+")


def tag_of(version: str) -> str:
    """The tag that Helm pushes ``version`` as."""
    return version.replace("+", "_")


def version_tags(tags: list[str]) -> tuple[str, ...]:
    """Those of ``tags`` that are versions, newest first: Helm finds no other.

    Leaves out ``latest`` and what signers add (``sha256-….sig``, ``.att``, ``.sbom``).
    """
    found = {tag for tag in tags if is_tag(tag) and versions.is_valid(version_of(tag))}
    return tuple(sorted(found, key=lambda tag: versions.sort_key(version_of(tag)), reverse=True))


def chart_url(host: str, repository: str, tag: str) -> str:
    """How Helm names one version."""
    return f"{SCHEME}{host}/{repository}:{tag}"


def split_chart_url(url: str) -> tuple[str, str, str]:
    """Host, repository and tag of what ``chart_url`` made. Raises BadUrl."""
    _, told, rest = url.partition(SCHEME)
    host, _, place = rest.partition("/")
    repository, _, tag = place.rpartition(":")
    if not told or not is_repository(repository) or not is_tag(tag):
        raise BadUrl(url=masked_url(url), detail=phrase(N_("it does not name one version in a registry")))
    return host, repository, tag


def _checked_host(url: str) -> str:
    authority = url[len(SCHEME) :].partition("/")[0]
    try:
        return urlsplit(check_url(f"https://{authority}/")).netloc.lower()
    except BadUrl as refused:
        # not what was refused: a slash in a password ends the authority before the @ that tells it
        raise BadUrl(url=masked_url(url), detail=refused.params["detail"]) from None


def _path_fault(path: str) -> Phrase | None:
    last = path.rpartition("/")[2]
    if ":" in last or "@" in last:
        return phrase(N_("it names one version; leave out what stands behind the chart's name"))
    if not is_repository(path):
        return phrase(
            N_("“{path}” is no repository: names hold a–z, 0–9, “.”, “_”, “-” and “/” only"), path=masked_url(path)
        )
    return None
