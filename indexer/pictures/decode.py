"""A program of its own that makes one foreign picture into one of ours, and may do nothing else.

::

    python -I decode.py WIDTH HEIGHT PIXELS SECONDS KEEP < foreign > ours

It stands alone: nothing of the project is imported, so it starts in some 40 ms. Before it looks at the picture it gives
up all that decoding does not need: memory beyond 256 MiB, processor time beyond SECONDS, files and sockets (none can
be opened any more, which is also what keeps an SVG from reading a file that it names), processes and threads. Only PNG,
JPEG, GIF and WebP are decoded, the first frame alone, and only if the header tells no more than PIXELS; SVG is drawn
without fonts. It becomes a PNG. KEEP 1: a JPEG stays one, for photographs are large as PNG, and an SVG with text in it
goes through as it is once it was drawn within the limits, where nothing in it could run. What went wrong is told by the
exit status alone: nobody could do anything about it.
"""

import copy
import io
import re
import resource
import sys

import resvg_py
from PIL import Image, MpoImagePlugin, WebPImagePlugin

_MEMORY = 256 * 1024 * 1024
_OUTPUT = 8 * 1024 * 1024
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_PHOTOGRAPHS = ("JPEG", "MPO")
_NEEDED = (WebPImagePlugin, MpoImagePlugin, copy)
"""What Pillow would load where it needs it first, when nothing can be loaded any more."""
_KEPT_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
_SEE_THROUGH = frozenset({"LA", "PA", "La", "RGBa", "RGBA"})
_BOM = b"\xef\xbb\xbf"
_SVG_BEGINS_WITHIN = 4096
_LETTERING = re.compile(rb"<(?:\w+:)?text[\s>]")
_NOT_AS_IT_IS = re.compile(
    rb"<!DOCTYPE|<!ENTITY|<\?xml-stylesheet|@import|<(?:\w+:)?(?:script|foreignObject|iframe)[\s>/]|[\s\"']on\w+\s*="
    rb"|href\s*=\s*[\"'](?!#|data:image/)|url\(\s*[\"']?(?!#|data:image/)",
    re.IGNORECASE,
)
"""None of it runs in a picture; yet there is no need to pass it on."""


class NoPictureError(Exception):
    """It is none, or larger than it may be."""


def main() -> None:
    """Read the picture from standard input and write what becomes of it to standard output."""
    width, height, pixels, seconds, keep = map(int, sys.argv[1:6])
    Image.preinit()  # loads the decoders, as long as files may be opened
    confine(seconds)
    body = sys.stdin.buffer.read()
    if is_svg(body):
        drawn = drawing(body, None if keep else width)
        made = body if keep and may_stay(body) else sized(drawn, width, height, "PNG")
    else:
        image = opened(body, pixels)
        made = sized(image, width, height, "JPEG" if keep and image.format in _PHOTOGRAPHS else "PNG")
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()


def confine(seconds: int) -> None:
    """Give up what decoding does not need, for good."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    limits = {
        resource.RLIMIT_AS: _MEMORY,
        resource.RLIMIT_CPU: int(spent.ru_utime + spent.ru_stime) + seconds,
        resource.RLIMIT_FSIZE: _OUTPUT,
        resource.RLIMIT_NOFILE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, limit in limits.items():
        resource.setrlimit(what, (limit, limit))


def is_svg(body: bytes) -> bool:
    """Whether it is to be read as SVG; that it really is one is for its parser to say."""
    return body.removeprefix(_BOM).lstrip()[:1] == b"<" and b"<svg" in body[:_SVG_BEGINS_WITHIN]


def may_stay(body: bytes) -> bool:
    """Whether an SVG has text in it, and nothing that a browser would have to be kept from running or loading."""
    return bool(_LETTERING.search(body)) and not _NOT_AS_IT_IS.search(body)


def drawing(body: bytes, width: int | None) -> Image.Image:
    """An SVG as pixels: ``width`` wide, or as large as it says."""
    drawn = resvg_py.svg_to_bytes(svg_string=body.removeprefix(_BOM).decode(), width=width, skip_system_fonts=True)
    return Image.open(io.BytesIO(drawn), formats=("PNG",))


def opened(body: bytes, pixels: int) -> Image.Image:
    """The header of a picture. Raises NoPictureError where it tells too many pixels."""
    image = Image.open(io.BytesIO(body), formats=_FORMATS)
    if image.width * image.height > pixels:
        raise NoPictureError
    return image


def sized(image: Image.Image, width: int, height: int, form: str) -> bytes:
    """The first frame, at most ``width`` × ``height``, written anew with nothing that came beside its pixels."""
    fits = image.width <= width and image.height <= height
    if not (fits and image.mode in _KEPT_MODES):
        image.draft("RGB", (width, height))
        image = image.convert("RGBA" if image.mode in _SEE_THROUGH or "transparency" in image.info else "RGB")
        image.thumbnail((width, height))
    image.load()
    image.info = {key: value for key, value in image.info.items() if key == "transparency"}
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


if __name__ == "__main__":
    main()
