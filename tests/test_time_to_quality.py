"""Time to quality: its arithmetic on known traces, its schedule, its results and its page."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.errors import UserError
from experiments import time_to_quality
from experiments.quality import engines, page
from experiments.quality.engines import PEERS, engine_named
from experiments.quality.problem import Problem
from experiments.quality.recorder import MinutesSpentError, Recorder
from experiments.quality.results import read_rows, traces, write_trial
from experiments.quality.schedule import Scope, Slot, better_peer, is_done, part_of, slots_of, target_of, trial_of
from experiments.quality.sets import SETS, set_named, settings_of
from experiments.quality.trace import Point, Trace, answers_question, held_from, lasted, seconds_to_reach
from experiments.quality.trials import Cell, Trial

ROOT = Path(__file__).parents[1]

MISSING = engine_named("Optuna TPE").missing


@pytest.fixture(autouse=True)
def peers_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here runs them: their results are made up."""
    absent = "no_such_package_here"
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == absent else sys.modules["sys"].__spec__)


BREAST_CANCER = set_named("breast_cancer")
TRACE = (
    Point(5.0, 1, 0.5, 0.6),
    Point(9.0, 7, 0.3, 0.2),
    Point(20.0, 9, 0.2, 0.4),
    Point(31.0, 30, 0.1, 0.2),
    Point(60.0, 80, 0.1, 0.2),
)


@pytest.mark.parametrize(
    ("target", "reached", "held"),
    [(0.7, 5.0, 5.0), (0.6, 5.0, 5.0), (0.4, 9.0, 9.0), (0.3, 9.0, 31.0), (0.2, 9.0, 31.0), (0.1, math.inf, math.inf)],
)
def test_the_time_to_reach_a_score_and_to_hold_it(target: float, reached: float, held: float) -> None:
    assert (seconds_to_reach(TRACE, target), held_from(TRACE, target)) == (reached, held)


@pytest.mark.parametrize("trace", [(), (Point(60.0, 0, math.inf, math.inf),), (Point(60.0, 3, 0.1, math.nan),)])
def test_who_holds_nothing_reaches_nothing(trace: Trace) -> None:
    assert seconds_to_reach(trace, math.inf) == held_from(trace, math.inf) == math.inf
    assert lasted(trace, 1.0) == bool(trace)


def test_a_trace_answers_when_its_time_is_over_or_its_target_reached() -> None:
    assert answers_question(TRACE, 1.0, None)
    assert not answers_question(TRACE[:-1], 1.0, None)
    assert not answers_question(TRACE[:-1], 1.0, 0.1)
    assert answers_question(TRACE[:2], 1.0, 0.2)


@given(
    scores=st.lists(st.sampled_from([0.1, 0.2, 0.3, math.inf]), max_size=8),
    targets=st.tuples(st.floats(0.0, 0.4), st.floats(0.0, 0.4)).map(sorted),
)
def test_what_is_harder_is_reached_and_held_no_sooner(scores: list[float], targets: list[float]) -> None:
    trace = [Point(float(number), number, score, score) for number, score in enumerate(scores)]
    harder, easier = targets
    assert seconds_to_reach(trace, easier) <= seconds_to_reach(trace, harder) <= held_from(trace, harder)


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_a_peer_is_held_to_its_best_validation_and_not_charged_for_our_measurements() -> None:
    clock = Clock(103.0)
    recorder = Recorder(100.0, 60.0, clock=clock)

    def confirm(score: float) -> Callable[[], float]:
        def measured() -> float:
            clock.now += 50.0
            return score

        return measured

    recorder.trained(0.4, confirm(0.9))
    clock.now += 2.0
    recorder.trained(math.nan, confirm(0.0))
    recorder.trained(0.5, confirm(0.1))
    clock.now += 1.0
    recorder.trained(0.3, confirm(1.0))
    clock.now += 54.5
    with pytest.raises(MinutesSpentError):
        recorder.trained(0.1, confirm(0.2))
    assert recorder.trace() == [
        Point(3.0, 1, 0.4, 0.9),
        Point(5.0, 2, 0.4, 0.9),
        Point(5.0, 3, 0.4, 0.9),
        Point(6.0, 4, 0.3, 1.0),
        Point(60.0, 4, 0.3, 1.0),
    ]


