"""Time to quality: what the peers are given, and each engine in a process of its own."""

from __future__ import annotations

import math
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from evo_nas.display import Silent
from evo_nas.outcome import Outcome
from evo_nas.result import Result
from evo_nas.running import launch
from evo_nas.running.choices import TRAINING_HANDLERS, Choices
from evo_nas.running.preparation import make_plan
from experiments.quality.engines import ENGINES, PEERS, Engine, engine_named
from experiments.quality.ours import HANDLERS
from experiments.quality.problem import Problem
from experiments.quality.recorder import Recorder
from experiments.quality.sets import set_named, settings_of
from experiments.quality.space import Candidate, Space
from experiments.quality.trials import Cell, Trial, run_trial
from experiments.running import SMOKE, changed

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("EVO_NAS_DATA", ROOT.parent / "shared" / "data"))
BREAST_CANCER = set_named("breast_cancer")


def test_an_engine_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="no such engine"):
        run_trial(Trial(Cell("no such engine", "adult", 0, 1.0)))


STARTED = """
import sys
from experiments.quality.trials import Cell, Trial, run_trial
run_trial(Trial(Cell(sys.argv[1], "breast_cancer", 0, 10.0)))
"""


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["Optuna TPE", "evolution"])
def test_a_trial_ends_with_whoever_started_it(engine: str) -> None:
    environment = os.environ | {"EVO_NAS_STORE": "none"}
    started = psutil.Popen([sys.executable, "-c", STARTED, engine], cwd=ROOT, env=environment)
    family: list[psutil.Process] = []
    while len(family) < (2 if engine == "evolution" else 1):  # the trial, and what trains for it
        with pytest.raises(psutil.TimeoutExpired):
            started.wait(0.2)
        family = started.children(recursive=True)
    started.send_signal(signal.SIGKILL)
    started.wait()
    assert psutil.wait_procs(family, timeout=60)[1] == []


# What the peers are given


@pytest.fixture(scope="module", params=["breast_cancer", "california_housing"])
def problem(request: pytest.FixtureRequest) -> Iterator[Problem]:
    if request.param != "breast_cancer" and not (DATA / "tabular").is_dir():
        pytest.skip("needs the data sets of EVO_NAS_DATA")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("EVO_NAS_DATA", str(DATA))
        yield Problem.of(changed(settings_of(set_named(request.param)), {"recipe": {"epochs": 3}}))


def test_networks_are_standardised_rows_in_and_scores_in_the_targets_own_units_out(problem: Problem) -> None:
    train = problem.examples.train
    np.testing.assert_allclose(train.inputs[:, :8].mean(axis=0), 0.0, atol=1e-4)
    truth = problem.examples.confirmation.truth
    if problem.metric == "rmse":
        assert train.targets.std() == pytest.approx(1.0, abs=1e-3)
        mean = problem.confirmation(np.zeros((len(truth), 1), dtype=np.float32))
        assert mean == pytest.approx(np.sqrt(((truth - train.truth.mean()) ** 2).mean()), rel=1e-6)
    else:
        assert set(train.targets.ravel()) == {0.0, 1.0}
        assert problem.confirmation(np.full((len(truth), 1), 0.5, dtype=np.float32)) == pytest.approx(math.log(2.0))


@pytest.mark.usefixtures("prepared_tensorflow")
def test_a_peers_score_is_that_of_the_weights_that_its_network_has(problem: Problem) -> None:
    import tensorflow as tf

    from experiments.quality import keras_loop

    tf.random.set_seed(0)
    candidate = Candidate(2, 16, "relu", 0.2, "rmsprop", 0.01, 64, 0.01)
    model = keras_loop.build(problem, candidate)
    callbacks = keras_loop.usual_callbacks(problem)
    history = model.fit(**keras_loop.fit_arguments(problem), batch_size=64, callbacks=callbacks)
    examples = problem.examples
    swapped = replace(problem, examples=replace(examples, confirmation=examples.validation))
    score = keras_loop.best_validation(problem, history)
    assert keras_loop.confirmation(swapped, model) == pytest.approx(score, rel=1e-4)


@pytest.mark.usefixtures("prepared_tensorflow")
def test_a_peer_builds_the_candidate(problem: Problem) -> None:
    from experiments.quality import keras_loop

    model = keras_loop.build(problem, Candidate(3, 16, "tanh", 0.2, "sgd", 0.05, 64, 0.25))
    num_inputs = problem.examples.train.inputs.shape[1]
    kernels = [weights.shape for weights in model.get_weights() if weights.ndim == 2]
    assert kernels == [(num_inputs, 16), (16, 16), (16, 16), (16, 1)]
    expected = 0.25 * sum(float((weights**2).sum()) for weights in model.get_weights() if weights.ndim == 2)
    assert sum(map(float, model.losses)) == pytest.approx(expected, rel=1e-5)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)
    assert type(model.optimizer).__name__ == "SGD"
    assert [layer.rate for layer in model.layers if hasattr(layer, "rate")] == [0.2] * 3


def test_no_score_of_an_epoch_means_no_network() -> None:
    from experiments.quality import keras_loop

    problem = Problem.of(settings_of(BREAST_CANCER))

    class History:
        history: Mapping[str, Sequence[float]] = {"val_log_loss": [math.nan, math.inf]}

    assert keras_loop.best_validation(problem, History()) == math.inf


