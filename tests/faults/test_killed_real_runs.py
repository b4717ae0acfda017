"""The plug pulled while real networks train: six kills, the same digest."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.runs import finish, num_trainings, start
from tests.faults.test_killed_runs import GENERATIONS, POPULATION, kill_when

pytestmark = [pytest.mark.slow, pytest.mark.kills, pytest.mark.timeout(900)]

REAL = "handlers=evo_nas.training.tasks"


def test_killed_six_times_and_resumed_each_time(tmp_path: Path) -> None:
    whole = finish(tmp_path / "whole", REAL, "workers=2")
    folder = tmp_path / "run"
    generator = random.Random(7)
    total = POPULATION * GENERATIONS
    moments = [0, *sorted(generator.sample(range(1, total - POPULATION), 3)), total - POPULATION + 1, total - 3]
    for moment in moments:
        kill_when(start(folder, REAL), lambda moment=moment: num_trainings(folder) >= moment)
        assert num_trainings(folder) < total
    assert finish(folder, REAL, "workers=1") == whole
    assert finish(tmp_path / "three", REAL, "workers=3") == whole
