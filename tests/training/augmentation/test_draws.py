"""The random numbers: how they are distributed, and what they are a function of."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from evo_nas.training.augmentation.draws import Draws
from evo_nas.training.augmentation.mixing import _beta
from evo_nas.training.streams import TrainingStreams
from tests.training.augmentation.batches import both, changed, images, seed, targets

ALL = {"flip": 0.5, "shift": 0.2, "rotation": 20.0, "zoom": 0.2, "colour": 0.3, "mixup": 0.3, "cutout": 0.4}
NEEDS_NO_NEIGHBOUR = {name: value for name, value in ALL.items() if name != "mixup"}


def test_about_the_asked_share_is_mirrored() -> None:
    batch = images(4000, 2, 2, 1)
    mirrored = changed(batch, flip=0.3) == batch[:, :, ::-1]
    distinct = (batch != batch[:, :, ::-1]).any(axis=(1, 2, 3))
    assert mirrored.all(axis=(1, 2, 3))[distinct].mean() == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("alpha", [0.01, 0.2, 1.0, 5.0])
def test_the_shares_of_mixup_are_of_a_beta_distribution(alpha: float) -> None:
    shares = _beta(Draws.of(seed(), tf.constant(20_000)), alpha, seed()).numpy()
    assert np.isfinite(shares).all()
    assert shares.mean() == pytest.approx(0.5, abs=0.015)
    assert shares.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.05)


def test_shifts_reach_every_place_alike() -> None:
    dot = np.zeros((3000, 9, 9, 1), dtype=np.uint8)
    dot[:, 4, 4] = 200
    places = np.argwhere(changed(dot, shift=2 / 9)[..., 0] == 200)[:, 1:] - 4
    assert len(places) == 3000
    assert np.abs(places).max() == 2
    # Whole pixels are rounded from an even distribution: the two outermost come half as often.
    for axis in (0, 1):
        shares = np.bincount(places[:, axis] + 2) / 3000
        assert shares == pytest.approx([0.125, 0.25, 0.25, 0.25, 0.125], abs=0.03)


def test_draws_differ_between_images_steps_and_epochs() -> None:
    same = np.repeat(images(1), 8, axis=0)
    once = changed(same, **NEEDS_NO_NEIGHBOUR)
    assert len({image.tobytes() for image in once}) == 8
    for other in (seed(5, 32), seed(6, 0)):
        again = changed(same, at=other, **NEEDS_NO_NEIGHBOUR)
        assert not {image.tobytes() for image in once} & {image.tobytes() for image in again}


def test_the_same_seed_gives_the_same_bits() -> None:
    for one, other in zip(both(images(9), targets(9), **ALL), both(images(9), targets(9), **ALL), strict=True):
        assert np.array_equal(one, other)


def test_an_image_is_changed_alike_in_small_and_large_batches() -> None:
    batch = images(40, 9, 7)
    whole = changed(batch, **NEEDS_NO_NEIGHBOUR)
    for count in (1, 3, 17):
        assert np.array_equal(changed(batch[:count], **NEEDS_NO_NEIGHBOUR), whole[:count])


def test_draws_of_one_kind_do_not_depend_on_the_others() -> None:
    flat = np.full((50, 5, 5, 1), 100, dtype=np.uint8)
    brightness = changed(flat, colour=0.5)
    assert changed(flat, flip=0.5, shift=0.2, cutout=0.4, colour=0.5) == pytest.approx(brightness, abs=1e-3)


def test_the_key_of_an_epoch_is_that_of_the_training_and_not_of_the_genome() -> None:
    keys = {
        TrainingStreams(evaluation_seed, fold, replicate, "genome").augmentation_key(epoch)
        for evaluation_seed in (0, 1)
        for fold in (0, 1, "all")
        for replicate in (0, 1)
        for epoch in (1, 2)
    }
    assert len(keys) == 24
    assert min(keys) >= 0
    ours, theirs = (TrainingStreams(0, 0, 0, name).augmentation_key(1) for name in ("one", "another"))
    assert ours == theirs


FOREIGN = """
import json, sys
from evo_nas.training import tasks
tasks.prepare({"kind": "cpu", "threads": 2})
from tests.training.augmentation.batches import both, images, targets
print(json.dumps([array.tolist() for array in both(images(9), targets(9), **json.loads(sys.argv[1]))]))
"""


@pytest.mark.slow
def test_another_worker_with_more_threads_gives_the_same_bits() -> None:
    there = subprocess.run(
        [sys.executable, "-c", FOREIGN, json.dumps(ALL)], capture_output=True, check=True, timeout=120
    )
    for array, other in zip(both(images(9), targets(9), **ALL), json.loads(there.stdout), strict=True):
        assert np.array_equal(array, np.array(other, dtype=np.float32))
