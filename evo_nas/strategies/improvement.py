"""By how much a point would enlarge the hypervolume of a front: what an expected improvement of several objectives is
made of (Emmerich et al. 2006). Everything is minimised.
"""

from __future__ import annotations

from functools import cache
from math import gamma, pi

import numpy as np
from numpy.typing import NDArray

from evo_nas.randomness import array_stream

NUM_DIRECTIONS = 512
"""Directions along which three objectives or more are measured."""

Array = NDArray[np.float64]


def hypervolume_improvement(front: Array, reference: Array, points: Array) -> Array:
    """What each of points [k, m] alone would add to the hypervolume of the front [n, m] (n may be 0): [k], never < 0.

    reference: [m], the worst that counts; the part of a point or of the front beyond it adds nothing. The front may
    hold dominated points. Two objectives: exact, O(k n) time and numbers. Three or more: an estimate along
    `NUM_DIRECTIONS` directions that are always the same, so that equal points get equal numbers, better ones no smaller
    ones, and dominated ones 0; see `_along_directions`.
    """
    if len(reference) == 2:
        return _strips(front, reference, points)
    return _along_directions(front, reference, points)


def _strips(front: Array, reference: Array, points: Array) -> Array:
    """The front cuts the plane into strips [n + 1] along the first objective, each with a ceiling in the second."""
    first, second = _staircase(front, reference).T
    left = np.concatenate([[-np.inf], first])
    right = np.concatenate([first, reference[:1]])
    ceiling = np.concatenate([reference[1:], second])
    widths = np.maximum(right - np.maximum(left, points[:, :1]), 0.0)
    heights = np.maximum(ceiling - points[:, 1:], 0.0)
    return np.asarray((widths * heights).sum(axis=1))


def _staircase(front: Array, reference: Array) -> Array:
    """The points that no other dominates and that lie before the reference, by the first objective, smallest first."""
    inside = front[(front < reference).all(axis=1)]
    ordered = inside[np.lexsort((inside[:, 1], inside[:, 0]))]
    before = np.minimum.accumulate(np.concatenate([reference[1:], ordered[:, 1]]))[:-1]
    return np.asarray(ordered[ordered[:, 1] < before])


def _along_directions(front: Array, reference: Array, points: Array) -> Array:
    """The hypervolume as the mean, over random directions from the reference point, of how far it reaches to the m-th
    power, times the volume of the positive part of a ball of radius 1 (Deng and Zhang 2019; Zhang and Golovin 2020).

    Every objective is measured by the room between the reference and the best of the front, or of the points where
    there is no front: directions see little of a loss beside a count of parameters. O((n + k) * m * directions). The
    relative error of a volume is about m / sqrt(directions); a sliver between the directions counts as nothing.
    """
    num_objectives = len(reference)
    directions, room = _directions(num_objectives), _room(front if len(front) else points, reference)
    reached = _reach((reference - front) / room, directions).max(axis=0, initial=0.0)
    enlarged = np.maximum(_reach((reference - points) / room, directions), reached)
    gains = (enlarged**num_objectives - reached**num_objectives).mean(axis=1)
    ball = pi ** (num_objectives / 2) / gamma(num_objectives / 2 + 1) / 2**num_objectives
    return np.asarray(gains * (ball * room.prod()))


def _room(points: Array, reference: Array) -> Array:
    best = points.min(axis=0, initial=np.inf)
    return np.asarray(np.where(best < reference, reference - best, 1.0))


def _reach(better: Array, directions: Array) -> Array:
    """How far along each direction a point still dominates that is so much better than the reference [n, m]:
    [n, directions]."""
    reach = np.full((len(better), len(directions)), np.inf)
    for gain, along in zip(better.T, directions.T, strict=True):
        np.minimum(reach, gain[:, None] / along, out=reach)
    return np.asarray(np.maximum(reach, 0.0))


@cache
def _directions(num_objectives: int) -> Array:
    """Unit vectors [directions, m], uniform over the positive part of the sphere."""
    drawn = np.abs(array_stream("hypervolume", num_objectives).standard_normal((NUM_DIRECTIONS, num_objectives)))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))
