"""Contact sheets of images: who is on them, and that what is drawn is the pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evo_nas.data import Dataset, dataset_from_arrays
from evo_nas.report.image_sheets import draw_sheet, images_by_class, mixed_images


def pixels(count: int, channels: int = 1) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.integers(0, 256, (count, 6, 4, channels)).astype(np.uint8)


def dataset(num_classes: int) -> Dataset:
    return dataset_from_arrays(pixels(60), [f"class {place % num_classes}" for place in range(60)])


def test_each_class_has_a_row_of_its_own_images() -> None:
    data = dataset(3)
    rows = np.arange(40, dtype=np.int64)
    shown = images_by_class(data, rows, seed=0, across=5)
    assert list(shown) == [f"class {label}: {count} images" for label, count in enumerate((14, 13, 13))]
    for label, chosen in enumerate(shown.values()):
        assert len(set(chosen)) == 5
        assert (data.target[chosen] == label).all()
        assert set(chosen) <= set(rows)
    again = images_by_class(data, rows[::-1], seed=0, across=5)
    assert [list(chosen) for chosen in again.values()] == [list(chosen) for chosen in shown.values()]
    other = images_by_class(data, rows, seed=1, across=5)
    assert [list(chosen) for chosen in other.values()] != [list(chosen) for chosen in shown.values()]


def test_of_many_classes_the_first_are_shown() -> None:
    assert len(images_by_class(dataset(30), np.arange(60, dtype=np.int64), seed=0)) == 20


def test_a_regression_is_shown_from_low_to_high() -> None:
    data = dataset_from_arrays(pixels(60), np.linspace(9.0, -2.5, 60))
    shown = images_by_class(data, np.arange(60, dtype=np.int64), seed=0)
    assert next(iter(shown)).startswith("-2.5 to ")
    assert list(shown)[-1].endswith(" to 9")
    means = [data.target[chosen].mean() for chosen in shown.values()]
    assert means == sorted(means)


def test_images_for_augmentation_come_from_every_class_in_turn() -> None:
    images = pixels(30)
    sheet = {"one": images[:2], "other": images[10:20]}
    assert np.array_equal(mixed_images(sheet, across=5), images[[0, 10, 1, 11, 12]])


def test_a_sheet_shows_the_pixels_in_grey_and_in_colour(tmp_path: Path) -> None:
    from matplotlib.image import imread

    for channels in (1, 3):
        dark, light = np.zeros((5, 6, 4, channels), np.uint8), np.full((5, 6, 4, channels), 200, np.uint8)
        light[..., -1] = 60
        path = tmp_path / f"{channels}.png"
        draw_sheet([path, path.with_suffix(".svg")], {"dark": dark, "light": light}, title="Two rows")
        picture = np.rint(255 * imread(path)[..., :3])
        for colour in ((0, 0, 0), (60, 60, 60) if channels == 1 else (200, 200, 60)):
            assert (picture == colour).all(axis=2).mean() > 0.05
        assert path.with_suffix(".svg").read_text().startswith("<?xml")
