"""Optuna with a Keras loop of the user's own, the study in memory. variant: "tpe" or "gp"."""

from __future__ import annotations

import math
import warnings
from contextlib import suppress
from typing import Any

from evo_nas.config import Settings
from experiments.quality.keras_loop import (
    best_validation,
    build,
    confirmation,
    fit_arguments,
    time_limit,
    usual_callbacks,
)
from experiments.quality.problem import Problem
from experiments.quality.recorder import MinutesSpentError, Recorder
from experiments.quality.space import Candidate, Space


def search(settings: Settings, recorder: Recorder, seed: int, variant: str) -> None:
    """Trials one after the other until the minutes are spent. A network whose score is NaN is a failed trial."""
    import keras
    import optuna

    problem = Problem.of(settings)
    keras.utils.set_random_seed(seed)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="minimize", sampler=_sampler(optuna.samplers, variant, seed))
    with suppress(MinutesSpentError):
        study.optimize(lambda trial: _score(trial, problem, recorder))


def _sampler(samplers: Any, variant: str, seed: int) -> Any:
    if variant == "tpe":
        return samplers.TPESampler(seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it is experimental
        return samplers.GPSampler(seed=seed)


def _score(trial: Any, problem: Problem, recorder: Recorder) -> float:
    import keras

    keras.utils.clear_session()  # as Optuna's own Keras example does
    candidate = _candidate(trial, problem.space)
    model = build(problem, candidate)
    callbacks = [*usual_callbacks(problem), time_limit(recorder)]
    history = model.fit(**fit_arguments(problem), batch_size=candidate.batch_size, callbacks=callbacks)
    score = best_validation(problem, history)
    recorder.trained(score, lambda: confirmation(problem, model))
    return score if math.isfinite(score) else math.nan


def _candidate(trial: Any, space: Space) -> Candidate:
    """Batch sizes are in order, so they are handed over as their places."""
    return Candidate(
        depth=trial.suggest_int("depth", *space.depth),
        width=trial.suggest_int("width", *space.width, log=True),
        activation=trial.suggest_categorical("activation", space.activations),
        dropout=trial.suggest_float("dropout", *space.dropout),
        optimizer=trial.suggest_categorical("optimizer", space.optimizers),
        learning_rate=trial.suggest_float("learning_rate", *space.learning_rate, log=True),
        batch_size=space.batch_sizes[trial.suggest_int("batch_size", 0, len(space.batch_sizes) - 1)],
        l2=trial.suggest_float("l2", *space.l2, log=True),
    )
