"""The speed experiments: what they compute from their measurements, and that each runs at a small scale."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.fashion_population import Cell, Timed
from experiments.fashion_population import bars as fashion_bars
from experiments.folds_as_members import bars as fold_bars
from experiments.folds_as_members import seconds_of_genome
from experiments.peers import PEERS, Peer
from experiments.peers.problem import Candidate, Problem, Ranges
from experiments.peers.timing import Timing
from experiments.running import settings_of
from experiments.throughput import Block, Comparison, wanted_peers
from experiments.timed_search import TaskEntry, TimedSearch
from experiments.workers_scale import growth

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("EVO_NAS_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="module")
def problem() -> Problem:
    return Problem.of(settings_of("breast_cancer"))


def test_peers_are_given_the_rows_and_epochs_of_the_task(problem: Problem) -> None:
    assert problem.inputs.shape == (341, 30)
    assert problem.validation_inputs.shape == (171, 30)
    assert (problem.epochs, problem.batch_size) == (50, 256)
    np.testing.assert_allclose(problem.inputs.mean(axis=0), 0.0, atol=1e-5)
    assert set(problem.targets) == {0.0, 1.0}


def test_candidates_fill_their_ranges_and_come_again_from_the_same_seed() -> None:
    ranges = Ranges((1, 5), (5, 50), ("relu", "tanh", "sigmoid"), (0.0, 0.5), (1e-4, 1e-1))
    candidates = ranges.samples(500, 0)
    assert {each.depth for each in candidates} == {1, 2, 3, 4, 5}
    assert {each.activation for each in candidates} == set(ranges.activations)
    assert min(each.width for each in candidates) == 5
    assert max(each.width for each in candidates) == 50
    assert 0.4 < np.mean([each.learning_rate < 10**-2.5 for each in candidates]) < 0.6
    assert candidates[:7] == ranges.samples(7, 0)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_every_peer_of_the_table_measures(peer: Peer) -> None:
    assert callable(import_module(f"experiments.peers.{peer.module}").measure)


def test_the_pytorch_peer_builds_the_candidate() -> None:
    pytest.importorskip("torch")
    loop: Any = import_module("experiments.peers.pytorch_loop")
    network = loop._network(30, Candidate(3, 7, "tanh", 0.2, 1e-3))
    assert [tuple(each.shape) for each in network.parameters() if each.ndim == 2] == [(7, 30), (7, 7), (7, 7), (1, 7)]
    assert [type(layer).__name__ for layer in network[:3]] == ["Linear", "Tanh", "Dropout"]
    assert sum(each.numel() for each in network.parameters()) == Candidate(3, 7, "tanh", 0.2, 1e-3).num_weights(30)


def search(seconds: float, num_trainings: int) -> TimedSearch:
    return TimedSearch(0.0, 4.0, seconds, seconds, num_trainings, 0, 1000.0, ())


def test_a_comparison_divides_medians_and_shows_the_spread_of_the_blocks() -> None:
    peer = Peer("KerasTuner", "kerastuner_peer", (), 3, goal=1000.0, bar=600.0)
    blocks = [
        Block(search(5.0, 1000), Timing({"alone": 3.0})),
        Block(search(4.0, 1000), Timing({"alone": 3.2})),
        Block(search(6.0, 1000), Timing({"alone": 2.7})),
    ]
    comparison = Comparison(peer, tuple(blocks))
    assert comparison.ratio == pytest.approx(3.0 / 0.005)
    assert str(comparison) == "KerasTuner 600x [450, 800], goal 1000x; a candidate takes 3 s alone"


def test_the_fastest_way_speaks_for_a_peer() -> None:
    assert Timing({"in turns": 0.09, "side by side": 0.05}).seconds == 0.05


def test_a_peer_that_is_not_installed_is_left_out_and_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = Peer("Absent", "absent", ("no_such_package_here",), 1)
    monkeypatch.setattr("experiments.throughput.PEERS", (absent, PEERS[-1]))
    assert wanted_peers(["Absent", "scikit-learn"]) == [PEERS[-1]]
    assert "Absent is left out: no_such_package_here is not installed" in capsys.readouterr().out


def test_growth_is_the_level_at_the_end_less_the_level_after_the_warm_up() -> None:
    flat = [(number, 700.0) for number in range(10, 2001, 10)]
    leaking = [(number, 700.0 + number / 10) for number in range(10, 2001, 10)]
    warming = [(number, 700.0 if number >= 200 else 500.0) for number in range(10, 2001, 10)]
    assert growth(flat, warm_up=200) == 0.0
    assert growth(leaking, warm_up=200) == pytest.approx(180.0 - 30.0)
    assert growth(warming, warm_up=200) == 0.0
    assert growth([*flat[:-30], (1711, 900.0), *flat[-30:]], warm_up=200) == 0.0


def task(seconds: float, *, members: int, graphs: int = 0) -> TaskEntry:
    return TaskEntry("train_cohort", members, 1.0, 1.0 + seconds, graphs)


def test_a_genome_costs_what_the_tasks_took_that_built_no_graph() -> None:
    tasks = [task(9.0, members=32, graphs=3), task(0.5, members=50), task(0.25, members=25)]
    assert seconds_of_genome(tasks) == pytest.approx(0.01)


def test_folds_that_trace_anew_or_cost_too_much_miss_their_bars() -> None:
    split = [task(3.0, members=32, graphs=2), task(0.32, members=32)]
    good = [task(5.0, members=32, graphs=2), task(1.6, members=32)]
    bad = [task(5.0, members=32, graphs=2), task(1.92, members=32), task(4.0, members=32, graphs=1)]
    assert [bar.met for bar in fold_bars(split, good)] == [True, True, True]
    assert [bar.met for bar in fold_bars(split, bad)] == [False, False, False]


def test_fashion_bars_take_the_geometric_mean_of_the_widths() -> None:
    timed = [Timed(Cell(32, 128), 0.1, 1.6), Timed(Cell(512, 128), 0.1, 0.25), Timed(Cell(32, 32), 0.1, 0.1)]
    mean, widest = fashion_bars(timed, 128)
    assert (mean.figure, mean.met) == (pytest.approx((16.0 * 2.5) ** 0.5), True)
    assert (widest.figure, widest.met) == (pytest.approx(2.5), False)
    assert [bar.figure for bar in fashion_bars(timed, 32)] == [pytest.approx(1.0)]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"EVO_NAS_STORE": "none", "EVO_NAS_DATA": str(DATA)}
    return subprocess.run(
        [sys.executable, "-m", *command, "--smoke"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("experiments.throughput", "--peers", "scikit-learn", "PyTorch loop"), "times as fast as scikit-learn: "),
        (("experiments.tutorial_search",), "seconds of the whole search: "),
        (("experiments.workers_scale",), "MB that the child grew after 200 candidates"),
        (("experiments.folds_as_members",), "times that five folds cost one split: "),
    ],
    ids=lambda value: value[0].rpartition(".")[2] if isinstance(value, tuple) else "",
)
def test_a_speed_experiment_prints_its_bars(command: tuple[str, ...], said: str) -> None:
    done = run(*command)
    assert said in done.stdout, done.stdout + done.stderr
    assert done.returncode in (0, 1)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_larger_networks_are_compared_with_keras() -> None:
    if not (DATA / "fashion_mnist").is_dir():
        pytest.skip("needs the data sets of EVO_NAS_DATA")
    done = run("experiments.fashion_population", "--replicates", "1")
    assert "times as fast as Keras at batches of 32, geometric mean of the widths: " in done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_peer_that_fails_says_why() -> None:
    done = run("experiments.peers.timing", "no_such_peer")
    assert done.returncode != 0
    assert "no_such_peer" in done.stderr
