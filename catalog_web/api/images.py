"""The images of a version, as the API tells them."""

from collections.abc import Iterable

from typing_extensions import TypedDict

from catalog_web.images import ShownImage
from indexer.model import ImageDoubt, ImageOrigin


class ImageShape(TypedDict):
    """An image that a version would pull. ``certain``: by default it is, or the author lists it; else ``doubt`` says
    why it is a guess: ``tag`` (none is given, so it is taken for the app version), ``off`` (the defaults leave it
    out), ``disabled`` (they leave its subchart out; ``hint`` switches it on), ``unclear`` (it depends on the cluster),
    ``setting`` (it is handed to a program, which may run it), ``test`` (only ``helm test`` runs it), ``unseen`` (what
    the templates make of the values is not known). ``where`` is a path of values, a template or the annotation's name,
    ``chart`` the subchart it comes from. ``floating``: it has neither a digest nor a tag but ``latest``. ``mirror`` is
    its reference at the mirror that the configuration names, ``blocked`` says that its own registry is out of
    reach."""

    reference: str
    certain: bool
    origin: ImageOrigin
    where: str
    chart: str
    doubt: ImageDoubt
    hint: str
    floating: bool
    mirror: str
    blocked: bool


def image_shapes(images: Iterable[ShownImage]) -> list[ImageShape]:
    """All of them, certain ones first."""
    return [
        {
            "reference": one.image.reference,
            "certain": one.image.certain,
            "origin": one.image.origin,
            "where": one.image.where,
            "chart": one.image.chart,
            "doubt": one.image.doubt,
            "hint": one.image.hint,
            "floating": one.floats,
            "mirror": one.placed.mirrored,
            "blocked": one.placed.blocked,
        }
        for one in images
    ]
