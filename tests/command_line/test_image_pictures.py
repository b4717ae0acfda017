"""The images of an experiment are drawn: a row a class, and a row for each kind of augmentation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.command_line.commands import evo_nas

SETTINGS = '[data]\nimages = "dots.npz"\n[space]\nencoding = "cnn"\n'


def experiment(folder: Path, more: str = "") -> Path:
    images = np.random.default_rng(0).integers(0, 256, (60, 9, 9, 3)).astype(np.uint8)
    np.savez(folder / "dots.npz", x=images, y=np.repeat([0, 1, 2], 20))
    (folder / "e.toml").write_text(SETTINGS + more)
    return folder / "e.toml"


def test_images_are_drawn_by_class(tmp_path: Path) -> None:
    picture = tmp_path / "dots.svg"
    said = evo_nas("data-pictures", experiment(tmp_path), "-o", picture)
    assert (said.exit_code, said.output.splitlines()[0]) == (0, f"{picture} written: 30 of 48 images")
    assert "no augmentation in the settings" in said.output
    assert picture.read_text().startswith("<?xml")
    assert sorted(path.name for path in tmp_path.glob("*.svg")) == ["dots.svg"]


@pytest.mark.slow
def test_augmented_images_are_drawn_by_kind(tmp_path: Path) -> None:
    more = "augment_flip = [0.0, 0.5]\n[recipe.augmentation]\nshift = 0.2\n"
    said = evo_nas("data-pictures", experiment(tmp_path, more), "-o", tmp_path / "dots.png")
    assert said.exit_code == 0
    drawn = tmp_path / "dots-augmented.png"
    assert said.output.endswith(f"{drawn} written: as it is, flip 0.5, shift 0.2, all together\n")
    assert drawn.read_bytes()[:4] == b"\x89PNG"
