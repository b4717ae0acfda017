"""Settings that do not fit their images end in one clear sentence, exit code 2, and no half-made run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evo_nas as package
from tests.command_line.commands import Said, evo_nas
from tests.command_line.test_bad_input import assert_one_sentence

pytestmark = pytest.mark.bad_input

SETTINGS = """
[data]
images = "digits.npz"
[space]
encoding = "cnn"
layers = 2
filters = [4, 8]
[recipe]
epochs = 1
[search]
population = 4
generations = 2
"""


def images(count: int = 40, height: int = 12, width: int = 12) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.integers(0, 256, (count, height, width, 1)).astype(np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.savez(tmp_path / "digits.npz", x=images(), y=np.arange(40) % 2)
    np.savez(tmp_path / "tiny.npz", x=images(height=3), y=np.arange(40) % 2)
    rows = "".join(f"{number},{number % 7},{'ab'[number % 2]}\n" for number in range(60))
    (tmp_path / "rows.csv").write_text("one,other,letter\n" + rows)
    return tmp_path


def run(folder: Path, settings: str) -> Said:
    (folder / "experiment.toml").write_text(settings)
    return evo_nas("run", folder / "experiment.toml", "--run-dir", folder / "run", "--store", "none")


TABLE = 'path = "rows.csv"\ntarget = "letter"'
AUGMENTED = "epochs = 1\n[recipe.augmentation]\n"
FAULTS: dict[str, tuple[list[tuple[str, str]], tuple[str, ...]]] = {
    "a table for convolutions": (
        [('images = "digits.npz"', TABLE)],
        ("takes images", "rows of 2 numbers", 'use encoding = "mlp"'),
    ),
    "images for dense layers": (
        [('"cnn"', '"mlp"'), ("filters = [4, 8]\n", "")],
        (r"\[space\]", "images of 12 x 12 x 1", 'use encoding = "cnn"'),
    ),
    "images smaller than the smallest network": (
        [("digits", "tiny"), ("layers = 2", 'layers = 3\npadding = "valid"\nreduction = "max"\nkernel = 3')],
        (r"^evo-nas: \[space\] layers: images of 3 x 12 pixels are too small for .*; allow fewer layers",),
    ),
    "images of another shape than the space says": (
        [("layers = 2", "layers = 2\ninput_shape = [28, 28, 1]")],
        (r"input_shape: expected \[12, 12, 1\] as in the data, got \[28, 28, 1\]",),
    ),
    "no such file": ([("digits.npz", "numbers.npz")], ("numbers.npz: no such file",)),
    "a folder without classes": ([('"digits.npz"', '"."')], ("class",)),
    "a misspelt gene of augmentation": (
        [("layers = 2", "layers = 2\naugment_flop = 0.5")],
        ("unknown gene 'augment_flop'", "did you mean 'augment_flip'"),
    ),
    "a gene of augmentation out of range": (
        [("layers = 2", "layers = 2\naugment_shift = [0.0, 0.7]")],
        (r"\[space\] augment_shift: expected values from 0 to 0.5, got 0.7",),
    ),
    "a gene of augmentation in a space of tables": (
        [('images = "digits.npz"', TABLE), ('"cnn"', '"mlp"'), ("filters = [4, 8]", "augment_flip = 0.5")],
        ("unknown gene 'augment_flip'",),
    ),
    "a misspelt augmentation": (
        [("epochs = 1\n", AUGMENTED + "rotate = 5\n")],
        (r"unknown key \[recipe\] augmentation.rotate", "did you mean 'rotation'", "known keys: flip, shift"),
    ),
    "too strong an augmentation": (
        [("epochs = 1\n", AUGMENTED + "mixup = 11\n")],
        (r"\[recipe\] augmentation.mixup: .*less than or equal to 10, got 11",),
    ),
    "augmentation of a table": (
        [
            ('images = "digits.npz"', TABLE),
            ('"cnn"', '"mlp"'),
            ("filters = [4, 8]\n", ""),
            ("epochs = 1\n", AUGMENTED + "flip = 0.5\n"),
        ],
        (r"\[recipe.augmentation\] flip: only images are augmented, and the rows of rows are no images",),
    ),
    "augmentation as gene and as setting": (
        [("layers = 2", "layers = 2\naugment_flip = [0.0, 0.5]"), ("epochs = 1\n", AUGMENTED + "flip = 0.5\n")],
        (r"\[recipe.augmentation\] flip: \[space\] augment_flip says .*; keep one of the two",),
    ),
    "a population of image networks": (
        [("epochs = 1\n", 'epochs = 1\ntrainer = "population"\n')],
        (r"\[recipe\] trainer: .population. can train no network of this space: .*use trainer = .auto.",),
    ),
    "weights of no class": (
        [("epochs = 1\n", "epochs = 1\nclass_weights = { cats = 2.0 }\n")],
        (r"\[recipe\] class_weights: expected .* \(0, 1\), got cats = 2",),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_settings_about_images(folder: Path, fault: str) -> None:
    changes, patterns = FAULTS[fault]
    settings = SETTINGS
    for before, after in changes:
        assert before in settings
        settings = settings.replace(before, after)
    assert_one_sentence(run(folder, settings), *patterns)
    assert not (folder / "run").exists()


CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "images and dense layers": (
        {"space": {"encoding": "mlp"}, "data": (images(), np.arange(40) % 2)},
        'takes rows of numbers, and these are images of 12 x 12 x 1; use encoding = "cnn"',
    ),
    "a table and convolutions": (
        {"space": {"encoding": "cnn"}, "data": (np.eye(40), np.arange(40) % 2)},
        'takes images .height, width, channels., .* rows of 40 numbers; use encoding = "mlp"',
    ),
    "an encoding of no networks": (
        {"space": "cmm", "data": (images(), np.arange(40) % 2)},
        r"expected an encoding with a space of its own \(mlp, cnn\), got 'cmm'",
    ),
    "channels first": (
        {"space": {"encoding": "cnn"}, "data": (np.zeros((40, 3, 12, 12), np.uint8), np.arange(40) % 2)},
        r"got the shape \(40, 3, 12, 12\); numpy.moveaxis",
    ),
    "scaled images": (
        {"space": {"encoding": "cnn"}, "data": (np.linspace(-1, 1, 40 * 144).reshape(40, 12, 12), np.arange(40) % 2)},
        "expected values of pixels from 0 to 1 or from 0 to 255, got some from -1 to 1",
    ),
    "one label too few": (
        {"space": {"encoding": "cnn"}, "data": (images(), np.arange(39) % 2)},
        "shapes .*40, 12, 12, 1.* and .39,.",
    ),
}


@pytest.mark.parametrize("kind", CALLS)
def test_a_bad_search_on_images_ends_in_a_sentence(tmp_path: Path, kind: str) -> None:
    arguments, pattern = CALLS[kind]
    with pytest.raises(package.UserError, match=pattern):
        package.search(**arguments, run_dir=tmp_path / "run", store="none", display=False)
    assert not list(tmp_path.iterdir())
