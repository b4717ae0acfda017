"""What training a cohort is predicted to cost: microseconds on one core, and bytes.

A deterministic model (law 12) of the program that trains stacked networks: every layer of every member is padded to
one width, every operation of a step is dispatched once for all members, a step goes over the deepest member's layers,
and each layer is computed for a number of places that has some idle ones among them. Folds with equally many rows are
trained together, and others after them. Its constants were fitted to one core of a server; only their ratios matter.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from evo_nas.evaluation.evaluator import Job
from evo_nas.training.places import places_for, tiled
from genomes import Shape
from genomes.mlp_size import FLOAT_BYTES

Numbers = NDArray[np.float64]

STEP_MICROSECONDS = 100.0
LAYER_MICROSECONDS = 70.0
"""Dispatching the operations of a step, and of each layer of the deepest member in it."""

FLOPS_PER_MICROSECOND = 200_000.0
BYTES_PER_MICROSECOND = 28_000.0
NEAR_BYTES = 2**21
FAR_BYTES_PER_MICROSECOND = 17_000.0
"""Where one layer's values of a whole cohort are more than `NEAR_BYTES`, they no longer stay in a core's cache."""

PASSES_PER_UNIT = 12
"""How often a step reads or writes a layer's values besides the products: activation, noise, sums, gradients."""

PASSES_PER_MIXTURE = 5
"""What it takes to bring the members of each activation together, where a cohort has several."""

PASSES_PER_WEIGHT = 30
"""How often the update reads or writes a number for each weight."""

COPIES_OF_WEIGHTS = 6
"""Weights, the best ones so far and a temporary; two optimizer slots; gradients."""

COPIES_OF_UNITS = 14
"""Values of one batch that are alive at the peak, for each unit of each layer."""


@dataclass(frozen=True, slots=True)
class CohortTerms:
    """What the cost of a cohort depends on besides its members.

    training_rows: of the largest fold; others have one less at the most, which is not counted. search_rows: training
    and validation rows together. folds: of one job; each takes a place. epochs: at the most. memory_mb: what a cohort
    of several may take.
    """

    training_rows: int
    search_rows: int
    input_shape: Shape
    num_outputs: int
    folds: int
    epochs: int
    memory_mb: int

    @property
    def num_inputs(self) -> int:
        """Input units of a dense network."""
        return prod(self.input_shape)

    @property
    def parts(self) -> tuple[int, ...]:
        """How many folds have the same number of rows: where they do not divide the rows, some hold out one more."""
        larger = self.search_rows % self.folds
        return tuple(count for count in (self.folds - larger, larger) if count)

    def batch_size(self, job: Job) -> int:
        """Rows of a step: no batch is larger than the rows that there are."""
        return min(int(job.genome.genes["batch_size"]), self.training_rows)


@dataclass(frozen=True, slots=True)
class Extents:
    """What the cost of many cohorts depends on, each array [first, last]: of the jobs from `first` to `first + last`.

    width: the widest layer, padded. depth: hidden layers of the deepest member. num_places: for which the first layer
    is computed, idle ones included; total_depth: the sum of such numbers over all layers; both [part, first, last], see
    `CohortTerms.parts`. mixed: 1 where there are several activations, else 0. num_tables: different tables of rows that
    are resident.
    """

    width: Numbers
    depth: Numbers
    num_places: Numbers
    total_depth: Numbers
    mixed: Numbers
    num_tables: Numbers

    @classmethod
    def of(cls, jobs: Sequence[Job], most: int, terms: CohortTerms) -> Extents:
        """Of all runs of 1 to `most` jobs that begin anywhere; what lies beyond the last job counts as nothing."""
        width = np.maximum.accumulate(_windows([padded_width(job) for job in jobs], most), axis=1)
        depths = [depth_of(job) for job in jobs]
        depth = np.maximum.accumulate(_windows(depths, most), axis=1)
        layers = [_computed([each > layer for each in depths], most, terms) for layer in range(max(depths))]
        mixed = (_distinct([activations_of(job) for job in jobs], most) > 1).astype(np.float64)
        num_tables = terms.folds * _distinct([_table(job) for job in jobs], most)
        return cls(width, depth, layers[0], sum(layers[1:], layers[0]), mixed, num_tables)


