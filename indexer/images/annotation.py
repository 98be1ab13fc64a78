"""The images that a chart's author lists for Artifact Hub.

https://artifacthub.io/docs/topics/annotations/helm/: ``artifacthub.io/images`` holds a YAML list of ``{name, image}``.
Bitnami's charts call the same list ``images``.
"""

from collections.abc import Iterator, Mapping

from indexer.errors import EntryError
from indexer.image_reference import Reference, read_reference
from indexer.parse import load_values

ANNOTATIONS = ("artifacthub.io/images", "images")
"""The first of them that is there counts."""
_LONGEST = 256 * 1024


def annotated_images(annotations: Mapping[str, str]) -> Iterator[tuple[str, Reference]]:
    """The annotation's name and a reference, in its order; none where it cannot be read."""
    name = next((one for one in ANNOTATIONS if annotations.get(one)), "")
    for reference in _references(annotations.get(name, "")):
        yield name, reference


def _references(text: str) -> Iterator[Reference]:
    if not text or len(text) > _LONGEST:
        return
    try:
        listed = load_values("images:\n " + text.replace("\n", "\n "))["images"]
    except EntryError:
        return
    for one in listed if isinstance(listed, list) else ():
        image = one.get("image") if isinstance(one, dict) else None
        reference = read_reference(image.strip()) if isinstance(image, str) else None
        if reference:
            yield reference
