"""A candidate as a Keras user writes and trains it."""

from __future__ import annotations

import math
from typing import Any

from experiments.quality.problem import Problem
from experiments.quality.recorder import Recorder
from experiments.quality.space import Candidate


def build(problem: Problem, candidate: Candidate) -> Any:
    """A compiled `keras.Sequential`: hidden layers with dropout, L2 on all kernels, the metric beside the loss."""
    import keras

    penalty = keras.regularizers.L2(candidate.l2)
    model = keras.Sequential([keras.Input(shape=(problem.examples.train.inputs.shape[1],))])
    for _ in range(candidate.depth):
        model.add(keras.layers.Dense(candidate.width, activation=candidate.activation, kernel_regularizer=penalty))
        model.add(keras.layers.Dropout(candidate.dropout))
    classes = problem.examples.task == "binary"
    model.add(keras.layers.Dense(1, activation="sigmoid" if classes else None, kernel_regularizer=penalty))
    optimizer = keras.optimizers.get(candidate.optimizer)
    optimizer.learning_rate = candidate.learning_rate
    metric = keras.metrics.BinaryCrossentropy if classes else keras.metrics.RootMeanSquaredError
    loss = "binary_crossentropy" if classes else "mean_squared_error"
    model.compile(optimizer=optimizer, loss=loss, metrics=[metric(name=problem.metric)])
    return model


def monitor(problem: Problem) -> str:
    """What the validation score is called. Unlike "val_loss" it counts no penalties."""
    return f"val_{problem.metric}"


def usual_callbacks(problem: Problem) -> list[Any]:
    """Early stopping by the recipe, which gives the best epoch's weights back, and an end to what has become NaN."""
    import keras

    stopping = problem.recipe.early_stopping
    assert stopping, "the recipe of this experiment stops early"
    early = keras.callbacks.EarlyStopping(
        monitor(problem), mode="min", patience=stopping.patience, restore_best_weights=True
    )
    return [early, keras.callbacks.TerminateOnNaN()]


def time_limit(recorder: Recorder) -> Any:
    """Ends a training whose minutes are spent: MinutesSpentError, after an epoch."""
    import keras

    return keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: recorder.check())


def fit_arguments(problem: Problem) -> dict[str, Any]:
    """What `fit` is given besides batch size and callbacks."""
    train, validation = problem.examples.train, problem.examples.validation
    return {
        "x": train.inputs,
        "y": train.targets,
        "validation_data": (validation.inputs, validation.targets),
        "epochs": problem.recipe.epochs,
        "verbose": 0,
    }


def best_validation(problem: Problem, history: Any) -> float:
    """The metric of the best epoch, whose weights the network has, in the target's own units; infinite if none is."""
    scores = [score for score in history.history[monitor(problem)] if math.isfinite(score)]
    return min(scores, default=math.inf) * problem.unit


def confirmation(problem: Problem, model: Any) -> float:
    """The metric of a trained network on the confirmation rows, in the target's own units."""
    return problem.confirmation(model(problem.examples.confirmation.inputs, training=False).numpy())
