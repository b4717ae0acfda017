"""What training a cohort is predicted to cost: microseconds on one core, and bytes.

A deterministic model (law 12) of the program that trains stacked networks: every layer of every member is padded to
one width, every operation of a step is dispatched once for all members, a step goes over the deepest member's layers,
each layer is computed for a number of places that has some idle ones among them, and after each epoch the validation
rows are evaluated. Folds with equally many rows are trained together, and others after them. Its constants were fitted
to one core of a server while another did the same; only their ratios matter.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from evo_nas.evaluation.evaluator import Job
from evo_nas.training.places import biased_columns, padded_width, places_for
from genomes import Shape
from genomes.mlp_size import FLOAT_BYTES

Numbers = NDArray[np.float64]

STEP_MICROSECONDS = 230.0
LAYER_MICROSECONDS = 15.0
"""Dispatching the operations of a step, and of each layer of the deepest member in it."""

EVALUATION_STEPS = 0.6
"""The operations of an evaluation, in steps."""

FLOPS_PER_MICROSECOND = 240_000.0
BYTES_PER_MICROSECOND = 44_000.0
NEAR_BYTES = 5 * 2**19
FAR_BYTES_PER_MICROSECOND = 35_000.0
"""Where one layer's values of a whole cohort are more than `NEAR_BYTES`, they no longer stay in a core's cache."""

PASSES_PER_UNIT = 12
"""How often a step reads or writes a layer's values besides the products: activation, noise, sums, gradients."""

EVALUATION_PASSES = 4
"""The same, of an evaluation."""

PASSES_PER_MIXTURE = 8
"""What it takes to bring the members of each activation together, where a cohort has several."""

MIXTURE_MICROSECONDS = 30_000.0
"""What each mixture bears of its program, where cohorts of one activation have another: to trace it takes a worker half
a second, and where few cohorts want it none need."""

PASSES_PER_WEIGHT = 13
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
    of several may take. branched: whether cohorts of one activation have a program of their own, see
    `fusing.is_branched`.
    """

    training_rows: int
    search_rows: int
    input_shape: Shape
    num_outputs: int
    folds: int
    epochs: int
    memory_mb: int
    branched: bool

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
    is computed, idle ones included; total_depth: the sum of such numbers over all layers; these and the width [part,
    first, last], see `CohortTerms.parts`. mixed: 1 where there are several activations, else 0. num_tables: different
    tables of rows that are resident.
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
        depths = [depth_of(job) for job in jobs]
        depth = _highest(depths, most)
        layers = [_computed([each > layer for each in depths], most, terms) for layer in range(max(depths))]
        mixed = _mixed(jobs, most)
        num_tables = terms.folds * _distinct([_table(job) for job in jobs], most)
        width = _widths(jobs, mixed, most, terms)
        total_depth = sum(layers[1:], layers[0])
        return cls(width, depth, layers[0], total_depth, mixed.astype(np.float64), num_tables)


def width_of(job: Job) -> int:
    """Units of the widest hidden layer."""
    return max(int(layer["width"]) for layer in job.genome.layers)


def activations_of(job: Job) -> tuple[str, ...]:
    """The different activations of the hidden layers."""
    return tuple(sorted({str(layer["activation"]) for layer in job.genome.layers}))


def depth_of(job: Job) -> int:
    """Hidden layers."""
    return len(job.genome.layers)


def microseconds(extents: Extents, batch_size: int, terms: CohortTerms) -> Numbers:
    """Predicted time of whole trainings on one core, [first, last]."""
    training_rows, watched_rows = terms.training_rows, terms.search_rows - terms.training_rows
    num_steps = -(-training_rows // batch_size)
    dispatch = (num_steps + EVALUATION_STEPS) * (STEP_MICROSECONDS + LAYER_MICROSECONDS * extents.depth)
    weights = _weights(extents, terms)
    of_inputs = extents.num_places * terms.num_inputs * extents.width  # the inputs have no gradient
    flops = training_rows * (6.0 * weights - 2.0 * of_inputs) + watched_rows * 2.0 * weights
    num_passes = PASSES_PER_UNIT + PASSES_PER_MIXTURE * extents.mixed
    passes = training_rows * num_passes + watched_rows * EVALUATION_PASSES
    is_near = FLOAT_BYTES * batch_size * extents.num_places * extents.width <= NEAR_BYTES
    pace = np.where(is_near, BYTES_PER_MICROSECOND, FAR_BYTES_PER_MICROSECOND)
    of_values = FLOAT_BYTES * passes * extents.total_depth * extents.width / pace
    of_weights = FLOAT_BYTES * num_steps * PASSES_PER_WEIGHT * weights / BYTES_PER_MICROSECOND
    epoch: Numbers = (dispatch + flops / FLOPS_PER_MICROSECOND + of_values + of_weights).sum(axis=0)
    return terms.epochs * epoch + MIXTURE_MICROSECONDS * terms.branched * extents.mixed


def predicted_bytes(extents: Extents, batch_size: int, terms: CohortTerms) -> Numbers:
    """Predicted peak of weights, optimizer slots, gradients, one batch's values and all rows, [first, last]."""
    biases = extents.total_depth * extents.width + extents.num_places * terms.num_outputs
    weights = COPIES_OF_WEIGHTS * (_weights(extents, terms) + biases)
    units = COPIES_OF_UNITS * batch_size * extents.width * (extents.total_depth + extents.num_places)
    columns = biased_columns(terms.num_inputs) + terms.num_outputs
    tables = extents.num_tables * terms.search_rows * columns
    of_part: Numbers = (weights + units).max(axis=0)
    return FLOAT_BYTES * (of_part + tables)


