"""A saved backbone, its space and images, each made once; nothing is kept in the user's own cache."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evo_nas.data import save_dataset
from evo_nas.training.kept_examples import FOLDER_VARIABLE
from tests.training.transfer_cases import coloured_images, tiny_backbone, transfer_space


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="session")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backbone") / "tiny.keras"
    tiny_backbone().save(path)
    return path


@pytest.fixture(scope="session")
def space(backbone: Path, cache: Path) -> dict[str, Any]:
    return transfer_space(backbone)


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images") / "images.npz"
    save_dataset(coloured_images(), path)
    return path
