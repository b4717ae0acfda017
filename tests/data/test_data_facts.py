"""What a saved data set tells without its rows is what the data set itself says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evo_nas.data import Dataset, Schema, save_dataset, saved_facts
from evo_nas.errors import UserError

TABLE = Schema(("age", "height"), ("colour",), (("red", "blue"),), "ill", ("no", "yes", "perhaps"), "multiclass")
NUMBERS = Schema(("age", "height"), (), (), "weight", (), "regression")
IMAGES = Schema((), (), (), "class", ("cat", "dog"), "binary", image_shape=(2, 3, 1))


def saved(schema: Schema, path: Path, target: list[float]) -> Path:
    rows = len(target)
    images = np.zeros((rows, *schema.image_shape), dtype=np.uint8) if schema.image_shape else None
    numeric = np.zeros((rows, len(schema.numeric_names)))
    categorical = np.zeros((rows, len(schema.categorical_names)))
    save_dataset(Dataset("made", schema, numeric, categorical, np.array(target), images=images), path / "data.npz")
    return path / "data.npz"


def test_a_table_has_rows_columns_and_classes_even_without_rows(tmp_path: Path) -> None:
    facts = saved_facts(saved(TABLE, tmp_path, [0, 1, 1, 0, 0]))
    assert (facts.num_rows, facts.num_columns, facts.image_shape, facts.target_name) == (5, 3, None, "ill")
    assert facts.class_counts == (("no", 3), ("yes", 2), ("perhaps", 0))


def test_a_number_has_no_classes(tmp_path: Path) -> None:
    facts = saved_facts(saved(NUMBERS, tmp_path, [0.5, -3.0]))
    assert (facts.num_rows, facts.num_columns, facts.class_counts) == (2, 2, ())


def test_images_are_counted_without_being_read(tmp_path: Path) -> None:
    path = saved(IMAGES, tmp_path, [0, 1, 1])
    (tmp_path / "data.images.npy").unlink()
    facts = saved_facts(path)
    assert (facts.num_rows, facts.num_columns, facts.image_shape) == (3, 0, (2, 3, 1))
    assert facts.class_counts == (("cat", 1), ("dog", 2))


def test_what_is_no_saved_data_set_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file; check the path"):
        saved_facts(tmp_path / "data.npz")
    np.savez(tmp_path / "data.npz", target=np.array([1, 2]))
    with pytest.raises(UserError, match="not a saved data set, or a damaged one"):
        saved_facts(tmp_path / "data.npz")
