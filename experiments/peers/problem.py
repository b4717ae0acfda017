"""What every peer is given: rows, the ranges of a candidate, epochs and batch size. Read from `breast_cancer.toml`."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.config import Settings
from evo_nas.data import Dataset, fit_preprocessing, split_rows, training_folds
from evo_nas.running.preparation import make_plan

Float32Array = NDArray[np.float32]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A network whose hidden layers are all alike, and its learning rate (Adam)."""

    depth: int
    width: int
    activation: str
    dropout: float
    learning_rate: float

    def num_weights(self, num_inputs: int) -> int:
        """Weights and biases of the network, with one output unit."""
        return (num_inputs + 1) * self.width + (self.depth - 1) * (self.width + 1) * self.width + self.width + 1


@dataclass(frozen=True, slots=True)
class Ranges:
    """What a candidate is drawn from: each uniformly, the learning rate uniformly in its logarithm."""

    depth: tuple[int, int]
    width: tuple[int, int]
    activations: tuple[str, ...]
    dropout: Range
    learning_rate: Range

    @classmethod
    def of(cls, space: Mapping[str, Any]) -> Ranges:
        """Those of a [space] section, which must name these five. Raises KeyError where it does not."""
        return cls(
            depth=(space["layers"]["low"], space["layers"]["high"]),
            width=(space["width"]["low"], space["width"]["high"]),
            activations=tuple(space["activation"]),
            dropout=(space["dropout"]["low"], space["dropout"]["high"]),
            learning_rate=(space["learning_rate"]["low"], space["learning_rate"]["high"]),
        )

    def sample(self, rng: random.Random) -> Candidate:
        low, high = self.learning_rate
        return Candidate(
            depth=rng.randint(*self.depth),
            width=rng.randint(*self.width),
            activation=rng.choice(self.activations),
            dropout=rng.uniform(*self.dropout),
            learning_rate=math.exp(rng.uniform(math.log(low), math.log(high))),
        )

    def samples(self, num_candidates: int, seed: int) -> list[Candidate]:
        """The first candidates of a seed."""
        rng = random.Random(seed)
        return [self.sample(rng) for _ in range(num_candidates)]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A binary classification on standardised rows.

    inputs: float32 [rows, columns]. targets: float32 [rows], 0 or 1. Those named validation are scored, never fitted.
    """

    inputs: Float32Array
    targets: Float32Array
    validation_inputs: Float32Array
    validation_targets: Float32Array
    ranges: Ranges
    epochs: int
    batch_size: int

    @classmethod
    def of(cls, settings: Settings) -> Problem:
        """The rows that our own search trains on and is scored on, as its preprocessing makes them."""
        plan = make_plan(settings, base=Path.cwd())
        dataset, data, recipe = plan.dataset, plan.settings.data, plan.recipe
        assert dataset is not None
        assert data is not None
        search = split_rows(dataset, data).search
        seed = recipe.evaluation_seed
        fold = training_folds(dataset, search, recipe.validation, evaluation_seed=seed, replicate=0)[0]
        return cls(
            *_examples(dataset, fold.train, fitted_on=fold.train),
            *_examples(dataset, fold.validation, fitted_on=fold.train),
            ranges=Ranges.of(settings.space),
            epochs=recipe.epochs,
            batch_size=int(settings.space["batch_size"]),
        )


def _examples(
    dataset: Dataset, rows: NDArray[np.int64], *, fitted_on: NDArray[np.int64]
) -> tuple[Float32Array, Float32Array]:
    fitted = fit_preprocessing(dataset, fitted_on, "standard")
    inputs = fitted.transform(dataset.numeric[rows], dataset.categorical[rows])
    return inputs, dataset.target[rows].astype(np.float32)
