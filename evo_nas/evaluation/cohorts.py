"""Jobs are cut into cohorts: pure functions of the jobs, the recipe and the shape of the data, never of the machine
or of the number of workers (law 3). A member's result does not depend on its mates (law 4), so they decide the time
that trainings take, and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evo_nas.config import BYTES_PER_MB
from evo_nas.evaluation.cohort_cost import (
    CohortTerms,
    Extents,
    Numbers,
    activations_of,
    depth_of,
    microseconds,
    predicted_bytes,
    width_of,
)
from evo_nas.evaluation.evaluator import Job
from evo_nas.training.fusing import CohortKey, cohort_key
from evo_nas.training.places import TILE, WIDTH_TILE

MOST_PLACES = 64
"""A place is one fold of one job. Twice as many would save a worker 2 to 3 % of its time for small networks, and leave
workers without a cohort where there are more than sixteen."""

FEWEST_SHARED, FEWEST_JOBS = 8, 4
PARTS = 8
"""Jobs that come together make at least so many cohorts, as far as these have `FEWEST_SHARED` places and `FEWEST_JOBS`
jobs, so that several workers can share a generation. A rule of the jobs alone: it asks nobody how many workers there
are."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Jobs to be trained together, and the microseconds that this is predicted to take on one core."""

    jobs: tuple[Job, ...]
    microseconds: float


def form_cohorts(jobs: Sequence[Job], terms: CohortTerms) -> list[Cohort]:
    """Every job in exactly one cohort, the most costly cohort first, so that workers end together.

    jobs: canonical genomes that can be fused, each (fingerprint, replicate) once, in any order. The jobs of one key
    are sorted by activation, padded width and depth, or else by width first, and cut where the sum of the predicted
    costs is smallest. A cohort of several has at most `most_jobs`, and the terms' memory; one job makes a cohort
    whatever its size. Confirmations keep to themselves.
    """
    most = most_jobs(len(jobs), terms.folds)
    groups: dict[tuple[CohortKey, bool], list[Job]] = {}
    for job in jobs:
        groups.setdefault((cohort_key(job.genome), job.confirm), []).append(job)
    cohorts = [cohort for group in groups.values() for cohort in _cheapest(group, min(most, len(group)), terms)]
    return sorted(cohorts, key=lambda cohort: (-cohort.microseconds, _name(cohort.jobs[0])))


def most_jobs(num_jobs: int, folds: int) -> int:
    """Jobs that one cohort may have, where so many come together, each with so many folds."""
    shared = max(FEWEST_SHARED, -(-num_jobs * folds // PARTS)) // folds
    return max(1, min(MOST_PLACES // folds, max(FEWEST_JOBS, shared)))


def predicted_cost(jobs: Sequence[Job], terms: CohortTerms) -> tuple[float, float]:
    """(microseconds, bytes) of one cohort of these jobs, which share a key."""
    extents, batch_size = Extents.of(jobs, len(jobs), terms), terms.batch_size(jobs[0])
    time, size = microseconds(extents, batch_size, terms), predicted_bytes(extents, batch_size, terms)
    return float(time[0, -1]), float(size[0, -1])


def _name(job: Job) -> tuple[str, int]:
    return job.fingerprint, job.replicate


def _by_activation(job: Job) -> tuple[tuple[str, ...], int, int, tuple[str, int]]:
    """Where members have the same activation, none has to be brought together and less is padded."""
    return activations_of(job), -(-width_of(job) // WIDTH_TILE), depth_of(job), _name(job)


def _by_width(job: Job) -> tuple[int, tuple[str, ...], int, tuple[str, int]]:
    """For few jobs, or many activations."""
    return -(-width_of(job) // TILE), activations_of(job), depth_of(job), _name(job)


def _cheapest(jobs: Sequence[Job], most: int, terms: CohortTerms) -> list[Cohort]:
    """The jobs of one key, in the order whose cohorts are predicted to cost the least.

    Where each activation fills cohorts of its own, there is no need to look for others.
    """
    fewest = min(Counter(map(activations_of, jobs)).values())
    orders = (_by_activation,) if fewest >= MOST_PLACES else (_by_activation, _by_width)
    ways = [_cut(sorted(jobs, key=order), most, terms) for order in orders]
    return min(ways, key=lambda cohorts: sum(cohort.microseconds for cohort in cohorts))


def _cut(jobs: Sequence[Job], most: int, terms: CohortTerms) -> list[Cohort]:
    """The cheapest way to cut a sorted list of jobs of one key, by dynamic programming over where a cohort ends."""
    costs = _allowed_costs(jobs, most, terms)
    best = np.full(len(jobs) + most, np.inf)  # of the jobs before a position; the surplus saves a case
    best[0] = 0.0
    begins = np.zeros(len(jobs) + most, dtype=np.int64)
    for begin in range(len(jobs)):
        ends = slice(begin + 1, begin + 1 + most)
        total = best[begin] + costs[begin]
        better = total < best[ends]
        best[ends][better] = total[better]
        begins[ends][better] = begin
    cohorts, end = [], len(jobs)
    while end > 0:
        begin = int(begins[end])
        cohorts.append(Cohort(tuple(jobs[begin:end]), float(costs[begin, end - begin - 1])))
        end = begin
    return cohorts[::-1]


def _allowed_costs(jobs: Sequence[Job], most: int, terms: CohortTerms) -> Numbers:
    """[first, last]: the cost of a cohort of the jobs from `first` to `first + last`; infinite where it may not be."""
    extents, batch_size = Extents.of(jobs, most, terms), terms.batch_size(jobs[0])
    costs = microseconds(extents, batch_size, terms)
    ends = np.arange(len(jobs))[:, None] + np.arange(most)
    too_large = predicted_bytes(extents, batch_size, terms) > terms.memory_mb * BYTES_PER_MB
    too_large[:, 0] = False
    return np.where(too_large | (ends >= len(jobs)), np.inf, costs)
