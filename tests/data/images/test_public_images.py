"""Fashion-MNIST by its name."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest

from evo_nas.config import DataSettings
from evo_nas.data import load_data, split_rows
from evo_nas.data.images.public import PUBLIC_IMAGES
from evo_nas.data.loading import IMAGE_SETS
from evo_nas.errors import UserError


@pytest.fixture
def files(public_folder: Path) -> Path:
    folder = public_folder / "fashion_mnist"
    if not folder.is_dir():
        pytest.skip("needs Fashion-MNIST in EVO_NAS_DATA")
    return folder


def test_fashion_mnist(files: Path) -> None:
    settings = DataSettings(name="fashion_mnist")
    data = load_data(settings, base=Path())
    assert (data.num_rows, data.num_test, data.input_shape) == (70_000, 10_000, (28, 28, 1))
    assert (data.classes[0], data.classes[9], data.task) == ("T-shirt/top", "Ankle boot", "multiclass")
    assert np.bincount(data.target).tolist() == [7_000] * 10
    assert data.target[:4].tolist() == [9, 0, 0, 3]
    assert data.fingerprint == "021d503ce9fa9037f98dcac0653556b6"
    assert split_rows(data, settings).test.tolist() == list(range(60_000, 70_000))


def test_a_given_file_with_another_content_is_refused(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(files, tmp_path / "fashion_mnist")
    labels = tmp_path / "fashion_mnist" / "train-labels-idx1-ubyte.gz"
    labels.chmod(0o644)
    labels.write_bytes(gzip.compress(gzip.decompress(labels.read_bytes())[:-1] + b"\x03"))
    monkeypatch.setenv("EVO_NAS_DATA", str(tmp_path))
    with pytest.raises(UserError, match=r"train-labels-idx1-ubyte.gz: the content is not that of the public set"):
        load_data(DataSettings(name="fashion_mnist"), base=Path())


def test_names_are_told() -> None:
    assert set(IMAGE_SETS) == set(PUBLIC_IMAGES)
    assert all(len(bytes.fromhex(sha256)) == 32 for _, sha256 in PUBLIC_IMAGES["fashion_mnist"].files)
