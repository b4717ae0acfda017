"""KerasTuner's BayesianOptimization in its normal use: one execution a trial, its folder, its checkpoints."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from typing import Any

from evo_nas.config import Settings
from experiments.quality.keras_loop import (
    best_validation,
    build,
    confirmation,
    fit_arguments,
    monitor,
    time_limit,
    usual_callbacks,
)
from experiments.quality.problem import Problem
from experiments.quality.recorder import MinutesSpentError, Recorder
from experiments.quality.space import Candidate, Space

ENOUGH = 1_000_000
"""Of trials, and of failures in a row that it takes before it gives up: the clock ends it."""


def search(settings: Settings, recorder: Recorder, seed: int, variant: str) -> None:
    """Trials one after the other until the minutes are spent. variant: "bayesian"."""
    import keras
    import keras_tuner

    assert variant == "bayesian"
    problem = Problem.of(settings)
    keras.utils.set_random_seed(seed)
    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.BayesianOptimization(
            _hypermodel(problem, recorder),
            objective=keras_tuner.Objective(monitor(problem), direction="min"),
            max_trials=ENOUGH,
            max_consecutive_failed_trials=ENOUGH,
            seed=seed,
            overwrite=True,
            directory=folder,
        )
        with suppress(MinutesSpentError):
            _run(tuner, problem)


def _run(tuner: Any, problem: Problem) -> None:
    """It lets no error of a trial out that is not fatal to it."""
    import keras_tuner

    try:
        tuner.search(**fit_arguments(problem), callbacks=usual_callbacks(problem))
    except keras_tuner.errors.FatalError as error:
        raise error.__cause__ or error from None


def _hypermodel(problem: Problem, recorder: Recorder) -> Any:
    """The class is made here since its base comes with the package."""
    import keras_tuner

    class Network(keras_tuner.HyperModel):  # type: ignore[misc]
        def build(self, hp: Any) -> Any:
            return build(problem, _candidate(hp, problem.space))

        def fit(self, hp: Any, model: Any, *, callbacks: list[Any], **arguments: Any) -> float:
            batch_size = _candidate(hp, problem.space).batch_size
            try:
                history = model.fit(**arguments, batch_size=batch_size, callbacks=[*callbacks, time_limit(recorder)])
                score = best_validation(problem, history)
                recorder.trained(score, lambda: confirmation(problem, model))
            except MinutesSpentError as error:
                raise keras_tuner.errors.FatalError from error
            return score

    return Network()


def _candidate(hp: Any, space: Space) -> Candidate:
    return Candidate(
        depth=hp.Int("depth", *space.depth),
        width=hp.Int("width", *space.width, sampling="log"),
        activation=hp.Choice("activation", list(space.activations)),
        dropout=hp.Float("dropout", *space.dropout),
        optimizer=hp.Choice("optimizer", list(space.optimizers)),
        learning_rate=hp.Float("learning_rate", *space.learning_rate, sampling="log"),
        batch_size=hp.Choice("batch_size", list(space.batch_sizes)),
        l2=hp.Float("l2", *space.l2, sampling="log"),
    )