def _weights(extents: Extents, terms: CohortTerms) -> Numbers:
    ends = extents.num_places * (terms.num_inputs + terms.num_outputs) * extents.width
    return ends + (extents.total_depth - extents.num_places) * extents.width**2


def _computed(has_layer: Sequence[bool], most: int, terms: CohortTerms) -> Numbers:
    """For how many places a layer is computed which some jobs have, [part, first, last]."""
    num_jobs = np.cumsum(_windows(has_layer, most), axis=1)
    places = [places_for(folds * num_jobs, num_members=folds * np.arange(1, most + 1)) for folds in terms.parts]
    return np.array(places, dtype=np.float64)


def _widths(jobs: Sequence[Job], mixed: NDArray[np.bool_], most: int, terms: CohortTerms) -> Numbers:
    """Of the widest layer, padded, [part, first, last]."""
    widest = _highest([width_of(job) for job in jobs], most)
    sizes = [folds * np.arange(1, most + 1) for folds in terms.parts]
    return np.array([padded_width(widest, num_members=size, alike=~mixed) for size in sizes], dtype=np.float64)


def _highest(values: Sequence[float], most: int) -> Numbers:
    """[first, last]: the highest value of the jobs from `first` to `first + last`."""
    highest: Numbers = np.maximum.accumulate(_windows(values, most), axis=1)
    return highest


def _windows(values: Sequence[float], most: int, beyond: float = 0.0) -> Numbers:
    """[first, last]: the value of the job that is `last` after `first`."""
    padded = np.concatenate([np.asarray(values, dtype=np.float64), np.full(most - 1, beyond)])
    return sliding_window_view(padded, most)


def _table(job: Job) -> Hashable:
    """Each preprocessing of each replicate has a table of rows of its own, and so has each pooling of features."""
    return job.genome.genes.get("preprocessing"), job.genome.genes.get("pooling"), job.replicate


def _mixed(jobs: Sequence[Job], most: int) -> NDArray[np.bool_]:
    """Whether there are several activations, in one layer or in different ones, [first, last]."""
    used = [activations_of(job) for job in jobs]
    mixed: NDArray[np.bool_] = (_distinct(used, most) > 1) | (_highest([len(each) for each in used], most) > 1)
    return mixed


def _distinct(keys: Sequence[Hashable], most: int) -> Numbers:
    """How many different keys there are, [first, last]."""
    seen: dict[Hashable, int] = {}
    previous = []
    for position, key in enumerate(keys):
        previous.append(seen.get(key, -1))
        seen[key] = position
    is_first = _windows(previous, most, beyond=np.inf) < np.arange(len(keys))[:, None]
    return np.cumsum(is_first, axis=1, dtype=np.float64)
