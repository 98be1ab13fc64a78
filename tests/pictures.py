"""Pictures for tests, proper and hostile, made in memory."""

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image

SVG_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="20">'
RED = (200, 30, 30)


def raster(form: str = "PNG", size: tuple[int, int] = (300, 200), mode: str = "RGB", **options: Any) -> bytes:
    """A picture of one colour, see-through where it can be."""
    out = io.BytesIO()
    colour = RED + (0,) * (mode == "RGBA") if mode.startswith("RGB") else 1
    Image.new(mode, size, colour).save(out, form, **options)
    return out.getvalue()


def frames(form: str, count: int) -> bytes:
    """An animation that begins red."""
    out = io.BytesIO()
    images = [Image.new("RGB", (64, 64), RED if number == 0 else (0, number % 256, 0)) for number in range(count)]
    images[0].save(out, form, save_all=True, append_images=images[1:], duration=20)
    return out.getvalue()


def noise(width: int, height: int, form: str = "PNG") -> bytes:
    """A picture that nothing makes smaller."""
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), random.Random(1).randbytes(3 * width * height)).save(out, form)
    return out.getvalue()


def png_that_tells(width: int, height: int) -> bytes:
    """A small PNG whose header tells that size; its pixels are zeros that pack well."""
    rows = zlib.compress(bytes(min(width * 3 + 1, 1_000_000)), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def svg(inside: str = '<rect width="20" height="20" fill="#c81e1e"/>', before: str = "") -> bytes:
    """A drawing of 20 × 20."""
    return f"{before}{SVG_HEAD}{inside}</svg>".encode()


def nested_uses(levels: int, each: int = 10) -> bytes:
    """A drawing that uses a group that uses a group …: ``each`` to the power of ``levels`` rectangles."""
    groups = "".join(
        f'<g id="g{level}">' + f'<use xlink:href="#g{level - 1}"/>' * each + "</g>" for level in range(1, levels + 1)
    )
    return svg(f'<defs><g id="g0"><rect width="1" height="1"/></g>{groups}</defs><use xlink:href="#g{levels}"/>')


def as_image(body: bytes) -> Image.Image:
    """What was made, decoded."""
    image = Image.open(io.BytesIO(body))
    image.load()
    return image
