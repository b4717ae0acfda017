"""Seconds that are noted beside a run."""

from __future__ import annotations

from pathlib import Path

from evo_nas.comparing.clock import Timekeeper, read_clock, seconds_until
from evo_nas.display import Silent
from evo_nas.running.observer import Progress
from evo_nas.running.trainings import Counts


def progress(finished: int, seconds: float) -> Progress:
    return Progress(0, 1, Counts(finished), 0, 9, None, seconds, None)


def test_only_what_came_back_since_is_noted(tmp_path: Path) -> None:
    keeper = Timekeeper(Silent(), tmp_path / "clock.csv")
    for finished, seconds in ((0, 0.5), (2, 1.0), (2, 1.5), (5, 2.0)):
        keeper.progress(progress(finished, seconds))
    assert read_clock(tmp_path / "clock.csv") == [(2, 1.0), (5, 2.0)]


def test_a_torn_last_line_is_left_out_and_written_over(tmp_path: Path) -> None:
    path = tmp_path / "clock.csv"
    path.write_text("2,1.000\n4,3.5")
    keeper = Timekeeper(Silent(), path)
    keeper.progress(progress(4, 3.75))
    assert read_clock(path) == [(2, 1.0), (4, 3.75)]


def test_when_so_many_had_come_back() -> None:
    clock = [(2, 1.0), (5, 2.0)]
    assert [seconds_until(clock, number) for number in (1, 2, 3, 5, 6)] == [1.0, 1.0, 2.0, 2.0, None]
    assert read_clock(Path("nowhere/clock.csv")) == []
