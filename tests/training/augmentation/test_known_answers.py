"""What each change does to images whose answer a person knows."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from evo_nas.config import Augmentation
from evo_nas.training.augmentation import augmented, strengths_of
from evo_nas.training.augmentation.colour import recoloured
from evo_nas.training.augmentation.draws import Draws
from evo_nas.training.augmentation.geometry import moved
from genomes.augmentation_genes import AUGMENTATION_GENES, PREFIX, augmentation_genes
from tests.training.augmentation.batches import both, changed, images, seed, targets

STRONG = {"flip": 0.5, "shift": 0.25, "rotation": 30.0, "zoom": 0.3, "colour": 0.4, "mixup": 0.4, "cutout": 0.5}


def fixed_draws(**values: list[float]) -> Draws:
    """Every draw in the middle of its range, but for those given."""
    count = len(next(iter(values.values())))
    names = Draws.__dataclass_fields__
    return Draws(**{name: tf.constant(values.get(name, [0.5] * count), tf.float32) for name in names})


def test_what_is_off_is_no_part_of_the_graph() -> None:
    pixels, answers = tf.constant(images(3)), tf.constant(targets(3))
    assert augmented(pixels, answers, Augmentation(), seed()) == (pixels, answers)


def test_a_flip_mirrors_left_to_right() -> None:
    assert np.array_equal(changed(images(5), flip=1.0), images(5)[:, :, ::-1])


def test_a_shift_moves_by_whole_pixels_and_mirrors_at_the_edge() -> None:
    row = np.array([10.0, 20.0, 30.0, 40.0], dtype=np.float32)
    batch = tf.constant(np.tile(row[None, None, :, None], (2, 4, 1, 1)))
    # Draws of 0 and 1 are the farthest: half of 4 pixels to the left, and to the right.
    shifted = moved(batch, fixed_draws(shift_x=[0.0, 1.0]), Augmentation(shift=0.5)).numpy()
    assert shifted[0, :, :, 0].tolist() == [[30.0, 40.0, 40.0, 30.0]] * 4
    assert shifted[1, :, :, 0].tolist() == [[20.0, 10.0, 10.0, 20.0]] * 4


def test_a_quarter_turn_turns_all_pixels() -> None:
    batch = images(2, 5, 5).astype(np.float32)
    turned = moved(tf.constant(batch), fixed_draws(rotation=[0.0, 1.0]), Augmentation(rotation=90.0)).numpy()
    assert turned[0] == pytest.approx(np.rot90(batch[0], -1), abs=0.01)
    assert turned[1] == pytest.approx(np.rot90(batch[1], 1), abs=0.01)


def test_a_zoom_is_about_the_middle() -> None:
    ramp = np.broadcast_to(np.arange(5, dtype=np.float32)[None, None, :, None], (2, 5, 5, 1))
    zoomed = moved(tf.constant(ramp), fixed_draws(zoom=[0.0, 1.0]), Augmentation(zoom=1.0)).numpy()
    assert zoomed[1, 2, :, 0] == pytest.approx([1.0, 1.5, 2.0, 2.5, 3.0], abs=1e-4)
    assert zoomed[0, 2, 1:4, 0] == pytest.approx([0.0, 2.0, 4.0], abs=1e-4)


def test_the_middle_of_every_draw_changes_nothing() -> None:
    batch = tf.constant(images(2).astype(np.float32))
    same = moved(batch, fixed_draws(zoom=[0.5, 0.5]), Augmentation(shift=0.5, rotation=90.0, zoom=1.0))
    assert np.array_equal(same, batch)


@pytest.mark.parametrize("side", [0.25, 0.5, 1.0])
def test_cutout_covers_a_square_with_the_mean(side: float) -> None:
    batch = images(200, 8, 10)
    cut = changed(batch, cutout=side)
    covered = (cut != batch).any(axis=3)
    pixels = round(8 * side)
    for image, before, where in zip(cut, batch, covered, strict=True):
        rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
        assert where[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert np.abs(image[where] - before.mean(axis=(0, 1))).max() < 0.01
    areas = covered.sum(axis=(1, 2))
    assert areas.max() == pixels**2
    # The middle is any pixel: along each side, the mean over all places of the part that lies inside.
    inside = [np.mean([sum(0 <= p - pixels // 2 + i < n for i in range(pixels)) for p in range(n)]) for n in (8, 10)]
    assert areas.mean() == pytest.approx(inside[0] * inside[1], rel=0.1)


def test_mixup_mixes_targets_and_images_alike() -> None:
    batch, answers = images(64).astype(np.float32), targets(64)
    mixed, values = both(batch, answers, mixup=1.0)
    assert values.sum(axis=1) == pytest.approx(np.ones(64), abs=1e-6)
    share = (values * answers).sum(axis=1)
    expected = share[:, None, None, None] * batch + (1 - share)[:, None, None, None] * np.roll(batch, 1, axis=0)
    assert mixed == pytest.approx(expected, abs=0.01)


def test_mixup_mixes_every_column_of_the_targets() -> None:
    answers = targets(32)
    weights = np.arange(32, dtype=np.float32)[:, None]
    values = both(images(32), np.hstack([answers, weights]), mixup=1.0)[1]
    share = (values[:, :4] * answers).sum(axis=1)
    assert values[:, 4] == pytest.approx(share * weights[:, 0] + (1 - share) * np.roll(weights[:, 0], 1), abs=1e-4)


def test_colour_keeps_grey_grey_and_within_black_and_white() -> None:
    grey = np.repeat(images(20, channels=1), 3, axis=3)
    recoloured = changed(grey, colour=1.0)
    assert np.abs(recoloured - recoloured[..., :1]).max() < 0.01
    assert 0.0 <= recoloured.min() <= recoloured.max() <= 255.0


def test_colour_of_an_even_image_is_its_brightness() -> None:
    even = np.full((100, 4, 4, 1), 100, dtype=np.uint8)
    recoloured = changed(even, colour=0.2)
    assert np.ptp(recoloured, axis=(1, 2, 3)).max() < 0.01
    assert 80.0 <= recoloured.min() < 82.0
    assert 118.0 < recoloured.max() <= 120.0


def test_at_full_strength_colour_takes_saturation_contrast_or_light_away() -> None:
    batch = images(3)
    pixels = tf.constant(batch, tf.float32)
    luminance = (batch * [0.299, 0.587, 0.114]).sum(axis=3, keepdims=True)
    for draw, expected in (
        ("saturation", np.repeat(luminance, 3, axis=3)),
        ("contrast", np.broadcast_to(luminance.mean(axis=(1, 2, 3), keepdims=True), batch.shape)),
        ("brightness", np.zeros(batch.shape)),
    ):
        assert recoloured(pixels, fixed_draws(**{draw: [0.0] * 3}), 1.0).numpy() == pytest.approx(expected, abs=0.01)
    brightest = recoloured(pixels, fixed_draws(brightness=[1.0] * 3), 1.0).numpy()
    assert brightest == pytest.approx(np.minimum(2.0 * batch, 255.0), abs=0.01)


@pytest.mark.parametrize("kind", STRONG)
def test_every_kind_changes_pixels_and_keeps_their_range(kind: str) -> None:
    batch = images(16)
    result = changed(batch, **{kind: STRONG[kind]})
    assert result.dtype == np.float32
    assert result.shape == batch.shape
    assert not np.array_equal(result, batch)
    assert -0.01 <= result.min() <= result.max() <= 255.01


def test_a_gene_goes_before_the_recipe() -> None:
    setting = Augmentation(flip=0.5, shift=0.1)
    assert strengths_of({"augment_flip": 0.25, "learning_rate": 0.1}, setting) == Augmentation(flip=0.25, shift=0.1)
    assert strengths_of({}, setting) == setting


def test_genes_and_setting_have_the_same_names_and_ranges() -> None:
    assert [PREFIX + name for name in Augmentation.model_fields] == list(AUGMENTATION_GENES)
    for name, entry in AUGMENTATION_GENES.items():
        for value in (entry.low, entry.high):
            assert getattr(Augmentation(**{name.removeprefix(PREFIX): value}), name.removeprefix(PREFIX)) == value
        for beyond in (entry.low - 0.01, entry.high + 0.01):
            with pytest.raises(ValueError, match=name.removeprefix(PREFIX)):
                Augmentation(**{name.removeprefix(PREFIX): beyond})
    assert list(augmentation_genes(["augment_zoom", "filters", "augment_flip"])) == ["augment_flip", "augment_zoom"]
