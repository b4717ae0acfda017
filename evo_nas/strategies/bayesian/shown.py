"""Which outcomes a Gaussian process is shown, whose cost grows with the cube of their number."""

from __future__ import annotations

from collections.abc import Sequence

from evo_nas.strategies.deap_individual import DeapIndividual

MOST_SHOWN = 300
"""Measured on two cores: a proposal from 300 outcomes takes 0.2 s, from 1,000 a second and more."""


def shown(told: Sequence[DeapIndividual], most: int = MOST_SHOWN) -> list[DeapIndividual]:
    """So many of those told, oldest first: a third the best, a third the newest, and an even spread over the others.

    The best say where to look, the newest what has just been tried; the spread, which is mostly of the first and random
    ones, keeps the model from forgetting where nothing is to be found. With several objectives each has its own best.
    Failures are left out.
    """
    told = [each for each in told if each.fitness.valid]
    if len(told) <= most:
        return told
    chosen = _best(told, most // 3)
    chosen |= set(range(len(told) - most // 3, len(told)))
    rest = [place for place in range(len(told)) if place not in chosen]
    missing = most - len(chosen)
    chosen |= {rest[step * len(rest) // missing] for step in range(missing)}
    return [told[place] for place in sorted(chosen)]


def _best(told: Sequence[DeapIndividual], count: int) -> set[int]:
    """Places of the best, each objective's in turn; of equals the older one, and what breaks a constraint last."""
    orders = [_order(told, objective) for objective in range(len(told[0].fitness.wvalues))]
    chosen: set[int] = set()
    for places in zip(*orders, strict=True):
        chosen.update(places[: count - len(chosen)])
    return chosen


def _order(told: Sequence[DeapIndividual], objective: int) -> list[int]:
    """Places by one objective, the best first."""
    keys = [(member.fitness.violation, -member.fitness.wvalues[objective]) for member in told]
    return sorted(range(len(told)), key=keys.__getitem__)
