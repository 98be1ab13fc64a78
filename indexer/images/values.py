"""Images that stand in values, in the shapes that charts write them.

::

    image: nginx:1.25                       image: {registry: quay.io, repository: a/b, tag: "1", digest: ""}
    image: nginx        imageTag: "1.25"    images: {server: {repository: a/b, tag: "1"}}
    sidecarImage: a/b   sidecarTag: "1"     imageName: a/b         imageRepository: a/b   imageTag: "1"
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.gotemplate.values import printed
from indexer.image_reference import Reference, read_reference

MOST_CANDIDATES = 1_000
_DEEPEST = 30
_LONGEST_LIST = 200
_BESIDE = frozenset({"tag", "registry", "digest", "sha", "pullPolicy", "imagePullPolicy", "version", "imageTag"})
"""Keys that make a ``repository`` one of images."""
_NAMES = ("repository", "repo", "image", "name", "imageName")
_TAGS = ("tag", "imageTag", "version")
_DIGESTS = ("digest", "sha", "sha256")
_ENDINGS = ("image", "imagename", "imagerepository", "imagerepo", "image_name", "image_repository")
"""Ends of keys, in lower case, whose text is an image."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that looks like an image in values."""

    path: str
    """As one would set it: ``server.image``, ``sidecars[0].image``."""
    reference: Reference
    """Without a tag where the values give none."""


def candidates(values: Mapping[str, Any], skip: frozenset[str] = frozenset()) -> list[Candidate]:
    """All in ``values`` but below the keys ``skip`` at the top; at most 1,000."""
    shared = values.get("global")
    registry = shared.get("imageRegistry") if isinstance(shared, dict) else None
    finder = _Finder(registry if isinstance(registry, str) else "")
    finder.walk({key: value for key, value in values.items() if key not in skip}, "", ())
    return finder.found


class _Finder:
    """Walks a tree and keeps what looks like an image. ``registry`` stands in for those that have one of their own."""

    def __init__(self, registry: str) -> None:
        self._registry = registry
        self.found: list[Candidate] = []

    def walk(self, value: Any, path: str, keys: tuple[str, ...]) -> None:
        if len(keys) > _DEEPEST or len(self.found) >= MOST_CANDIDATES:
            return
        if isinstance(value, list):
            for number, one in enumerate(value[:_LONGEST_LIST]):
                self.walk(one, f"{path}[{number}]", keys)
        elif isinstance(value, dict):
            self._mapping(value, path, keys)
            for key, one in value.items():
                self.walk(one, f"{path}.{key}" if path else key, (*keys, key))

    def _mapping(self, values: Mapping[str, Any], path: str, keys: tuple[str, ...]) -> None:
        if _names_image(values, keys):
            name = next(values[key] for key in _NAMES if _is_text(values.get(key)))
            self._add(path, values, name, _tag(values, _TAGS))
            return
        for key, value in values.items():
            if _is_text(value) and key.lower().endswith(_ENDINGS):
                below = f"{path}.{key}" if path else key
                self._add(below, {}, value, _tag(values, _tags_of(key)))

    def _add(self, path: str, values: Mapping[str, Any], name: str, tag: str) -> None:
        registry = values.get("registry")
        if _is_text(registry):
            name = f"{(self._registry or str(registry)).rstrip('/')}/{name}"
        reference = _reference(name, tag, next((str(values[key]) for key in _DIGESTS if _is_text(values.get(key))), ""))
        if reference:
            self.found.append(Candidate(path, reference))


def _names_image(values: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    """Whether a mapping as a whole names one image."""
    if _is_text(values.get("repository")) and (_BESIDE & values.keys() or _is_image_key(keys)):
        return True
    return _is_image_key(keys) and any(_is_text(values.get(key)) for key in _NAMES)


def _is_image_key(keys: tuple[str, ...]) -> bool:
    """``image``, ``sidecarImage``, or one of ``images``."""
    return bool(keys) and (keys[-1].lower().endswith("image") or keys[-2:-1] in (("images",), ("image",)))


def _tags_of(key: str) -> tuple[str, ...]:
    stem = key.removesuffix("Image").removesuffix("image").removesuffix("Repository").removesuffix("Name")
    alone = ("imageTag", "tag", "imageVersion") if key in ("image", "imageName", "imageRepository") else ()
    return (f"{key}Tag", f"{stem}ImageTag", f"{stem}Tag", *alone)


def _tag(values: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = (values.get(name) for name in names)
    return next((printed(one) for one in found if isinstance(one, str | int | float) and printed(one)), "")


def _reference(name: str, tag: str, digest: str) -> Reference | None:
    text = name.strip()
    whole = read_reference(text)
    if tag and whole and not whole.tag and not whole.digest:
        text = f"{text}:{tag.strip()}"
    if digest and whole and not whole.digest:
        text = f"{text}@{digest if ':' in digest else f'sha256:{digest}'}"
    return read_reference(text) or whole


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
