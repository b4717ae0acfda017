"""Tables from formulas of our own that resemble training: mostly ordinal genes, noise, corners that diverge.

Each formula has one valley in the logarithm of the learning rate that moves with the other genes, terms that
underfit and overfit against each other, and a cliff above the largest rate that holds. A configuration also has a
small fixed deviation of its own, since real tables are rough. None was fitted to a published table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from evo_nas.randomness import array_stream
from experiments.search.tables import Array, Table
from genomes import Choice

NUM_SEEDS = 5
ROUGHNESS = 0.06
"""Spread of a configuration's own deviation, as a share of its loss above the floor."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a training can be expected to return, [configuration] each.

    loss: without noise, at least `floor`. floor: what nobody can be better than. spread: of the logarithm of
    (loss - floor) between seeds. divergence: the probability that a seed diverges.
    """

    loss: Array
    floor: float
    spread: Array
    divergence: Array


Grid = Mapping[str, Array]
"""Gene -> the value (of a choice of texts: the place) of every configuration."""
Formula = Callable[[Grid], Expected]


def made_table(name: str) -> Table:
    """The table of that name, the same on every machine. Raises KeyError for an unknown one."""
    choices, formula = RECIPES[name]
    expected = formula(_grid(choices))
    rng = array_stream("made table", name)
    own = np.exp(ROUGHNESS * rng.standard_normal(len(expected.loss)))
    noise = np.exp(expected.spread[:, None] * rng.standard_normal((len(own), NUM_SEEDS)))
    values = expected.floor + ((expected.loss - expected.floor) * own)[:, None] * noise
    diverged = rng.random(values.shape) < expected.divergence[:, None]
    untrained = 5.0 * expected.floor * np.exp(2.0 * np.abs(rng.standard_normal(values.shape)))
    return Table(name, choices, np.where(diverged, untrained, values))


def valley(distance: Array, steepness: float) -> Array:
    """0 in the middle, quadratic near it, logarithmic far away, as losses flatten out."""
    return np.log1p(steepness * distance**2)


def cliff(distance: Array) -> Array:
    """The probability of divergence: a half where the distance above the largest rate that holds is 0."""
    return 1.0 / (1.0 + np.exp(-8.0 * distance))


def dense_network(grid: Grid) -> Expected:
    """A dense network: the rate that it likes falls with depth and width and grows with the batch."""
    rate, depth = np.log10(grid["learning_rate"]), grid["depth"]
    size = np.log2(grid["width"])
    away = rate - (-2.2 - 0.28 * (depth - 1) - 0.12 * (size - 5) + 0.45 * np.log10(grid["batch_size"] / 32))
    capacity = size + 1.3 * np.log2(depth)
    regularised = grid["dropout"] * 4.0 + 0.25 * np.log10(grid["weight_decay"] / 1e-6)
    underfitting = 0.5 * np.exp(-(capacity - 2.0) / 2.5) * (1.0 + 0.25 * regularised)
    overfitting = 0.018 * np.maximum(capacity - 5.0, 0.0) ** 1.5 / (1.0 + regularised)
    shape = np.choose(grid["activation"].astype(int), [0.0 * depth, 0.01 + 0.004 * depth, 0.03 * depth**1.5])
    loss = 0.2 + underfitting + overfitting + shape + 0.09 * valley(away, 1.6)
    return Expected(loss, 0.1, 0.05 + 0.05 * np.maximum(away, 0.0) + 0.4 / grid["batch_size"], cliff(away - 1.1))


def boosted_trees(grid: Grid) -> Expected:
    """Boosting: rounds times rate is what counts, deep trees want fewer of both, small leaves overfit."""
    work = np.log10(grid["rounds"] * grid["learning_rate"]) + 0.18 * (grid["max_depth"] - 4)
    away = work - (1.0 + 0.08 * np.log2(grid["leaf_rows"]))
    fine = 0.03 * np.maximum(np.log10(grid["learning_rate"]) + 1.5, 0.0)
    depth = 0.006 * (grid["max_depth"] - 5 - 0.5 * np.log2(grid["leaf_rows"] / 8)) ** 2
    rows = 0.08 * (grid["row_share"] - 0.7) ** 2 + 0.02 * (grid["column_share"] - 0.5) ** 2 * grid["max_depth"]
    loss = 0.3 + fine + depth + rows + 0.07 * valley(away, 2.2)
    return Expected(loss, 0.22, np.full(len(loss), 0.06), np.zeros(len(loss)))


def schedule(grid: Grid) -> Expected:
    """A schedule of SGD: rate / (1 - momentum) is what counts; warm-up moves the cliff; the best corner is narrow."""
    effective = np.log10(grid["learning_rate"] / (1.0 - grid["momentum"])) - 0.8 * np.log10(grid["batch_size"] / 128)
    away = effective - (-0.6 - 0.3 * np.log10(grid["weight_decay"] / 1e-4))
    decay = 0.05 * valley(np.log10(grid["weight_decay"]) + 3.4, 0.8)
    smooth = 0.03 * (1.0 - grid["momentum"]) * np.sqrt(grid["batch_size"] / 128)
    start = 0.02 * np.abs(grid["warm_up_epochs"] - np.clip(5.0 + 4.0 * away, 0.0, 20.0)) / 10
    augmented = np.choose(
        grid["augmentation"].astype(int), [0.05 + 0 * away, 0.02 + 0.02 * np.maximum(-away, 0), 0.0 * away]
    )
    tired = np.where((grid["augmentation"] == 2) & (grid["weight_decay"] > 5e-4), 0.06, 0.0)
    loss = 0.25 + decay + smooth + start + augmented + tired + 0.1 * valley(away, 3.0)
    above = away - (0.7 + 0.03 * grid["warm_up_epochs"])
    return Expected(loss, 0.2, 0.07 + 0.1 * np.maximum(away, 0.0), cliff(above))


def _grid(choices: Mapping[str, Choice]) -> Grid:
    columns = [
        np.array(choice.values if choice.ordinal else range(len(choice.values)), dtype=np.float64)
        for choice in choices.values()
    ]
    return dict(zip(choices, (axis.ravel() for axis in np.meshgrid(*columns, indexing="ij")), strict=True))


def _ordinal(*values: float) -> Choice:
    return Choice(values, ordinal=True)


RECIPES: Mapping[str, tuple[Mapping[str, Choice], Formula]] = {
    "made_dense": (
        {
            "learning_rate": _ordinal(1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1),
            "batch_size": _ordinal(8, 16, 32, 64, 128),
            "depth": _ordinal(1, 2, 3, 4),
            "width": _ordinal(8, 16, 32, 64, 128, 256, 512),
            "dropout": _ordinal(0.0, 0.2, 0.4, 0.6),
            "weight_decay": _ordinal(1e-6, 1e-5, 1e-4, 1e-3),
            "activation": Choice(("relu", "tanh", "sigmoid")),
        },
        dense_network,
    ),
    "made_boosted": (
        {
            "rounds": _ordinal(10, 20, 40, 80, 160, 320, 640, 1280),
            "learning_rate": _ordinal(0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
            "max_depth": _ordinal(2, 3, 4, 5, 6, 8),
            "leaf_rows": _ordinal(1, 4, 16, 64),
            "row_share": _ordinal(0.4, 0.6, 0.8, 1.0),
            "column_share": _ordinal(0.3, 0.6, 1.0),
        },
        boosted_trees,
    ),
    "made_schedule": (
        {
            "learning_rate": _ordinal(0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.3, 1.0, 3.0),
            "momentum": _ordinal(0.0, 0.5, 0.8, 0.9, 0.95, 0.99),
            "weight_decay": _ordinal(1e-6, 1e-5, 1e-4, 5e-4, 1e-3, 5e-3),
            "batch_size": _ordinal(32, 64, 128, 256, 512),
            "warm_up_epochs": _ordinal(0, 1, 5, 20),
            "augmentation": Choice(("none", "crops", "mixing")),
        },
        schedule,
    ),
}
MADE = tuple(RECIPES)
