"""What the experiment around LeNet-5 searches and compares, and that all of it runs at a small size."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evo_nas.config import DataSettings
from evo_nas.data import split_rows
from evo_nas.randomness import stream
from experiments.lenet_networks import DROPOUTS, OPTIMIZERS, drawn_digits, grid_of, part_of
from experiments.running import settings_of
from genomes import encoding_from

ROOT = Path(__file__).parents[1]
LENET_PARAMETERS = 431_080


def test_the_grid_is_lenet_with_every_optimizer_and_dropout() -> None:
    encoding = encoding_from(settings_of("lenet").space).for_data((28, 28, 1), 10)
    grid = [encoding.canonical(genome) for genome in grid_of(encoding)]
    assert len({encoding.fingerprint(genome) for genome in grid}) == len(OPTIMIZERS) * len(DROPOUTS)
    assert {encoding.size(genome, (28, 28, 1), 10).parameters for genome in grid} == {LENET_PARAMETERS}
    assert [[block["filters"] for block in genome.layers] for genome in grid] == [[20, 50]] * len(grid)
    assert {genome.genes["learning_rate"] for genome in grid} == {1.0}


def test_lenet_is_a_point_of_the_evolution_s_space_and_nothing_there_is_larger() -> None:
    encoding = encoding_from(settings_of("lenet").space).for_data((28, 28, 1), 10)
    grid = grid_of(encoding)
    encoding.check(grid[0])
    drawn = [encoding.size(encoding.sample(stream(seed)), (28, 28, 1), 10) for seed in range(50)]
    assert max(size.parameters for size in drawn) <= LENET_PARAMETERS
    assert max(size.flops for size in drawn) <= 1.5e7


def test_a_part_of_the_images_keeps_the_test_images_apart() -> None:
    everything = drawn_digits(90, 30)
    part = part_of(everything, 40, 20)
    rows = split_rows(part, DataSettings(name="digits"))
    assert (len(rows.search), len(rows.test)) == (40, 20)
    assert np.array_equal(part.pixels[rows.test], everything.pixels[90:110])
    assert np.array_equal(part.pixels[rows.search], everything.pixels[:40])
    names = np.array(everything.classes)[everything.target]
    assert np.array_equal(np.array(part.classes)[part.target], [*names[:40], *names[90:110]])


FITTED = re.compile(r"[\w-]+-\d: test accuracy 0\.")
"""What is said of one network and one seed, once it has been trained."""


def ran(module: str, *options: str) -> str:
    environment = os.environ | {"EVO_NAS_STORE": "none", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-m", module, "--smoke", *options]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_grid_evolution_and_front_share_a_folder_and_are_not_done_twice(tmp_path: Path) -> None:
    folder = str(tmp_path / "run")
    said = ran("experiments.lenet", "--run-dir", folder)
    assert "lower end of the winner's lead over LeNet-5: " in said
    trained = [line for line in said.splitlines() if FITTED.match(line)]
    assert len(trained) == 6
    again = ran("experiments.lenet", "--run-dir", folder)
    assert [line for line in said.splitlines() if line not in trained][:4] == again.splitlines()[:4]
    assert "accuracy that the small network loses against LeNet-5: " in ran(
        "experiments.lenet", "--run-dir", folder, "--front"
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ways_to_train_convolutions_together_are_compared() -> None:
    said = ran("experiments.grouped_convolution")
    assert said.count("members: ") >= 4
    assert "times as fast together, at best: " in said
