"""Ctrl-C and SIGTERM: the first ends well, the second at once, and nothing is left running."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import psutil
import pytest

from tests.faults.runs import end, finish, num_trainings, start, wait_until

pytestmark = pytest.mark.kills


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_the_first_saves_the_best_so_far_and_the_run_goes_on_as_if_nothing_had_happened(
    tmp_path: Path, number: signal.Signals
) -> None:
    whole = finish(tmp_path / "whole")
    folder = tmp_path / "run"
    process = start(folder, seconds=0.05)
    wait_until(lambda: num_trainings(folder) >= 8, process)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    assert "stopping" in end(process)
    assert process.returncode == 0
    assert not psutil.wait_procs(children, timeout=10)[1]
    scores = json.loads((folder / "winner" / "scores.json").read_text())
    assert scores["search"]["accuracy"] > 0
    assert scores["confirmation"] is None
    assert finish(folder) == whole


def test_the_second_ends_at_once_and_leaves_no_process(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = start(folder, "handlers=tests.faults.hanging_export", seconds=0.02)
    wait_until(lambda: num_trainings(folder) >= 8, process)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while b"stopping" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    process.wait(timeout=10)
    process.stderr.close()
    assert process.returncode == 130
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert finish(folder) == finish(tmp_path / "whole")
