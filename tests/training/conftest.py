"""Data sets for the tests of training."""

from __future__ import annotations

from pathlib import Path

import pytest

from evo_nas.data import save_dataset
from tests.training.image_cases import striped_images
from tests.training.training_cases import binary_rows, multiclass_rows, regression_rows


@pytest.fixture(scope="session", autouse=True)
def prepared(prepared_tensorflow: None) -> None:
    """Every test of training runs as in a child."""


@pytest.fixture(scope="session")
def binary_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "binary.npz"
    save_dataset(binary_rows(), path)
    return path


@pytest.fixture(scope="session")
def multiclass_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "multiclass.npz"
    save_dataset(multiclass_rows(), path)
    return path


@pytest.fixture(scope="session")
def regression_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "regression.npz"
    save_dataset(regression_rows(), path)
    return path


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "images.npz"
    save_dataset(striped_images(), path)
    return path
