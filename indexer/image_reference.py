"""A container image's reference, taken apart and compared.

The grammar is that of distribution/reference: ``[registry/]repository[:tag][@digest]``, where the first part is a
registry if it has a dot or a port in it, or is ``localhost``. What names no registry comes from Docker Hub, and there
what has no slash from ``library/``.
"""

import re
from dataclasses import dataclass

DOCKER_HUB = "docker.io"
LATEST = "latest"

_HUB_NAMES = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_MAX_NAME = 255
_MAX_REFERENCE = 1024
_HOST_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_REGISTRY = re.compile(rf"(?:{_HOST_LABEL}(?:\.{_HOST_LABEL})*+|\[[0-9a-fA-F:]{{2,45}}\])(?::[0-9]{{1,5}})?")
_PART = r"[a-z0-9]++(?:(?:\.|_{1,2}|-+)[a-z0-9]++)*+"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*+")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*+(?:[-_+.][A-Za-z][A-Za-z0-9]*+)*+:[0-9a-fA-F]{32,128}")


@dataclass(frozen=True, slots=True)
class Reference:
    """The parts of a reference as they are written; what is absent is empty."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def text(self) -> str:
        """The reference as it is written."""
        return _joined(self.registry, self.repository, self.tag, self.digest)

    @property
    def full_registry(self) -> str:
        """The registry that is asked, by one name."""
        name = self.registry.lower()
        return DOCKER_HUB if not name or name in _HUB_NAMES else name

    @property
    def full_repository(self) -> str:
        """``registry/repository`` in full."""
        official = self.full_registry == DOCKER_HUB and "/" not in self.repository
        return f"{self.full_registry}/{'library/' if official else ''}{self.repository}"

    @property
    def full(self) -> str:
        """The whole reference in full: equal for equal images however they are written."""
        tag = self.tag or ("" if self.digest else LATEST)
        return _joined("", self.full_repository, tag, self.digest)

    @property
    def floats(self) -> bool:
        """Whether it is another image tomorrow: neither a digest nor a tag but ``latest``."""
        return not self.digest and self.tag in ("", LATEST)


def read_reference(text: str) -> Reference | None:
    """``text`` as a reference; None where it is none."""
    if not 0 < len(text) <= _MAX_REFERENCE:
        return None
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return None
    name, tag = _without_tag(rest)
    registry, repository = _split(name)
    proper = _REPOSITORY.fullmatch(repository) and len(name) <= _MAX_NAME
    if not proper or (rest != name and not _TAG.fullmatch(tag)):
        return None
    return Reference(registry, repository, tag, digest)


def _without_tag(text: str) -> tuple[str, str]:
    name, colon, tag = text.rpartition(":")
    return (name, tag) if colon and "/" not in tag else (text, "")


def _split(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    is_host = bool(set(first) & set(".:")) or first == "localhost" or first != first.lower()
    if slash and is_host and _REGISTRY.fullmatch(first):
        return first, rest
    return "", name


def _joined(registry: str, repository: str, tag: str, digest: str) -> str:
    name = f"{registry}/{repository}" if registry else repository
    return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
