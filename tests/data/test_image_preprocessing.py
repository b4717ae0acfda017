"""Pixels become numbers by one affine map a channel, fitted on training rows alone."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from evo_nas.data import Dataset, ImagePreprocessing, Schema, fit_image_preprocessing
from evo_nas.data.dataset import ImageArray

IMAGES = arrays.arrays(np.uint8, st.tuples(*(st.integers(1, 4) for _ in range(3)), st.sampled_from([1, 3])))


def dataset_of(images: ImageArray, target: list[float] | None = None) -> Dataset:
    height, width, channels = images.shape[1:]
    rows = len(images)
    task, classes = ("binary", ("a", "b")) if target is None else ("regression", ())
    schema = Schema((), (), (), "label", classes, task, (height, width, channels))
    numbers = np.zeros(rows, dtype=np.int64) if target is None else np.array(target)
    return Dataset("images", schema, np.empty((rows, 0)), np.empty((rows, 0), dtype=np.int32), numbers, images)


@pytest.mark.parametrize(("kind", "black", "white"), [("unit", 0.0, 1.0), ("symmetric", -1.0, 1.0)])
def test_fixed_kinds(kind: str, black: float, white: float) -> None:
    dataset = dataset_of(np.array([0, 255], dtype=np.uint8).reshape(2, 1, 1, 1))
    fitted = fit_image_preprocessing(dataset, np.array([0]), kind)
    assert fitted.transform(dataset.pixels).ravel() == pytest.approx([black, white], abs=1e-7)


@given(IMAGES)
def test_standard_is_that_of_all_training_pixels(images: ImageArray) -> None:
    dataset, rows = dataset_of(images), np.arange(0, len(images), 2)
    inputs = fit_image_preprocessing(dataset, rows, "standard").transform(images)
    seen = images[rows].astype(np.float64)
    deviations = seen.std(axis=(0, 1, 2))
    expected = (images - seen.mean(axis=(0, 1, 2))) / np.where(deviations > 0, deviations, 1.0)
    assert inputs.dtype == np.float32
    np.testing.assert_allclose(inputs, expected, atol=1e-4 * max(1.0, np.abs(expected).max()))


def test_standard_looks_at_training_rows_alone() -> None:
    images = np.array([[10], [20], [250]], dtype=np.uint8).reshape(3, 1, 1, 1)
    fitted = fit_image_preprocessing(dataset_of(images), np.array([0, 1]), "standard")
    assert fitted.transform(images[:2]).ravel() == pytest.approx([-1.0, 1.0])


@given(IMAGES, st.sampled_from(["unit", "symmetric", "standard"]))
def test_json_gives_it_back_to_the_bit(images: ImageArray, kind: str) -> None:
    fitted = fit_image_preprocessing(dataset_of(images), np.arange(len(images)), kind)
    again = ImagePreprocessing.from_json(json.loads(json.dumps(fitted.to_json(), allow_nan=False)))
    assert again == fitted
    assert again.transform(images).tobytes() == fitted.transform(images).tobytes()


def test_a_regression_target_is_standardised() -> None:
    dataset = dataset_of(np.zeros((4, 1, 1, 1), dtype=np.uint8), [10.0, 30.0, 10.0, 30.0])
    fitted = fit_image_preprocessing(dataset, np.arange(4), "unit")
    assert fitted.transform_target(dataset.target) == pytest.approx([-1.0, 1.0, -1.0, 1.0])
    assert fitted.restore_target(np.array([2.0])) == pytest.approx([40.0])


def test_what_it_is_not_for() -> None:
    dataset = dataset_of(np.zeros((1, 2, 2, 3), dtype=np.uint8))
    with pytest.raises(
        ValueError, match=r"expected a preprocessing of images \(unit, symmetric, standard\), got 'minm"
    ):
        fit_image_preprocessing(dataset, np.array([0]), "minmax")
    fitted = fit_image_preprocessing(dataset, np.array([0]), "unit")
    with pytest.raises(ValueError, match=r"expected images of 3 channels, got \(1, 2, 2, 1\)"):
        fitted.transform(np.zeros((1, 2, 2, 1), dtype=np.uint8))
    with pytest.raises(ValueError, match="expected a scale and a shift for each channel, got 3 and 2"):
        ImagePreprocessing.from_json({**fitted.to_json(), "shifts": [0.0, 0.0]})
