"""The program that decodes foreign pictures: what comes out is small and ours, or nothing does."""

import resource
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.pictures.child import decode
from indexer.pictures.kinds import media_type
from indexer.pictures.wanted import ICON, README, PictureRefused, Shape
from tests.pictures import RED, as_image, frames, nested_uses, noise, png_that_tells, raster, svg


def made(folder: Path, body: bytes, shape: Shape = ICON) -> bytes:
    (folder / "foreign").write_bytes(body)
    decode(folder / "foreign", folder / "ours", shape)
    return (folder / "ours").read_bytes()


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        *(("JPEG", mode) for mode in ("L", "RGB", "CMYK")),
        *(("GIF", mode) for mode in ("L", "P")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
    ],
)
@pytest.mark.parametrize("size", [(300, 200), (40, 60)])
def test_an_icon_becomes_a_small_png_whatever_it_was(
    tmp_path: Path, form: str, mode: str, size: tuple[int, int]
) -> None:
    image = as_image(made(tmp_path, raster(form, size, mode)))
    assert image.format == "PNG"
    assert image.size == ((128, 85) if size == (300, 200) else size)


def test_a_picture_keeps_its_colours_and_what_is_see_through(tmp_path: Path) -> None:
    assert as_image(made(tmp_path, raster())).convert("RGB").getpixel((60, 40)) == RED
    assert as_image(made(tmp_path, raster("PNG", mode="RGBA"))).convert("RGBA").getpixel((60, 40))[3] == 0  # type: ignore[index]


def test_nothing_that_came_beside_the_pixels_goes_on(tmp_path: Path) -> None:
    body = raster("JPEG", (40, 40), icc_profile=b"profile of somebody", comment=b"who drew it", exif=b"Exif\0\0where")
    for shape in (ICON, README):
        out = made(tmp_path, body, shape)
        assert not any(word in out for word in (b"somebody", b"who drew it", b"where"))


def test_F7_a_drawing_becomes_pixels(tmp_path: Path) -> None:
    for body in (
        svg(),
        b"\xef\xbb\xbf" + svg(before='<?xml version="1.0" encoding="UTF-8"?>\n<!-- by hand -->\n'),
        svg(
            before='<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
        ),
    ):
        image = as_image(made(tmp_path, body))
        assert (image.size, image.convert("RGB").getpixel((64, 64))) == ((128, 128), RED)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<foreignObject width="20" height="20"><body xmlns="http://www.w3.org/1999/xhtml">hello</body></foreignObject>',
        '<image width="20" height="20" xlink:href="http://127.0.0.1:9/x.png"/>',
        '<use xlink:href="http://127.0.0.1:9/x.svg#a"/>',
        '<rect width="20" height="20" fill="url(http://127.0.0.1:9/x.svg#a)"/>',
    ],
)
def test_F7_nothing_of_a_script_or_of_another_place_is_in_what_is_served(tmp_path: Path, inside: str) -> None:
    for shape in (ICON, README):
        assert media_type(made(tmp_path, svg(f'<text y="9">hello</text>{inside}'), shape)) == "image/png"


def test_F7_a_drawing_reads_no_file(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(raster())
    for href in (tmp_path / "secret.png", (tmp_path / "secret.png").as_uri(), "secret.png", "/proc/self/environ"):
        out = made(tmp_path, svg(f'<image width="20" height="20" xlink:href="{href}"/><rect width="1" height="1"/>'))
        assert as_image(out).convert("RGBA").getpixel((64, 64)) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "body",
    [
        svg('<text y="9">&x;</text>', '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        svg(
            '<text y="9">&a9;</text>',
            '<!DOCTYPE svg [<!ENTITY a0 "x">'
            + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
            + "]>",
        ),
        nested_uses(8),
        svg('<g fill="red">' * 40_000 + "</g>" * 40_000),
        svg(before='<?xml version="1.0" encoding="UTF-16"?>').decode().encode("utf-16"),
        b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1e9"><rect/></svg>',
    ],
    ids=["an entity of a file", "an entity bomb", "nested uses", "deep groups", "UTF-16", "a tower"],
)
def test_F7_a_drawing_made_to_harm_is_refused_in_time(tmp_path: Path, body: bytes) -> None:
    for shape in (ICON, README):
        with pytest.raises(PictureRefused):
            made(tmp_path, body, shape)


