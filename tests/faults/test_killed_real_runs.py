"""The plug pulled while real networks train, in cohorts and one by one: six kills, the same digest."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.runs import finish, num_trainings, start
from tests.faults.test_killed_runs import GENERATIONS, POPULATION, kill_when

pytestmark = [pytest.mark.slow, pytest.mark.kills, pytest.mark.timeout(900)]

REAL = "handlers=evo_nas.training.tasks"
TOTAL = POPULATION * GENERATIONS
LATE = {"plain": (TOTAL - POPULATION + 1, TOTAL - 3), "auto": (TOTAL - 2 * POPULATION, TOTAL - 2 * POPULATION)}
"""A cohort is committed as one, so that no moment lies inside the last generation, and the one before it ends early
enough that the plug is pulled before the run has come to its end."""


def test_real_rungs_go_on_to_the_same_bits_with_and_without_their_files(tmp_path: Path) -> None:
    """Measured again, promoted from a file, or from the start after a kill: one digest, for one worker and two."""
    options = REAL, "double=again", "epochs=4", "generations=4"
    whole = finish(tmp_path / "whole", *options, "workers=2")
    assert any((tmp_path / "whole" / "rungs").iterdir())
    folder = tmp_path / "run"
    for moment in (7, 14):
        kill_when(start(folder, *options), lambda moment=moment: num_trainings(folder) >= moment)
        for file in (folder / "rungs").iterdir():
            file.unlink()
    assert finish(folder, *options, "workers=1") == whole


@pytest.mark.parametrize("images", [(), ("images=yes",)], ids=["rows", "images"])
def test_networks_by_themselves_go_on_from_their_rungs_to_the_same_bits(
    tmp_path: Path, images: tuple[str, ...]
) -> None:
    """Killed between and inside rungs, with half of their files gone, by one worker or two."""
    options = REAL, "trainer=plain", "fidelity=halving", "epochs=9", "generations=4", *images
    whole = finish(tmp_path / "whole", *options, "workers=2")
    assert any((tmp_path / "whole" / "rungs").iterdir())
    folder = tmp_path / "run"
    for moment in (5, 8):
        kill_when(start(folder, *options), lambda moment=moment: num_trainings(folder) >= moment)
        for file in sorted((folder / "rungs").iterdir())[::2]:
            file.unlink()
    assert finish(folder, *options, "workers=1") == whole


def test_a_model_of_real_networks_is_rebuilt_to_the_same_bits(tmp_path: Path) -> None:
    """What a surrogate proposes depends on every bit that it was told, in order."""
    options = REAL, "strategy=surrogate"
    whole = finish(tmp_path / "whole", *options, "workers=2")
    folder = tmp_path / "run"
    for moment in (8, 16):
        kill_when(start(folder, *options), lambda moment=moment: num_trainings(folder) >= moment)
    assert finish(folder, *options, "workers=1") == whole


@pytest.mark.parametrize("trainer", LATE)
def test_killed_six_times_and_resumed_each_time(tmp_path: Path, trainer: str) -> None:
    options = REAL, f"trainer={trainer}"
    whole = finish(tmp_path / "whole", *options, "workers=2")
    folder = tmp_path / "run"
    generator = random.Random(7)
    moments = [0, *sorted(generator.sample(range(1, TOTAL - POPULATION), 3)), *LATE[trainer]]
    for moment in moments:
        kill_when(start(folder, *options), lambda moment=moment: num_trainings(folder) >= moment)
        assert num_trainings(folder) < TOTAL
    assert finish(folder, *options, "workers=1") == whole
    assert finish(tmp_path / "three", *options, "workers=3") == whole
