"""The images of a version as people and programs are told them: in parts, with their mirrors, and as text."""

from collections.abc import Iterable
from dataclasses import dataclass

from indexer.image_reference import Reference, read_reference
from indexer.mirrors import Mirrors, Placed
from indexer.model import ChartImage

_UNREAD = Reference("", "")


@dataclass(frozen=True, slots=True)
class ShownImage:
    """An image with what is worth knowing before it is pulled."""

    image: ChartImage
    name: str
    """Registry and repository as the chart writes them."""
    tag: str
    digest: str
    full: str
    """The whole reference, with the registry and tag that it leaves out."""
    placed: Placed
    """Its mirror, and whether its registry is blocked."""
    floats: bool
    """It may be another image tomorrow."""


def shown_images(images: Iterable[ChartImage], mirrors: Mirrors) -> tuple[ShownImage, ...]:
    """``images`` in their order, certain ones first."""
    return tuple(_shown(one, mirrors) for one in images)


def as_text(images: Iterable[ShownImage], *, certain: bool = False, mirrored: bool = False) -> str:
    """One reference a line; ``mirrored``: those that have a mirror, as a source and a target with a blank between.

    ``certain``: without guesses.
    """
    chosen = [one for one in images if one.image.certain or not certain]
    if mirrored:
        lines = [f"{one.image.reference} {one.placed.mirrored}" for one in chosen if one.placed.mirrored]
    else:
        lines = [one.image.reference for one in chosen]
    return "".join(f"{line}\n" for line in lines)


def _shown(image: ChartImage, mirrors: Mirrors) -> ShownImage:
    read = read_reference(image.reference) or _UNREAD
    name = Reference(read.registry, read.repository).text or image.reference
    return ShownImage(image, name, read.tag, read.digest, read.full, mirrors.place(image.reference), read.floats)