def test_F7_one_megabyte_of_uses_ends_by_the_limit_on_processor_time(tmp_path: Path) -> None:
    blur = '<filter id="f"><feGaussianBlur stdDeviation="40"/></filter><g id="g"><rect width="20" height="20"/></g>'
    body = svg(f"<defs>{blur}</defs>" + '<use xlink:href="#g" filter="url(#f)"/>' * 20_000)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(PictureRefused):
        made(tmp_path, body)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < ICON.cpu_seconds + 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><svg></svg></html>",
        b"<!DOCTYPE html><p>Sign in <svg width='1'></svg>",
        b"x" + raster(),
        raster()[:200],
        raster("BMP"),
        raster("TIFF"),
        raster("ICO", (32, 32)),
        raster("PPM"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        b"GIF89a",
    ],
    ids=["nothing", "HTML", "a page", "junk before", "cut", "BMP", "TIFF", "ICO", "PPM", "EPS", "a head alone"],
)
def test_F8_what_is_no_picture_of_a_kind_we_know_is_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(PictureRefused):
        made(tmp_path, body)


def test_F8_a_picture_is_refused_by_its_header_before_it_is_decoded(tmp_path: Path) -> None:
    for size in ((30_000, 30_000), (2_001, 2_000)):
        with pytest.raises(PictureRefused):
            made(tmp_path, png_that_tells(*size))
    assert as_image(made(tmp_path, raster("PNG", (2_000, 2_000)))).size == (128, 128)


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_F8_of_an_animation_the_first_frame_is_shown(tmp_path: Path, form: str) -> None:
    began = time.process_time()
    image = as_image(made(tmp_path, frames(form, 2_000)))
    assert getattr(image, "n_frames", 1) == 1
    assert all(abs(a - b) < 8 for a, b in zip(image.convert("RGB").getpixel((30, 30)), RED, strict=True))  # type: ignore[arg-type]
    assert time.process_time() - began < 5


def test_a_readmes_photograph_stays_one_and_a_screenshot_is_sized_down(tmp_path: Path) -> None:
    photograph = as_image(made(tmp_path, raster("JPEG", (2_400, 1_200)), README))
    assert (photograph.format, photograph.size) == ("JPEG", (1600, 800))
    screenshot = as_image(made(tmp_path, raster("PNG", (2_400, 1_200)), README))
    assert (screenshot.format, screenshot.size) == ("PNG", (1600, 800))


def test_what_becomes_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureRefused):
        made(tmp_path, noise(1_600, 2_400), README)


def test_F7_a_badge_keeps_its_letters_where_nothing_in_it_could_run(tmp_path: Path) -> None:
    badge = svg(
        '<rect width="20" height="20"/><text y="9">build</text><image xlink:href="data:image/png;base64,aGk="/>'
    )
    assert made(tmp_path, badge, README) == badge
    assert media_type(made(tmp_path, badge, ICON)) == "image/png"
    assert media_type(made(tmp_path, svg(), README)) == "image/png"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_whatever_comes_it_is_a_picture_of_ours_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    body = data.draw(st.sampled_from([raster("PNG", (40, 40)), raster("GIF", (40, 40), "P"), svg()]))
    at = data.draw(st.integers(0, len(body) - 1))
    spoilt = body[:at] + data.draw(st.binary(max_size=8)) + body[at + data.draw(st.integers(0, 8)) :]
    try:
        out = made(tmp_path, spoilt)
    except PictureRefused:
        return
    assert media_type(out) == "image/png"
    assert max(as_image(out).size) <= 128
