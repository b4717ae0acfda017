"""Folders of images that the tests make, and a cache of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evo_nas.config import DataSettings
from evo_nas.data import Dataset, load_data


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of decoded images, which is nobody else's."""
    monkeypatch.setenv("EVO_NAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "images"


def noise(height: int = 6, width: int = 5, seed: int = 0, channels: int = 3) -> np.ndarray:
    """uint8 [height, width, channels]."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def save(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(path)
    return path


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    """`train` with cats and dogs: 4 PNG images each of 6 x 5 pixels in colour, seeds 0 to 3 and 4 to 7."""
    for seed in range(8):
        save(tmp_path / "train" / ("cats", "dogs")[seed // 4] / f"{seed}.png", noise(seed=seed))
    return tmp_path / "train"


Load = Callable[..., Dataset]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load the images of `train` in the test's folder; keywords are keys of [data]."""

    def loaded(**settings: object) -> Dataset:
        return load_data(DataSettings.model_validate({"images": "train", **settings}), base=tmp_path)

    return loaded
