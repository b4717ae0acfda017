"""Settings guessed from a folder of images: read back, loaded, and true."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from evo_nas.config import parse_settings
from evo_nas.data import guess_image_settings, load_data
from evo_nas.errors import UserError
from genomes import encoding_from
from tests.data.images.conftest import noise, save
from tests.data.images.test_idx_files import write_set


def test_guessed_settings_are_those_of_the_folder(animals: Path, tmp_path: Path) -> None:
    text = guess_image_settings(animals)
    settings = parse_settings(tomllib.loads(text), where="guess")
    assert settings.data is not None
    assert (settings.data.images, settings.data.image_size, settings.data.colour) == ("train", (6, 5), "colour")
    assert "8 images of 2 classes (cats 4, dogs 4)" in text
    assert "class_weights" not in text
    data = load_data(settings.data, base=tmp_path)
    settings.recipe.for_task(data.task)
    assert encoding_from(settings.space).for_data((28, 28, 1), 1).name == "cnn"


def test_what_is_worth_knowing_is_noted(animals: Path, tmp_path: Path) -> None:
    for seed in range(20, 50):
        save(animals / "cats" / f"{seed}.png", noise(7, 5, seed=seed))
    (animals / "cats" / "link.png").symlink_to(save(tmp_path / "out.png", noise()))
    save(tmp_path / "val" / "cats" / "0.png", noise())
    (tmp_path / "elsewhere").mkdir()
    text = guess_image_settings(animals, settings_folder=tmp_path / "elsewhere")
    assert "# sizes differ, most are 7 x 5: see fit" in text
    assert "# 1 image cannot be taken: cats/link.png is a link out of the folder" in text
    assert 'images = "../train"' in text
    assert 'test_images = "../val"  # no choice ever sees these' in text
    assert "test_fraction" not in text
    assert '# class_weights = "balanced"' in text
    parse_settings(tomllib.loads(text), where="guess")


def test_a_folder_of_idx_files(tmp_path: Path) -> None:
    write_set(tmp_path / "digits", packed=True)
    text = guess_image_settings(tmp_path / "digits")
    settings = parse_settings(tomllib.loads(text), where="guess")
    assert "6 images of 2 classes (5 3, 6 3)" in text
    assert settings.data is not None
    assert load_data(settings.data, base=tmp_path).num_test == 4


def test_folders_that_cannot_be_guessed_from(animals: Path) -> None:
    with pytest.raises(UserError, match="no images of any class were found"):
        guess_image_settings(animals / "cats")
    for path in (animals / "dogs").iterdir():
        path.unlink()
    with pytest.raises(UserError, match="all images are of the class 'cats'; give a folder for each class"):
        guess_image_settings(animals)
