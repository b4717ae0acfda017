"""Gaussian processes that are kept up to date with a search, at a cost that stays bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from evo_nas.strategies.surrogate.embedding import Embedding
from evo_nas.strategies.surrogate.gaussian_process import (
    LOG_BOUNDS,
    GaussianProcess,
    Observations,
    Priors,
    Scales,
    fit_scales,
    log_density,
    prior_scales,
)
from evo_nas.strategies.surrogate.judgement import Judgement
from evo_nas.strategies.surrogate.observed import Observed
from evo_nas.strategies.surrogate.one_objective import OneObjective
from evo_nas.strategies.surrogate.replicate_effects import effects_of
from evo_nas.strategies.surrogate.several_objectives import SeveralObjectives
from evo_nas.strategies.surrogate.targets import FARTHEST, WORST, targets_of

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
PRIORS = Priors()
MOST_OBSERVATIONS = 400
"""Beyond so many genomes some stand for all."""
CENTRES, NEAR = 8, 0.75
"""They are the nearest to so many of the best for this share, and an even choice of the others for the rest."""
MOST_FITTED = 160
"""Scales are fitted to so many at most: a step costs the cube of it."""
LEAST_FITTED = 4
GROWTH = 1.15
"""Scales are fitted again when so many times as many genomes are known as at the last fit."""
FEWEST_WEIGHED, MOST_WEIGHED = 6, 80
"""Whether values are compared in ratios is asked of so many genomes at least and at most, whenever there are twice as
many as when it was asked last."""
WAYS = (False, True)
FIRST_STEPS, STEPS = 30, 8


@final
class Model:
    """One process an objective. `learn` fits the scales when it is time and is called once a batch, so that they depend
    on the outcomes told and on nothing else; `judgement` changes nothing. num_fitted: genomes known at the last fit.
    in_ratios: whether the values of a single objective are compared in ratios, as losses often ought to be.
    """

    def __init__(self, embedding: Embedding, num_objectives: int) -> None:
        self._embedding = embedding
        self._scales = [prior_scales(embedding.num_genes, PRIORS) for _ in range(num_objectives)]
        self._processes: list[GaussianProcess | None] = [None] * num_objectives
        self._points = np.empty((0, len(embedding.groups)))
        self.num_fitted = 0
        self.in_ratios = False
        self._num_weighed = 0

    def learn(self, observed: Observed) -> None:
        """Fit the scales where enough was told since they were fitted last."""
        if len(observed) < max(LEAST_FITTED, self.num_fitted * GROWTH):
            return
        if len(self._scales) == 1 and len(observed) >= max(FEWEST_WEIGHED, 2 * self._num_weighed):
            self._weigh(observed)
        steps = STEPS if self.num_fitted else FIRST_STEPS
        self.num_fitted = len(observed)
        for number, observations in enumerate(self._observations(observed)):
            chosen = observations.take(self._representatives(observations, self._scales[number], MOST_FITTED))
            before = self._scales[number]
            self._scales[number] = fit_scales(chosen, self._embedding.groups, before, PRIORS, steps=steps)

    def _weigh(self, observed: Observed) -> None:
        """Say if values are compared in ratios: where they are the more probable so (Snelson et al. 2004).

        By the evidence of the networks that are cut in neither way, in the unit of the values: their density under the
        most probable scales, the prior included.
        """
        self._num_weighed = len(observed)
        seen = [self._targets(observed, in_ratios=way) for way in WAYS]
        units = [unit[:, 0] for _, unit in seen]
        usable = np.all([targets[:, 0] < WORST for targets, _ in seen], axis=0)
        if usable.sum() < FEWEST_WEIGHED or np.ptp(units[True]) == 0.0:
            self._compare(in_ratios=False, scales=prior_scales(self._embedding.num_genes, PRIORS))
            return
        ways = [self._observed_as(observed, *each, usable[:, None])[0] for each in seen]
        rows = np.flatnonzero(usable)
        rows = rows[self._representatives(ways[False].take(rows), self._scales[0], MOST_WEIGHED)]
        weights = np.where(usable, observed.counts - 1.0, 0.0)  # their repeats are all in the scatter
        weights[rows] += 1.0
        fitted = [self._refitted(way.take(rows)) for way in ways]
        evidence = [
            density - float(weights[usable] @ np.log(unit[usable]))
            for (_, density), unit in zip(fitted, units, strict=True)
        ]
        in_ratios = evidence[True] > evidence[False]
        self._compare(in_ratios=in_ratios, scales=fitted[in_ratios][0])

    def _compare(self, *, in_ratios: bool, scales: Scales) -> None:
        """Compare values so from now on; where that is new, with these scales."""
        if in_ratios != self.in_ratios:
            self.in_ratios, self._scales[0] = in_ratios, scales

    def _refitted(self, observations: Observations) -> tuple[Scales, float]:
        """Scales as if nothing had been known before, and how probable they are."""
        groups = self._embedding.groups
        start = prior_scales(self._embedding.num_genes, PRIORS)
        scales = fit_scales(observations, groups, start, PRIORS, steps=FIRST_STEPS)
        return scales, log_density(observations, groups, scales, PRIORS)

    def replicate_effects(self, observed: Observed) -> Array:
        """What replicates do to all genomes alike, by the present belief, in every repeat: [repeats, objectives]."""
        rows, replicates, values = observed.repeats
        targets, units = self._targets(observed, in_ratios=self.in_ratios)
        taken = np.zeros_like(values)
        for k, observations in enumerate(self._observed_as(observed, targets, units, targets < WORST)):
            known = self._representatives(observations, self._scales[k], MOST_OBSERVATIONS)
            process = self._process(k, observations.take(known), self._scales[k])
            believed = np.full(len(observed), np.nan)
            believed[known] = process.known_means
            residuals = targets[rows, k] + (values[:, k] - observed.values[rows, k]) / units[rows, k] - believed[rows]
            useful = np.isfinite(residuals) & (targets[rows, k] < WORST)
            effects = np.zeros(int(replicates.max()) + 1)
            found = effects_of(residuals[useful], replicates[useful])
            effects[: len(found)] = found
            taken[:, k] = effects[replicates] * units[rows, k]
        return taken

    def judgement(self, observed: Observed) -> tuple[Judgement, Rows]:
        """What is believed of all that was told, at least one genome, and the rows that its order speaks of."""
        objectives = self._observations(observed)
        rows = self._representatives(objectives[0], self._scales[0], MOST_OBSERVATIONS)
        processes = [
            self._process(k, observations.take(rows), self._trusting(self._scales[k], observed))
            for k, observations in enumerate(objectives)
        ]
        means = np.column_stack([self._believed(process, observed.coordinates[rows]) for process in processes])
        if len(processes) == 1:
            return OneObjective(processes[0], means[:, 0]), rows
        return SeveralObjectives(processes, means), rows

    def _process(self, objective: int, observations: Observations, scales: Scales) -> GaussianProcess:
        """Of an objective. Two beliefs of a batch, before and after its values are corrected, differ by targets alone:
        what is dear in one serves the other."""
        process = GaussianProcess(observations, self._embedding.groups, scales, self._processes[objective])
        self._processes[objective] = process
        return process

    def _trusting(self, scales: Scales, observed: Observed) -> Scales:
        """Where measuring again changes nothing, what was measured is believed as it is."""
        return replace(scales, noise=LOG_BOUNDS["noise"][0]) if observed.without_noise else scales

    def _believed(self, process: GaussianProcess, coordinates: Array) -> Array:
        """The means of the observed genomes, those that were judged at a rung as if they had been trained on."""
        whole = self._embedding.whole(coordinates)
        if whole is None:
            return process.known_means
        return np.where(coordinates[:, -1] < 1.0, process.means(self._embedding.points(whole)), process.known_means)

    def _observations(self, observed: Observed) -> Sequence[Observations]:
        targets, units = self._targets(observed, in_ratios=self.in_ratios)
        return self._observed_as(observed, targets, units, targets < WORST)

    def _observed_as(self, observed: Observed, targets: Array, units: Array, usable: Mask) -> Sequence[Observations]:
        """Observations of an objective each. usable: [genomes, objectives or 1] whose repeats tell of the noise; while
        nobody is feasible none do, for the targets are then not of what was measured.
        """
        points = self._all_points(observed)
        measured = usable & (observed.counts > 1.0)[:, None] & ~np.isnan(observed.values) & observed.any_feasible
        freedom = (measured * (observed.counts - 1.0)[:, None]).sum(axis=0)
        with np.errstate(over="ignore"):
            scatter = (np.where(measured, observed.scatter, 0.0) / units**2).sum(axis=0)
        scatter = np.minimum(scatter, FARTHEST**2 * freedom)
        return [
            Observations(points, targets[:, k], observed.counts, float(scatter[k]), float(freedom[k]))
            for k in range(targets.shape[1])
        ]

    def _targets(self, observed: Observed, *, in_ratios: bool) -> tuple[Array, Array]:
        return targets_of(observed.values, observed.violations, observed.noise if in_ratios else None)

    def _all_points(self, observed: Observed) -> Array:
        """Those of all observed genomes; only new ones are computed."""
        num_known = len(self._points)
        if num_known < len(observed):
            new = self._embedding.points(observed.coordinates[num_known:])
            self._points = np.concatenate([self._points, new]) if num_known else new
        return self._points

    def _representatives(self, observations: Observations, scales: Scales, limit: int) -> Rows:
        return representatives(observations, np.exp(-scales.lengths)[self._embedding.groups], limit)


def representatives(observations: Observations, weights: Array, limit: int) -> Rows:
    """The rows that stand for all: those nearest to the best, and an even choice of the others; all where all fit.

    weights: [columns] of the distance. But for the few best, no row is chosen by its own fitness: of many lucky ones
    the process would learn that there is no luck.
    """
    points = observations.points
    if len(points) <= limit:
        return np.arange(len(points))
    scaled = points * weights
    centres = scaled[_smallest(observations.targets, CENTRES)]
    squares = np.einsum("ij,ij->i", scaled, scaled)[:, None] + np.einsum("ij,ij->i", centres, centres)
    near = _smallest((squares - 2.0 * scaled @ centres.T).min(axis=1), int(NEAR * limit))
    others = np.delete(np.arange(len(points)), near)
    even = np.linspace(0, len(others) - 1, limit - len(near)).round().astype(np.intp)
    return np.sort(np.concatenate([near, others[even]]))


def _smallest(values: Array, count: int) -> Rows:
    """The places of so many smallest, ascending; of equal ones the first. At a cost in proportion to the values."""
    if count >= len(values):
        return np.arange(len(values))
    edge = np.partition(values, count)[count]
    below, equal = np.flatnonzero(values < edge), np.flatnonzero(values == edge)
    return np.sort(np.concatenate([below, equal[: count - len(below)]]))