def test_optuna_draws_from_the_space_of_the_settings() -> None:
    optuna = pytest.importorskip("optuna")
    from experiments.quality import optuna_search

    space = Space.of(settings_of(BREAST_CANCER).space)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    check_draws(space, [optuna_search._candidate(study.ask(), space) for _ in range(300)])


def test_kerastuner_draws_from_the_space_of_the_settings() -> None:
    keras_tuner = pytest.importorskip("keras_tuner")
    from experiments.quality import kerastuner_search

    space = Space.of(settings_of(BREAST_CANCER).space)
    hp = keras_tuner.HyperParameters()
    kerastuner_search._candidate(hp, space)
    draws = []
    for seed in range(300):
        hp.values = {each.name: each.random_sample(1000 * seed + n) for n, each in enumerate(hp.space)}
        draws.append(kerastuner_search._candidate(hp, space))
    check_draws(space, draws)


def check_draws(space: Space, draws: Sequence[Candidate]) -> None:
    """They fill the space: every option, both ends of every number, half of a logarithmic one below its middle."""
    assert {each.depth for each in draws} == set(range(space.depth[0], space.depth[1] + 1))
    assert {each.activation for each in draws} == set(space.activations)
    assert {each.optimizer for each in draws} == set(space.optimizers)
    assert {each.batch_size for each in draws} == set(space.batch_sizes)
    for name in ("width", "learning_rate", "l2"):
        low, high = getattr(space, name)
        values = np.array([getattr(each, name) for each in draws])
        assert low <= values.min() <= values.max() <= high
        assert np.mean(values < math.sqrt(low * high)) == pytest.approx(0.5, abs=0.12)
    assert 0.0 <= min(each.dropout for each in draws) <= max(each.dropout for each in draws) <= space.dropout[1]


def test_our_search_is_given_that_space() -> None:
    settings = settings_of(BREAST_CANCER)
    described = make_plan(settings, base=ROOT).encoding.describe()
    lists = {name: gene["values"] for name, gene in described.items() if isinstance(gene, dict) and "values" in gene}
    assert Space.of({**described, **lists}) == Space.of(settings.space)
    fixed = {"preprocessing": "standard", "kernel_initializer": "glorot_uniform", "decay": 1.0, "l1": 0.0}
    assert {name: described[name] for name in fixed} == fixed


# Each engine


def small(**search: Any) -> Any:
    settings = changed(settings_of(BREAST_CANCER), SMOKE)
    return changed(settings, {"search": {"population": 4, "generations": 2, "strategy": "evolution", **search}})


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_scoring_on_confirmation_rows_changes_nothing_of_a_search(tmp_path: Path) -> None:
    plan = make_plan(small(), base=ROOT)
    found: dict[str, dict[str, Outcome]] = {}
    for handlers in (TRAINING_HANDLERS, HANDLERS):
        folder = tmp_path / handlers
        launch.start(plan, folder, Choices(handlers=handlers, pictures=False), Silent())
        found[handlers] = {each.individual.fingerprint: each.outcome for each in Result(folder).evaluated}
    plain, confirmed = found[TRAINING_HANDLERS], found[HANDLERS]
    assert {name: outcome.metrics for name, outcome in plain.items()} == {
        name: outcome.metrics for name, outcome in confirmed.items()
    }
    assert not any(outcome.confirmation for outcome in plain.values())
    assert all(outcome.confirmation.keys() == {"loss", "log_loss"} for outcome in confirmed.values() if outcome.ok)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("prepared_tensorflow")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # KerasTuner asks threads for their names as of old
@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_every_peer_spends_its_time_and_holds_its_best(peer: Engine) -> None:
    if peer.missing:
        pytest.skip(f"needs {', '.join(peer.missing)}")
    ticks = iter(range(10_000))
    recorder = Recorder(0.0, 60.0, clock=lambda: float(next(ticks)))  # a tick a question: about as many epochs
    settings = changed(settings_of(BREAST_CANCER), {"recipe": {"epochs": 4}})
    peer.search(settings, recorder, 0)
    trace = recorder.trace()
    assert trace[-1] == replace(trace[-2], seconds=60.0)
    assert [point.trial for point in trace[:-1]] == list(range(1, len(trace)))
    assert len(trace) > 5
    assert trace[-1].validation == min(point.validation for point in trace) < 2.0
    assert 0.0 < trace[-1].confirmation < 2.0


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine", [engine.name for engine in ENGINES])
def test_every_engine_comes_to_its_end_in_a_process_of_its_own(engine: str) -> None:
    if engine_named(engine).missing:
        pytest.skip("not installed")
    last = run_trial(Trial(Cell(engine, "breast_cancer", 0, 0.05)))[-1]
    assert last.seconds == pytest.approx(3.0)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine", ["surrogate", "evolution"])
def test_ours_ends_at_a_target_with_the_score_of_the_network_that_it_holds(engine: str) -> None:
    trace = run_trial(Trial(Cell(engine, "breast_cancer", 0, 9.0), target=100.0))
    (point,) = trace
    assert point.seconds < 540.0
    assert point.trial >= 1
    assert 0.0 < point.confirmation < 100.0
