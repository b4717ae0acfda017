"""What we write as .png is read by others as what it was."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from evo_nas.report.png import png_of
from evo_nas.report.style import axes_within, new_figure, save

shapes = st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))


@given(arrays(np.uint8, shapes))
def test_pixels_come_back(pixels: np.ndarray) -> None:
    image = Image.open(io.BytesIO(png_of(pixels, dots_an_inch=150)))
    assert image.mode == "RGB"
    assert np.array_equal(np.asarray(image), pixels)


def test_it_knows_its_size_on_paper() -> None:
    image = Image.open(io.BytesIO(png_of(np.zeros((5, 7, 3), np.uint8), dots_an_inch=150)))
    assert image.size == (7, 5)
    assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)


def test_a_picture_is_that_of_matplotlib(tmp_path) -> None:
    figure = new_figure(3.0, 2.0, constrained=False)
    axes = axes_within(figure, left=0.5, right=0.25, above=0.3, below=0.4)
    axes.plot([0.0, 1.0, 0.5], [0.2, 0.4, 0.9], alpha=0.4)
    axes.set_title("A line")
    save(figure, tmp_path / "ours.png")
    figure.savefig(tmp_path / "theirs.png")
    ours, theirs = (Image.open(tmp_path / name).convert("RGB") for name in ("ours.png", "theirs.png"))
    assert np.array_equal(np.asarray(ours), np.asarray(theirs))
    assert np.allclose(axes.get_position().extents * [3.0, 2.0, 3.0, 2.0], [0.5, 0.4, 2.75, 1.7])
