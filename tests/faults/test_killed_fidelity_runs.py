"""Runs whose networks climb rungs, killed at any moment: a resumed run equals one that never stopped."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import psutil
import pytest

from tests.faults.runs import end, finish, num_trainings, start, wait_until

pytestmark = pytest.mark.kills


@pytest.mark.parametrize(
    ("fidelity", "strategy", "trainer"),
    [
        ("hyperband", "evolution", "plain"),
        pytest.param("halving", "surrogate", "auto", marks=pytest.mark.slow),
        pytest.param("pasha", "aging", "auto", marks=pytest.mark.slow),
    ],
)
def test_killed_between_and_inside_rungs(tmp_path: Path, fidelity: str, strategy: str, trainer: str) -> None:
    """With and without the files of the rungs, by one worker, two or three."""
    options = (
        *("epochs=9", "eta=2", "generations=8", f"fidelity={fidelity}", f"strategy={strategy}"),
        f"trainer={trainer}",
    )
    whole = finish(tmp_path / "whole", *options, "workers=1")
    folder, generator = tmp_path / "run", random.Random(fidelity)
    for sought in sorted(generator.sample(range(35), 3)):
        process = start(folder, *options, seconds=0.03)
        wait_until(lambda sought=sought: num_trainings(folder) >= sought, process)
        children = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        end(process)
        psutil.wait_procs(children, timeout=10)
        files = list((folder / "rungs").glob("*"))
        for file in generator.sample(files, len(files) // 2):
            file.unlink()
    assert finish(folder, *options, "workers=3") == whole