def test_a_search_that_reached_its_target_ends_there() -> None:
    clock = Clock(101.0)
    recorder = Recorder(100.0, 60.0, target=0.25, clock=clock)
    recorder.believed(3, 0.4, 0.3)
    assert not recorder.is_over
    clock.now = 110.0
    recorder.believed(9, 0.3, 0.25)
    assert recorder.is_over
    recorder.believed(10, 0.2, 0.5)
    assert recorder.trace() == [Point(1.0, 3, 0.4, 0.3), Point(10.0, 9, 0.3, 0.25)]


def test_where_a_peer_had_nothing_ours_ends_with_its_first_network() -> None:
    clock = Clock(101.0)
    recorder = Recorder(100.0, 60.0, target=math.inf, clock=clock)
    assert not recorder.is_over
    recorder.believed(1, 0.4, 0.3)
    assert recorder.trace() == [Point(1.0, 1, 0.4, 0.3)]


def test_what_is_believed_after_the_end_is_passed_over() -> None:
    clock = Clock(161.0)
    recorder = Recorder(100.0, 60.0, clock=clock)
    recorder.believed(3, 0.4, 0.3)
    assert recorder.trace() == [Point(60.0, 0, math.inf, math.inf)]


SCOPE = Scope(SETS[:2], ("Optuna TPE", "Optuna GPSampler"), "surrogate", minutes=1.0, peer_seeds=3, our_seeds=4)
FINAL = {"Optuna TPE": (0.30, 0.36, 0.34), "Optuna GPSampler": (0.31, 0.1, 0.1)}


def made_up(trial: Trial) -> Trace:
    """What a peer ends with is in the table; ours are as good as the target after 2, 3, 4, 5 s."""
    cell = trial.cell
    if cell.engine in FINAL:
        return [Point(60.0, 9, 0.5, FINAL[cell.engine][cell.seed])]
    trace = [Point(1.0, 1, 0.6, 0.9), Point(2.0 + cell.seed, 4, 0.5, 0.34)]
    return trace if trial.target == 0.34 else [*trace, replace(trace[-1], seconds=60.0)]


def run(slots: Sequence[Slot], scope: Scope, path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Trial]:
    """The trials that the schedule ran, made up."""
    ran: list[Trial] = []
    monkeypatch.setattr(time_to_quality, "run_trial", lambda trial: (ran.append(trial), made_up(trial))[1])
    time_to_quality.run_missing(slots, scope, path)
    return ran


@given(num_parts=st.integers(1, 40))
def test_parts_are_disjoint_in_order_and_together_the_whole(num_parts: int) -> None:
    slots = slots_of(SCOPE)
    parts = [part_of(slots, part, num_parts) for part in range(1, num_parts + 1)]
    assert [slot for part in parts for slot in part] == slots
    assert len(set(slots)) == len(slots) == 2 * (2 + 2 + 4)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("num_parts", [1, 3, 16])
