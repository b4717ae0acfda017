"""A candidate as a Keras user writes it."""

from __future__ import annotations

from typing import Any

from experiments.peers.problem import Candidate, Problem


def build(problem: Problem, candidate: Candidate) -> Any:
    """A compiled `keras.Sequential`: hidden layers with dropout, a sigmoid, Adam, accuracy beside the loss."""
    import keras

    model = keras.Sequential([keras.Input(shape=(problem.inputs.shape[1],))])
    for _ in range(candidate.depth):
        model.add(keras.layers.Dense(candidate.width, activation=candidate.activation))
        model.add(keras.layers.Dropout(candidate.dropout))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    optimizer = keras.optimizers.Adam(learning_rate=candidate.learning_rate)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model
