"""Arrays of images: from Python and from npz files, of any usual kind of number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evo_nas.config import DataSettings
from evo_nas.data import dataset_from_arrays, dataset_from_images, images_from_array, split_rows
from evo_nas.errors import UserError
from tests.data.images.conftest import Load, noise

PIXELS = np.stack([noise(seed=seed) for seed in range(6)])
LABELS = np.array(list("ababab"))


@pytest.mark.parametrize(
    "same",
    [PIXELS, PIXELS / 255.0, (PIXELS / 255.0).astype(np.float32), PIXELS.astype(np.float64), PIXELS.astype(np.int64)],
)
def test_pixels_are_the_same_in_every_kind_of_number(same: np.ndarray) -> None:
    np.testing.assert_array_equal(dataset_from_arrays(same, LABELS).pixels, PIXELS)


def test_images_need_no_axis_of_channels() -> None:
    grey = PIXELS[..., 0]
    data = dataset_from_arrays(grey, LABELS)
    assert data.input_shape == (6, 5, 1)
    np.testing.assert_array_equal(data.pixels[..., 0], grey)
    bits = dataset_from_arrays(grey > 99, LABELS)
    assert np.unique(bits.pixels).tolist() == [0, 255]


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((6, 3, 8, 8)), r"1 or 3 channels, got the shape \(6, 3, 8, 8\); numpy.moveaxis\(x, 1, -1\)"),
        (np.zeros((6, 0, 8, 3)), "got the shape"),
        (PIXELS / 127.5 - 1.0, "from 0 to 1 or from 0 to 255, got some from -1 to 1; undo any scaling of your own"),
        (np.full((6, 4, 4), np.nan), "got some from nan to nan"),
        (PIXELS.astype(int) + 1, "got some from 1 to 256"),
        (PIXELS.astype(complex), "got complex128"),
        (PIXELS[:5], r"got shapes \(5, 6, 5, 3\) and \(6,\)"),
    ],
)
def test_what_is_no_image_is_refused(x: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        dataset_from_arrays(x, LABELS)


def test_a_target_of_any_kind_and_no_columns() -> None:
    ages = dataset_from_arrays(PIXELS, np.arange(6) / 2, target_name="age")
    assert (ages.task, ages.target_name, ages.num_outputs) == ("regression", "age", 1)
    with pytest.raises(UserError, match="images have no columns; remove feature_names and categorical"):
        dataset_from_arrays(PIXELS, LABELS, feature_names=["a"])


def test_test_rows_may_be_given() -> None:
    data = dataset_from_images(PIXELS, LABELS, test=(PIXELS[:2] / 255.0, LABELS[:2]))
    split = split_rows(data, DataSettings(name="images"))
    assert split.test.tolist() == [6, 7]
    assert split.search.tolist() == list(range(6))
    with pytest.raises(UserError, match=r"images are of shape \(6, 5, 3\), test images of \(6, 4, 3\)"):
        dataset_from_images(PIXELS, LABELS, test=(PIXELS[:2, :, :4], LABELS[:2]))


def test_npz_files_with_test_images(tmp_path: Path, load: Load) -> None:
    np.savez(tmp_path / "a.npz", x=PIXELS, y=LABELS)
    np.savez(tmp_path / "b.npz", X=PIXELS[:3, :4], y=LABELS[:3])
    np.savez(tmp_path / "flat.npz", x=np.zeros((6, 5)), y=LABELS)
    with pytest.raises(UserError, match=r"test images of shape \(4, 5, 3\); give image_size and colour in"):
        load(images="a.npz", test_images="b.npz")
    data = load(images="a.npz", test_images="b.npz", image_size=[6, 5], colour="grey")
    assert (data.input_shape, data.num_test) == ((6, 5, 1), 3)
    expected = [np.asarray(Image.fromarray(pixels).convert("L")) for pixels in PIXELS]
    np.testing.assert_array_equal(data.pixels[:6, ..., 0], expected)
    with pytest.raises(UserError, match=r"expected the arrays x \[rows, height, width\] .* got x \(6, 5\), y \(6,\)"):
        load(images="flat.npz")
    with pytest.raises(UserError, match="no such file or folder"):
        load(images="none.npz.d")
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(UserError, match="expected a folder with a folder of images for each class, an idx file"):
        load(images="a.txt")


def test_arrays_to_predict_are_brought_to_what_was_learnt_from() -> None:
    schema = dataset_from_arrays(PIXELS, LABELS).schema
    np.testing.assert_array_equal(images_from_array(PIXELS[:2] / 255.0, schema), PIXELS[:2])
    with pytest.raises(UserError, match=r"expected images \[rows, \.\.\.\], got one of shape .*; give image\[None\]"):
        images_from_array(PIXELS[0], schema)
    small = images_from_array(PIXELS[:2, :3, :2, 0], schema)
    expected = [
        Image.fromarray(image[:3, :2, 0]).convert("RGB").resize((5, 6), Image.Resampling.BILINEAR)
        for image in PIXELS[:2]
    ]
    np.testing.assert_array_equal(small, np.stack([np.asarray(image) for image in expected]))
