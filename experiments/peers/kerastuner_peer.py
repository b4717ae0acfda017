"""KerasTuner's RandomSearch in its normal use: one execution a trial, its folder, its checkpoints, nothing printed."""

from __future__ import annotations

import tempfile
import time
from itertools import pairwise
from typing import Any

from experiments.peers.keras_network import build
from experiments.peers.problem import Candidate, Problem, Ranges
from experiments.peers.timing import Timing


def measure(problem: Problem, num_candidates: int, seed: int) -> Timing:
    """Seconds from the building of one trial's model to that of the next; the first trial is the warm-up."""
    import keras_tuner

    moments: list[float] = []

    def hypermodel(parameters: Any) -> Any:
        moments.append(time.perf_counter())
        return build(problem, _candidate(parameters, problem.ranges))

    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.RandomSearch(
            hypermodel,
            objective="val_accuracy",
            max_trials=num_candidates + 1,
            executions_per_trial=1,
            seed=seed,
            overwrite=True,
            directory=folder,
        )
        moments.clear()  # it has built one model to learn the space
        _search(tuner, problem)
        moments.append(time.perf_counter())
    seconds = [later - earlier for earlier, later in pairwise(moments)]
    return Timing.one_after_the_other(seconds[1:])


def _search(tuner: Any, problem: Problem) -> None:
    tuner.search(
        problem.inputs,
        problem.targets,
        validation_data=(problem.validation_inputs, problem.validation_targets),
        epochs=problem.epochs,
        batch_size=problem.batch_size,
        verbose=0,
    )


def _candidate(parameters: Any, ranges: Ranges) -> Candidate:
    return Candidate(
        depth=parameters.Int("depth", *ranges.depth),
        width=parameters.Int("width", *ranges.width),
        activation=parameters.Choice("activation", list(ranges.activations)),
        dropout=parameters.Float("dropout", *ranges.dropout),
        learning_rate=parameters.Float("learning_rate", *ranges.learning_rate, sampling="log"),
    )
