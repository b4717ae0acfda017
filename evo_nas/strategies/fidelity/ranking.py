"""Who of a rung goes on, and whether two rungs rank networks alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from deap import tools
from numpy.typing import NDArray

from evo_nas.strategies.deap_individual import DeapIndividual

Array = NDArray[np.float64]

QUANTILE = 0.9


def best_of(members: Sequence[DeapIndividual], count: int) -> list[int]:
    """The places of the best members, so many at most, the best first.

    No failure is among them, and what keeps the constraints comes before what does not. Of equal ones the earlier; with
    several objectives by fronts and crowding distance (NSGA-II).
    """
    places = {id(member): place for place, member in enumerate(members) if member.fitness.valid}
    sound = [members[place] for place in places.values()]
    several = bool(sound) and len(sound[0].fitness.weights) > 1
    select = tools.selNSGA2 if several else tools.selBest
    return [places[id(member)] for member in select(sound, min(count, len(sound)))]


def is_led(member: DeapIndividual, others: Sequence[DeapIndividual]) -> bool:
    """Whether any of the others is better: dominates it, where there are several objectives."""
    return any(other.fitness.valid and other.fitness.dominates(member.fitness) for other in others)


def ranks_alike(lower: Sequence[float], upper: Sequence[float], tolerance: float) -> bool:
    """Whether two rungs rank the same networks alike, whose values they are: the soft ranking of PASHA (Bohdal et al.
    2023, section 4.2).

    Whoever stands at a place on the upper rung must have been, on the lower one, within the tolerance of whoever stood
    at that place there.
    """
    before, after = np.asarray(lower), np.asarray(upper)
    at_place = np.sort(before)[::-1]
    order = np.argsort(-after, kind="stable")
    return bool(np.all(np.abs(before[order] - at_place) <= tolerance))


def noise_of(curves: Sequence[Sequence[float]]) -> float:
    """How far values may differ and still be called equal: the tolerance of PASHA (section 4.3).

    curves: [networks][rungs], lowest rung first. The 90th percentile of the distances on the highest rung between two
    networks that overtook each other and back again; 0 where none did.
    """
    values = np.asarray(curves, dtype=float)
    if values.ndim < 2 or values.shape[1] < 3:
        return 0.0
    signs = np.sign(values[:, None, :] - values[None, :, :])
    first, second = np.nonzero(np.triu(_crossed_twice(signs), 1))
    distances = np.abs(values[first, -1] - values[second, -1])
    return float(np.quantile(distances, QUANTILE)) if len(distances) else 0.0


def _crossed_twice(signs: Array) -> NDArray[np.bool_]:
    """[networks, networks], from signs [networks, networks, rungs]: who led on the highest rung led before, and did not
    in between."""
    top, below = signs[:, :, -1:], signs[:, :, :-1]
    trailed = below == -top
    led_before = np.logical_or.accumulate(below == top, axis=2)
    crossed: NDArray[np.bool_] = (trailed[:, :, 1:] & led_before[:, :, :-1]).any(axis=2) & (top[:, :, 0] != 0)
    return crossed
