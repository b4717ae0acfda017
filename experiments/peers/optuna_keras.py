"""Optuna as it comes (TPE, the study in memory), its objective a Keras `fit`."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

from experiments.peers.keras_network import build
from experiments.peers.problem import Candidate, Problem, Ranges
from experiments.peers.timing import Timing


def measure(problem: Problem, num_candidates: int, seed: int) -> Timing:
    """Seconds from the end of one trial to that of the next; the first trial is the warm-up."""
    import optuna

    moments: list[float] = []
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(
        lambda trial: _accuracy(trial, problem),
        n_trials=num_candidates + 1,
        callbacks=[lambda study, trial: moments.append(time.perf_counter())],
    )
    return Timing.one_after_the_other([later - earlier for earlier, later in pairwise(moments)])


def _accuracy(trial: Any, problem: Problem) -> float:
    import keras

    keras.utils.clear_session()  # as Optuna's own Keras example does
    history = build(problem, _candidate(trial, problem.ranges)).fit(
        problem.inputs,
        problem.targets,
        validation_data=(problem.validation_inputs, problem.validation_targets),
        epochs=problem.epochs,
        batch_size=problem.batch_size,
        verbose=0,
    )
    return float(history.history["val_accuracy"][-1])


def _candidate(trial: Any, ranges: Ranges) -> Candidate:
    return Candidate(
        depth=trial.suggest_int("depth", *ranges.depth),
        width=trial.suggest_int("width", *ranges.width),
        activation=trial.suggest_categorical("activation", ranges.activations),
        dropout=trial.suggest_float("dropout", *ranges.dropout),
        learning_rate=trial.suggest_float("learning_rate", *ranges.learning_rate, log=True),
    )
