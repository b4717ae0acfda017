"""One image file: what Pillow says its pixels are, whatever mode, orientation and size it has."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageOps

from evo_nas.data.images.bad_images import UnreadableImage
from evo_nas.data.images.decoding import MOST_PIXELS, hostile_images_refused, read_header, read_pixels
from evo_nas.data.images.look import Header, Look, settle_look
from tests.data.images.conftest import noise, save

COLOUR, GREY = Look(6, 5, 3, "stretch"), Look(6, 5, 1, "stretch")


def kept(tmp_path: Path, image: Image.Image, name: str = "a.png", **options: object) -> Path:
    image.save(tmp_path / name, **options)
    return tmp_path / name


@settings(max_examples=40, deadline=None)
@given(pixels=arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3]))))
def test_pixels_of_the_size_asked_for_are_not_touched(
    tmp_path_factory: pytest.TempPathFactory, pixels: np.ndarray
) -> None:
    path = save(tmp_path_factory.mktemp("images") / "a.png", pixels)
    found = read_pixels(path, Look(*pixels.shape, "crop"))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, pixels)
    assert read_header(path) == Header(pixels.shape[0], pixels.shape[1], is_grey=pixels.shape[2] == 1)


def test_every_orientation_is_turned_as_pillow_turns_it(tmp_path: Path) -> None:
    image = Image.fromarray(noise())
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = kept(tmp_path, image, exif=exif)
        with Image.open(path) as opened:
            upright = np.asarray(ImageOps.exif_transpose(opened))
        np.testing.assert_array_equal(read_pixels(path, Look(*upright.shape, "stretch")), upright)
        header = read_header(path)
        assert (header.height, header.width) == upright.shape[:2]


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    deep = np.array([[0, 128, 129], [257, 65535, 32896]], dtype=np.uint16)
    path = kept(tmp_path, Image.fromarray(deep))
    assert read_header(path).is_grey
    # 257 apart, and to the nearest: 128 / 257 is below one half, 129 / 257 above.
    assert read_pixels(path, Look(2, 3, 1, "stretch"))[..., 0].tolist() == [[0, 0, 1], [1, 255, 128]]
    in_colour = read_pixels(path, Look(2, 3, 3, "stretch"))
    assert in_colour[1].tolist() == [[1, 1, 1], [255, 255, 255], [128, 128, 128]]


def test_floating_point_pictures_and_wide_whole_numbers_are_refused(tmp_path: Path) -> None:
    path = kept(tmp_path, Image.fromarray(np.ones((6, 5), dtype=np.float32)), "a.tif")
    with pytest.raises(UnreadableImage, match="floating-point values"):
        read_pixels(path, GREY)
    path = kept(tmp_path, Image.fromarray(np.full((6, 5), 70_000, dtype=np.int32)), "b.tif")
    with pytest.raises(UnreadableImage, match="outside the 16 bits"):
        read_pixels(path, GREY)


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    pixels = np.zeros((1, 3, 4), dtype=np.uint8)
    pixels[0, :, 3] = (0, 255, 51)  # black: not there, whole, and a fifth of it
    path = kept(tmp_path, Image.fromarray(pixels))
    assert read_pixels(path, Look(1, 3, 3, "stretch"))[0].tolist() == [[255] * 3, [0] * 3, [204] * 3]
    assert read_pixels(path, Look(1, 3, 1, "stretch"))[0, :, 0].tolist() == [255, 0, 204]
    palette = Image.new("P", (2, 1), 0)
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.putpixel((1, 0), 1)
    path = kept(tmp_path, palette, "palette.png", transparency=0)
    assert read_pixels(path, Look(1, 2, 3, "stretch"))[0].tolist() == [[255, 255, 255], [40, 50, 60]]


def test_cmyk_palettes_and_two_colours_are_what_pillow_converts_them_to(tmp_path: Path) -> None:
    image = Image.fromarray(noise())
    for mode, name in (("CMYK", "a.jpg"), ("CMYK", "a.tif"), ("P", "a.gif"), ("1", "a.png"), ("YCbCr", "b.jpg")):
        path = kept(tmp_path, image.convert(mode), name)
        with Image.open(path) as opened:
            expected = np.asarray(opened.convert("RGB"))
        np.testing.assert_array_equal(read_pixels(path, COLOUR), expected)


def test_an_animation_is_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (5, 6), colour) for colour in ((250, 0, 0), (0, 250, 0), (0, 0, 250))]
    path = kept(tmp_path, frames[0], "a.gif", save_all=True, append_images=frames[1:])
    assert np.unique(read_pixels(path, COLOUR).reshape(-1, 3), axis=0).tolist() == [[250, 0, 0]]


def test_sizes_are_changed_as_pillow_does(tmp_path: Path) -> None:
    image = Image.fromarray(noise(20, 31))
    path, size, bilinear = kept(tmp_path, image), (8, 12), Image.Resampling.BILINEAR
    expected = {
        "stretch": image.resize(size, bilinear),
        "pad": ImageOps.pad(image, size, bilinear),
        "crop": ImageOps.fit(image, size, bilinear),
    }
    for fit, other in expected.items():
        found = read_pixels(path, Look(12, 8, 3, fit))
        np.testing.assert_array_equal(found, np.asarray(other))
    assert (read_pixels(path, Look(12, 8, 3, "pad"))[0] == 0).all(), "a wide picture has black above"


def test_a_jpeg_that_is_read_smaller_looks_the_same(tmp_path: Path) -> None:
    y, x = np.mgrid[0:800, 0:1200]
    smooth = np.stack([x / 5 % 256, y / 4 % 256, (x + y) / 8 % 256], axis=-1).astype(np.uint8)
    path = kept(tmp_path, Image.fromarray(smooth), "a.jpg", quality=95)
    with Image.open(path) as opened:
        whole = np.asarray(opened.resize((48, 32), Image.Resampling.BILINEAR)).astype(float)
    assert np.abs(read_pixels(path, Look(32, 48, 3, "stretch")) - whole).mean() < 2.0


def test_damaged_files_say_how(tmp_path: Path) -> None:
    whole = kept(tmp_path, Image.fromarray(noise(64, 64)), "a.jpg").read_bytes()
    bad = tmp_path / "bad.jpg"
    for content, reason in (
        (b"", r"is empty \(0 bytes\)"),
        (b"I am a text", "is not an image that can be read"),
        (whole[: len(whole) // 2], "is damaged .*truncated"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not an image that can be read"),
    ):
        bad.write_bytes(content)
        with pytest.raises(UnreadableImage, match=reason):
            read_pixels(bad, COLOUR)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damage_anywhere_is_a_reason_or_no_matter(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(["a.png", "a.jpg", "a.gif", "a.tif", "a.webp", "a.bmp"]))
    folder = tmp_path_factory.mktemp("images")
    whole = bytearray(save(folder / name, noise(16, 16)).read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=8)):
        whole[place] = data.draw(st.integers(0, 255))
    (folder / name).write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with hostile_images_refused(), suppress(UnreadableImage):
        assert read_pixels(folder / name, COLOUR).shape == (6, 5, 3)


def test_looks_that_are_left_open_come_from_the_headers() -> None:
    headers = [Header(300, 400, True), Header(100, 200, True), Header(200, 100, True)]
    assert settle_look(headers, None, "auto", "pad") == Look(128, 128, 1, "pad")
    assert settle_look([*headers, Header(28, 28, False)], (10, 20), "auto", "crop") == Look(10, 20, 3, "crop")
    assert settle_look([Header(28, 30, False)] * 2, None, "grey", "crop") == Look(28, 30, 1, "crop")
    assert settle_look([Header(1000, 1, True)], None, "colour", "crop") == Look(128, 1, 3, "crop")


def test_a_photograph_with_too_many_pixels_is_read_smaller(tmp_path: Path) -> None:
    side = 5_793
    assert side**2 > MOST_PIXELS
    image = Image.new("L", (side, side), 200)
    assert read_pixels(kept(tmp_path, image, "a.jpg"), GREY).max() == 200
    with pytest.raises(UnreadableImage, match="has 5,793 x 5,793 pixels, more than the 33,554,432 that are decoded"):
        read_pixels(kept(tmp_path, image, "a.bmp"), GREY)
