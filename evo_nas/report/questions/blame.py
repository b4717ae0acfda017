"""Which changes along a line paid."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from statistics import fmean

import numpy as np

from evo_nas.individual import Individual
from evo_nas.report.questions.additive import AdditiveModel
from evo_nas.report.questions.line import Change, Step, steps_to
from evo_nas.report.questions.measurements import Group, Measurements
from evo_nas.report.questions.taking_back import child_without
from genomes import Encoding

MOST_NETWORKS = 400
"""Networks that the model looks at: those of the line, and the latest others. Its cost grows with their cube."""
LEAST_NETWORKS = 8
"""Of which nothing could be learned about a gene."""
LEAST_VARIANCE = 1e-30
"""Of a change of a step that gained nothing at all, so that it can be divided by."""


@dataclass(frozen=True, slots=True)
class Blamed:
    """A change on the line and what it is held to have gained.

    gain: in the objective's unit, positive for better; None where parent or child has no number to compare. error: its
    standard deviation, None where no network was trained twice. step_gain: what the whole step gained as measured.
    together: how many changes the step made at once; where that is 1, gain is step_gain.
    """

    child: int
    parent: int
    generation: int
    operator: str
    change: str
    gain: float | None
    error: float | None
    step_gain: float | None
    together: int


@dataclass(frozen=True, slots=True)
class _Gain:
    """How much better a child is than its parent, in the objective's unit, and the variance of that."""

    mean: float
    variance: float


def blame(
    individuals: Mapping[int, Individual],
    number: int,
    measurements: Measurements,
    encoding: Encoding,
    *,
    most_networks: int = MOST_NETWORKS,
) -> list[Blamed]:
    """The changes along the line of an individual, those that paid most first, those without a number last.
    most_networks: that the model of the run looks at.

    The gain of a step is the difference of the means of all trainings of child and parent. A step that made several
    changes at once shares it out by what an additive model of the whole run says of the genes, see `AdditiveModel`: the
    parts are the posterior given that they sum up to what was measured. The noise is pooled over all networks that were
    trained more than once; what the rows of a replicate give to every network is told from it first (`SharedRows`).
    Who became an ancestor was chosen for its luck too, so gains of a line are a little too large.
    """
    steps = steps_to(individuals, number, encoding.canonical)
    gains = [_gain(step, measurements) for step in steps]
    shared = any(gain is not None and len(step.changes) > 1 for gain, step in zip(gains, steps, strict=True))
    model = _model(individuals, steps, measurements, encoding, most_networks) if shared else None
    found = [
        each
        for step, gain in zip(steps, gains, strict=True)
        for each in _blamed(step, gain, model, measurements, encoding)
    ]
    return sorted(found, key=lambda each: (each.gain is None, -(each.gain or 0.0), each.child))


def _gain(step: Step, measurements: Measurements) -> _Gain | None:
    compared = measurements.compared(step.child.fingerprint, step.parent.fingerprint)
    if compared is None:
        return None
    ours, theirs = (fmean(measurements.of_group(group)) for group in compared)
    return _Gain(measurements.objective.weight * (ours - theirs), sum(map(measurements.variance, compared)))


def _blamed(
    step: Step, gain: _Gain | None, model: AdditiveModel | None, measurements: Measurements, encoding: Encoding
) -> list[Blamed]:
    shares = [None] if gain is None else _shares(step, gain, model, measurements.objective.weight, encoding)
    return [
        Blamed(
            child=step.child.id,
            parent=step.parent.id,
            generation=step.child.generation,
            operator=step.child.operator,
            change=change.text,
            gain=None if share is None else share.mean,
            error=None if share is None or measurements.spread is None else math.sqrt(max(0.0, share.variance)),
            step_gain=None if gain is None else gain.mean,
            together=len(step.changes),
        )
        for change, share in zip_longest(step.changes, shares[: len(step.changes)])
    ]


def _shares(step: Step, gain: _Gain, model: AdditiveModel | None, weight: float, encoding: Encoding) -> Sequence[_Gain]:
    """The gain of each change of a step, that they sum up to the measured one."""
    if len(step.changes) == 1:
        return [gain]
    noise = 0.0 if math.isnan(gain.variance) else gain.variance
    if model is None:
        expected = [_Gain(0.0, _variance_of_one(gain, noise, len(step.changes)))] * len(step.changes)
    else:
        expected = [_expected(step, change, model, weight, encoding) for change in step.changes]
    total = noise + sum(each.variance for each in expected)
    missing = gain.mean - sum(each.mean for each in expected)
    return [
        _Gain(each.mean + each.variance / total * missing, each.variance - each.variance**2 / total)
        for each in expected
    ]


def _variance_of_one(gain: _Gain, noise: float, num_changes: int) -> float:
    """Of each of some changes of which only what they gain together is known: as large as that gain makes likely."""
    return max((gain.mean**2 + noise) / num_changes, LEAST_VARIANCE)


def _expected(step: Step, change: Change, model: AdditiveModel, weight: float, encoding: Encoding) -> _Gain:
    """What the model expects of a change in this child; nothing where it cannot be taken back alone."""
    without = child_without(step, change, encoding)
    if without is None:
        return _Gain(0.0, model.own_variance)
    difference = model.difference(step.child.genome, without)
    return _Gain(weight * difference.mean, difference.variance + model.own_variance)


def _model(
    individuals: Mapping[int, Individual],
    steps: Sequence[Step],
    measurements: Measurements,
    encoding: Encoding,
    most: int,
) -> AdditiveModel | None:
    """Of the networks that had the whole recipe; None where there are too few."""
    line = [each for step in steps for each in (step.parent, step.child)]
    latest = sorted(individuals.values(), key=lambda each: -each.id)
    measured = {e.fingerprint: e for e in (*line, *latest) if measurements.of_group((e.fingerprint, None))}
    members = list(measured.values())[:most]
    if len(members) < LEAST_NETWORKS:
        return None
    groups: list[Group] = [(each.fingerprint, None) for each in members]
    scores = np.array([fmean(measurements.of_group(group)) for group in groups])
    noise = None if measurements.spread is None else np.array([measurements.variance(group) for group in groups])
    return AdditiveModel(encoding, [each.genome for each in members], scores, noise)
