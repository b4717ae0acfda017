"""Files and folders that the tests of the data folder share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from evo_nas.config import DataSettings
from evo_nas.data import Dataset, load_data

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def public_folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the public sets, known to the program by EVO_NAS_DATA."""
    folder = Path(os.environ.get("EVO_NAS_DATA", SHARED))
    if not (folder / "tabular").is_dir():
        pytest.skip("needs the public data sets: set EVO_NAS_DATA to their folder")
    monkeypatch.setenv("EVO_NAS_DATA", str(folder))
    return folder


@pytest.fixture
def load_text(tmp_path: Path) -> Callable[..., Dataset]:
    """Write a text to rows.csv and load it, target "y" unless the settings say otherwise."""

    def load(text: str, **settings: object) -> Dataset:
        (tmp_path / "rows.csv").write_text(text, encoding="utf-8")
        chosen = {"path": "rows.csv", "target": "y", **settings}
        return load_data(DataSettings.model_validate(chosen), base=tmp_path)

    return load
