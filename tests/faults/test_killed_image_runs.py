"""The plug pulled while real convolutional networks train: the same digest, for one worker and for two."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.runs import finish, num_trainings, start
from tests.faults.test_killed_runs import kill_when

pytestmark = [pytest.mark.slow, pytest.mark.kills, pytest.mark.timeout(900)]

OPTIONS = "handlers=evo_nas.training.tasks", "images=yes", "population=2", "generations=3"


def test_killed_and_resumed_it_comes_to_the_same_end(tmp_path: Path) -> None:
    whole = finish(tmp_path / "whole", *OPTIONS, "workers=2")
    folder = tmp_path / "run"
    for moment in (1, 3):
        kill_when(start(folder, *OPTIONS), lambda moment=moment: num_trainings(folder) >= moment)
        assert num_trainings(folder) < 6
    assert finish(folder, *OPTIONS, "workers=1") == whole
