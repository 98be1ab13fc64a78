"""The images that a chart's author lists for Artifact Hub.

https://artifacthub.io/docs/topics/annotations/helm/: ``artifacthub.io/images`` holds a YAML list of ``{name, image}``.
"""

from collections.abc import Iterator, Mapping

from indexer.errors import EntryError
from indexer.image_reference import Reference, read_reference
from indexer.parse import load_values

ANNOTATION = "artifacthub.io/images"
_LONGEST = 256 * 1024


def annotated_images(annotations: Mapping[str, str]) -> Iterator[Reference]:
    """The references of the annotation, in order; none where it cannot be read."""
    text = annotations.get(ANNOTATION, "")
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