def padded_width(job: Job) -> int:
    """Units of the widest hidden layer, padded."""
    return tiled(max(int(layer["width"]) for layer in job.genome.layers))


def activations_of(job: Job) -> tuple[str, ...]:
    """The different activations of the hidden layers."""
    return tuple(sorted({str(layer["activation"]) for layer in job.genome.layers}))


def depth_of(job: Job) -> int:
    """Hidden layers."""
    return len(job.genome.layers)


def microseconds(extents: Extents, batch_size: int, terms: CohortTerms) -> Numbers:
    """Predicted time of whole trainings on one core, [first, last]."""
    units = batch_size * extents.total_depth * extents.width
    weights = _weights(extents, terms)
    inner = weights - extents.num_places * terms.num_inputs * extents.width  # the inputs have no gradient
    flops = batch_size * (6.0 * inner + 4.0 * (weights - inner))
    num_passes = PASSES_PER_UNIT + PASSES_PER_MIXTURE * extents.mixed
    is_near = FLOAT_BYTES * batch_size * extents.num_places * extents.width <= NEAR_BYTES
    of_values = num_passes * units / np.where(is_near, BYTES_PER_MICROSECOND, FAR_BYTES_PER_MICROSECOND)
    of_weights = PASSES_PER_WEIGHT * weights / BYTES_PER_MICROSECOND
    dispatch = STEP_MICROSECONDS + LAYER_MICROSECONDS * extents.depth
    num_steps = terms.epochs * -(-terms.training_rows // batch_size)
    of_part = dispatch + flops / FLOPS_PER_MICROSECOND + FLOAT_BYTES * (of_values + of_weights)
    step: Numbers = of_part.sum(axis=0)
    return num_steps * step


def predicted_bytes(extents: Extents, batch_size: int, terms: CohortTerms) -> Numbers:
    """Predicted peak of weights, optimizer slots, gradients, one batch's values and all rows, [first, last]."""
    biases = extents.total_depth * extents.width + extents.num_places * terms.num_outputs
    weights = COPIES_OF_WEIGHTS * (_weights(extents, terms) + biases)
    units = COPIES_OF_UNITS * batch_size * extents.width * (extents.total_depth + extents.num_places)
    tables = extents.num_tables * terms.search_rows * (terms.num_inputs + terms.num_outputs)
    of_part: Numbers = (weights + units).max(axis=0)
    return FLOAT_BYTES * (of_part + tables)


def _weights(extents: Extents, terms: CohortTerms) -> Numbers:
    ends = extents.num_places * (terms.num_inputs + terms.num_outputs) * extents.width
    return ends + (extents.total_depth - extents.num_places) * extents.width**2


def _computed(has_layer: Sequence[bool], most: int, terms: CohortTerms) -> Numbers:
    """For how many places a layer is computed which some jobs have, [part, first, last]."""
    num_jobs = np.cumsum(_windows(has_layer, most), axis=1).astype(np.int64)
    table = [[places_for(folds * jobs) for jobs in range(most + 1)] for folds in terms.parts]
    return np.array(table, dtype=np.float64)[np.arange(len(table))[:, None, None], num_jobs]


def _windows(values: Sequence[float], most: int, beyond: float = 0.0) -> Numbers:
    """[first, last]: the value of the job that is `last` after `first`."""
    padded = np.concatenate([np.asarray(values, dtype=np.float64), np.full(most - 1, beyond)])
    return sliding_window_view(padded, most)


def _table(job: Job) -> Hashable:
    """Each preprocessing of each replicate has a table of rows of its own, and so has each pooling of features."""
    return job.genome.genes.get("preprocessing"), job.genome.genes.get("pooling"), job.replicate


def _distinct(keys: Sequence[Hashable], most: int) -> Numbers:
    """How many different keys there are, [first, last]."""
    seen: dict[Hashable, int] = {}
    previous = []
    for position, key in enumerate(keys):
        previous.append(seen.get(key, -1))
        seen[key] = position
    is_first = _windows(previous, most, beyond=np.inf) < np.arange(len(keys))[:, None]
    return np.cumsum(is_first, axis=1, dtype=np.float64)
