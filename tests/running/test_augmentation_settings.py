"""What settings say of augmentation: once, of images, and as part of what a training means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evo_nas.config import Augmentation, DataSettings, EvaluationSettings, Recipe, Settings, read_settings
from evo_nas.data import Dataset, dataset_from_arrays
from evo_nas.errors import UserError
from evo_nas.running.augmented_images import augmented_by_kind
from evo_nas.running.augmenting import check_augmentation, strongest
from genomes import Encoding, encoding_from


def images() -> Dataset:
    generator = np.random.default_rng(0)
    return dataset_from_arrays(generator.integers(0, 256, (20, 12, 12, 1)).astype(np.uint8), np.arange(20) % 2)


def table() -> Dataset:
    return dataset_from_arrays(np.eye(20), np.arange(20) % 2, name="eye")


def space(**genes: Any) -> Encoding:
    return encoding_from({"encoding": "cnn", **genes})


def recipe(**augmentation: float) -> Recipe:
    return Recipe(augmentation=Augmentation.model_validate(augmentation))


def test_a_recipe_without_augmentation_keeps_the_key_it_had() -> None:
    assert "augmentation" not in Recipe().in_key()
    assert recipe(flip=0.5).in_key()["augmentation"] == {"flip": 0.5}
    assert Recipe.model_validate(recipe(flip=0.5).in_key()) == recipe(flip=0.5)


def test_the_setting_is_for_images() -> None:
    check_augmentation(recipe(), encoding_from({"encoding": "mlp"}), table())
    check_augmentation(recipe(flip=0.5), space(), images())
    with pytest.raises(
        UserError, match=r"\[recipe.augmentation\] shift: only images are augmented, and the rows of eye"
    ):
        check_augmentation(recipe(shift=0.1), encoding_from({"encoding": "mlp"}), table())


def test_gene_and_setting_are_not_both_said() -> None:
    check_augmentation(recipe(shift=0.1), space(augment_flip=[0.0, 0.5]), images())
    with pytest.raises(UserError, match=r"\] flip: \[space\] augment_flip says .*; keep one of the two"):
        check_augmentation(recipe(flip=0.5), space(augment_flip=[0.0, 0.5]), images())


def test_the_strongest_of_each_kind() -> None:
    genes = {"augment_flip": [0.0, 0.5], "augment_zoom": {"low": 0.0, "high": 0.2}, "augment_mixup": 0}
    assert strongest(recipe(shift=0.1), space(**genes)) == {"flip": 0.5, "shift": 0.1, "zoom": 0.2}
    assert strongest(Recipe(), space()) == {}


def test_without_augmentation_no_worker_is_asked() -> None:
    pixels = images().pixels[:3]
    shown = augmented_by_kind(pixels, {}, EvaluationSettings(), key=0, handlers="no.such.module")
    assert list(shown) == ["as it is"]
    assert shown["as it is"] is pixels


@pytest.mark.slow
def test_a_worker_augments_images_for_a_person() -> None:
    pixels = images().pixels[:4]
    shown = augmented_by_kind(pixels, {"flip": 1.0, "cutout": 0.5}, EvaluationSettings(), key=3)
    assert list(shown) == ["as it is", "flip 1", "cutout 0.5", "all together"]
    assert np.array_equal(shown["flip 1"], pixels[:, :, ::-1])
    changed = (shown["cutout 0.5"] != pixels).any(axis=3).sum(axis=(1, 2))
    assert (changed > 0).all()
    assert (changed <= 36).all()
    for name, other in shown.items():
        assert other.dtype == np.uint8, name
        assert other.shape == pixels.shape, name


def test_a_settings_file_says_nothing_of_augmentation_that_is_off(tmp_path: Path) -> None:
    for augmented in ({}, {"flip": 0.5, "zoom": 0.25}):
        settings = Settings(data=DataSettings(name="digits"), space={"encoding": "cnn"}, recipe=recipe(**augmented))
        (tmp_path / "e.toml").write_text(settings.to_toml())
        assert read_settings(tmp_path / "e.toml") == settings
        assert ("augmentation" in settings.to_toml()) is bool(augmented)
