"""`evo-nas init` for a folder of images writes settings that read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from evo_nas.config import read_settings
from evo_nas.data import load_data
from tests.command_line.commands import evo_nas
from tests.data.images.conftest import noise, save


def test_settings_for_a_folder_of_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVO_NAS_CACHE", str(tmp_path / "cache"))
    for seed in range(8):
        save(tmp_path / "animals" / ("cats", "dogs")[seed % 2] / f"{seed}.png", noise(seed=seed))
    said = evo_nas("init", tmp_path / "animals")
    assert said.exit_code == 0, said
    assert "animals.toml written; look it over" in said.output
    settings = read_settings(tmp_path / "animals.toml")
    assert settings.data is not None
    assert load_data(settings.data, base=tmp_path).num_rows == 8
    assert "exists already" in evo_nas("init", tmp_path / "animals").errors
