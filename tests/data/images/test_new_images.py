"""Images to predict are read as those that were learnt from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from evo_nas.data import dataset_from_arrays, image_paths, read_images
from evo_nas.errors import UserError
from tests.data.images.conftest import Load, noise, save


def test_new_images_look_as_those_learnt_from(animals: Path, load: Load, tmp_path: Path) -> None:
    schema = load(image_size=[4, 4], fit="crop", colour="grey").schema
    assert (schema.image_shape, schema.image_fit) == ((4, 4, 1), "crop")
    paths = image_paths(animals / "cats")
    np.testing.assert_array_equal(
        read_images(paths, schema), load(image_size=[4, 4], fit="crop", colour="grey").pixels[:4]
    )
    new = save(tmp_path / "new.png", noise(30, 20, seed=9))
    grey = ImageOps.fit(Image.open(new).convert("L"), (4, 4), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(read_images(image_paths(new), schema)[0, ..., 0], np.asarray(grey))


def test_images_that_cannot_be_read_are_all_named(animals: Path, load: Load, tmp_path: Path) -> None:
    schema = load().schema
    (tmp_path / "a.png").touch()
    paths = [tmp_path / "a.png", animals / "cats" / "0.png", tmp_path / "none.png"]
    with pytest.raises(UserError, match=r"2 images cannot be taken: .*a.png is empty .*none.png is not there"):
        read_images(paths, schema)
    with pytest.raises(UserError, match="no such file or folder; give an image, or a folder of images"):
        image_paths(tmp_path / "none.png")
    (animals / "loop.png").symlink_to(animals / "loop.png")
    with pytest.raises(UserError, match=r"1 image cannot be taken: loop\.png is a link that leads nowhere; mend or"):
        image_paths(animals)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no images to predict"):
        image_paths(tmp_path / "empty")


def test_a_model_of_tables_takes_no_images(animals: Path) -> None:
    table = dataset_from_arrays(np.arange(8.0).reshape(4, 2), [0, 1, 0, 1])
    with pytest.raises(UserError, match="this model was trained on the rows of a table; give a CSV file"):
        read_images(image_paths(animals), table.schema)