def test_parts_in_their_order_wait_for_nothing_and_give_what_the_whole_gives(
    num_parts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slots = slots_of(SCOPE)
    ran = []
    for part in range(1, num_parts + 1):
        path = tmp_path / f"results-{part}-of-{num_parts}.csv"
        ran += run(part_of(slots, part, num_parts), SCOPE, path, monkeypatch)
    assert "wait" not in capsys.readouterr().err
    assert len(ran) == len(slots)
    assert traces(read_rows(tmp_path)) == {trial.cell: made_up(trial) for trial in ran}
    assert [trial.target for trial in ran if trial.cell.engine == "surrogate"] == [0.34] * 8


def test_a_part_whose_targets_are_not_known_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slots = part_of(slots_of(SCOPE), 2, 4)
    assert run(slots, SCOPE, tmp_path / "results-2-of-4.csv", monkeypatch) == []
    assert "trials that wait for what other parts bring: 4" in capsys.readouterr().err


def test_one_seed_of_each_chooses_the_better_peer_and_its_median_is_the_target() -> None:
    scope = replace(SCOPE, sets=SETS[:1])
    results = {}
    for slot in slots_of(scope)[:4]:
        assert target_of("breast_cancer", scope, results) is None
        trial = trial_of(slot, scope, results)
        assert trial is not None
        results[trial.cell] = made_up(trial)
    assert [(cell.engine, cell.seed) for cell in results] == [
        ("Optuna TPE", 0),
        ("Optuna GPSampler", 0),
        ("Optuna TPE", 1),
        ("Optuna TPE", 2),
    ]
    assert better_peer("breast_cancer", scope, results) == "Optuna TPE"
    assert target_of("breast_cancer", scope, results) == 0.34


def test_a_peer_that_diverged_is_not_the_better_one() -> None:
    results = {
        Cell("Optuna TPE", "adult", 0, 1.0): [Point(60.0, 9, 0.1, math.nan)],
        Cell("Optuna GPSampler", "adult", 0, 1.0): [Point(60.0, 9, 0.6, 0.7)],
    }
    assert better_peer("adult", SCOPE, results) == "Optuna GPSampler"


def test_a_search_that_was_ended_at_an_easier_target_is_run_again() -> None:
    cell = Cell("surrogate", "adult", 0, 1.0)
    results = {cell: TRACE[:2]}
    assert is_done(Trial(cell, 0.2), results)
    assert not is_done(Trial(cell, 0.19), results)
    assert not is_done(Trial(cell, None), results)
    assert is_done(Trial(cell, 0.01), {cell: TRACE})


KILLED = """
import os, signal, sys
from pathlib import Path
from experiments import time_to_quality
from experiments.quality.schedule import slots_of
from tests.test_time_to_quality import SCOPE, made_up
left = int(sys.argv[2])
def run_trial(trial):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return made_up(trial)
time_to_quality.run_trial = run_trial
time_to_quality.run_missing(slots_of(SCOPE), SCOPE, Path(sys.argv[1]))
"""


@pytest.mark.parametrize("num_trials", [0, 1, 5, 13])
def test_a_run_that_is_killed_in_a_trial_goes_on_to_the_same_results(
    num_trials: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    ran = run(slots_of(SCOPE), SCOPE, whole / "results.csv", monkeypatch)
    command = [sys.executable, "-c", KILLED, str(killed / "results.csv"), str(num_trials)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert run(slots_of(SCOPE), SCOPE, killed / "results.csv", monkeypatch) == ran[num_trials:]
    assert (killed / "results.csv").read_text() == (whole / "results.csv").read_text()
    assert run(slots_of(SCOPE), SCOPE, killed / "results.csv", monkeypatch) == []


def test_results_come_back_as_they_were_with_machine_and_versions(tmp_path: Path) -> None:
    cell = Cell("Optuna TPE", "breast_cancer", 3, 10.0)
    write_trial(tmp_path / "results.csv", cell, [Point(0.1 + 0.2, 1, math.inf, math.inf), *TRACE])
    write_trial(tmp_path / "results-2-of-2.csv", replace(cell, seed=4), TRACE)
    rows = read_rows(tmp_path)
    found = traces(rows)
    assert found[cell] == [Point(0.1 + 0.2, 1, math.inf, math.inf), *TRACE]
    assert found[replace(cell, seed=4)] == list(TRACE)
    assert {row.cores for row in rows} == {len(os.sched_getaffinity(0))}
    assert all(row.machine and "optuna " in row.versions and "keras " in row.versions for row in rows)


def test_a_trial_that_is_run_again_replaces_itself_and_nothing_else(tmp_path: Path) -> None:
    first, other = Cell("surrogate", "adult", 0, 1.0), Cell("surrogate", "adult", 1, 1.0)
    path = tmp_path / "results.csv"
    write_trial(path, first, TRACE)
    write_trial(path, other, TRACE[:2])
    write_trial(path, first, TRACE[:1])
    assert traces(read_rows(tmp_path)) == {first: list(TRACE[:1]), other: list(TRACE[:2])}


def test_a_trial_that_stands_in_two_files_is_read_from_the_newer(tmp_path: Path) -> None:
    cell = Cell("surrogate", "adult", 0, 1.0)
    for number, name in enumerate(["results.csv", "results-1-of-2.csv"]):
        write_trial(tmp_path / name, cell, TRACE[: number + 1])
        os.utime(tmp_path / name, (number, number))
    assert traces(read_rows(tmp_path)) == {cell: list(TRACE[:2])}


def answered(scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, num_slots: int | None = None) -> int:
    run(slots_of(scope)[:num_slots], scope, tmp_path / "results.csv", monkeypatch)
    return page.print_page(scope, read_rows(tmp_path))


def test_the_page_divides_the_median_of_our_seeds_by_the_peers_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answered(SCOPE, tmp_path, monkeypatch) == 1
    printed = capsys.readouterr().out
    assert "to reach: 0.34, the median of Optuna TPE" in printed
    assert "surrogate, seed 3: 5.0 s\n" in printed
    bar = "time until ours is as good, by the 1 minutes of the better peer: 0.05833, bar: at most"
    assert f"breast cancer: {bar} 0.02, NOT MET" in printed
    assert f"credit default: {bar} 0.1, met" in printed


def test_every_bar_met_is_exit_code_0_and_whole_runs_say_from_when_they_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answered(replace(SCOPE, sets=SETS[1:2], whole=True), tmp_path, monkeypatch) == 0
    assert "surrogate, seed 0: 2.0 s, held from 2.0 s, in the end 0.34, 4 networks" in capsys.readouterr().out


def test_a_bar_with_open_trials_is_not_met(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answered(replace(SCOPE, sets=SETS[1:2]), tmp_path, monkeypatch, 7) == 1
    printed = capsys.readouterr().out
    assert "trials still to be run: 1" in printed
    assert "nan, bar: at most 0.1, NOT MET" in printed


def test_a_set_that_cannot_be_had_is_left_out_and_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = Problem.of(settings_of(BREAST_CANCER))

    def of(settings: Any) -> Problem:
        if settings.data.name == "adult":
            raise UserError("adult: cannot be downloaded")
        return whole

    monkeypatch.setattr(time_to_quality.Problem, "of", of)
    assert [each.name for each in time_to_quality.wanted_sets(["adult", "breast_cancer"])] == ["breast_cancer"]
    printed = capsys.readouterr().out
    assert "adult is left out: adult: cannot be downloaded" in printed
    assert "learning_rate 0.0001 to 0.1 (log)" in printed
    assert "breast cancer: 319 rows to train on, 107 that steer, 143 that no choice sees; 30 inputs" in printed


def test_a_peer_that_is_not_installed_is_left_out_and_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = replace(PEERS[0], name="Absent", requires=("no_such_package_here",))
    monkeypatch.setattr(time_to_quality, "PEERS", (absent, PEERS[-1]))
    assert time_to_quality.wanted_peers(["Absent", PEERS[-1].name]) == [PEERS[-1].name]
    assert "Absent is left out: no_such_package_here is not installed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--part", "5/4"), "expected k/n with k from 1 to n"),
        (("--minutes", "0"), "expected a number above 0"),
        (("--minutes", "inf"), "expected a number above 0"),
        (("--seeds", "0"), "expected a whole number from 1"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        time_to_quality.main(arguments)
    assert said in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")
def test_the_command_runs_its_trials_once_and_prints_its_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--sets", "breast_cancer", "--peers", "Optuna TPE", "--ours", "evolution", "--minutes", "0.05"]
    asked += ["--seeds", "1", "--peer-seeds", "1", "--out", str(tmp_path)]
    with pytest.raises(SystemExit):
        time_to_quality.main(asked)
    printed = capsys.readouterr()
    assert "Optuna TPE, breast_cancer, seed 0: up to 0.05 minutes" in printed.err
    assert "evolution, breast_cancer, seed 0: up to 0.05 minutes" in printed.err
    assert "by the 0.05 minutes of the better peer: " in printed.out
    with pytest.raises(SystemExit):
        time_to_quality.main(asked)
    again = capsys.readouterr()
    assert again.err == ""
    assert again.out == printed.out
